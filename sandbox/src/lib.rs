//! Runs one program tree under limits, away from everything else on the host.
//!
//! This crate knows processes, limits and protections. It knows no problems, test cases or verdicts.

mod boxed;
mod call;
mod cancel;
mod cgroup;
mod channel;
mod codec;
mod conditions;
mod config;
mod core;
mod crowding;
mod entry;
mod error;
mod fork;
mod keeper;
mod limits;
mod meter;
mod noise;
mod outcome;
mod phases;
mod place;
mod probe;
mod protection;
mod request;
mod sandbox;
mod seccomp;
mod slot;
mod spec;
mod steal;
mod stream;
mod supervise;
mod surroundings;
mod sys;
mod user_limit;
mod user_namespace;
mod volume;
mod wire;

pub use boxed::SandboxBox;
pub use cancel::Cancel;
pub use conditions::Conditions;
pub use config::SandboxConfig;
pub use core::{Core, outrank_boxes};
pub use crowding::crowding;
pub use error::SandboxError;
pub use limits::Limits;
pub use meter::CpuMeter;
pub use noise::{Noise, noise};
pub use outcome::{Ending, Outcome};
pub use phases::Phases;
pub use protection::{Protection, ProtectionState, Report};
pub use sandbox::Sandbox;
pub use spec::{Capture, Mount, Program, Stdin};
pub use user_namespace::become_root;
pub use volume::{Entry, Volume, VolumeError};
