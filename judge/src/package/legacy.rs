//! `problem.yaml` of the legacy format, and of the part of it called legacy-icpc.

use super::constants::Constants;
use super::error::{PackageError, Warning};
use super::fields::Fields;
use super::kind::{self, Objective, ProblemKind};
use super::limits::PackageLimits;
use super::metadata::{self, Metadata};
use super::testdata::{self, Testdata};
use super::tree::Tree;
use super::version::{Style, Version};
use super::{OutputValidator, time_limit, validator};

/// What has no meaning for a judge.
const SKIPPED: [&str; 7] = [
    "author",
    "source",
    "source_url",
    "license",
    "rights_owner",
    "keywords",
    "uuid",
];

pub(super) fn read(
    tree: &Tree,
    version: Version,
    fields: &mut Fields,
    warnings: &mut Vec<Warning>,
) -> Result<Metadata, PackageError> {
    fields.skip(&SKIPPED);
    let mut kind = kind::read(fields)?;
    let validation = Validation::read(fields)?;
    validation.apply(&mut kind);
    if version == Version::LegacyIcpc {
        check_icpc(tree, fields, kind, warnings)?;
    }
    let mut testdata = Testdata::default();
    let (objective, shows_groups) = grading(fields, &mut testdata, warnings)?;
    let limits = limits(tree, fields, &mut kind, warnings)?;
    Ok(Metadata {
        version,
        written_version: String::new(),
        style: Style::Testdata,
        name: metadata::name(fields)?,
        kind,
        objective,
        shows_groups,
        custom_score: validation.score,
        limits,
        validator: output_validator(tree, &validation, kind, fields, warnings)?,
        validator_args: validator_flags(fields, warnings)?,
        languages: metadata::languages(fields, version)?,
        allow_file_writing: true,
        constants: Constants::default(),
        testdata,
    })
}

/// The arguments of every output validator; a whole archive of public packages gives them a name of testdata.yaml.
fn validator_flags(
    fields: &mut Fields,
    warnings: &mut Vec<Warning>,
) -> Result<Vec<String>, PackageError> {
    let mut words = fields.shell_words("validator_flags")?.unwrap_or_default();
    let other = "output_validator_flags";
    if let Some(more) = fields.shell_words(other)? {
        warnings.push(fields.warning(other, "is called validator_flags here, used all the same"));
        words.extend(more);
    }
    Ok(words)
}

/// The words of `validation`.
#[derive(Default)]
pub(super) struct Validation {
    pub(super) custom: bool,
    score: bool,
    interactive: bool,
    multi_pass: bool,
}

impl Validation {
    /// What it says of the kind of problem.
    pub(super) fn apply(&self, kind: &mut ProblemKind) {
        kind.interactive |= self.interactive;
        if self.multi_pass {
            kind.passes.get_or_insert(kind::LEAST_PASSES);
        }
    }

    pub(super) fn read(fields: &mut Fields) -> Result<Self, PackageError> {
        let key = "validation";
        let words = fields.shell_words(key)?.unwrap_or_default();
        let mut words = words.iter().map(String::as_str);
        let mut validation = Self::default();
        match words.next() {
            None | Some("default") => {
                return match words.next() {
                    None => Ok(validation),
                    Some(_) => Err(fields.error(key, "has a word after default")),
                };
            }
            Some("custom") => validation.custom = true,
            Some(_) => return Err(fields.error(key, "must be default or custom")),
        }
        for word in words {
            match word {
                "score" => validation.score = true,
                "interactive" => validation.interactive = true,
                "multi-pass" => validation.multi_pass = true,
                _ => return Err(fields.error(key, &format!("has {word:?}, which means nothing"))),
            }
        }
        Ok(validation)
    }
}

/// The first word of `validation` decides; a directory alone does not.
fn output_validator(
    tree: &Tree,
    validation: &Validation,
    kind: ProblemKind,
    fields: &Fields,
    warnings: &mut Vec<Warning>,
) -> Result<OutputValidator, PackageError> {
    if validation.custom {
        return validator::legacy(tree, warnings);
    }
    if kind.interactive || kind.passes.is_some() {
        let problem = "must be custom when the type is interactive or multi-pass";
        return Err(fields.error("validation", problem));
    }
    metadata::refuse_directories(
        tree,
        &[(
            validator::SINGULAR,
            "output_validator/ in a legacy package",
            "set validation: custom, or problem_format_version: 2025-09",
        )],
    )?;
    if tree.below(validator::PLURAL).next().is_some() {
        let message = "not used: problem.yaml says validation: default";
        warnings.push(Warning::new(validator::PLURAL, message));
    }
    Ok(OutputValidator::Default)
}

/// `grading`: which score is better, whether users see the results of groups, and what very old packages say here
/// instead of in `data/testdata.yaml`.
fn grading(
    fields: &mut Fields,
    testdata: &mut Testdata,
    warnings: &mut Vec<Warning>,
) -> Result<(Objective, bool), PackageError> {
    let Some(mut section) = fields.section("grading")? else {
        return Ok((Objective::Max, false));
    };
    let shows_groups = section.boolean("show_test_data_groups")?;
    if let Some(on_reject) = testdata::on_reject(&mut section)? {
        testdata.on_reject = on_reject;
    }
    testdata.read_scores(&mut section)?;
    let objective = match section.string("objective")?.as_deref() {
        None | Some("max") => Objective::Max,
        Some("min") => Objective::Min,
        Some(_) => return Err(section.error("objective", "must be max or min")),
    };
    section.finish(warnings);
    Ok((objective, shows_groups.unwrap_or(false)))
}

/// What this part of the format leaves out. It is read all the same where that is possible.
fn check_icpc(
    tree: &Tree,
    fields: &Fields,
    kind: ProblemKind,
    warnings: &mut Vec<Warning>,
) -> Result<(), PackageError> {
    if kind.scoring {
        let advice = "set problem_format_version: legacy";
        return Err(fields.unsupported("type", "scoring in legacy-icpc", advice));
    }
    for directory in ["include", "graders"] {
        if tree.below(directory).next().is_some() {
            warnings.push(Warning::new(directory, "legacy-icpc has no such directory"));
        }
    }
    Ok(())
}

fn limits(
    tree: &Tree,
    fields: &mut Fields,
    kind: &mut ProblemKind,
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
        kind::read_passes(&mut section, kind)?;
        given = time_limit::in_limits(&mut section)?;
        section.finish(warnings);
    }
    limits.time = time_limit::given(tree, given)?;
    Ok(limits)
}
