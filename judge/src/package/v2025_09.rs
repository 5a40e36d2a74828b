//! `problem.yaml` of the 2025-09 format, and of its drafts.

use super::constants::Constants;
use super::error::{PackageError, Warning};
use super::fields::Fields;
use super::kind::{self, Objective, ProblemKind};
use super::legacy::Validation;
use super::limits::PackageLimits;
use super::metadata::{self, Metadata};
use super::testdata::Testdata;
use super::tree::Tree;
use super::version::{Style, Version};
use super::{OutputValidator, time_limit, validator};

/// What has no meaning for a judge.
const SKIPPED: [&str; 7] = [
    "version",
    "credits",
    "source",
    "license",
    "rights_owner",
    "embargo_until",
    "keywords",
];
/// The same in drafts, which kept some of the legacy keys.
const SKIPPED_IN_DRAFTS: [&str; 2] = ["author", "source_url"];

pub(super) fn read(
    tree: &Tree,
    version: Version,
    fields: &mut Fields,
    warnings: &mut Vec<Warning>,
) -> Result<Metadata, PackageError> {
    let is_draft = version == Version::Draft;
    fields.skip(&SKIPPED);
    if is_draft {
        fields.skip(&SKIPPED_IN_DRAFTS);
    }
    let mut kind = kind::read(fields)?;
    let style = version.style(tree, kind);
    if style == Style::TestGroup {
        metadata::refuse_directories(
            tree,
            &[(
                "graders",
                "a grader",
                "2025-09 has none; set problem_format_version: legacy",
            )],
        )?;
    }
    let validator = validator::v2025_09(tree, is_draft, warnings)?;
    let has_validator = validator != OutputValidator::Default;
    let validator_args = if is_draft {
        keys_of_drafts(fields, &mut kind, has_validator, warnings)?
    } else {
        refuse_legacy_keys(fields, has_validator, warnings)?;
        Vec::new()
    };
    if (kind.interactive || kind.passes.is_some()) && !has_validator {
        return Err(PackageError::missing(
            validator::SINGULAR,
            "a problem of type interactive or multi-pass needs a validator of its own",
        ));
    }
    if fields.take("uuid").is_none() {
        warnings.push(Warning::new(metadata::FILE, "uuid is missing"));
    }
    let limits = limits(tree, version, fields, &mut kind, warnings)?;
    Ok(Metadata {
        version,
        written_version: String::new(),
        style,
        name: metadata::name(fields)?,
        kind,
        objective: Objective::Max,
        shows_groups: true,
        custom_score: kind.scoring && style == Style::TestGroup,
        limits,
        validator,
        validator_args,
        languages: metadata::languages(fields, version)?,
        allow_file_writing: fields.boolean("allow_file_writing")?.unwrap_or(false),
        constants: Constants::read(fields, warnings)?,
        testdata: Testdata::in_draft(),
    })
}

/// What to do about keys of the legacy format that decide how output is judged.
const ADVICE: &str = "write output_validator_args into data/test_group.yaml; output_validator/ is used if it is there";

/// They are refused, unless they say again what is so anyway.
fn refuse_legacy_keys(
    fields: &mut Fields,
    has_validator: bool,
    warnings: &mut Vec<Warning>,
) -> Result<(), PackageError> {
    fields.refuse(&["validator_flags"], ADVICE)?;
    let Some(validation) = fields.string("validation")? else {
        return Ok(());
    };
    let says_the_same = match validation.as_str() {
        "default" => !has_validator,
        "custom" => has_validator,
        _ => false,
    };
    if !says_the_same {
        let feature = "validation in this format version";
        return Err(fields.unsupported("validation", feature, ADVICE));
    }
    warnings.push(fields.warning("validation", "is a key of the legacy format, not read"));
    Ok(())
}

/// Drafts kept them for a while: the arguments of the validator, and the kind of problem.
fn keys_of_drafts(
    fields: &mut Fields,
    kind: &mut ProblemKind,
    has_validator: bool,
    warnings: &mut Vec<Warning>,
) -> Result<Vec<String>, PackageError> {
    let used = "is a key of the legacy format, used all the same";
    if fields.has("validation") {
        warnings.push(fields.warning("validation", used));
        let validation = Validation::read(fields)?;
        if validation.custom != has_validator {
            let feature = "validation in this format version";
            return Err(fields.unsupported("validation", feature, ADVICE));
        }
        validation.apply(kind);
    }
    let words = fields.shell_words("validator_flags")?;
    if words.is_some() {
        warnings.push(fields.warning("validator_flags", used));
    }
    Ok(words.unwrap_or_default())
}

fn limits(
    tree: &Tree,
    version: Version,
    fields: &mut Fields,
    kind: &mut ProblemKind,
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
        kind::read_passes(&mut section, kind)?;
        given = time_limit::in_limits(&mut section)?;
        check_multiple(version, &section, given, &limits, warnings)?;
        section.finish(warnings);
    }
    limits.time = time_limit::given(tree, given)?;
    Ok(limits)
}

/// A limit that is given must be a multiple of the resolution; the drafts knew no such rule.
fn check_multiple(
    version: Version,
    section: &Fields,
    given: Option<std::time::Duration>,
    limits: &PackageLimits,
    warnings: &mut Vec<Warning>,
) -> Result<(), PackageError> {
    let resolution = limits.time_resolution;
    let Some(limit) = given else {
        return Ok(());
    };
    if limit.as_nanos().is_multiple_of(resolution.as_nanos()) {
        return Ok(());
    }
    let problem = format!("of {limit:?} is no multiple of time_resolution {resolution:?}");
    if version == Version::Draft {
        warnings.push(section.warning("time_limit", &problem));
        return Ok(());
    }
    Err(section.error("time_limit", &problem))
}
