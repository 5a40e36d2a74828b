//! The declared grading of 2025-09: what a case of a group can give, and what a group gets.

use super::Part;
use super::points::{Scale, exceeds, rounding};
use crate::Verdict;
use crate::package::{Aggregation, Child, Group};

/// How a case that lies directly in this group is scored.
pub(super) fn scale_of_case(
    group: &Group,
    max_score: Option<f64>,
    aggregation: Aggregation,
) -> Scale {
    match (aggregation, max_score) {
        (Aggregation::PassFail, _) => Scale::Forbidden,
        (_, None) => Scale::Unbounded,
        (Aggregation::Min, Some(max)) => Scale::Bounded(max),
        (Aggregation::Sum, Some(max)) => {
            let case = |child: &&Child| matches!(child, Child::Case(_));
            let cases = group.children.iter().filter(case).count().max(1);
            Scale::Bounded((max - static_score(group)).max(0.0) / cases as f64)
        }
    }
}

/// How the source itself is scored.
pub(super) fn scale_of_source(group: &Group, aggregation: Aggregation) -> Scale {
    match (aggregation, group.static_validation.as_ref()) {
        (Aggregation::PassFail, _) | (_, None) => Scale::Forbidden,
        (_, Some(validation)) => validation.score.map_or(Scale::Forbidden, Scale::Bounded),
    }
}

fn static_score(group: &Group) -> f64 {
    let validation = group.static_validation.as_ref();
    validation.and_then(|it| it.score).unwrap_or(0.0)
}

/// The group's score from its parts'; the error says which rule of the format the package breaks.
pub(super) fn score(
    max_score: Option<f64>,
    aggregation: Aggregation,
    parts: &[Part],
) -> Result<f64, String> {
    let scores = parts.iter().filter_map(|part| part.score);
    let score = match (aggregation, max_score) {
        (Aggregation::PassFail, None) => {
            return Err("it is all or nothing, and max_score does not say how much all is".into());
        }
        (Aggregation::PassFail, Some(max)) => {
            let accepted = |part: &Part| part.verdict == Verdict::Accepted;
            if parts.iter().all(accepted) { max } else { 0.0 }
        }
        (Aggregation::Sum, _) => scores.sum(),
        (Aggregation::Min, _) => scores.reduce(f64::min).unwrap_or(0.0),
    };
    match max_score {
        Some(max) if exceeds(score, max) => Err(format!(
            "its score of {score} is over its max_score of {max}"
        )),
        // A third of a hundred, three times, is a hundred.
        Some(max) if (score - max).abs() <= rounding(max) => Ok(max),
        _ => Ok(score),
    }
}

/// The verdict of parts that are judged in order: the first that is not accepted decides.
pub(super) fn first_error(parts: &[Part]) -> Verdict {
    let mut verdicts = parts.iter().map(|part| part.verdict);
    verdicts
        .find(|verdict| *verdict != Verdict::Accepted)
        .unwrap_or(Verdict::Accepted)
}
