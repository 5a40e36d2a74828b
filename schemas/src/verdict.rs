//! The result of one judgement, with the part everyone may see and the part the jury may see.

use std::borrow::Cow;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::cap;
use crate::codec::{Codec, EncodeError, uuid_text};
use crate::conditions::{CaseRun, Certainty, Conditions};
use crate::message::Message;
use crate::released;

/// How a judgement, a test group or a test case ended.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "UPPERCASE")]
pub enum VerdictCode {
    /// A code of a later version that this reader does not know.
    #[default]
    Unknown,
    /// Accepted.
    Ac,
    /// Wrong answer.
    Wa,
    /// Time limit exceeded.
    Tle,
    /// Memory limit exceeded.
    Mle,
    /// Output limit exceeded.
    Ole,
    /// Run-time error.
    Rte,
    /// Compile error.
    Ce,
    /// Judge error: ours, never charged to the user.
    Je,
    /// Withdrawn before it was judged.
    Cancelled,
}

impl VerdictCode {
    /// The code as written in schemas, rows, metrics and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "UNKNOWN",
            Self::Ac => "AC",
            Self::Wa => "WA",
            Self::Tle => "TLE",
            Self::Mle => "MLE",
            Self::Ole => "OLE",
            Self::Rte => "RTE",
            Self::Ce => "CE",
            Self::Je => "JE",
            Self::Cancelled => "CANCELLED",
        }
    }

    /// The inverse of [`VerdictCode::as_str`]; anything else is [`VerdictCode::Unknown`].
    pub fn from_code(code: &str) -> Self {
        Self::ALL
            .into_iter()
            .find(|known| known.as_str() == code)
            .unwrap_or_default()
    }

    /// Every code, in the schema's order.
    pub const ALL: [Self; 10] = [
        Self::Unknown,
        Self::Ac,
        Self::Wa,
        Self::Tle,
        Self::Mle,
        Self::Ole,
        Self::Rte,
        Self::Ce,
        Self::Je,
        Self::Cancelled,
    ];
}

impl std::fmt::Display for VerdictCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

/// Why, as a code a program can branch on and the values a text about it needs.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Reason {
    /// For example `output.differs` or `time.limit`.
    pub code: String,
    /// Values for the text, in the order the code documents.
    pub args: Vec<String>,
}

/// One test case.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct TestVerdict {
    /// The case's name. In the public part only samples have one.
    pub name: Option<String>,
    /// The test group the case belongs to, in packages with groups.
    pub group: Option<String>,
    /// Whether the case is one of the published samples.
    pub sample: bool,
    /// How it ended.
    pub verdict: VerdictCode,
    /// Points, in scoring packages.
    pub score: Option<f64>,
    /// How often the program ran for it: more than one in multi-pass packages.
    pub passes: i32,
    /// CPU time of the slowest pass, in milliseconds.
    pub cpu_ms: i64,
    /// Wall time of the slowest pass, in milliseconds.
    pub wall_ms: i64,
    /// Peak memory, in bytes.
    pub memory_bytes: i64,
    /// Public part: what the validator wrote for the team. Jury part: what it wrote for the judges.
    pub message: Option<String>,
    /// How far its time can be trusted.
    pub certainty: Certainty,
    /// What happened around the run that decided. Jury part only.
    pub conditions: Option<Conditions>,
    /// Every run of a case that ran again, in order; empty after a single run. Jury part only.
    pub runs: Vec<CaseRun>,
}

/// One test group of a scoring package.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct GroupVerdict {
    /// The group's path below `data/`.
    pub name: String,
    /// How it ended.
    pub verdict: VerdictCode,
    /// Points, if it gives any.
    pub score: Option<f64>,
    /// Cases accepted.
    pub tests_passed: i32,
    /// Cases in it.
    pub tests_total: i32,
}

