//! Tests of the core against a log in memory, in microseconds each.

mod delays;
mod flow;
mod interleavings;
mod lives;
mod memory_log;
mod model;
mod suspects;
mod traps;
