//! Real programs in real boxes; they need root. One binary, so that all share one sandbox.

mod calls;
mod cleanup;
mod doctor;
mod endings;
mod isolation;
mod limits;
mod measuring;
mod places;
mod support;
mod threads;
mod throttling;
mod volumes;
