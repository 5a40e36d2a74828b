//! How the output of a package's cases is judged.

use super::error::PackageError;
use super::file::{self, PackageFile};
use super::tree::Tree;

pub(super) const LEGACY_DIRECTORY: &str = "output_validators";
const DIRECTORY: &str = "output_validator";

/// How output is judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OutputValidator {
    /// [`crate::compare::default_validator`], in-process; its flags are per case.
    Default,
    /// The package's own program, by the 42/43 protocol.
    Custom {
        /// The program's name in the package, for messages.
        name: String,
        /// Its sources, or a `build` or `run` script and what that needs.
        files: Vec<PackageFile>,
    },
}

/// Legacy: each file or directory is a validator of its own; one is all we run.
pub(super) fn legacy(tree: &Tree) -> Result<OutputValidator, PackageError> {
    let children = tree.children(LEGACY_DIRECTORY);
    let mut children = children.iter();
    let Some((name, is_directory)) = children.next() else {
        return Err(PackageError::missing(
            LEGACY_DIRECTORY,
            "problem.yaml says validation: custom, put the validator there",
        ));
    };
    if children.next().is_some() {
        return Err(several(LEGACY_DIRECTORY));
    }
    Ok(program(tree, LEGACY_DIRECTORY, name, *is_directory))
}

/// 2025-09: the directory is the program, or holds exactly one directory that is.
pub(super) fn v2025_09(tree: &Tree) -> Result<OutputValidator, PackageError> {
    let children = tree.children(DIRECTORY);
    let directories = || children.iter().filter(|(_, is_directory)| **is_directory);
    if children.is_empty() {
        return Ok(OutputValidator::Default);
    }
    if directories().count() < children.len() {
        return Ok(OutputValidator::Custom {
            name: DIRECTORY.to_owned(),
            files: file::below(tree, DIRECTORY),
        });
    }
    match (directories().next(), children.len()) {
        (Some((name, _)), 1) => Ok(program(tree, DIRECTORY, name, true)),
        _ => Err(several(DIRECTORY)),
    }
}

fn program(tree: &Tree, parent: &str, name: &str, is_directory: bool) -> OutputValidator {
    let path = format!("{parent}/{name}");
    let files = if is_directory {
        file::below(tree, &path)
    } else {
        file::below(tree, parent)
    };
    OutputValidator::Custom { name: path, files }
}

fn several(directory: &str) -> PackageError {
    PackageError::unsupported(
        "more than one output validator",
        directory,
        "keep one; the files of one program belong into one directory",
    )
}
