//! `testdata.yaml`: what a directory of cases says in the legacy format. Each key is inherited on its own.

use std::collections::BTreeMap;

use super::error::{PackageError, Warning};
use super::fields::Fields;
use super::grading::{DefaultGrader, Grader, Grading, ScoreMode, VerdictMode};
use super::group::OnReject;
use super::kind::ProblemKind;
use super::number::number;
use super::program::{self, PackageProgram};
use super::tree::Tree;
use super::validator::ValidatorArgs;
use super::version::TESTDATA;

const GRADERS: &str = "graders";

/// What holds in one directory.
#[derive(Clone, Debug)]
pub(super) struct Testdata {
    /// Whether it stands in a draft of 2025-09, which renamed some keys before the file.
    in_draft: bool,
    pub(super) on_reject: OnReject,
    is_custom: bool,
    /// The flags, and the place that gives them.
    grader_flags: Vec<String>,
    flags_at: Option<(String, Option<usize>)>,
    accept_score: f64,
    reject_score: f64,
    range: (f64, f64),
    /// Arguments of validators; names are as written.
    pub(super) input_args: ValidatorArgs,
    pub(super) output_args: ValidatorArgs,
}

impl Default for Testdata {
    fn default() -> Self {
        Self {
            in_draft: false,
            on_reject: OnReject::Break,
            is_custom: false,
            grader_flags: Vec::new(),
            flags_at: None,
            accept_score: 1.0,
            reject_score: 0.0,
            range: (f64::NEG_INFINITY, f64::INFINITY),
            input_args: ValidatorArgs::default(),
            output_args: ValidatorArgs::default(),
        }
    }
}

impl Testdata {
    /// What the root of a draft inherits.
    pub(super) fn in_draft() -> Self {
        Self {
            in_draft: true,
            ..Self::default()
        }
    }

    /// The settings of `data/<directory>`, or the inherited ones.
    pub(super) fn below(
        &self,
        tree: &Tree,
        directory: &str,
        warnings: &mut Vec<Warning>,
    ) -> Result<Self, PackageError> {
        let file = match directory {
            "" => format!("data/{TESTDATA}"),
            directory => format!("data/{directory}/{TESTDATA}"),
        };
        let mut settings = self.clone();
        if let Some(mut fields) = Fields::read(tree, &file)? {
            settings.read(&mut fields)?;
            fields.finish(warnings);
        }
        Ok(settings)
    }

    fn read(&mut self, fields: &mut Fields) -> Result<(), PackageError> {
        let advice = "write output_validator_flags, or set problem_format_version: 2025-09";
        fields.refuse(&["args"], advice)?;
        if !self.in_draft {
            fields.refuse(&["output_validator_args", "input_validator_args"], advice)?;
        }
        if let Some(on_reject) = on_reject(fields)? {
            self.on_reject = on_reject;
        }
        match fields.string("grading")?.as_deref() {
            None => {}
            Some("default") => self.is_custom = false,
            Some("custom") => self.is_custom = true,
            Some(_) => return Err(fields.error("grading", "must be default or custom")),
        }
        if let Some(flags) = fields.shell_words("grader_flags")? {
            self.grader_flags = flags;
            self.flags_at = Some((fields.file.clone(), fields.line("grader_flags")));
        }
        self.read_scores(fields)?;
        // The second name of each is there in drafts alone.
        for key in ["input_validator_flags", "input_validator_args"] {
            if let Some(args) = flags_of_validators(fields, key)? {
                self.input_args = args;
            }
        }
        for key in ["output_validator_flags", "output_validator_args"] {
            if let Some(args) = flags_of_validators(fields, key)? {
                self.output_args = args;
            }
        }
        Ok(())
    }

    /// The keys that very old packages write into `problem.yaml` under `grading`, too.
    pub(super) fn read_scores(&mut self, fields: &mut Fields) -> Result<(), PackageError> {
        if let Some(score) = fields.number("accept_score", f64::MIN, f64::MAX)? {
            self.accept_score = score;
        }
        if let Some(score) = fields.number("reject_score", f64::MIN, f64::MAX)? {
            self.reject_score = score;
        }
        if let Some(range) = range(fields)? {
            self.range = range;
        }
        Ok(())
    }

    /// How the results of this directory become one.
    pub(super) fn grading(
        &self,
        tree: &Tree,
        kind: ProblemKind,
        is_root: bool,
    ) -> Result<Grading, PackageError> {
        let grader = if self.is_custom {
            Grader::Custom {
                program: custom_grader(tree)?,
                flags: self.grader_flags.clone(),
            }
        } else {
            let mut grader = self.default_grader()?;
            // Inherited flags reach the groups below, where this one means nothing.
            grader.ignore_sample &= is_root;
            if !kind.scoring && is_plain(&grader, self.on_reject) {
                return Ok(Grading::PassFail);
            }
            Grader::Default(grader)
        };
        Ok(Grading::Legacy {
            accept_score: self.accept_score,
            reject_score: self.reject_score,
            range: self.range,
            grader,
        })
    }

