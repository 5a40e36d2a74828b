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
use super::version::{Style, TEST_GROUP};
use crate::compare::{Flags, FlagsError};

/// What `data/` holds.
#[derive(Default)]
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
    layout::check(tree, metadata)?;
    let names = names(tree, metadata.style, warnings)?;
    let groups = match metadata.style {
        Style::Testdata => Vec::new(),
        Style::TestGroup => layout::groups(tree),
    };
    let self_tests = self_test::names(tree, metadata, warnings)?;
    let in_use = names.iter().chain(&self_tests).map(|name| directory(name));
    let in_use = in_use.chain(groups.iter().map(String::as_str));
    let settings = Settings::read(tree, metadata, in_use, warnings)?;
    settings.check_names(metadata, input_validators, warnings)?;
    let with_settings = |name: &str, mut case: TestCase, warnings: &mut Vec<Warning>| {
        let of_case = settings.of_case(tree, name, warnings)?;
        of_case.apply(&mut case, metadata, input_validators);
        Ok::<_, PackageError>(case)
    };
    let mut plan = Plan::default();
    for name in names {
        let case = case::open(tree, name.clone())?;
        plan.cases.push(with_settings(&name, case, warnings)?);
    }
    for name in self_tests {
        let case = with_settings(&name, TestCase::default(), warnings)?;
        plan.self_tests.push(self_test::open(tree, name, case)?);
    }
    if metadata.validator == OutputValidator::Default {
        let mut cases = plan.cases.iter_mut();
        cases.try_for_each(|case| check_flags(case, metadata))?;
    }
    plan.groups = tree_of(&plan.cases, metadata.style, groups);
    settings.grade(tree, metadata, &mut plan.groups, warnings)?;
    if !has_static_validator {
        refuse_static_validation(&plan.groups)?;
    }
    Ok(plan)
}

fn refuse_static_validation(root: &Group) -> Result<(), PackageError> {
    let mut groups = root.all().into_iter();
    match groups.find(|group| group.static_validation.is_some()) {
        None => Ok(()),
        Some(group) => {
            let file = format!("data/{}/{TEST_GROUP}", group.name);
            let advice = format!("{file} asks for it with static_validation_score");
            Err(PackageError::missing("static_validator", &advice))
        }
    }
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
