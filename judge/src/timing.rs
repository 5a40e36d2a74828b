//! How far a case's time can be trusted: what happened around its run, and its other runs.

use std::time::Duration;

use sandbox::Conditions;

use crate::{Judgement, Verdict};

/// How sure a verdict is, as far as it hangs on a time. The later, the less sure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Certainty {
    /// No run came near the time limit, or it was passed by far.
    #[default]
    Sure,
    /// All runs agree, and the time that decided is near the limit.
    NearLimit,
    /// Runs disagree, or the host disturbed those that decided.
    Unsure,
}

impl Certainty {
    /// The word for it in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Certainty::Sure => "sure",
            Certainty::NearLimit => "near-limit",
            Certainty::Unsure => "unsure",
        }
    }
}

/// One run of a case that ran more than once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CaseRun {
    /// What this run alone would have given.
    pub verdict: Verdict,
    /// CPU time.
    pub cpu: Duration,
    /// Wall time.
    pub wall: Duration,
    /// What happened around it.
    pub conditions: Conditions,
}

/// How a case's time came about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Timing {
    /// What happened around the run that decided.
    pub conditions: Conditions,
    /// How far the verdict can be trusted.
    pub certainty: Certainty,
    /// Every run in order, if there was more than one.
    pub runs: Vec<CaseRun>,
}

impl Timing {
    /// Of a case that ran once.
    pub(crate) fn of_one_run(conditions: Conditions) -> Timing {
        Timing {
            conditions,
            ..Timing::default()
        }
    }
}

impl Judgement {
    /// As sure as the least sure of its cases; `None` if no program ran.
    pub fn certainty(&self) -> Option<Certainty> {
        self.cases.iter().map(|case| case.timing.certainty).max()
    }

    /// What happened around the cases, added up.
    pub fn conditions(&self) -> Conditions {
        self.cases.iter().map(|case| case.timing.conditions).sum()
    }
}
