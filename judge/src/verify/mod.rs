//! Is a package what it says? Its validators on its data and on their own tests, its jury submissions against what they should get, and its time limit.
//!
//! **Invariant:** the judge is handed neutral sources; the expectation is read after the verdict.

mod bounds;
mod finding;
mod input;
mod output;
mod submission;

use std::time::Duration;

use sandbox::Cancel;

pub use bounds::{Bound, Clock, Margins};
pub use finding::{Finding, Severity};
pub use submission::Verified;

use crate::package::Package;
use crate::worker::Worker;
use crate::{Fault, admit};
use bounds::Bounds;

/// How strict verifying is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VerifyOptions {
    /// Whether a jury submission in a language that is not available here is passed over. Otherwise it makes verifying fail: nobody knows
    /// what it gets.
    pub skip_unavailable: bool,
    /// Whether everything that somebody should look at makes verifying fail.
    pub strict: bool,
}

/// What is heard while verifying, as soon as it is known.
#[derive(Clone, Copy, Debug)]
pub enum Heard<'a> {
    /// Something is wrong with the package itself.
    Finding(&'a Finding),
    /// A jury submission was judged.
    Submission(&'a Verified),
}

/// How much of the package was looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// Inputs that input validators were run on.
    pub inputs: usize,
    /// Answers and outputs of cases that the output validator was run on.
    pub answers: usize,
    /// Tests that the package brings for its validators.
    pub self_tests: usize,
}

/// The result of verifying a package.
#[derive(Clone, Debug)]
pub struct VerifyReport {
    /// The time limit that was used. None where none is given or can be computed: then no submission was judged, and a finding says why.
    pub time_limit: Option<Duration>,
    /// Whether the package gives it; otherwise it was computed.
    pub time_limit_is_given: bool,
    /// What is wrong with the package itself, the warnings of reading it among it.
    pub findings: Vec<Finding>,
    /// How much of it was looked at.
    pub checked: Checked,
    /// One entry per jury submission, in the package's order.
    pub submissions: Vec<Verified>,
    /// How far they are from the limit.
    pub margins: Margins,
}

impl VerifyReport {
    /// Whether all agree and nothing is wrong.
    pub fn is_ok(&self) -> bool {
        self.errors().next().is_none() && self.submissions.iter().all(Verified::is_ok)
    }

    /// The findings that make it fail.
    pub fn errors(&self) -> impl Iterator<Item = &Finding> {
        let is_error = |finding: &&Finding| finding.severity == Severity::Error;
        self.findings.iter().filter(is_error)
    }

    /// The findings that somebody should look at.
    pub fn warnings(&self) -> impl Iterator<Item = &Finding> {
        let is_warning = |finding: &&Finding| finding.severity == Severity::Warning;
        self.findings.iter().filter(is_warning)
    }
}

/// One verification under way.
struct Verification<'a> {
    worker: &'a mut Worker,
    package: &'a Package,
    options: VerifyOptions,
    cancel: &'a Cancel,
    on_heard: &'a mut dyn FnMut(Heard<'_>),
    findings: Vec<Finding>,
    checked: Checked,
}

/// Verifies `package`; `on_heard` hears of each result as it comes.
///
/// # Errors
/// When it cannot be judged here at all, or this host fails.
pub fn verify(
    worker: &mut Worker,
    package: &Package,
    options: VerifyOptions,
    cancel: &Cancel,
    on_heard: &mut dyn FnMut(Heard<'_>),
) -> Result<VerifyReport, Fault> {
    let host_memory_bytes = worker.shared.host_memory_bytes;
    let package = &*admit::on_host(package, host_memory_bytes);
    admit::check_package(package, host_memory_bytes)?;
    let mut verification = Verification {
        worker,
        package,
        options,
        cancel,
        on_heard,
        findings: Vec::new(),
        checked: Checked::default(),
    };
    for warning in &package.warnings {
        verification.find(Finding::warning(warning.place(), &warning.message));
    }
    verification.check_inputs()?;
    verification.check_outputs()?;
    verification.check_submissions()
}

impl Verification<'_> {
    fn find(&mut self, mut finding: Finding) {
        if self.options.strict {
            finding.severity = Severity::Error;
        }
        (self.on_heard)(Heard::Finding(&finding));
        self.findings.push(finding);
    }

    fn check_submissions(mut self) -> Result<VerifyReport, Fault> {
        let package = self.package;
        let Some(time_limit) = self.time_limit()? else {
            return Ok(self.report(None, Vec::new(), Margins::default()));
        };
        let mut bounds = Bounds::new(package, time_limit);
        let mut submissions = Vec::with_capacity(package.submissions.len());
        for submission in &package.submissions {
            let verified = self.check_submission(submission, time_limit, &mut bounds)?;
            (self.on_heard)(Heard::Submission(&verified));
            submissions.push(verified);
        }
        for finding in bounds.findings() {
            self.find(finding);
        }
        Ok(self.report(Some(time_limit), submissions, bounds.margins))
    }

    fn time_limit(&mut self) -> Result<Option<Duration>, Fault> {
        match self.worker.time_limit(self.package, self.cancel) {
            Ok(limit) => Ok(Some(limit)),
            Err(Fault::NoTimeLimit { why, .. }) => {
                let message = format!("no time limit is given, and {why}");
                self.find(Finding::error("problem.yaml", message));
                self.time_limit_of_the_rest()
            }
            Err(fault) => Err(fault),
        }
    }

    fn time_limit_of_the_rest(&mut self) -> Result<Option<Duration>, Fault> {
        match self
            .worker
            .time_limit_of_the_rest(self.package, self.cancel)
        {
            Ok(limit) => Ok(Some(limit)),
            Err(Fault::NoTimeLimit { .. }) => Ok(None),
            Err(fault) => Err(fault),
        }
    }

    fn report(
        self,
        time_limit: Option<Duration>,
        submissions: Vec<Verified>,
        margins: Margins,
    ) -> VerifyReport {
        VerifyReport {
            time_limit,
            time_limit_is_given: self.package.limits.time.is_some(),
            findings: self.findings,
            checked: self.checked,
            submissions,
            margins,
        }
    }
}
