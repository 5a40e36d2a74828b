//! `problem.yaml` of the 2025-09 format, and of its drafts.

use serde_yaml_ng::Value;

use super::error::{PackageError, Warning};
use super::fields::Fields;
use super::limits::PackageLimits;
use super::metadata::{self, Metadata};
use super::tree::Tree;
use super::{constants, time_limit, validator};

pub(super) fn read(
    tree: &Tree,
    fields: &mut Fields,
    warnings: &mut Vec<Warning>,
) -> Result<Metadata, PackageError> {
    metadata::refuse_directories(
        tree,
        &[
            (
                "static_validator",
                "a static validator",
                "remove it, or judge elsewhere",
            ),
            (
                validator::LEGACY_DIRECTORY,
                "output_validators/ in a 2025-09 package",
                "call it output_validator/, or set problem_format_version: legacy",
            ),
            (
                "graders",
                "a grader",
                "2025-09 has none; set problem_format_version: legacy",
            ),
        ],
    )?;
    fields.refuse(
        &["validation", "validator_flags"],
        "write output_validator_args into data/test_group.yaml; output_validator/ is used if it is there",
    )?;
    refuse_types(fields)?;
    constants::refuse_used(tree, fields)?;
    if fields.take("uuid").is_none() {
        warnings.push(Warning {
            file: metadata::FILE.to_owned(),
            message: "uuid is missing".to_owned(),
        });
    }
    fields.skip(&[
        "version",
        "credits",
        "source",
        "license",
        "rights_owner",
        "embargo_until",
        "keywords",
    ]);
    Ok(Metadata {
        name: metadata::name(fields)?,
        limits: limits(tree, fields, warnings)?,
        validator: validator::v2025_09(tree)?,
        validator_args: Vec::new(),
        languages: languages(fields)?,
        allow_file_writing: fields.boolean("allow_file_writing")?.unwrap_or(false),
    })
}

fn refuse_types(fields: &mut Fields) -> Result<(), PackageError> {
    let Some(types) = fields.word_or_list("type")? else {
        return Ok(());
    };
    let mut seen: Vec<&str> = Vec::new();
    for word in &types {
        let known = [
            "pass-fail",
            "scoring",
            "multi-pass",
            "interactive",
            "submit-answer",
        ];
        if !known.contains(&word.as_str()) {
            return Err(fields.error("type", &format!("has {word:?}, which is no type")));
        }
        if seen.contains(&word.as_str()) {
            return Err(fields.error("type", &format!("has {word:?} twice")));
        }
        seen.push(word);
    }
    if seen.contains(&"pass-fail") && seen.contains(&"scoring") {
        return Err(fields.error("type", "cannot be both pass-fail and scoring"));
    }
    match seen.iter().find(|word| **word != "pass-fail") {
        Some(word) => Err(PackageError::unsupported(
            &format!("type {word}"),
            metadata::FILE,
            "only pass-fail packages are judged",
        )),
        None if seen.is_empty() => Err(fields.error("type", "must not be an empty list")),
        None => Ok(()),
    }
}

fn languages(fields: &mut Fields) -> Result<Option<Vec<String>>, PackageError> {
    match fields.take("languages") {
        None => Ok(None),
        Some(Value::String(word)) if word == "all" => Ok(None),
        Some(Value::Sequence(items)) if !items.is_empty() => items
            .iter()
            .map(|item| item.as_str().map(str::to_owned))
            .collect::<Option<Vec<_>>>()
            .map(Some)
            .ok_or_else(|| fields.error("languages", "must hold language codes")),
        Some(_) => Err(fields.error("languages", "must be `all` or a list of language codes")),
    }
}

fn limits(
    tree: &Tree,
    fields: &mut Fields,
    warnings: &mut Vec<Warning>,
) -> Result<PackageLimits, PackageError> {
    let mut limits = PackageLimits::defaults(2.0, 1.5);
    let mut given = None;
    if let Some(mut section) = fields.section("limits")? {
        limits.read_common(&mut section)?;
        if let Some(mut factors) = section.section("time_multipliers")? {
            if let Some(factor) = factors.number("ac_to_time_limit", 1.0, 1e6)? {
                limits.ac_to_time_limit = factor;
            }
            if let Some(factor) = factors.number("time_limit_to_tle", 1.0, 1e6)? {
                limits.time_limit_to_tle = factor;
            }
            factors.finish(warnings);
        }
        if let Some(resolution) = time_limit::resolution(&mut section)? {
            limits.time_resolution = resolution;
        }
        given = time_limit::in_limits(&mut section)?;
        section.skip(&["validation_passes"]);
        section.finish(warnings);
    }
    limits.time = time_limit::given(tree, given)?;
    if let Some(time) = limits.time {
        time_limit::check_multiple(time, limits.time_resolution)?;
    }
    Ok(limits)
}
