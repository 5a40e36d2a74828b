//! The settings of every directory below `data/`, in either style, parents first.

use std::collections::{BTreeMap, BTreeSet};

use super::case::TestCase;
use super::error::{PackageError, Warning};
use super::grading::Grading;
use super::group::{Child, Group};
use super::metadata::Metadata;
use super::program::PackageProgram;
use super::test_group::{self, TestGroup};
use super::testdata::Testdata;
use super::tree::Tree;
use super::validator::ValidatorArgs;
use super::version::{Style, Version};

/// What every directory says, resolved.
pub(super) enum Settings {
    Testdata(BTreeMap<String, Testdata>),
    TestGroup(BTreeMap<String, TestGroup>),
}

/// What a case gets from them.
pub(super) struct OfCase {
    pub(super) args: Vec<String>,
    pub(super) output_args: ValidatorArgs,
    pub(super) input_args: ValidatorArgs,
    pub(super) full_feedback: bool,
}

impl Settings {
    /// Reads the settings of `directories` and of everything above them.
    pub(super) fn read<'a>(
        tree: &Tree,
        metadata: &Metadata,
        directories: impl Iterator<Item = &'a str>,
        warnings: &mut Vec<Warning>,
    ) -> Result<Self, PackageError> {
        let directories = with_parents(directories);
        match metadata.style {
            Style::Testdata => {
                let mut all = BTreeMap::new();
                for directory in directories {
                    let parent = match parent(&directory) {
                        Some(parent) => &all[parent],
                        None => &metadata.testdata,
                    };
                    let settings = Testdata::below(parent, tree, &directory, warnings)?;
                    all.insert(directory, settings);
                }
                Ok(Self::Testdata(all))
            }
            Style::TestGroup => {
                let (kind, constants) = (metadata.kind, &metadata.constants);
                let in_draft = metadata.version == Version::Draft;
                let mut all: BTreeMap<String, TestGroup> = BTreeMap::new();
                for directory in directories {
                    let parent = parent(&directory).map(|parent| all[parent].clone());
                    let parent = parent.unwrap_or_else(|| TestGroup::root(in_draft));
                    let settings = parent.below(tree, &directory, kind, constants, warnings)?;
                    all.insert(directory, settings);
                }
                Ok(Self::TestGroup(all))
            }
        }
    }

    /// What holds for one case or self-test.
    pub(super) fn of_case(
        &self,
        tree: &Tree,
        name: &str,
        warnings: &mut Vec<Warning>,
    ) -> Result<OfCase, PackageError> {
        let directory = name.rsplit_once('/').map_or("", |(parent, _)| parent);
        match self {
            Self::Testdata(all) => {
                let settings = all.get(directory).cloned().unwrap_or_default();
                Ok(OfCase {
                    args: Vec::new(),
                    output_args: settings.output_args,
                    input_args: settings.input_args,
                    full_feedback: name.starts_with("sample/"),
                })
            }
            Self::TestGroup(all) => {
                let inherited = all.get(directory).cloned().unwrap_or_default().case;
                let settings = test_group::of_case(tree, name, &inherited, warnings)?;
                Ok(OfCase {
                    output_args: ValidatorArgs::for_all(settings.output_args),
                    input_args: settings.input_args.between(&[], &settings.args),
                    args: settings.args,
                    full_feedback: settings.full_feedback,
                })
            }
        }
    }

    /// Says of every group how it is judged.
    pub(super) fn grade(
        &self,
        tree: &Tree,
        metadata: &Metadata,
        root: &mut Group,
    ) -> Result<(), PackageError> {
        match self {
            Self::Testdata(all) => grade_testdata(tree, metadata, all, root),
            Self::TestGroup(all) if metadata.kind.scoring => grade_scoring(all, root),
            Self::TestGroup(all) => {
                add_static_validation(all, root);
                Ok(())
            }
        }
    }
}

