//! What `problem.yaml` says, in any format.

use super::constants::Constants;
use super::domjudge;
use super::error::{PackageError, Warning};
use super::fields::Fields;
use super::kind::{Objective, ProblemKind};
use super::limits::PackageLimits;
use super::testdata::Testdata;
use super::tree::Tree;
use super::version::{Style, Version};
use super::{OutputValidator, legacy, v2025_09};

/// The file that makes a directory a package.
pub(super) const FILE: &str = "problem.yaml";

/// What the rest of the reader needs to know.
pub(super) struct Metadata {
    pub(super) version: Version,
    /// The version as the package writes it.
    pub(super) written_version: String,
    pub(super) style: Style,
    pub(super) name: Option<String>,
    pub(super) kind: ProblemKind,
    pub(super) objective: Objective,
    pub(super) shows_groups: bool,
    pub(super) custom_score: bool,
    pub(super) limits: PackageLimits,
    pub(super) validator: OutputValidator,
    /// Arguments that come before those of the test groups.
    pub(super) validator_args: Vec<String>,
    pub(super) languages: Option<Vec<String>>,
    pub(super) allow_file_writing: bool,
    pub(super) constants: Constants,
    /// What the root of the test groups inherits: very old packages say it here.
    pub(super) testdata: Testdata,
}

/// Reads `problem.yaml`, and what DOMjudge writes beside it.
pub(super) fn read(tree: &Tree, warnings: &mut Vec<Warning>) -> Result<Metadata, PackageError> {
    let mut fields = only_problem_yaml(tree, warnings)?;
    let (version, written_version) = Version::take(&mut fields, warnings)?;
    let mut metadata = if version.is_legacy() {
        legacy::read(tree, version, &mut fields, warnings)?
    } else {
        v2025_09::read(tree, version, &mut fields, warnings)?
    };
    domjudge::read(tree, &mut metadata, warnings)?;
    if metadata.name.is_none() {
        let message = "name is missing, the directory's is used";
        warnings.push(Warning::new(FILE, message));
    }
    fields.finish(warnings);
    Ok(Metadata {
        written_version,
        ..metadata
    })
}

/// A package in a package would leave open which of the two is meant.
fn only_problem_yaml(tree: &Tree, warnings: &mut Vec<Warning>) -> Result<Fields, PackageError> {
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
            let advice = format!("{nested} is there: name or pack the directory that it lies in");
            Err(PackageError::missing(FILE, &advice))
        }
        (None, None) if tree.files.contains_key(domjudge::INI_FILE) => {
            let message = format!("is missing, {} is read alone", domjudge::INI_FILE);
            warnings.push(Warning::new(FILE, message));
            Fields::parse(FILE, "")
        }
        (None, None) => {
            let advice = "a package is a directory with a problem.yaml in it";
            Err(PackageError::missing(FILE, advice))
        }
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

/// `all`, or a list of language codes. Before 2025-09 they were also words in one text.
pub(super) fn languages(
    fields: &mut Fields,
    version: Version,
) -> Result<Option<Vec<String>>, PackageError> {
    let key = "languages";
    let codes = if fields.is_list(key) {
        fields.list(key)?
    } else {
        match fields.string(key)? {
            None => None,
            Some(word) if word == "all" => None,
            Some(words) if version != Version::V2025_09 => {
                Some(words.split_whitespace().map(str::to_owned).collect())
            }
            Some(_) => Some(Vec::new()),
        }
    };
    let is_code = |code: &String| code.starts_with(|first: char| first.is_ascii_alphabetic());
    match codes {
        None => Ok(None),
        Some(codes) if !codes.is_empty() && codes.iter().all(is_code) => Ok(Some(codes)),
        Some(_) => Err(fields.error(key, "must be `all` or a list of language codes")),
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
