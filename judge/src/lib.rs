//! Judges one program against one problem package: compile, run every case, decide.
//!
//! This crate knows packages and languages. It knows no Kafka, database or network.

pub mod compare;
mod judgement;
pub mod package;
mod source;
mod verdict;

pub use judgement::{CaseResult, Judgement, Reason};
pub use source::{Source, SourceFile};
pub use verdict::Verdict;