    fn default_grader(&self) -> Result<DefaultGrader, PackageError> {
        let mut grader = DefaultGrader::default();
        for word in &self.grader_flags {
            match word.as_str() {
                "worst_error" | "no_errors" => grader.verdict = VerdictMode::WorstError,
                "first_error" => grader.verdict = VerdictMode::FirstError,
                "always_accept" => grader.verdict = VerdictMode::AlwaysAccept,
                "sum" => grader.score = ScoreMode::Sum,
                "avg" => grader.score = ScoreMode::Avg,
                "min" => grader.score = ScoreMode::Min,
                "max" => grader.score = ScoreMode::Max,
                "ignore_sample" => grader.ignore_sample = true,
                "accept_if_any_accepted" => grader.accept_if_any_accepted = true,
                word => return Err(self.unknown_flag(word)),
            }
        }
        Ok(grader)
    }

    fn unknown_flag(&self, word: &str) -> PackageError {
        let (file, line) = self.flags_at.clone().unwrap_or_default();
        let feature = format!("the grader flag {word}");
        let error =
            PackageError::unsupported(&feature, &file, "the default grader knows no such flag");
        match line {
            Some(line) => error.at(line),
            None => error,
        }
    }
}

/// Whether the first child that is not accepted gives the verdict anyway.
fn is_plain(grader: &DefaultGrader, on_reject: OnReject) -> bool {
    let first_decides = match grader.verdict {
        VerdictMode::FirstError => true,
        VerdictMode::WorstError => on_reject == OnReject::Break,
        VerdictMode::AlwaysAccept => false,
    };
    first_decides && !grader.ignore_sample && !grader.accept_if_any_accepted
}

/// `break` and `continue`, and what very old packages call them.
pub(super) fn on_reject(fields: &mut Fields) -> Result<Option<OnReject>, PackageError> {
    let key = "on_reject";
    match fields.string(key)?.as_deref() {
        None => Ok(None),
        Some("break" | "first_error") => Ok(Some(OnReject::Break)),
        Some("continue" | "grade" | "worst_error") => Ok(Some(OnReject::Continue)),
        Some(_) => Err(fields.error(key, "must be break or continue")),
    }
}

/// Two numbers, the lower first: `0 100`, `-inf +inf`.
fn range(fields: &mut Fields) -> Result<Option<(f64, f64)>, PackageError> {
    let Some(words) = fields.shell_words("range")? else {
        return Ok(None);
    };
    let numbers: Option<Vec<f64>> = words.iter().map(|word| number(word)).collect();
    match numbers.as_deref() {
        Some([low, high]) if low <= high => Ok(Some((*low, *high))),
        _ => Err(fields.error("range", "must be two numbers, the lower first")),
    }
}

/// A plain text is for every validator; a map names the one that is meant, and the others get nothing.
fn flags_of_validators(
    fields: &mut Fields,
    key: &str,
) -> Result<Option<ValidatorArgs>, PackageError> {
    if !fields.is_section(key) {
        let words = fields.shell_words(key)?;
        return Ok(words.map(ValidatorArgs::for_all));
    }
    let Some(mut section) = fields.section(key)? else {
        return Ok(None);
    };
    let mut named = BTreeMap::new();
    match section.string("name")? {
        Some(name) => {
            named.insert(name, section.shell_words("flags")?.unwrap_or_default());
        }
        // Not in the format, yet met: each key is a validator.
        None => {
            for name in section.keys() {
                named.insert(
                    name.clone(),
                    section.shell_words(&name)?.unwrap_or_default(),
                );
            }
        }
    }
    if let Some(key) = section.keys().first() {
        return Err(section.error(key, "means nothing; name and flags are known"));
    }
    let others = Vec::new();
    Ok(Some(ValidatorArgs { others, named }))
}

fn custom_grader(tree: &Tree) -> Result<PackageProgram, PackageError> {
    let mut programs = program::all(tree, GRADERS).into_iter();
    match (programs.next(), programs.next()) {
        (Some(program), None) => Ok(program),
        (None, _) => Err(PackageError::missing(
            GRADERS,
            "testdata.yaml says grading: custom, put the grader there",
        )),
        (Some(_), Some(_)) => Err(PackageError::unsupported(
            "more than one grader",
            GRADERS,
            "keep one; the files of one program belong into one directory",
        )),
    }
}
