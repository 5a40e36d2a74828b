//! The settings of every directory below `data/`, in either style, parents first.

use std::collections::{BTreeMap, BTreeSet};

use super::case::TestCase;
use super::error::{PackageError, Warning};
use super::fields::Fields;
use super::graded;
use super::group::Group;
use super::metadata::Metadata;
use super::program::PackageProgram;
use super::test_group::{self, TestGroup};
use super::testdata::Testdata;
use super::tree::Tree;
use super::validator::ValidatorArgs;
use super::version::{Style, Version};

/// 2025-09 has one output validator, so nobody has to be named.
static NO_ARGS: ValidatorArgs = ValidatorArgs::none();

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

    /// Whether every validator that is named is there. Of several output validators one would run without its
    /// arguments; an input validator decides no verdict.
    pub(super) fn check_names(
        &self,
        metadata: &Metadata,
        input_validators: &[PackageProgram],
        warnings: &mut Vec<Warning>,
    ) -> Result<(), PackageError> {
        let outputs = metadata.validator.programs();
        for (directory, input, output) in self.named() {
            if let Some(name) = input.stranger(input_validators) {
                let message = format!("names the input validator {name}, which is not there");
                warnings.push(Warning::new(&directory, message));
            }
            if outputs.len() > 1
                && let Some(name) = output.stranger(outputs)
            {
                let problem = format!("names the output validator {name}, which is not there");
                return Err(PackageError::invalid(&directory, problem));
            }
        }
        Ok(())
    }

    /// The arguments of validators where a directory sets them anew.
    fn named(&self) -> Vec<(String, &ValidatorArgs, &ValidatorArgs)> {
        let none = &NO_ARGS;
        let all: Vec<(&String, &ValidatorArgs, &ValidatorArgs)> = match self {
            Self::Testdata(all) => all
                .iter()
                .map(|(name, settings)| (name, &settings.input_args, &settings.output_args))
                .collect(),
            Self::TestGroup(all) => all
                .iter()
                .map(|(name, settings)| (name, &settings.case.input_args, none))
                .collect(),
        };
        let of = |wanted: &str| all.iter().find(|(name, _, _)| *name == wanted);
        let is_new = |(name, input, output): &&(&String, &ValidatorArgs, &ValidatorArgs)| {
            let above = parent(name).and_then(of);
            above.is_none_or(|(_, above_in, above_out)| (above_in, above_out) != (input, output))
        };
        let path = |name: &str| format!("data/{name}").trim_end_matches('/').to_owned();
        all.iter()
            .filter(is_new)
            .map(|(name, input, output)| (path(name), *input, *output))
            .collect()
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
                refuse_settings_of_case(tree, name)?;
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
        warnings: &mut Vec<Warning>,
    ) -> Result<(), PackageError> {
        match self {
            Self::Testdata(all) => graded::by_testdata(tree, metadata, all, root),
            Self::TestGroup(all) if metadata.kind.scoring => graded::by_scores(all, root, warnings),
            Self::TestGroup(all) => {
                graded::add_static_validation(all, root);
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

/// Legacy test groups give a single case no arguments of its own: without them it would be another case.
fn refuse_settings_of_case(tree: &Tree, name: &str) -> Result<(), PackageError> {
    match Fields::read(tree, &format!("data/{name}.yaml"))? {
        None => Ok(()),
        Some(fields) => fields.refuse(
            &["args", "output_validator_args"],
            "use test_group.yaml and problem_format_version: 2025-09",
        ),
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
