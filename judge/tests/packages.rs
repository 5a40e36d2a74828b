//! The reader of problem packages, through its public face.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot set up its files has failed"
)]

#[path = "packages/agreement.rs"]
mod agreement;
#[path = "packages/archive.rs"]
mod archive;
#[path = "packages/digest.rs"]
mod digest;
#[path = "packages/fixture.rs"]
mod fixture;
#[path = "packages/legacy.rs"]
mod legacy;
#[path = "packages/lies.rs"]
mod lies;
#[path = "packages/modern.rs"]
mod modern;
#[path = "packages/own.rs"]
mod own;
#[path = "packages/reading.rs"]
mod reading;
#[path = "packages/submissions.rs"]
mod submissions;
