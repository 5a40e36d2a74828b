//! `test_group.yaml` of 2025-09, and the `.yaml` file of a single case.

use std::collections::BTreeMap;

use super::constants::Constants;
use super::error::{PackageError, Warning};
use super::fields::Fields;
use super::grading::{Aggregation, Grading};
use super::group::{OnReject, StaticValidation};
use super::kind::ProblemKind;
use super::scores::{MaxScore, Scores, StaticScore};
use super::tree::Tree;
use super::validator::ValidatorArgs;
use super::version::TEST_GROUP;
use crate::grade::rounding;

/// What a bounded secret is worth when nobody says.
const DEFAULT_MAX_SCORE: f64 = 100.0;

/// What drafts of the format called what decides scores. Passed over, they would leave other points.
const KEYS_OF_DRAFTS: [&str; 2] = ["scoring", "static_validation"];
const INSTEAD_OF_THEM: &str =
    "write max_score, score_aggregation, require_pass or static_validation_score";

/// What a case inherits.
#[derive(Clone, Debug, Default)]
pub(super) struct CaseSettings {
    /// Whether a draft says it, which may still use the legacy names of some keys.
    in_draft: bool,
    pub(super) args: Vec<String>,
    pub(super) output_args: Vec<String>,
    /// Names are as written.
    pub(super) input_args: ValidatorArgs,
    pub(super) full_feedback: bool,
}

/// What holds in one directory.
#[derive(Clone, Debug, Default)]
pub(super) struct TestGroup {
    pub(super) case: CaseSettings,
    static_args: Vec<String>,
    /// What is said of scores; not inherited.
    scores: Scores,
}

impl TestGroup {
    /// What the root inherits.
    pub(super) fn root(in_draft: bool) -> Self {
        let mut root = Self::default();
        root.case.in_draft = in_draft;
        root
    }

    /// The settings of `data/<directory>`, over the inherited ones.
    pub(super) fn below(
        &self,
        tree: &Tree,
        directory: &str,
        kind: ProblemKind,
        constants: &Constants,
        warnings: &mut Vec<Warning>,
    ) -> Result<Self, PackageError> {
        let file = match directory {
            "" => format!("data/{TEST_GROUP}"),
            directory => format!("data/{directory}/{TEST_GROUP}"),
        };
        let mut settings = Self {
            scores: Scores {
                file: file.clone(),
                ..Scores::default()
            },
            ..self.clone()
        };
        if directory == "sample" {
            settings.case.full_feedback = true;
        }
        let Some(text) = tree.text(&file)? else {
            return Ok(settings);
        };
        let mut fields = Fields::parse(&file, &constants.fill(&text))?;
        fields.refuse(&KEYS_OF_DRAFTS, INSTEAD_OF_THEM)?;
        settings.case.read(&mut fields)?;
        if let Some(words) = fields.list("static_validator_args")? {
            settings.static_args = words;
        }
        settings.scores.read(&mut fields, directory, kind)?;
        fields.finish(warnings);
        Ok(settings)
    }

    /// The run of the static validator that the group asks for.
    pub(super) fn static_validation(&self) -> Option<StaticValidation> {
        let score = match self.scores.static_score? {
            StaticScore::PassFail => None,
            StaticScore::Points(points) => Some(points),
        };
        Some(StaticValidation {
            score,
            args: self.static_args.clone(),
        })
    }

    /// How the results of `secret` become one.
    pub(super) fn secret_grading(&self) -> Result<Grading, PackageError> {
        let max_score = match self.scores.max {
            None => Some(DEFAULT_MAX_SCORE),
            Some(MaxScore::Bounded(score)) => Some(score),
            Some(MaxScore::Unbounded) => None,
        };
        let aggregation = self.scores.aggregation.unwrap_or(Aggregation::Sum);
        self.grading(max_score, aggregation)
    }

    /// How the results of a group in `secret` become one.
    pub(super) fn group_grading(&self, secret: &Grading) -> Result<Grading, PackageError> {
        let (secret_max, secret_aggregation) = match secret {
            Grading::Modern {
                max_score,
                aggregation,
                ..
            } => (*max_score, *aggregation),
            _ => (None, Aggregation::Sum),
        };
        let invalid = |key, problem: &str| Err(self.scores.error(key, problem));
        let max_score = match self.scores.max {
            Some(MaxScore::Bounded(score)) => Some(score),
            None | Some(MaxScore::Unbounded) if secret_max.is_some() => {
                let problem = "must give max_score, since that of data/secret is bounded";
                return invalid("max_score", problem);
            }
            None | Some(MaxScore::Unbounded) => None,
        };
        let aggregation = self.scores.aggregation.unwrap_or(Aggregation::PassFail);
        if secret_aggregation == Aggregation::PassFail && aggregation != Aggregation::PassFail {
            let problem = "must have score_aggregation: pass-fail, since data/secret has it";
            return invalid("score_aggregation", problem);
        }
        self.grading(max_score, aggregation)
    }

