//! The settings of test groups, inherited from directory to directory, and of single cases.

use std::collections::BTreeMap;

use serde_yaml_ng::Value;

use super::error::{PackageError, Warning};
use super::fields::Fields;
use super::metadata::Format;
use super::tree::Tree;

/// The settings file of a directory in the legacy format.
pub(super) const LEGACY_FILE: &str = "testdata.yaml";
/// The same in 2025-09.
pub(super) const FILE: &str = "test_group.yaml";

/// What a case inherits.
#[derive(Clone, Debug, Default)]
pub(super) struct Settings {
    pub(super) args: Vec<String>,
    pub(super) validator_args: Vec<String>,
}

/// Reads each directory's settings once.
pub(super) struct Inherited<'a> {
    tree: &'a Tree,
    format: Format,
    read: BTreeMap<String, Settings>,
}

impl<'a> Inherited<'a> {
    pub(super) fn new(tree: &'a Tree, format: Format) -> Self {
        Self {
            tree,
            format,
            read: BTreeMap::new(),
        }
    }

    /// The settings that hold in a directory, `data` itself or below it: key by key, the last
    /// level wins.
    pub(super) fn settings(
        &mut self,
        directory: &str,
        warnings: &mut Vec<Warning>,
    ) -> Result<Settings, PackageError> {
        if let Some(settings) = self.read.get(directory) {
            return Ok(settings.clone());
        }
        let mut settings = match directory.rsplit_once('/') {
            Some((parent, _)) => self.settings(parent, warnings)?,
            None => Settings::default(),
        };
        match self.format {
            Format::Legacy => self.read_legacy(directory, &mut settings, warnings)?,
            Format::V2025_09 => self.read_2025_09(directory, &mut settings, warnings)?,
        }
        self.read.insert(directory.to_owned(), settings.clone());
        Ok(settings)
    }

    fn read_legacy(
        &self,
        directory: &str,
        settings: &mut Settings,
        warnings: &mut Vec<Warning>,
    ) -> Result<(), PackageError> {
        let file = format!("{directory}/{LEGACY_FILE}");
        let Some(mut fields) = Fields::read(self.tree, &file)? else {
            return Ok(());
        };
        fields.refuse(
            &["args", "output_validator_args"],
            "write output_validator_flags, or set problem_format_version: 2025-09",
        )?;
        refuse_grading(&mut fields)?;
        // How many cases run after a failed one, and what they score, changes no pass-fail verdict.
        fields.skip(&[
            "on_reject",
            "accept_score",
            "reject_score",
            "range",
            "input_validator_flags",
        ]);
        if let Some(words) = output_validator_flags(&mut fields, warnings)? {
            settings.validator_args = words;
        }
        fields.finish(warnings);
        Ok(())
    }

    fn read_2025_09(
        &self,
        directory: &str,
        settings: &mut Settings,
        warnings: &mut Vec<Warning>,
    ) -> Result<(), PackageError> {
        let file = format!("{directory}/{FILE}");
        let Some(mut fields) = Fields::read(self.tree, &file)? else {
            return Ok(());
        };
        if directory.split('/').count() > 3 || directory.starts_with("data/sample/") {
            return Err(PackageError::invalid(
                &file,
                "only data/sample, data/secret and the directories in data/secret are groups",
            ));
        }
        refuse_scores(&mut fields)?;
        fields.skip(&["static_validator_args"]);
        read_args(&mut fields, settings)?;
        fields.finish(warnings);
        Ok(())
    }
}

/// The settings of one case of 2025-09, over those of its group.
pub(super) fn of_case(
    tree: &Tree,
    file: &str,
    settings: &mut Settings,
    warnings: &mut Vec<Warning>,
) -> Result<(), PackageError> {
    let Some(mut fields) = Fields::read(tree, file)? else {
        return Ok(());
    };
    fields.skip(&["hint", "description"]);
    read_args(&mut fields, settings)?;
    fields.finish(warnings);
    Ok(())
}

fn read_args(fields: &mut Fields, settings: &mut Settings) -> Result<(), PackageError> {
    fields.refuse(
        &["output_validator_flags"],
        "write output_validator_args with a list of words",
    )?;
    if let Some(words) = fields.list("args")? {
        settings.args = words;
    }
    if let Some(words) = fields.list("output_validator_args")? {
        settings.validator_args = words;
    }
    fields.skip(&[
        "input_validator_args",
        "input_visualizer_args",
        "output_visualizer_args",
        "full_feedback",
    ]);
    Ok(())
}

/// A plain text is the flags; a map names the validator, of which there is one.
fn output_validator_flags(
    fields: &mut Fields,
    warnings: &mut Vec<Warning>,
) -> Result<Option<Vec<String>>, PackageError> {
    let key = "output_validator_flags";
    if !fields.is_section(key) {
        return fields.shell_words(key);
    }
    let Some(mut section) = fields.section(key)? else {
        return Ok(None);
    };
    section.skip(&["name"]);
    let words = section.shell_words("flags")?;
    section.finish(warnings);
    Ok(words)
}

/// A grader may accept what failed; without running it the verdict would be a guess.
fn refuse_grading(fields: &mut Fields) -> Result<(), PackageError> {
    match fields.string("grading")?.as_deref() {
        None | Some("default") => {}
        Some(_) => {
            return Err(PackageError::unsupported(
                "grading: custom",
                &fields.file,
                "only the default grading of pass-fail packages is judged",
            ));
        }
    }
    let words = fields.shell_words("grader_flags")?.unwrap_or_default();
    let changes_verdict = ["always_accept", "accept_if_any_accepted", "ignore_sample"];
    match words.iter().find(|w| changes_verdict.contains(&w.as_str())) {
        Some(word) => Err(PackageError::unsupported(
            &format!("the grader flag {word}"),
            &fields.file,
            "every case must be accepted here; remove the flag",
        )),
        None => Ok(()),
    }
}

fn refuse_scores(fields: &mut Fields) -> Result<(), PackageError> {
    for key in ["max_score", "score_aggregation", "require_pass"] {
        if fields.take(key).is_some() {
            return Err(fields.error(key, "has no meaning in a pass-fail package"));
        }
    }
    match fields.take("static_validation_score") {
        None | Some(Value::Null) => Ok(()),
        Some(_) => Err(PackageError::unsupported(
            "static_validation_score",
            &fields.file,
            "static validators are not run; remove it",
        )),
    }
}
