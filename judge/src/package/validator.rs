//! Who judges output, and who checks input.

use std::collections::BTreeMap;

use super::error::PackageError;
use super::file;
use super::program::{self, PackageProgram};
use super::tree::Tree;

pub(super) const LEGACY_DIRECTORY: &str = "output_validators";
const DIRECTORY: &str = "output_validator";
const INPUT_DIRECTORIES: [&str; 2] = ["input_validators", "input_format_validators"];

/// How output is judged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum OutputValidator {
    /// [`crate::compare::default_validator`], in-process; its flags are per case.
    #[default]
    Default,
    /// The package's own program, by the 42/43 protocol.
    Custom(PackageProgram),
    /// Several programs (legacy): all must accept. [`super::TestCase::args_of_validator`] says with which arguments each runs.
    All(Vec<PackageProgram>),
}

/// Arguments that may differ from validator to validator.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ValidatorArgs {
    /// For those that are not named below.
    pub others: Vec<String>,
    /// By [`PackageProgram::name`].
    pub named: BTreeMap<String, Vec<String>>,
}

impl ValidatorArgs {
    /// The arguments of the validator of this name.
    #[must_use]
    pub fn of(&self, program: &PackageProgram) -> &[String] {
        self.named.get(&program.name).unwrap_or(&self.others)
    }
}

/// Every file or directory is a checker of its own, in the directory's old name too.
pub(super) fn input_validators(tree: &Tree) -> Vec<PackageProgram> {
    let mut programs = Vec::new();
    for directory in INPUT_DIRECTORIES {
        let children = tree.children(directory);
        programs.extend(
            children
                .keys()
                .map(|name| program::at(tree, directory, name)),
        );
    }
    programs
}

/// Legacy: each file or directory is a validator of its own.
pub(super) fn legacy(tree: &Tree) -> Result<OutputValidator, PackageError> {
    let children = tree.children(LEGACY_DIRECTORY);
    let mut programs = children
        .keys()
        .map(|name| program::at(tree, LEGACY_DIRECTORY, name));
    match (programs.next(), children.len()) {
        (Some(program), 1) => Ok(OutputValidator::Custom(program)),
        (Some(_), _) => Err(several(LEGACY_DIRECTORY)),
        (None, _) => Err(PackageError::missing(
            LEGACY_DIRECTORY,
            "problem.yaml says validation: custom, put the validator there",
        )),
    }
}

/// 2025-09: the directory is the program, or holds exactly one directory that is.
pub(super) fn v2025_09(tree: &Tree) -> Result<OutputValidator, PackageError> {
    let children = tree.children(DIRECTORY);
    let directories = || children.iter().filter(|(_, is_directory)| **is_directory);
    if children.is_empty() {
        return Ok(OutputValidator::Default);
    }
    if directories().count() < children.len() {
        return Ok(OutputValidator::Custom(PackageProgram {
            name: DIRECTORY.to_owned(),
            files: file::below(tree, DIRECTORY),
        }));
    }
    match (directories().next(), children.len()) {
        (Some((name, _)), 1) => Ok(OutputValidator::Custom(program::at(tree, DIRECTORY, name))),
        _ => Err(several(DIRECTORY)),
    }
}

fn several(directory: &str) -> PackageError {
    PackageError::unsupported(
        "more than one output validator",
        directory,
        "keep one; the files of one program belong into one directory",
    )
}