/// What the user may see.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PublicVerdict {
    /// Why, without anything secret in its arguments.
    pub reason: Option<Reason>,
    /// CPU time of the slowest case, in milliseconds.
    pub cpu_ms: i64,
    /// Wall time of the slowest case, in milliseconds.
    pub wall_ms: i64,
    /// Highest peak memory of any case, in bytes.
    pub memory_bytes: i64,
    /// Cases accepted.
    pub tests_passed: i32,
    /// Cases of the package.
    pub tests_total: i32,
    /// Cases in order of judging; only samples are named.
    pub tests: Vec<TestVerdict>,
    /// Groups, in scoring packages.
    pub groups: Vec<GroupVerdict>,
    /// The compiler's words, unless they quote what is the jury's.
    pub compile_log: String,
    /// How far the times that decided can be trusted.
    pub certainty: Certainty,
}

/// The limits that this judgement applied.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Limits {
    /// CPU time of one case, in milliseconds.
    pub time_ms: i64,
    /// Wall time of one case, in milliseconds.
    pub wall_ms: i64,
    /// Memory of one case, in bytes.
    pub memory_bytes: i64,
    /// Output of one case, in bytes.
    pub output_bytes: i64,
}

/// What was judged with what, each by the SHA-256 of its content.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Digests {
    /// Every file name and byte of the submission.
    pub source: String,
    /// The problem package.
    pub package: String,
    /// Compiler or interpreter and its flags.
    pub toolchain: String,
}

/// Where a record was first appended.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Coordinates {
    /// Topic.
    pub topic: String,
    /// Partition.
    pub partition: i32,
    /// Offset.
    pub offset: i64,
    /// The broker's append time, milliseconds since 1970 in UTC.
    pub append_time_ms: i64,
}

/// What only the jury may see.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct JuryVerdict {
    /// Why, in full.
    pub reason: Option<Reason>,
    /// Cases in order of judging, all named, with the judges' messages.
    pub tests: Vec<TestVerdict>,
    /// Cases that were judged but did not fit into `tests`.
    pub tests_omitted: i32,
    /// Groups, in scoring packages.
    pub groups: Vec<GroupVerdict>,
    /// The compiler's words in full.
    pub compile_log: String,
    /// Anything else a judge should read, such as the history of a judge error.
    pub messages: Vec<String>,
    /// The evaluator's host.
    pub host: String,
    /// 1 for the first try; more only after our own faults or a crash.
    pub attempt: i32,
    /// What was judged with what.
    pub digests: Digests,
    /// The compiler's or interpreter's own version line.
    pub toolchain: String,
    /// The limits applied.
    pub limits: Limits,
    /// The sandbox protections that were active, by name.
    pub protections: Vec<String>,
    /// The submission's record.
    pub origin: Option<Coordinates>,
    /// What happened around the runs, added up over all cases.
    pub conditions: Option<Conditions>,
}

/// The result of judging (submission, generation).
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Verdict {
    /// The submission; also the record's key.
    #[serde(with = "uuid_text")]
    pub submission_id: Uuid,
    /// The generation judged.
    pub generation: i32,
    /// As in the submission.
    pub tenant: String,
    /// As in the submission.
    pub contest_id: Option<String>,
    /// As in the submission.
    pub user_id: String,
    /// As in the submission.
    pub problem_id: String,
    /// As in the submission.
    pub language: String,
    /// How it ended.
    pub verdict: VerdictCode,
    /// Points, in scoring packages.
    pub score: Option<f64>,
    /// The evaluator's clock at the end of judging, milliseconds since 1970 in UTC.
    pub judged_at_ms: i64,
    /// For everyone.
    pub public: PublicVerdict,
    /// For the jury.
    pub jury: JuryVerdict,
}

impl Message for Verdict {
    const NAME: &'static str = "verdict";

    fn codec() -> &'static Codec<Self> {
        static CODEC: LazyLock<Codec<Verdict>> = LazyLock::new(|| Codec::new(released::VERDICT));
        &CODEC
    }

    fn prepare(&self) -> Result<Cow<'_, Self>, EncodeError> {
        Ok(Cow::Owned(cap::verdict(self.clone())))
    }
}
