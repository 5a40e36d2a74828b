//! The result of judging one program.

use std::time::Duration;

use crate::{GroupResult, ScoreFiles, Timing, Verdict};

/// Why a verdict was given, as a code with arguments rather than a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// A stable code in kebab-case: `wall-limit`, `idle`, `no-output`, `exit-status`, `signal` …
    pub code: String,
    /// Its arguments (an exit status, a signal's name).
    pub args: Vec<String>,
}

impl Reason {
    /// A reason with its arguments.
    pub fn new<A: ToString>(code: &str, args: impl IntoIterator<Item = A>) -> Reason {
        Reason {
            code: code.to_owned(),
            args: args.into_iter().map(|arg| arg.to_string()).collect(),
        }
    }

    /// A reason without arguments.
    pub fn plain(code: &str) -> Reason {
        Reason {
            code: code.to_owned(),
            args: Vec::new(),
        }
    }
}

impl std::fmt::Display for Reason {
    /// `signal SIGSEGV`: for people; programs read the fields.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.code)?;
        self.args
            .iter()
            .try_for_each(|arg| write!(formatter, " {arg}"))
    }
}

/// What happened on one test case.
#[derive(Clone, Debug)]
pub struct CaseResult {
    /// Path below `data/` without extension: `secret/03`.
    pub name: String,
    /// Its verdict.
    pub verdict: Verdict,
    /// Why.
    pub reason: Option<Reason>,
    /// Its points, in problems that give cases any.
    pub score: Option<f64>,
    /// What the validator left about points, as it was written.
    pub score_files: ScoreFiles,
    /// CPU time of the program.
    pub cpu: Duration,
    /// Time by the clock.
    pub wall: Duration,
    /// Peak memory in bytes.
    pub memory_bytes: u64,
    /// How that time came about, and how far it can be trusted.
    pub timing: Timing,
    /// For the jury only: the validator's judge message, or what differed. Capped.
    pub jury_message: String,
    /// May be shown to the user: the validator's team message. Capped.
    pub team_message: String,
    /// The validator of an interactive problem said no while the program was still running, so nothing it did later counts.
    pub ended_by_validator: bool,
}

#[cfg(test)]
impl CaseResult {
    /// A case with nothing but a verdict and its times.
    pub(crate) fn measured(verdict: Verdict, code: Option<&str>, times: [Duration; 2]) -> Self {
        CaseResult {
            name: String::new(),
            verdict,
            reason: code.map(Reason::plain),
            cpu: times[0],
            wall: times[1],
            memory_bytes: 0,
            timing: Timing::default(),
            jury_message: String::new(),
            team_message: String::new(),
            score: None,
            score_files: ScoreFiles::default(),
            ended_by_validator: false,
        }
    }
}

/// What the time of a judgement went into, by the clock of its slot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spent {
    /// All before the first case: compilers, or finding the program in the cache.
    pub compile: Duration,
    /// The cases, without `validate`.
    pub run: Duration,
    /// Validators that judge an output; one that talks with the program is part of the run.
    pub validate: Duration,
}

/// The result of judging one program against one package.
#[derive(Clone, Debug)]
pub struct Judgement {
    /// The verdict of the whole: see `docs/design/judge.md` for the precedence.
    pub verdict: Verdict,
    /// Why.
    pub reason: Option<Reason>,
    /// The language it was judged as.
    pub language: String,
    /// `None` for pass-fail problems.
    pub score: Option<f64>,
    /// CPU time of the slowest case.
    pub cpu: Duration,
    /// Wall time of the slowest case.
    pub wall: Duration,
    /// Largest peak memory over the cases.
    pub memory_bytes: u64,
    /// Cases in the order they ran; those after an early stop are missing.
    pub cases: Vec<CaseResult>,
    /// Results of test groups that were reached, each before its subgroups. Empty for pass-fail problems.
    pub groups: Vec<GroupResult>,
    /// How many cases the package has.
    pub case_count: usize,
    /// The compiler's output, capped. Jury only when include files were laid over the submission.
    pub compile_log: String,
    /// Whether `compile_log` may quote a driver of the package.
    pub compile_log_is_jury: bool,
    /// Hex SHA-256 of every file the compiler saw, entry point and flags.
    pub source_digest: String,
    /// The package's digest.
    pub package_digest: String,
    /// Compiler or interpreter with its version, as it answered here.
    pub toolchain: String,
    /// The CPU time limit of a case that was used.
    pub time_limit: Duration,
    /// The memory limit that was used, in bytes.
    pub memory_limit_bytes: u64,
    /// Where the time went.
    pub spent: Spent,
    /// Names of the sandbox protections that were active.
    pub protections: Vec<String>,
}

impl Judgement {
    /// Why nobody here can say in which language it is, if that is so.
    pub(crate) fn unknown_language(&self) -> Option<String> {
        let reason = self.reason.as_ref()?;
        let unknown = ["unknown-language", "no-source-file"].contains(&reason.code.as_str());
        unknown.then(|| format!("not available here: {}", reason.args.join(" ")))
    }
}
