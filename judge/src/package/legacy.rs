//! `problem.yaml` of the legacy format.

use super::error::{PackageError, Warning};
use super::fields::Fields;
use super::limits::PackageLimits;
use super::metadata::{self, Metadata};
use super::tree::Tree;
use super::{OutputValidator, time_limit, validator};

pub(super) fn read(
    tree: &Tree,
    fields: &mut Fields,
    warnings: &mut Vec<Warning>,
) -> Result<Metadata, PackageError> {
    metadata::refuse_directories(
        tree,
        &[
            (
                "graders",
                "a grader",
                "only pass-fail packages without graders/ are judged",
            ),
            (
                "output_validator",
                "output_validator/ in a legacy package",
                "call it output_validators/, or set problem_format_version: 2025-09",
            ),
        ],
    )?;
    refuse_scoring(fields)?;
    fields.skip(&[
        "author",
        "source",
        "source_url",
        "license",
        "rights_owner",
        "keywords",
        "uuid",
        "grading",
    ]);
    Ok(Metadata {
        name: metadata::name(fields)?,
        limits: limits(tree, fields, warnings)?,
        validator: output_validator(tree, fields, warnings)?,
        validator_args: fields.shell_words("validator_flags")?.unwrap_or_default(),
        languages: None,
        allow_file_writing: true,
    })
}

fn refuse_scoring(fields: &mut Fields) -> Result<(), PackageError> {
    match fields.string("type")?.as_deref() {
        None | Some("pass-fail") => Ok(()),
        Some("scoring") => Err(PackageError::unsupported(
            "type scoring",
            metadata::FILE,
            "only pass-fail packages are judged",
        )),
        Some(_) => Err(fields.error("type", "must be pass-fail or scoring")),
    }
}

/// The first word of `validation` decides; a directory alone does not.
fn output_validator(
    tree: &Tree,
    fields: &mut Fields,
    warnings: &mut Vec<Warning>,
) -> Result<OutputValidator, PackageError> {
    let validation = fields.shell_words("validation")?.unwrap_or_default();
    let mut words = validation.iter().map(String::as_str);
    match words.next() {
        None | Some("default") => {
            if words.next().is_some() {
                return Err(fields.error("validation", "has a word after default"));
            }
            if tree.below(validator::LEGACY_DIRECTORY).next().is_some() {
                warnings.push(Warning {
                    file: validator::LEGACY_DIRECTORY.to_owned(),
                    message: "not used: problem.yaml says validation: default".to_owned(),
                });
            }
            Ok(OutputValidator::Default)
        }
        Some("custom") => match words.next() {
            None => validator::legacy(tree),
            Some(word @ ("score" | "interactive" | "multi-pass")) => {
                Err(PackageError::unsupported(
                    &format!("validation: custom {word}"),
                    metadata::FILE,
                    "only custom validators of plain pass-fail packages are run",
                ))
            }
            Some(_) => Err(fields.error("validation", "has a word that means nothing")),
        },
        Some(_) => Err(fields.error("validation", "must be default or custom")),
    }
}

fn limits(
    tree: &Tree,
    fields: &mut Fields,
    warnings: &mut Vec<Warning>,
) -> Result<PackageLimits, PackageError> {
    let mut limits = PackageLimits::defaults(5.0, 2.0);
    let mut given = None;
    if let Some(mut section) = fields.section("limits")? {
        limits.read_common(&mut section)?;
        if let Some(factor) = section.number("time_multiplier", 1.0, 1e6)? {
            limits.ac_to_time_limit = factor;
        }
        if let Some(factor) = section.number("time_safety_margin", 1.0, 1e6)? {
            limits.time_limit_to_tle = factor;
        }
        given = time_limit::in_limits(&mut section)?;
        section.finish(warnings);
    }
    limits.time = time_limit::given(tree, given)?;
    Ok(limits)
}
