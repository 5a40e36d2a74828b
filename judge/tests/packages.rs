//! The reader of problem packages, through its public face.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot set up its files has failed"
)]

#[path = "packages/own.rs"]
mod own;
