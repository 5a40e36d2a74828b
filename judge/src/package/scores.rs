//! What `test_group.yaml` says of scores: bounds, aggregation, requirements.

use std::collections::BTreeMap;

use super::error::{PackageError, Warning};
use super::fields::Fields;
use super::grading::Aggregation;
use super::kind::ProblemKind;
use super::number::number;

/// More points than any problem gives, and exact as a number.
const MOST: f64 = 1e15;

/// What a directory says of scores.
#[derive(Clone, Debug, Default)]
pub(super) struct Scores {
    pub(super) file: String,
    pub(super) max: Option<MaxScore>,
    pub(super) aggregation: Option<Aggregation>,
    pub(super) static_score: Option<StaticScore>,
    pub(super) require_pass: Vec<String>,
    /// The lines of the keys that are there.
    pub(super) lines: BTreeMap<&'static str, usize>,
}

/// The keys of [`Scores`].
const KEYS: [&str; 4] = [
    "max_score",
    "score_aggregation",
    "static_validation_score",
    "require_pass",
];

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum MaxScore {
    Bounded(f64),
    Unbounded,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum StaticScore {
    PassFail,
    Points(f64),
}

impl Scores {
    pub(super) fn read(
        &mut self,
        fields: &mut Fields,
        directory: &str,
        kind: ProblemKind,
    ) -> Result<(), PackageError> {
        let of_secret = directory == "secret" || directory.starts_with("secret/");
        for key in ["max_score", "score_aggregation", "require_pass"] {
            if fields.has(key) && !kind.scoring {
                return Err(fields.error(key, "has no meaning in a pass-fail package"));
            }
            if fields.has(key) && !of_secret {
                return Err(fields.error(key, "is for data/secret and the groups in it"));
            }
        }
        let lines = KEYS.into_iter();
        self.lines = lines
            .filter_map(|key| Some((key, fields.line(key)?)))
            .collect();
        self.max = max_score(fields)?;
        self.aggregation = aggregation(fields)?;
        self.static_score = static_score(fields, kind)?;
        self.require_pass = fields.word_or_list("require_pass")?.unwrap_or_default();
        if directory == "secret" && self.require_pass.iter().any(|name| name != "sample") {
            return Err(fields.error("require_pass", "of data/secret may only name sample"));
        }
        for name in &mut self.require_pass {
            if name != "sample" && !name.starts_with("secret/") {
                *name = format!("secret/{name}");
            }
        }
        Ok(())
    }

    /// What is wrong with one of the keys, at its line if it is there.
    pub(super) fn error(&self, key: &str, problem: impl Into<String>) -> PackageError {
        let error = PackageError::invalid(&self.file, problem);
        match self.lines.get(key) {
            Some(line) => error.at(*line),
            None => error,
        }
    }

    /// What somebody should look at, at the line of `max_score` if it is there.
    pub(super) fn warning(&self, message: String) -> Warning {
        let warning = Warning::new(&self.file, message);
        match self.lines.get("max_score") {
            Some(line) => warning.at(*line),
            None => warning,
        }
    }
}

fn max_score(fields: &mut Fields) -> Result<Option<MaxScore>, PackageError> {
    let key = "max_score";
    match fields.string(key)?.as_deref() {
        None => Ok(None),
        Some("unbounded") => Ok(Some(MaxScore::Unbounded)),
        Some(text) => points(fields, key, text).map(|points| Some(MaxScore::Bounded(points))),
    }
}

fn aggregation(fields: &mut Fields) -> Result<Option<Aggregation>, PackageError> {
    let key = "score_aggregation";
    match fields.string(key)?.as_deref() {
        None => Ok(None),
        Some("pass-fail") => Ok(Some(Aggregation::PassFail)),
        Some("sum") => Ok(Some(Aggregation::Sum)),
        Some("min") => Ok(Some(Aggregation::Min)),
        Some(_) => Err(fields.error(key, "must be pass-fail, sum or min")),
    }
}

fn static_score(
    fields: &mut Fields,
    kind: ProblemKind,
) -> Result<Option<StaticScore>, PackageError> {
    let key = "static_validation_score";
    match fields.string(key)?.as_deref() {
        None => Ok(None),
        Some("pass-fail") => Ok(Some(StaticScore::PassFail)),
        Some(_) if !kind.scoring => Err(fields.error(key, "must be pass-fail in such a package")),
        Some(text) => points(fields, key, text).map(|points| Some(StaticScore::Points(points))),
    }
}

fn points(fields: &Fields, key: &str, text: &str) -> Result<f64, PackageError> {
    let points = number(text).filter(|points| (0.0..=MOST).contains(points));
    points.ok_or_else(|| fields.error(key, "must be a number of points that is not negative"))
}