impl OfCase {
    /// Writes what holds into the case, with arguments that come first and names of programs in full.
    pub(super) fn apply(
        self,
        case: &mut TestCase,
        metadata: &Metadata,
        input_validators: &[PackageProgram],
    ) {
        let output = self.output_args.between(&metadata.validator_args, &[]);
        match metadata.validator.programs() {
            // There is only one that can be meant, whatever it is called.
            [] | [_] => {
                let named = output.named.into_values().next();
                case.validator_args = named.unwrap_or(output.others);
            }
            programs => {
                let output = output.resolved(programs);
                case.named_validator_args = output.named;
                case.validator_args = output.others;
            }
        }
        case.input_validator_args = self.input_args.resolved(input_validators);
        case.args = self.args;
        case.full_feedback = self.full_feedback;
    }
}

fn grade_testdata(
    tree: &Tree,
    metadata: &Metadata,
    all: &BTreeMap<String, Testdata>,
    group: &mut Group,
) -> Result<(), PackageError> {
    let settings = all.get(&group.name).unwrap_or(&metadata.testdata);
    group.on_reject = settings.on_reject;
    group.grading = settings.grading(tree, metadata.kind, group.name.is_empty())?;
    for child in &mut group.children {
        if let Child::Group(group) = child {
            grade_testdata(tree, metadata, all, group)?;
        }
    }
    Ok(())
}

/// 2025-09: sample is pass-fail, secret and its groups have scores, and secret's is that of the whole.
fn grade_scoring(all: &BTreeMap<String, TestGroup>, root: &mut Group) -> Result<(), PackageError> {
    add_static_validation(all, root);
    root.on_reject = super::OnReject::Continue;
    let groups: Vec<String> = root.all().iter().map(|group| group.name.clone()).collect();
    for child in &mut root.children {
        let Child::Group(secret) = child else {
            continue;
        };
        let settings = all.get(&secret.name).cloned().unwrap_or_default();
        if secret.name != "secret" {
            continue;
        }
        let grading = settings.secret_grading()?;
        for child in &mut secret.children {
            let Child::Group(group) = child else {
                continue;
            };
            let settings = all.get(&group.name).cloned().unwrap_or_default();
            group.grading = settings.group_grading(&grading)?;
            group.on_reject = test_group::on_reject(&group.grading);
            check_requirements(&settings, group, &groups)?;
        }
        secret.on_reject = test_group::on_reject(&grading);
        root.grading = grading.clone();
        secret.grading = grading;
    }
    if let Grading::Modern {
        require_pass,
        aggregation,
        ..
    } = &mut root.grading
    {
        require_pass.clear();
        *aggregation = super::Aggregation::Sum;
    }
    Ok(())
}

fn check_requirements(
    settings: &TestGroup,
    group: &Group,
    groups: &[String],
) -> Result<(), PackageError> {
    let Grading::Modern { require_pass, .. } = &group.grading else {
        return Ok(());
    };
    for name in require_pass {
        if name != "sample" && *name >= group.name {
            let problem = format!("names {name}, which does not come before {}", group.name);
            return Err(settings.wrong_requirement(&problem));
        }
        if !groups.contains(name) {
            return Err(settings.wrong_requirement(&format!("names {name}, which is no group")));
        }
    }
    Ok(())
}

fn add_static_validation(all: &BTreeMap<String, TestGroup>, group: &mut Group) {
    group.static_validation = all.get(&group.name).and_then(TestGroup::static_validation);
    for child in &mut group.children {
        if let Child::Group(group) = child {
            add_static_validation(all, group);
        }
    }
}

/// The directories with all above them; a parent sorts before what lies in it.
fn with_parents<'a>(directories: impl Iterator<Item = &'a str>) -> BTreeSet<String> {
    let mut all = BTreeSet::from([String::new()]);
    for directory in directories {
        let mut next = Some(directory);
        while let Some(directory) = next {
            all.insert(directory.to_owned());
            next = parent(directory);
        }
    }
    all
}

/// The directory above; the root has none.
fn parent(directory: &str) -> Option<&str> {
    match directory.rsplit_once('/') {
        Some((parent, _)) => Some(parent),
        None if directory.is_empty() => None,
        None => Some(""),
    }
}
