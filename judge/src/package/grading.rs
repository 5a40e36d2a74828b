//! How the results of a group's children become the group's.

use super::program::PackageProgram;

/// How the results of a group's children become the group's.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Grading {
    /// The first child in order that is not accepted decides; no score.
    #[default]
    PassFail,
    /// The legacy format: a grader maps the children's verdicts and scores to one of each.
    Legacy {
        /// Score of an accepted case whose validator gives none.
        accept_score: f64,
        /// Score of any other case whose validator gives none.
        reject_score: f64,
        /// Bounds that the group's score must keep.
        range: (f64, f64),
        /// Who does it.
        grader: Grader,
    },
    /// 2025-09: declared, without a program.
    Modern {
        /// The most the group may get; `None` = unbounded.
        max_score: Option<f64>,
        /// How scores are put together.
        aggregation: Aggregation,
        /// Groups (by [`super::Group::name`]) that must be accepted wholly, or this one is not run.
        require_pass: Vec<String>,
    },
}

/// Who maps verdicts and scores in the legacy format.
#[derive(Clone, Debug, PartialEq)]
pub enum Grader {
    /// The one every judge has.
    Default(DefaultGrader),
    /// The package's own, from `graders/`.
    Custom {
        /// Its sources.
        program: PackageProgram,
        /// Its arguments.
        flags: Vec<String>,
    },
}

/// What the flags of the default grader say; of conflicting words the last has won.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DefaultGrader {
    /// Which verdict.
    pub verdict: VerdictMode,
    /// Which score.
    pub score: ScoreMode,
    /// At the root: `sample` counts for nothing.
    pub ignore_sample: bool,
    /// Accepted as soon as one child is.
    pub accept_if_any_accepted: bool,
}

/// How the default grader finds the verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum VerdictMode {
    /// The worst there is.
    #[default]
    WorstError,
    /// The first that is not accepted.
    FirstError,
    /// Accepted, whatever happened.
    AlwaysAccept,
}

/// How the default grader finds the score.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ScoreMode {
    /// The sum.
    #[default]
    Sum,
    /// The mean.
    Avg,
    /// The lowest.
    Min,
    /// The highest.
    Max,
}

/// How 2025-09 puts scores together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aggregation {
    /// The group's `max_score` if all is accepted, else nothing.
    PassFail,
    /// The sum.
    Sum,
    /// The lowest.
    Min,
}
