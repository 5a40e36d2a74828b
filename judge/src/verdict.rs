//! What the submitted program did. A fault of ours is never a verdict here: it is a [`crate::Fault`].

use serde::{Deserialize, Serialize};

/// The verdict of one case or of a whole judgement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Verdict {
    /// Accepted.
    #[serde(rename = "AC")]
    Accepted,
    /// Wrong answer.
    #[serde(rename = "WA")]
    WrongAnswer,
    /// Time limit exceeded.
    #[serde(rename = "TLE")]
    TimeLimit,
    /// Memory limit exceeded.
    #[serde(rename = "MLE")]
    MemoryLimit,
    /// Output limit exceeded.
    #[serde(rename = "OLE")]
    OutputLimit,
    /// Run-time error.
    #[serde(rename = "RTE")]
    RunTimeError,
    /// Compile error.
    #[serde(rename = "CE")]
    CompileError,
}
