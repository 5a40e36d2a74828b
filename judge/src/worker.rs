//! One slot's part of the judge: judges one submission at a time in the box it owns.
//!
//! The order of a judgement: admit the source (names, size, language), compile it, compile the package's validator, fix the time limit, run the
//! cases in order, decide. Each step either goes on, ends with a compile error, or fails with a fault of ours.

use std::sync::Arc;
use std::time::{Duration, Instant};

use sandbox::{Cancel, Outcome, Program};

use crate::boxes::Boxes;
use crate::compile::{CompileLimits, Compiled};
use crate::decide::CaseLimits;
use crate::grade::Stop;
use crate::judge::Shared;
use crate::package::Package;
use crate::trial::Trial;
use crate::{CaseResult, Fault, Judgement, NearLimit, Reason, Source, Spent, Verdict, admit};

/// How one submission is to be judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JudgeOptions {
    /// CPU time limit of a case instead of the package's.
    pub time_limit: Option<Duration>,
    /// Whether cases that can change neither verdict nor score are left out.
    pub stop_early: bool,
}

impl Default for JudgeOptions {
    fn default() -> JudgeOptions {
        JudgeOptions {
            time_limit: None,
            stop_early: true,
        }
    }
}

/// What is told while judging, for progress.
#[derive(Clone, Debug)]
pub enum Step {
    /// A compiler starts; a program from the cache makes no such step.
    Compiling,
    /// A case was judged.
    Case {
        /// Counted from 0.
        index: usize,
        /// How many cases the package has.
        total: usize,
        /// What came of it.
        result: Box<CaseResult>,
    },
}

/// How the cases are run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules {
    /// Instead of the package's.
    pub(crate) time_limit: Option<Duration>,
    /// When a case is run again.
    pub(crate) near_limit: NearLimit,
    /// When cases are left out.
    pub(crate) stop: Stop,
}

/// One slot's judge. It blocks, so it belongs on a thread of its own.
#[derive(Debug)]
pub struct Worker {
    pub(crate) shared: Arc<Shared>,
    pub(crate) boxes: Boxes,
    /// How long validators have worked on the present submission.
    pub(crate) validating: Duration,
}

impl Worker {
    pub(crate) fn new(shared: Arc<Shared>) -> Result<Worker, Fault> {
        Ok(Worker {
            boxes: Boxes::new(Arc::clone(&shared))?,
            validating: Duration::ZERO,
            shared,
        })
    }

    /// Judges `source` against `package`; `on_step` hears of the progress.
    ///
    /// `Err` is never the submission's doing.
    pub fn judge(
        &mut self,
        package: &Package,
        source: &Source,
        options: &JudgeOptions,
        cancel: &Cancel,
        on_step: &mut dyn FnMut(Step),
    ) -> Result<Judgement, Fault> {
        let rules = Rules {
            time_limit: options.time_limit,
            near_limit: self.shared.near_limit,
            stop: if options.stop_early {
                Stop::WhenDecided
            } else {
                Stop::Never
            },
        };
        self.judge_by(rules, package, source, cancel, on_step)
    }

    /// As `judge`, with any rule for when the remaining cases are not run.
    pub(crate) fn judge_by(
        &mut self,
        rules: Rules,
        package: &Package,
        source: &Source,
        cancel: &Cancel,
        on_step: &mut dyn FnMut(Step),
    ) -> Result<Judgement, Fault> {
        let host_memory_bytes = self.shared.host_memory_bytes;
        let package = &*admit::on_host(package, host_memory_bytes);
        admit::check_package(package, host_memory_bytes)?;
        let started = Instant::now();
        let mut judgement = self.blank(package);
        let shared = Arc::clone(&self.shared);
        let unit = match admit::unit(&shared.languages, package, source)? {
            Ok(unit) => unit,
            Err(reason) => return Ok(judgement.refused(reason)),
        };
        judgement.language.clone_from(&unit.language.id);
        judgement.source_digest = unit.source_digest();
        judgement.toolchain = self.toolchain(unit.language, cancel)?.version.clone();
        judgement.compile_log_is_jury = unit.has_include_files;
        let limits = CompileLimits::from(&package.limits);
        let compiled = self.compile(&unit, limits, cancel, &mut || on_step(Step::Compiling))?;
        let program = match compiled {
            Compiled::Program(program) => program,
            Compiled::Refused { reason, log } => {
                judgement.compile_log = log;
                judgement.spent.compile = started.elapsed();
                return Ok(judgement.refused(reason));
            }
        };
        let manifest = &program.artefact.manifest;
        judgement.compile_log.clone_from(&manifest.compile_log);
        let validator = self.validator(package, cancel)?;
        judgement.time_limit = match rules.time_limit {
            Some(limit) => limit,
            None => self.time_limit(package, cancel)?,
        };
        judgement.spent.compile = started.elapsed();
        let trial = Trial {
            package,
            limits: CaseLimits::new(judgement.time_limit, package, &program),
            program,
            sources: unit.files.into(),
            validator,
            cancel,
        };
        self.validating = Duration::ZERO;
        self.examine(&trial, rules, &mut judgement, on_step)?;
        judgement.spent.validate = self.validating;
        let cases = started.elapsed() - judgement.spent.compile;
        judgement.spent.run = cases.saturating_sub(self.validating);
        if judgement.has_crashed() {
            self.prove_runtime(unit.language, started, cancel)?;
        }
        Ok(judgement)
    }

    /// Runs one program in the slot's box.
    pub(crate) fn run(&mut self, program: Program, cancel: &Cancel) -> Result<Outcome, Fault> {
        self.boxes.run(program, cancel)
    }

    fn blank(&self, package: &Package) -> Judgement {
        Judgement {
            verdict: Verdict::Accepted,
            reason: None,
            language: String::new(),
            score: None,
            cpu: Duration::ZERO,
            wall: Duration::ZERO,
            memory_bytes: 0,
            cases: Vec::new(),
            groups: Vec::new(),
            case_count: case_count(package),
            compile_log: String::new(),
            compile_log_is_jury: false,
            source_digest: String::new(),
            package_digest: package.digest.clone(),
            toolchain: String::new(),
            time_limit: package.limits.time.unwrap_or_default(),
            memory_limit_bytes: package.limits.memory_bytes,
            spent: Spent::default(),
            protections: self
                .shared
                .sandbox
                .report()
                .active()
                .into_iter()
                .map(String::from)
                .collect(),
        }
    }
}

/// A static validation counts as a case of its group.
fn case_count(package: &Package) -> usize {
    let groups = package.groups.all();
    let validations = groups
        .iter()
        .filter(|group| group.static_validation.is_some());
    package.cases.len() + validations.count()
}

impl Judgement {
    /// It never ran.
    fn refused(mut self, reason: Reason) -> Judgement {
        self.verdict = Verdict::CompileError;
        self.reason = Some(reason);
        self
    }

    /// Whether a case ended in a way that a broken runtime would end in too.
    fn has_crashed(&self) -> bool {
        let crashed = |case: &CaseResult| case.verdict == Verdict::RunTimeError;
        self.cases.iter().any(crashed)
    }
}
