//! The graders of the legacy format: verdicts and scores of a group's children to one of each.

use super::Part;
use crate::Verdict;
use crate::compare::parse_float;
use crate::package::{DefaultGrader, ScoreMode, VerdictMode};

/// The first of these that is present is the worst error.
const WORST_FIRST: [Verdict; 5] = [
    Verdict::RunTimeError,
    Verdict::MemoryLimit,
    Verdict::TimeLimit,
    Verdict::OutputLimit,
    Verdict::WrongAnswer,
];

/// The verdicts that a grader may give.
const GRADES: [Verdict; 6] = [
    Verdict::Accepted,
    Verdict::WrongAnswer,
    Verdict::TimeLimit,
    Verdict::RunTimeError,
    Verdict::MemoryLimit,
    Verdict::OutputLimit,
];

/// The grader that every judge has, for at least one result.
pub(super) fn default_grader(flags: DefaultGrader, parts: &[Part]) -> Part {
    Part {
        verdict: verdict(flags, parts),
        score: Some(score(flags.score, parts)),
    }
}

/// What a group without results gets, whoever grades it.
pub(super) const EMPTY: Part = Part {
    verdict: Verdict::Accepted,
    score: Some(0.0),
};

fn verdict(flags: DefaultGrader, parts: &[Part]) -> Verdict {
    let accepted = |part: &Part| part.verdict == Verdict::Accepted;
    if flags.accept_if_any_accepted && parts.iter().any(accepted) {
        return Verdict::Accepted;
    }
    let error = match flags.verdict {
        VerdictMode::AlwaysAccept => None,
        VerdictMode::FirstError => parts
            .iter()
            .find(|part| !accepted(part))
            .map(|part| part.verdict),
        VerdictMode::WorstError => WORST_FIRST
            .into_iter()
            .find(|verdict| parts.iter().any(|part| part.verdict == *verdict)),
    };
    error.unwrap_or(Verdict::Accepted)
}

fn score(mode: ScoreMode, parts: &[Part]) -> f64 {
    let scores = parts.iter().map(|part| part.score.unwrap_or(0.0));
    match mode {
        ScoreMode::Sum => scores.sum(),
        ScoreMode::Avg => scores.sum::<f64>() / parts.len() as f64,
        ScoreMode::Min => scores.fold(f64::INFINITY, f64::min),
        ScoreMode::Max => scores.fold(f64::NEG_INFINITY, f64::max),
    }
}

/// What a grader of the package reads: a line for each child.
pub(super) fn lines(parts: &[Part]) -> String {
    let line = |part: &Part| format!("{} {}\n", part.verdict.code(), part.score.unwrap_or(0.0));
    parts.iter().map(line).collect()
}

/// What a grader of the package said: one line, `VERDICT SCORE`, the score without an exponent.
pub(super) fn answer(printed: &str) -> Result<Part, String> {
    let refused = || {
        let shown: String = printed.chars().take(80).collect();
        format!("it printed {shown:?} instead of one line with a verdict and a score")
    };
    let mut words = printed.trim_end().split_ascii_whitespace();
    let (Some(word), Some(number), None) = (words.next(), words.next(), words.next()) else {
        return Err(refused());
    };
    if word == "JE" {
        return Err("it answered JE".to_owned());
    }
    let verdict = GRADES.into_iter().find(|verdict| verdict.code() == word);
    let plain = number
        .trim_start_matches('-')
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.');
    let score = parse_float(number.as_bytes()).filter(|_| plain && printed.starts_with(word));
    match (verdict, score) {
        (Some(verdict), Some(score)) => Ok(Part {
            verdict,
            score: Some(score),
        }),
        _ => Err(refused()),
    }
}
