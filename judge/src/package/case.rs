//! The test cases of a package.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::error::PackageError;
use super::file::{self, PackageFile};
use super::program::PackageProgram;
use super::tree::Tree;
use super::validator::ValidatorArgs;

/// One test case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TestCase {
    /// Path below `data/` without extension: `secret/group1/03`.
    pub name: String,
    /// Whether users may see it.
    pub is_sample: bool,
    /// Input file.
    pub input: PathBuf,
    /// Answer file.
    pub answer: PathBuf,
    /// Arguments of the program.
    pub args: Vec<String>,
    /// Arguments of the output validator, inherited settings resolved. For the default validator
    /// they were checked: [`crate::compare::Flags::parse`] accepts them.
    pub validator_args: Vec<String>,
    /// Arguments of some of several output validators ([`super::OutputValidator::All`]), by their names;
    /// the others get `validator_args`. [`TestCase::args_of_validator`] chooses.
    pub named_validator_args: BTreeMap<String, Vec<String>>,
    /// Arguments of the input validators, the program's own included.
    pub input_validator_args: ValidatorArgs,
    /// Whether a user who failed it may see input, answer, own output and hint.
    pub full_feedback: bool,
    /// Files copied into the working directory before the run.
    pub files: Vec<PackageFile>,
}

impl TestCase {
    /// The arguments with which this one of several output validators runs.
    #[must_use]
    pub fn args_of_validator(&self, validator: &PackageProgram) -> &[String] {
        let named = self.named_validator_args.get(&validator.name);
        named.unwrap_or(&self.validator_args)
    }

    /// The directory it lies in, below `data/`. In 2025-09 that need not be a group.
    #[must_use]
    pub fn directory(&self) -> &str {
        self.name.rsplit_once('/').map_or("", |(parent, _)| parent)
    }
}

/// A case with its files and nothing of its settings.
pub(super) fn open(tree: &Tree, name: String) -> Result<TestCase, PackageError> {
    let path = |extension: &str| {
        let file = format!("data/{name}.{extension}");
        let entry = tree.files.get(&file).map(|entry| entry.path.clone());
        entry.ok_or_else(|| PackageError::missing(file, "a case has an .in and an .ans file"))
    };
    Ok(TestCase {
        is_sample: name.starts_with("sample/"),
        input: path("in")?,
        answer: path("ans")?,
        files: file::below(tree, &format!("data/{name}.files")),
        name,
        ..TestCase::default()
    })
}
