//! The points of one case, from what its validator left.

use super::Marked;
use crate::Verdict;
use crate::compare::parse_float;

/// What a validator left about points, as it was written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScoreFiles {
    /// `score.txt`.
    pub score: Option<String>,
    /// `score_multiplier.txt`.
    pub multiplier: Option<String>,
}

/// How a case of some group gets its points.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Scale {
    /// It has none, whatever the validator left: samples, and problems without scores.
    Ignored,
    /// It has none, and the validator must not give any: 2025-09, all or nothing.
    Forbidden,
    /// 2025-09: at most so many.
    Bounded(f64),
    /// 2025-09: what the validator says.
    Unbounded,
    /// The legacy format: the group's scores, or always the validator's.
    Legacy {
        accept: f64,
        reject: f64,
        custom: bool,
    },
}

/// The points; the error says how the validator broke the rules.
pub(super) fn points(scale: Scale, marked: &Marked) -> Result<Option<f64>, String> {
    let Marked { verdict, files } = marked;
    match scale {
        Scale::Ignored => return Ok(None),
        // Only an answer of the validator's can be at odds with what it wrote.
        _ if *verdict == Verdict::WrongAnswer => files.refuse("rejects")?,
        Scale::Forbidden => files.refuse("judges a case of a pass-fail group")?,
        _ => {}
    }
    let accepted = *verdict == Verdict::Accepted;
    Ok(match scale {
        Scale::Ignored | Scale::Forbidden => None,
        Scale::Legacy { reject, .. } if !accepted => Some(reject),
        _ if !accepted => Some(0.0),
        Scale::Bounded(max) => Some(bounded(max, files)?),
        Scale::Unbounded => Some(unbounded(files)?),
        Scale::Legacy { accept, custom, .. } => Some(legacy(accept, custom, files)?),
    })
}

fn bounded(max: f64, files: &ScoreFiles) -> Result<f64, String> {
    match (&files.score, &files.multiplier) {
        (Some(_), Some(_)) => {
            Err("it wrote both score.txt and score_multiplier.txt; one at most is allowed".into())
        }
        (Some(text), None) => {
            let score = not_negative("score.txt", text)?;
            if exceeds(score, max) {
                return Err(format!(
                    "score.txt holds {score}, the case gives {max} at most"
                ));
            }
            Ok(score.min(max))
        }
        (None, Some(text)) => {
            let factor = not_negative("score_multiplier.txt", text)?;
            if factor > 1.0 {
                return Err(format!("score_multiplier.txt holds {factor}, not 0 to 1"));
            }
            Ok(factor * max)
        }
        (None, None) => Ok(max),
    }
}

fn unbounded(files: &ScoreFiles) -> Result<f64, String> {
    if files.multiplier.is_some() {
        return Err("it wrote score_multiplier.txt, and the group's score is unbounded".into());
    }
    match &files.score {
        Some(text) => not_negative("score.txt", text),
        None => Err("it accepts without score.txt, and the group's score is unbounded".into()),
    }
}

fn legacy(accept: f64, custom: bool, files: &ScoreFiles) -> Result<f64, String> {
    match (&files.score, custom) {
        (Some(text), true) => number("score.txt", text),
        (None, false) => Ok(accept),
        (Some(_), false) => {
            Err("it wrote score.txt, and problem.yaml does not say validation: custom score".into())
        }
        (None, true) => Err(
            "it accepts without score.txt, and problem.yaml says validation: custom score".into(),
        ),
    }
}

impl ScoreFiles {
    fn refuse(&self, act: &str) -> Result<(), String> {
        let name = match self {
            ScoreFiles { score: Some(_), .. } => "score.txt",
            ScoreFiles {
                multiplier: Some(_),
                ..
            } => "score_multiplier.txt",
            _ => return Ok(()),
        };
        Err(format!("it {act} and writes {name}"))
    }
}

/// Whether a score is over its maximum by more than summing up can explain.
pub(super) fn exceeds(score: f64, max: f64) -> bool {
    score > max + rounding(max)
}

/// What adding up fractions of `max` may be off by.
pub(crate) fn rounding(max: f64) -> f64 {
    max.abs().max(1.0) * 1e-9
}

fn number(file: &str, text: &str) -> Result<f64, String> {
    let number = parse_float(text.trim().as_bytes());
    number.ok_or_else(|| format!("{file} holds {:?}, which is no number", shortened(text)))
}

fn not_negative(file: &str, text: &str) -> Result<f64, String> {
    match number(file, text)? {
        number if number < 0.0 => Err(format!("{file} holds {number}, which is negative")),
        number => Ok(number),
    }
}

fn shortened(text: &str) -> String {
    text.trim().chars().take(40).collect()
}
