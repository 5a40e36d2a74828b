//! A problem package, whichever format it came in, as one immutable plan.

use std::path::PathBuf;
use std::time::Duration;

/// A parsed package. Version checks end here: the judge sees only this.
#[derive(Clone, Debug)]
pub struct Package {
    /// Directory the package was read from.
    pub root: PathBuf,
    /// `problem_id`: the directory's base name.
    pub id: String,
    /// English name.
    pub name: String,
    /// `problem_format_version` as written.
    pub format_version: String,
    /// Hex SHA-256 over the sorted (path, length, content hash) of every file.
    pub digest: String,
    /// Limits of a submission.
    pub limits: PackageLimits,
    /// How output is judged.
    pub validator: OutputValidator,
    /// All cases in judging order: samples, then secret, by name.
    pub cases: Vec<TestCase>,
    /// Files laid over every submission of a language (`include/<language>/`); the key `default` is the fallback.
    pub include: std::collections::BTreeMap<String, PathBuf>,
    /// Language ids that may be submitted; `None` = all.
    pub languages: Option<Vec<String>>,
    /// Whether the working directory is writable.
    pub allow_file_writing: bool,
    /// Jury submissions with what they should get. Never handed to the judge.
    pub submissions: Vec<JurySubmission>,
    /// What a strict reader would refuse and a lax one reads over.
    pub warnings: Vec<String>,
}

/// Limits, with what the package left open filled in.
#[derive(Clone, Debug, PartialEq)]
pub struct PackageLimits {
    /// CPU time of one case; `None` = to be computed from the accepted jury submissions.
    pub time: Option<Duration>,
    /// Slowest accepted × this ≤ limit.
    pub ac_to_time_limit: f64,
    /// Limit × this ≤ fastest too slow.
    pub time_limit_to_tle: f64,
    /// The limit is a multiple of this.
    pub time_resolution: Duration,
    /// Memory in bytes.
    pub memory_bytes: u64,
    /// stdout + stderr (+ files) in bytes.
    pub output_bytes: u64,
    /// Sum of the submitted files in bytes.
    pub code_bytes: u64,
    /// Compiler: wall-clock seconds it is guaranteed.
    pub compilation_time: Duration,
    /// Compiler: memory in bytes.
    pub compilation_memory_bytes: u64,
    /// Validator: time for one case.
    pub validation_time: Duration,
    /// Validator: memory in bytes.
    pub validation_memory_bytes: u64,
    /// Validator: its output and feedback in bytes.
    pub validation_output_bytes: u64,
}

/// How output is judged.
#[derive(Clone, Debug, PartialEq)]
pub enum OutputValidator {
    /// `package-format` default validator, in-process; flags are per case.
    Default,
    /// The package's own program (a directory of sources), by the 42/43 protocol.
    Custom {
        /// The program's directory or single file.
        path: PathBuf,
    },
}

/// One test case.
#[derive(Clone, Debug, PartialEq)]
pub struct TestCase {
    /// Path below `data/` without extension: `secret/group1/03`.
    pub name: String,
    /// Whether users may see it.
    pub is_sample: bool,
    /// Input file.
    pub input: PathBuf,
    /// Answer file.
    pub answer: PathBuf,
    /// Arguments of the program.
    pub args: Vec<String>,
    /// Arguments of the output validator, inherited settings resolved.
    pub validator_args: Vec<String>,
    /// Files copied into the working directory before the run.
    pub files: Option<PathBuf>,
}

/// A jury submission and its expectation.
#[derive(Clone, Debug, PartialEq)]
pub struct JurySubmission {
    /// Path below `submissions/`: `accepted/fast.cpp`, or a directory.
    pub path: String,
    /// Its files, absolute.
    pub files: Vec<PathBuf>,
    /// Language, where named by the package.
    pub language: Option<String>,
    /// Entry point, where named by the package.
    pub entry_point: Option<String>,
    /// What it should get.
    pub expectation: Expectation,
}

/// What a jury submission should get.
#[derive(Clone, Debug, PartialEq)]
pub struct Expectation {
    /// Verdicts that the whole may have, as words (`AC`, `WA`, …).
    pub verdicts: Vec<crate::Verdict>,
    /// Every case's verdict must be one of these; empty = any.
    pub permitted: Vec<crate::Verdict>,
    /// At least one case must have one of these; empty = none needed.
    pub required: Vec<crate::Verdict>,
    /// Whether its times count towards the lower bound of the time limit.
    pub lower_bound: bool,
    /// Whether its times count towards the upper bound.
    pub upper_bound: bool,
}
