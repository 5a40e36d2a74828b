//! Runs one program tree under limits, away from everything else on the host.
//!
//! This crate knows processes, limits and protections. It knows no problems, test cases or verdicts.

mod limits;
mod outcome;
mod spec;
mod volume;

pub use limits::Limits;
pub use outcome::{Ending, Outcome};
pub use spec::{Capture, Mount, Program, Stdin};
pub use volume::Volume;
