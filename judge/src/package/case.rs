//! The test cases of a package.

use std::path::PathBuf;

use super::PackageFile;

/// One test case.
#[derive(Clone, Debug, PartialEq, Eq)]
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
    /// Files copied into the working directory before the run.
    pub files: Vec<PackageFile>,
}
