//! What sort of problem a package holds.

/// What sort of problem it is; the three combine freely.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ProblemKind {
    /// Whether a judgement has a score beside its verdict.
    pub scoring: bool,
    /// Whether validator and submission talk to each other while both run.
    pub interactive: bool,
    /// How often a case is run at most, when the validator may ask for another pass.
    pub passes: Option<u32>,
}

/// Which score is the better one. Legacy packages say it; a judge only hands it on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Objective {
    /// Higher is better.
    #[default]
    Max,
    /// Lower is better.
    Min,
}