    fn grading(
        &self,
        max_score: Option<f64>,
        aggregation: Aggregation,
    ) -> Result<Grading, PackageError> {
        let invalid = |key, problem: &str| Err(self.scores.error(key, problem));
        if aggregation == Aggregation::PassFail && max_score.is_none() {
            let problem = "a group of score_aggregation pass-fail needs a bounded max_score";
            return invalid("max_score", problem);
        }
        match (self.scores.static_score, max_score) {
            (Some(StaticScore::Points(points)), Some(max)) if points > max => {
                let problem = "static_validation_score is more than max_score";
                return invalid("static_validation_score", problem);
            }
            (Some(StaticScore::PassFail), _) if aggregation != Aggregation::PassFail => {
                let problem = "static_validation_score: pass-fail needs such an aggregation";
                return invalid("static_validation_score", problem);
            }
            _ => {}
        }
        Ok(Grading::Modern {
            max_score,
            aggregation,
            require_pass: self.scores.require_pass.clone(),
        })
    }

    /// The names in `require_pass`, as written, to be checked once all groups are known.
    pub(super) fn wrong_requirement(&self, problem: &str) -> PackageError {
        let problem = format!("require_pass {problem}");
        self.scores.error("require_pass", problem)
    }

    /// Checks the bound of `data/secret`, as these settings give it, against those of the groups in it: what they give
    /// together at best would be a judge error where it is more, and the bound is never reached where it is less.
    pub(super) fn check_bounds(
        &self,
        secret: &Grading,
        groups: &[(Self, f64)],
        warnings: &mut Vec<Warning>,
    ) -> Result<(), PackageError> {
        let Grading::Modern {
            max_score: Some(bound),
            aggregation,
            ..
        } = *secret
        else {
            return Ok(());
        };
        let points = groups.iter().map(|(_, points)| *points);
        let best = match aggregation {
            _ if groups.is_empty() => return Ok(()),
            Aggregation::PassFail => return Ok(()),
            Aggregation::Sum => points.sum::<f64>() + self.static_points(),
            Aggregation::Min => points.fold(f64::INFINITY, f64::min),
        };
        if (best - bound).abs() <= rounding(bound) {
            return Ok(());
        }
        let told = match aggregation {
            Aggregation::Min => format!("the groups of data/secret give {best} at best"),
            _ => format!("what the groups of data/secret give adds up to {best}"),
        };
        let at = match (&self.scores.max, groups.last()) {
            (None, Some((last, _))) => &last.scores,
            _ => &self.scores,
        };
        if best > bound {
            let problem = format!("{told}, more than its max_score of {bound}");
            return Err(at.error("max_score", problem));
        }
        let message = format!("{told}, so nobody reaches its max_score of {bound}");
        warnings.push(at.warning(message));
        Ok(())
    }

    fn static_points(&self) -> f64 {
        match self.scores.static_score {
            Some(StaticScore::Points(points)) => points,
            Some(StaticScore::PassFail) | None => 0.0,
        }
    }
}

/// Whether the cases after a failed one can still change the result.
pub(super) fn on_reject(grading: &Grading) -> OnReject {
    match grading {
        Grading::Modern {
            aggregation: Aggregation::Sum,
            ..
        } => OnReject::Continue,
        _ => OnReject::Break,
    }
}

/// The settings of one case over those of its group.
pub(super) fn of_case(
    tree: &Tree,
    name: &str,
    inherited: &CaseSettings,
    warnings: &mut Vec<Warning>,
) -> Result<CaseSettings, PackageError> {
    let mut settings = inherited.clone();
    let Some(mut fields) = Fields::read(tree, &format!("data/{name}.yaml"))? else {
        return Ok(settings);
    };
    fields.skip(&["hint", "description"]);
    settings.read(&mut fields)?;
    fields.finish(warnings);
    Ok(settings)
}

impl CaseSettings {
    fn read(&mut self, fields: &mut Fields) -> Result<(), PackageError> {
        let advice = "write output_validator_args or input_validator_args with a list of words";
        if !self.in_draft {
            fields.refuse(&["output_validator_flags", "input_validator_flags"], advice)?;
        }
        if let Some(words) = fields.shell_words("output_validator_flags")? {
            self.output_args = words;
        }
        if let Some(words) = fields.shell_words("input_validator_flags")? {
            self.input_args = ValidatorArgs::for_all(words);
        }
        if let Some(words) = fields.list("args")? {
            self.args = words;
        }
        if let Some(words) = fields.list("output_validator_args")? {
            self.output_args = words;
        }
        if let Some(args) = input_validator_args(fields)? {
            self.input_args = args;
        }
        if let Some(full) = fields.boolean("full_feedback")? {
            self.full_feedback = full;
        }
        fields.skip(&["input_visualizer_args", "output_visualizer_args"]);
        Ok(())
    }
}

/// A list is for every validator; a map gives each its own.
fn input_validator_args(fields: &mut Fields) -> Result<Option<ValidatorArgs>, PackageError> {
    let key = "input_validator_args";
    if !fields.is_section(key) {
        return Ok(fields.list(key)?.map(ValidatorArgs::for_all));
    }
    let Some(mut section) = fields.section(key)? else {
        return Ok(None);
    };
    let mut named = BTreeMap::new();
    for name in section.keys() {
        named.insert(name.clone(), section.list(&name)?.unwrap_or_default());
    }
    let others = Vec::new();
    Ok(Some(ValidatorArgs { others, named }))
}
