//! The reader of problem packages, through its public face.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot set up its files has failed"
)]

#[path = "packages/agreement.rs"]
mod agreement;
#[path = "packages/archive.rs"]
mod archive;
#[path = "packages/constants.rs"]
mod constants;
#[path = "packages/digest.rs"]
mod digest;
#[path = "packages/domjudge.rs"]
mod domjudge;
#[path = "packages/drafts.rs"]
mod drafts;
#[path = "packages/fixture.rs"]
mod fixture;
#[path = "packages/groups.rs"]
mod groups;
#[path = "packages/kinds.rs"]
mod kinds;
#[path = "packages/legacy.rs"]
mod legacy;
#[path = "packages/lies.rs"]
mod lies;
#[path = "packages/modern.rs"]
mod modern;
#[path = "packages/opening.rs"]
mod opening;
#[path = "packages/own.rs"]
mod own;
#[path = "packages/reading.rs"]
mod reading;
#[path = "packages/robustness.rs"]
mod robustness;
#[path = "packages/scoring.rs"]
mod scoring;
#[path = "packages/self_tests.rs"]
mod self_tests;
#[path = "packages/submissions.rs"]
mod submissions;
#[path = "packages/wild.rs"]
mod wild;
