//! What a jury submission should get, and whether a judgement agrees.

use std::fmt::Write as _;

use super::folder::ANY_RUN;
use super::pattern::Pattern;
use crate::{CaseResult, Judgement, Verdict};

/// What a jury submission should get.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Expectation {
    /// The verdicts it is there to show, for reports. Without rules the whole must get one of them.
    pub verdicts: Vec<Verdict>,
    /// Where there are rules, they decide, case by case; all must hold.
    pub rules: Vec<Rule>,
    /// Whether the verdict of the whole must be one of `verdicts` all the same: where a grader
    /// decides (legacy scoring), a submission may be accepted that failed some case.
    pub as_a_whole: bool,
    /// The score of the whole (`@EXPECTED_SCORE@`), lowest and highest.
    pub score: Option<(f64, f64)>,
    /// How much of the best score it should get.
    pub share: Share,
}

/// How much of the best score a jury submission of a legacy scoring package should get.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Share {
    /// Nobody says.
    #[default]
    Any,
    /// All of it (`accepted`).
    Full,
    /// Not all of it (`partially_accepted`).
    Partial,
}

/// A rule about the cases of one submission.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rule {
    /// The cases it is about; `None` = all.
    pub cases: Option<Pattern>,
    /// Every case's verdict must be one of these; empty = any.
    pub permitted: Vec<Verdict>,
    /// At least one case must have one of these; empty = none needed.
    pub required: Vec<Verdict>,
    /// Some case's jury message must contain this.
    pub message: Option<String>,
    /// Lowest and highest score of what it is about: of each group it names, or of the whole.
    pub score: Option<(f64, f64)>,
    /// Whether its times must fit below the time limit.
    pub lower_bound: bool,
    /// Whether its slowest time must stay above the time limit.
    pub upper_bound: bool,
    /// Who says so: `submissions/wrong_answer`, `submissions/submissions.yaml:7`.
    pub said_by: String,
}

impl Rule {
    /// Whether it is about the case of this name.
    #[must_use]
    pub fn covers(&self, case: &str) -> bool {
        self.cases.as_ref().is_none_or(|cases| cases.covers(case))
    }
}

impl Expectation {
    /// What rules want, with the verdicts they exist to show.
    pub(super) fn of_rules(rules: Vec<Rule>) -> Self {
        let mut verdicts: Vec<Verdict> = Vec::new();
        let required = rules.iter().flat_map(|rule| &rule.required);
        for verdict in required {
            if !verdicts.contains(verdict) {
                verdicts.push(*verdict);
            }
        }
        if verdicts.is_empty() {
            let in_all = |verdict: &Verdict| rules.iter().all(|rule| rule.permits(*verdict));
            verdicts = ANY_RUN.into_iter().filter(in_all).collect();
        }
        Self {
            verdicts,
            rules,
            ..Self::default()
        }
    }

    /// Whether the time of this case is a lower bound of the time limit.
    #[must_use]
    pub fn is_lower_bound(&self, case: &str) -> bool {
        self.rules.iter().any(|r| r.lower_bound && r.covers(case))
    }

    /// The rules whose slowest case is an upper bound of the time limit.
    pub fn upper_bounds(&self) -> impl Iterator<Item = &Rule> {
        self.rules.iter().filter(|rule| rule.upper_bound)
    }

    /// Where a judgement of all cases differs from what was expected, as sentences; empty = it agrees.
    #[must_use]
    pub fn disagreements(&self, judgement: &Judgement) -> Vec<String> {
        let whole_counts = self.as_a_whole || self.rules.is_empty() || judgement.cases.is_empty();
        if whole_counts && !self.verdicts.contains(&judgement.verdict) {
            return vec![format!(
                "got {}, expected {}",
                judgement.verdict.code(),
                codes(&self.verdicts)
            )];
        }
        self.rules
            .iter()
            .filter_map(|rule| rule.disagreement(&judgement.cases))
            .collect()
    }
}

impl Rule {
    fn permits(&self, verdict: Verdict) -> bool {
        self.permitted.is_empty() || self.permitted.contains(&verdict)
    }

    fn disagreement(&self, cases: &[CaseResult]) -> Option<String> {
        let covered = || cases.iter().filter(|case| self.covers(&case.name));
        let mut text = String::new();
        if let Some(case) = covered().find(|case| !self.permits(case.verdict)) {
            let (name, got) = (&case.name, case.verdict.code());
            let _ = write!(
                text,
                "{name} got {got}, permitted {}",
                codes(&self.permitted)
            );
        } else if !self.required.is_empty()
            && !covered().any(|c| self.required.contains(&c.verdict))
        {
            let _ = write!(text, "no case got {}", codes(&self.required));
        } else if let Some(message) = &self.message
            && !covered().any(|case| case.jury_message.contains(message))
        {
            let _ = write!(text, "no jury message contains {message:?}");
        }
        let Some(cases) = self.cases.as_ref().filter(|_| !text.is_empty()) else {
            return Some(text).filter(|text| !text.is_empty());
        };
        Some(format!("in {cases}: {text}"))
    }
}

fn codes(verdicts: &[Verdict]) -> String {
    let codes: Vec<_> = verdicts.iter().map(|verdict| verdict.code()).collect();
    codes.join(" or ")
}
