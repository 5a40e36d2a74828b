//! From the files below `data/` to cases, groups and self-tests.

use super::OutputValidator;
use super::case::{self, TestCase};
use super::error::{PackageError, Warning};
use super::group::Group;
use super::layout;
use super::metadata::Metadata;
use super::program::PackageProgram;
use super::self_test::{self, ValidatorTest};
use super::settings::Settings;
use super::tree::Tree;
use super::version::Style;
use crate::compare::{Flags, FlagsError};

/// What `data/` holds.
pub(super) struct Plan {
    pub(super) cases: Vec<TestCase>,
    pub(super) groups: Group,
    pub(super) self_tests: Vec<ValidatorTest>,
}

pub(super) fn read(
    tree: &Tree,
    metadata: &Metadata,
    input_validators: &[PackageProgram],
    has_static_validator: bool,
    warnings: &mut Vec<Warning>,
) -> Result<Plan, PackageError> {
    layout::check(tree, metadata.style)?;
    let names = names(tree, metadata.style, warnings)?;
    let groups = match metadata.style {
        Style::Testdata => Vec::new(),
        Style::TestGroup => layout::groups(tree),
    };
    let self_tests = self_test::names(tree, metadata, warnings)?;
    let in_use = names.iter().chain(&self_tests).map(|name| directory(name));
    let in_use = in_use.chain(groups.iter().map(String::as_str));
    let settings = Settings::read(tree, metadata, in_use, warnings)?;
    let mut cases = Vec::new();
    for name in names {
        let of_case = settings.of_case(tree, &name, warnings)?;
        let mut case = case::open(tree, name)?;
        of_case.apply(&mut case, metadata, input_validators);
        cases.push(case);
    }
    if metadata.validator == OutputValidator::Default {
        cases
            .iter_mut()
            .try_for_each(|case| check_flags(case, metadata))?;
    }
    let mut root = tree_of(&cases, metadata.style, groups);
    settings.grade(tree, metadata, &mut root)?;
    let is_checked = |group: &&Group| group.static_validation.is_some();
    if !has_static_validator && let Some(group) = root.all().into_iter().find(is_checked) {
        let advice = format!(
            "data/{} asks for it with static_validation_score",
            group.name
        );
        return Err(PackageError::missing("static_validator", &advice));
    }
    let with_settings = |name: String, warnings: &mut Vec<Warning>| {
        let of_case = settings.of_case(tree, &name, warnings)?;
        let mut case = TestCase::default();
        of_case.apply(&mut case, metadata, input_validators);
        self_test::open(tree, name, case)
    };
    let self_tests: Result<_, _> = self_tests
        .into_iter()
        .map(|name| with_settings(name, warnings))
        .collect();
    Ok(Plan {
        cases,
        groups: root,
        self_tests: self_tests?,
    })
}

/// The names of all cases: samples, then secret, each in order.
fn names(
    tree: &Tree,
    style: Style,
    warnings: &mut Vec<Warning>,
) -> Result<Vec<String>, PackageError> {
    let mut names = layout::case_names(tree, "sample", style, warnings)?;
    let secret = layout::case_names(tree, "secret", style, warnings)?;
    let has_secret = !secret.is_empty();
    names.extend(secret);
    if names.is_empty() {
        return Err(PackageError::missing(
            "data/secret/*.in",
            "a package has at least one test case",
        ));
    }
    if !has_secret {
        let message = "no secret case, samples alone decide";
        warnings.push(Warning::new("data/secret", message));
    }
    Ok(names)
}

/// The cases in their groups. In legacy every directory is one; in 2025-09 those of `groups`, with or without cases.
fn tree_of(cases: &[TestCase], style: Style, groups: Vec<String>) -> Group {
    let mut root = Group::default();
    if cases.first().is_some_and(|case| case.is_sample) {
        root.put("sample", None);
    }
    for name in &groups {
        root.put(name, None);
    }
    for (index, case) in cases.iter().enumerate() {
        let group = match style {
            Style::Testdata => case.directory(),
            Style::TestGroup => group_of(&case.name, &groups),
        };
        root.put(group, Some(index));
    }
    root
}

/// The group that a case of 2025-09 lies in, perhaps in a plain directory there.
fn group_of<'a>(case: &'a str, groups: &[String]) -> &'a str {
    let ends = case.match_indices('/').map(|(at, _)| &case[..at]);
    let mut of_case = "";
    for directory in ends {
        let is_side = !directory.contains('/');
        if is_side || groups.iter().any(|group| group == directory) {
            of_case = directory;
        }
    }
    of_case
}

fn directory(name: &str) -> &str {
    name.rsplit_once('/').map_or("", |(parent, _)| parent)
}

/// The default validator's flags are checked now: a bad one would make every judgement a judge error.
fn check_flags(case: &mut TestCase, metadata: &Metadata) -> Result<(), PackageError> {
    let twice = matches!(
        Flags::parse(&case.validator_args),
        Err(FlagsError::Twice(_))
    );
    if twice && metadata.version.is_legacy() {
        case.validator_args = Flags::last_wins(&case.validator_args);
    }
    Flags::parse(&case.validator_args)
        .map(drop)
        .map_err(|error| {
            let file = format!("data/{}.in", case.name);
            PackageError::invalid(&file, format!("output validator arguments: {error}"))
        })
}
