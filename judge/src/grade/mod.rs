//! From the results of cases to a verdict, a score and the results of groups.
//!
//! One walk over the package's tree of groups both asks for the next case to run and puts the results together, so that running and grading
//! cannot disagree. It runs nothing itself: an [`Examiner`] does, live or from what was recorded.

mod legacy;
mod modern;
mod points;
#[cfg(test)]
mod tests;
mod walk;

pub use points::ScoreFiles;
pub(crate) use points::rounding;
pub(crate) use walk::grade;

use crate::package::{Group, PackageProgram, StaticValidation};
use crate::{Fault, Verdict};

/// What became of one test group. The root has none: its result is the judgement's.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupResult {
    /// Path below `data/`: `secret/group1`.
    pub name: String,
    /// Its verdict. A group that was not run for want of another one (`require_pass`) has that one's.
    pub verdict: Verdict,
    /// Its points; samples of 2025-09 have none.
    pub score: Option<f64>,
}

/// When cases that the format would run are left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// Never.
    Never,
    /// As soon as verdict and score no longer depend on them.
    WhenDecided,
    /// As `WhenDecided`, but only after a case that was too slow: the rest would take as long and teach nothing.
    AtTimeLimit,
}

/// What was said of one case, or of the source itself.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Marked {
    pub(crate) verdict: Verdict,
    pub(crate) files: ScoreFiles,
}

/// A child's part in its group.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Part {
    verdict: Verdict,
    score: Option<f64>,
}

/// Whoever knows, or finds out, what the walk asks for.
pub(crate) trait Examiner {
    /// The case of this index.
    fn case(&mut self, index: usize) -> Result<Marked, Fault>;
    /// The static validator's word for a group.
    fn static_validation(
        &mut self,
        group: &Group,
        validation: &StaticValidation,
    ) -> Result<Marked, Fault>;
    /// What a grader of the package prints when it is given `lines`.
    fn custom_grader(
        &mut self,
        group: &Group,
        program: &PackageProgram,
        flags: &[String],
        lines: String,
    ) -> Result<String, Fault>;
}

/// All that grading finds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Grades {
    pub(crate) verdict: Verdict,
    /// None for pass-fail problems.
    pub(crate) score: Option<f64>,
    /// Those that were reached, each before its subgroups; empty for pass-fail problems.
    pub(crate) groups: Vec<GroupResult>,
    /// The points of cases that have any, by index.
    pub(crate) cases: Vec<(usize, f64)>,
}
