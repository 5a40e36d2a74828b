//! Tests of a package's validators that the package brings along.

use std::path::PathBuf;

use super::PackageFile;
use super::validator::ValidatorArgs;

/// What validators must say of a prepared input or output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValidatorTest {
    /// Who must say what.
    pub kind: ValidatorTestKind,
    /// Path below `data/` without extension: `invalid_output/late`.
    pub name: String,
    /// Input file.
    pub input: PathBuf,
    /// Answer file; an invalid input has none.
    pub answer: Option<PathBuf>,
    /// What a submission is supposed to have printed; an invalid input has none.
    pub output: Option<PathBuf>,
    /// Arguments of the output validator.
    pub validator_args: Vec<String>,
    /// Arguments of the input validators.
    pub input_validator_args: ValidatorArgs,
    /// Files for the working directory.
    pub files: Vec<PackageFile>,
}

/// Who must say what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValidatorTestKind {
    /// At least one input validator must refuse the input.
    InvalidInput,
    /// The output validator must reject the output.
    InvalidOutput,
    /// The output validator must accept the output.
    ValidOutput,
}
