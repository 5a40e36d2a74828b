//! Real programs in real boxes; they need root. One binary, so that all share one sandbox.

mod calls;
mod cleanup;
mod doctor;
mod endings;
mod faults;
mod group;
mod isolation;
mod limits;
mod measuring;
mod places;
mod refused_forks;
mod support;
mod threads;
mod throttling;
mod volumes;
