//! Avro schemas, topic declarations, wire types and their codec.
//!
//! Everything that crosses a topic is defined here and nowhere else: the `.avsc` files under `avro/`
//! are the contract, the types mirror them, [`codec`] puts the registry frame around them, and
//! `topics.toml` declares where they go. This crate knows no Kafka client and no judge.

pub mod cap;
pub mod codec;
mod conditions;
pub mod headers;
pub mod identity;
mod message;
mod problem;
pub mod problem_id;
mod progress;
pub mod released;
mod submission;
pub mod topics;
pub mod traceparent;
mod verdict;

pub use codec::{DecodeError, EncodeError};
pub use conditions::{CaseRun, Certainty, Conditions};
pub use message::Message;
pub use problem::Problem;
pub use problem_id::{InvalidProblemId, check_problem_id};
pub use progress::{Progress, ProgressState};
pub use submission::{InvalidSubmission, SourceFile, Submission};
pub use verdict::{
    Coordinates, Digests, GroupVerdict, JuryVerdict, Limits, PublicVerdict, Reason, TestVerdict,
    Verdict, VerdictCode,
};
