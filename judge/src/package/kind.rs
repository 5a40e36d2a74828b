//! What sort of problem a package holds.

use super::error::PackageError;
use super::fields::Fields;

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

/// What `type` may say.
const TYPES: [&str; 5] = [
    "pass-fail",
    "scoring",
    "multi-pass",
    "interactive",
    "submit-answer",
];
/// The fewest passes that are worth the name, and what a package gets that gives no number.
pub(super) const LEAST_PASSES: u32 = 2;
const MOST_PASSES: f64 = 1000.0;

/// Reads `type`: a word, words in one text (met in the wild), or a list.
pub(super) fn read(fields: &mut Fields) -> Result<ProblemKind, PackageError> {
    let Some(words) = fields.word_or_list("type")? else {
        return Ok(ProblemKind::default());
    };
    let words: Vec<&str> = words
        .iter()
        .flat_map(|word| word.split_whitespace())
        .collect();
    if words.is_empty() {
        return Err(fields.error("type", "must not be an empty list"));
    }
    for (index, word) in words.iter().enumerate() {
        if !TYPES.contains(word) {
            return Err(fields.error("type", &format!("has {word:?}, which is no type")));
        }
        if words[..index].contains(word) {
            return Err(fields.error("type", &format!("has {word:?} twice")));
        }
    }
    let has = |word| words.contains(&word);
    if has("pass-fail") && has("scoring") {
        return Err(fields.error("type", "cannot be both pass-fail and scoring"));
    }
    if has("submit-answer") {
        if has("multi-pass") || has("interactive") {
            return Err(fields.error("type", "of submit-answer has no multi-pass or interactive"));
        }
        let advice = "only submissions that are programs are judged";
        return Err(fields.unsupported("type", "type submit-answer", advice));
    }
    Ok(ProblemKind {
        scoring: has("scoring"),
        interactive: has("interactive"),
        passes: has("multi-pass").then_some(LEAST_PASSES),
    })
}

/// Reads `limits.validation_passes`; it has no say where there is one pass.
pub(super) fn read_passes(limits: &mut Fields, kind: &mut ProblemKind) -> Result<(), PackageError> {
    let key = "validation_passes";
    let Some(number) = limits.number(key, f64::from(LEAST_PASSES), MOST_PASSES)? else {
        return Ok(());
    };
    if number.fract() != 0.0 {
        return Err(limits.error(key, "must be a whole number"));
    }
    kind.passes = kind.passes.map(|_| number as u32);
    Ok(())
}
