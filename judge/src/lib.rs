//! Judges one program against one problem package: compile, run every case, decide.
//!
//! This crate knows packages and languages. It knows no Kafka, database or network.

mod admit;
mod boxes;
mod canary;
pub mod compare;
mod compile;
mod decide;
mod examine;
mod fault;
mod grade;
mod grader;
mod interactive;
mod judge;
mod judgement;
pub mod languages;
mod near_limit;
pub mod package;
mod package_program;
mod passes;
mod program;
mod run;
mod source;
mod stamp;
mod static_validation;
mod text;
mod time_limit;
mod timing;
mod toolchain;
mod toolchains;
mod trial;
mod validate;
mod verdict;
pub mod verify;
mod worker;

pub use decide::wall_limit;
pub use fault::Fault;
pub use grade::{GroupResult, ScoreFiles};
pub use judge::{Judge, JudgeConfig};
pub use judgement::{CaseResult, Judgement, Reason, Spent};
pub use languages::{Language, LanguageError, Languages};
pub use near_limit::NearLimit;
pub use sandbox::{Cancel, Conditions};
pub use source::{Source, SourceFile};
pub use timing::{CaseRun, Certainty, Timing};
pub use verdict::Verdict;
pub use worker::{JudgeOptions, Step, Worker};
