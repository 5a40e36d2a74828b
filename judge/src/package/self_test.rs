//! Tests of a package's validators that the package brings along.

use std::path::PathBuf;

use super::PackageFile;
use super::case::TestCase;
use super::error::{PackageError, Warning};
use super::file;
use super::metadata::Metadata;
use super::tree::Tree;
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

/// The directories below `data/`, with the names that tools for legacy packages use.
const DIRECTORIES: [(&str, ValidatorTestKind); 6] = [
    ("invalid_input", ValidatorTestKind::InvalidInput),
    ("invalid_inputs", ValidatorTestKind::InvalidInput),
    ("invalid_output", ValidatorTestKind::InvalidOutput),
    ("invalid_outputs", ValidatorTestKind::InvalidOutput),
    ("valid_output", ValidatorTestKind::ValidOutput),
    ("valid_outputs", ValidatorTestKind::ValidOutput),
];

/// The names of all self-tests. One that lacks a file is left out, for it decides no verdict.
pub(super) fn names(
    tree: &Tree,
    metadata: &Metadata,
    warnings: &mut Vec<Warning>,
) -> Result<Vec<String>, PackageError> {
    let mut names = Vec::new();
    for (directory, kind) in DIRECTORIES {
        for (path, _) in tree.below(&format!("data/{directory}")) {
            let Some(base) = path.strip_suffix(".in") else {
                continue;
            };
            let name = format!("{directory}/{base}");
            // A talk has no output that could be prepared.
            if metadata.kind.interactive && kind != ValidatorTestKind::InvalidInput {
                continue;
            }
            let lacks = |extension: &&&str| !tree.files.contains_key(&file_of(&name, extension));
            match extensions(kind).iter().find(lacks) {
                Some(extension) => {
                    let message = format!("has no .{extension} file, not used");
                    warnings.push(Warning::new(file_of(&name, "in"), message));
                }
                None => names.push(name),
            }
        }
    }
    Ok(names)
}

/// A self-test with its files, and the settings that hold for it.
pub(super) fn open(
    tree: &Tree,
    name: String,
    settings: TestCase,
) -> Result<ValidatorTest, PackageError> {
    let path = |extension: &str| {
        let entry = tree.files.get(&file_of(&name, extension));
        entry.map(|entry| entry.path.clone())
    };
    let directory = name.split('/').next().unwrap_or_default();
    let kind = DIRECTORIES.iter().find(|(known, _)| *known == directory);
    let (Some((_, kind)), Some(input)) = (kind, path("in")) else {
        return Err(PackageError::missing(
            file_of(&name, "in"),
            "it was there before",
        ));
    };
    let has = |extension: &str| extensions(*kind).contains(&extension);
    Ok(ValidatorTest {
        kind: *kind,
        input,
        answer: path("ans").filter(|_| has("ans")),
        output: path("out").filter(|_| has("out")),
        validator_args: settings.validator_args,
        input_validator_args: settings.input_validator_args,
        files: file::below(tree, &format!("data/{name}.files")),
        name,
    })
}

/// What a self-test has beside its input.
fn extensions(kind: ValidatorTestKind) -> &'static [&'static str] {
    match kind {
        ValidatorTestKind::InvalidInput => &[],
        ValidatorTestKind::InvalidOutput | ValidatorTestKind::ValidOutput => &["ans", "out"],
    }
}

fn file_of(name: &str, extension: &str) -> String {
    format!("data/{name}.{extension}")
}
