//! What the end-to-end tests stand on: real servers, and the real binaries beside them.

pub mod binaries;
pub mod broker;
pub mod cluster;
pub mod eventually;
pub mod finished;
pub mod jury;

pub mod process;
pub mod results;
pub mod service;
