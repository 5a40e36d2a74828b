//! What `problem.yaml` says, in either format.

use super::error::{PackageError, Warning};
use super::fields::Fields;
use super::limits::PackageLimits;
use super::tree::Tree;
use super::{OutputValidator, legacy, v2025_09};

/// The file that makes a directory a package.
pub(super) const FILE: &str = "problem.yaml";

/// The formats that we read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Legacy,
    V2025_09,
}

/// What the rest of the reader needs to know.
pub(super) struct Metadata {
    pub(super) name: Option<String>,
    pub(super) limits: PackageLimits,
    pub(super) validator: OutputValidator,
    /// Arguments that come before those of the test groups.
    pub(super) validator_args: Vec<String>,
    pub(super) languages: Option<Vec<String>>,
    pub(super) allow_file_writing: bool,
}

/// Reads `problem.yaml`, and says which format the package has and how it calls it.
pub(super) fn read(
    tree: &Tree,
    warnings: &mut Vec<Warning>,
) -> Result<(Format, String, Metadata), PackageError> {
    let mut fields = only_problem_yaml(tree)?;
    let version = fields.string("problem_format_version")?;
    let version = version.unwrap_or_else(|| "legacy".to_owned());
    let format = format(&version, warnings)?;
    let metadata = match format {
        Format::Legacy => legacy::read(tree, &mut fields, warnings)?,
        Format::V2025_09 => v2025_09::read(tree, &mut fields, warnings)?,
    };
    if metadata.name.is_none() {
        warnings.push(Warning {
            file: FILE.to_owned(),
            message: "name is missing, the directory's is used".to_owned(),
        });
    }
    fields.finish(warnings);
    Ok((format, version, metadata))
}

/// A package in a package would leave open which of the two is meant.
fn only_problem_yaml(tree: &Tree) -> Result<Fields, PackageError> {
    let nested = tree.files.keys().find(|path| {
        let inner = path.split_once('/');
        inner.is_some_and(|(_, file)| file == FILE)
    });
    match (Fields::read(tree, FILE)?, nested) {
        (Some(fields), None) => Ok(fields),
        (Some(_), Some(nested)) => {
            let problem = "a second problem.yaml; a package holds one problem";
            Err(PackageError::invalid(nested, problem))
        }
        (None, Some(nested)) => {
            let advice = format!("name the directory of {nested} instead");
            Err(PackageError::missing(FILE, &advice))
        }
        (None, None) => {
            let advice = "a package is a directory with a problem.yaml in it";
            Err(PackageError::missing(FILE, advice))
        }
    }
}

fn format(version: &str, warnings: &mut Vec<Warning>) -> Result<Format, PackageError> {
    match version {
        "legacy" => Ok(Format::Legacy),
        "2025-09" => Ok(Format::V2025_09),
        "2023-07" | "2023-07-draft" => {
            warnings.push(Warning {
                file: FILE.to_owned(),
                message: format!("problem_format_version {version} is read as 2025-09"),
            });
            Ok(Format::V2025_09)
        }
        other => Err(PackageError::unsupported(
            &format!("problem_format_version {other}"),
            FILE,
            "use legacy or 2025-09",
        )),
    }
}

/// The English of a text that may be given per language, else the first there is.
pub(super) fn name(fields: &mut Fields) -> Result<Option<String>, PackageError> {
    if !fields.is_section("name") {
        return fields.string("name");
    }
    let Some(mut names) = fields.section("name")? else {
        return Ok(None);
    };
    let first = names.keys().into_iter().next().unwrap_or_default();
    match names.string("en")? {
        Some(name) => Ok(Some(name)),
        None => names.string(&first),
    }
}

/// Refuses directories whose content would silently not be judged by.
pub(super) fn refuse_directories(
    tree: &Tree,
    refused: &[(&str, &str, &str)],
) -> Result<(), PackageError> {
    for (directory, feature, advice) in refused {
        if tree.below(directory).next().is_some() {
            return Err(PackageError::unsupported(feature, directory, advice));
        }
    }
    Ok(())
}
