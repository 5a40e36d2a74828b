//! Submissions in: a library for other programs, and the command line on top of it.
//!
//! One rule decides everything here: nobody is told "accepted" before the delivery report of an
//! acknowledged, idempotent write (I1 in `docs/`). What is not accepted may be sent again under the
//! same idempotency key, and is then the same submission.

mod bulk;
pub mod cli;
mod commands;
mod failure;
pub mod language;
mod output;
pub mod sources;
mod submitter;
mod wait;

pub use submitter::{Accepted, Lane, NewSubmission, SubmitError, Submitter};
pub use wait::{WaitError, Waiter};
