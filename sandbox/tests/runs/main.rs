//! Real programs in real boxes; they need root. One binary, so that all share one sandbox.

mod doctor;
mod endings;
mod limits;
mod support;
