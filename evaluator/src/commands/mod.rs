//! What the binary can be told to do: each command has its arguments and its `execute` in one file.

pub(crate) mod doctor;
pub(crate) mod judge;
pub(crate) mod languages;
mod report;
pub(crate) mod run;
mod timing;
pub(crate) mod verify;
