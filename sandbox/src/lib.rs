//! Runs one program tree under limits, away from everything else on the host.
//!
//! This crate knows processes, limits and protections. It knows no problems, test cases or verdicts.

mod cancel;
mod config;
mod error;
mod limits;
mod outcome;
mod protection;
mod sandbox;
mod spec;
mod volume;

pub use cancel::Cancel;
pub use config::SandboxConfig;
pub use error::SandboxError;
pub use limits::Limits;
pub use outcome::{Ending, Outcome};
pub use protection::{Protection, ProtectionState, Report};
pub use sandbox::{Sandbox, SandboxBox};
pub use spec::{Capture, Mount, Program, Stdin};
pub use volume::{Entry, Volume, VolumeError};
