//! What a jury submission should get, and whether a judgement agrees.

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
        let of_rules = self.rules.iter();
        let of_rules = of_rules.filter_map(|rule| rule.disagreement(judgement));
        let of_score = self
            .score
            .and_then(|range| score_disagreement("", judgement.score, range));
        of_rules.chain(of_score).collect()
    }
}

impl Rule {
    fn permits(&self, verdict: Verdict) -> bool {
        self.permitted.is_empty() || self.permitted.contains(&verdict)
    }

    /// The first thing that is not as the rule wants it, with who wants it.
    fn disagreement(&self, judgement: &Judgement) -> Option<String> {
        let text = self
            .not_permitted(judgement)
            .or_else(|| self.not_met(&judgement.cases))
            .or_else(|| self.other_score(judgement))?;
        let cases = self.cases.as_ref();
        let text = match cases {
            Some(cases) => format!("in {cases}: {text}"),
            None => text,
        };
        Some(match self.said_by.as_str() {
            "" => text,
            said_by => format!("{text} ({said_by})"),
        })
    }

    fn not_permitted(&self, judgement: &Judgement) -> Option<String> {
        let mut cases = judgement.cases.iter();
        let case = cases.find(|case| self.covers(&case.name) && !self.permits(case.verdict));
        if let Some(case) = case {
            let (name, got) = (&case.name, case.verdict.code());
            let permitted = codes(&self.permitted);
            return Some(format!("{name} got {got}, permitted {permitted}"));
        }
        // The cases of a group that was not run count as not accepted.
        let failed = judgement.groups.iter().find(|group| {
            self.permitted == [Verdict::Accepted]
                && self.covers(&group.name)
                && group.verdict != Verdict::Accepted
        });
        failed.map(|group| format!("group {} is not accepted", group.name))
    }

    fn not_met(&self, cases: &[CaseResult]) -> Option<String> {
        let covered = || cases.iter().filter(|case| self.covers(&case.name));
        if !self.required.is_empty() && !covered().any(|c| self.required.contains(&c.verdict)) {
            return Some(format!("no case got {}", codes(&self.required)));
        }
        let message = self.message.as_ref()?;
        let has_message = covered().any(|case| case.jury_message.contains(message));
        (!has_message).then(|| format!("no jury message contains {message:?}"))
    }

    /// A rule about groups is about the score of each that it names itself, not of those below.
    fn other_score(&self, judgement: &Judgement) -> Option<String> {
        let range = self.score?;
        let Some(pattern) = &self.cases else {
            return score_disagreement("", judgement.score, range);
        };
        let is_named = |name: &str| {
            let parent = name.rsplit_once('/').map(|(parent, _)| parent);
            pattern.covers(name) && !parent.is_some_and(|parent| pattern.covers(parent))
        };
        let mut named = judgement
            .groups
            .iter()
            .filter(|it| is_named(&it.name))
            .peekable();
        if named.peek().is_none() {
            return Some("no group of this name has a score".to_owned());
        }
        named.find_map(|group| score_disagreement(&group.name, group.score, range))
    }
}

/// Authors write fractions with few digits.
const SCORE_TOLERANCE: f64 = 1e-6;

fn score_disagreement(group: &str, score: Option<f64>, (low, high): (f64, f64)) -> Option<String> {
    let who = match group {
        "" => String::new(),
        group => format!("{group} "),
    };
    let wanted = match low == high {
        true => low.to_string(),
        false => format!("{low} to {high}"),
    };
    match score {
        None => Some(format!("{who}got no score, expected {wanted}")),
        Some(score) if score < low - SCORE_TOLERANCE || score > high + SCORE_TOLERANCE => {
            Some(format!("{who}got {score} points, expected {wanted}"))
        }
        Some(_) => None,
    }
}

fn codes(verdicts: &[Verdict]) -> String {
    let codes: Vec<_> = verdicts.iter().map(|verdict| verdict.code()).collect();
    codes.join(" or ")
}
