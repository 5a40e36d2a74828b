//! One binary, every role: try everything out in one process, and look after topics and problems of a real cluster.

mod cli;
mod commands;
mod demo;
mod embedded;

pub use cli::Cli;
