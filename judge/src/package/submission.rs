//! The jury submissions of a package.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use super::annotation;
use super::error::{PackageError, Warning};
use super::expectation::Expectation;
use super::file::{self, PackageFile};
use super::folder::{self, Folder};
use super::metadata::Format;
use super::rules::{self, Rules};
use super::tree::{self, Tree};
use crate::Verdict;

/// A jury submission and its expectation.
#[derive(Clone, Debug, PartialEq)]
pub struct JurySubmission {
    /// Path below `submissions/`: `accepted/fast.cpp`, or a directory.
    pub path: String,
    /// Its files, by name; no directories in the names.
    pub files: Vec<PackageFile>,
    /// Language, where named by the package.
    pub language: Option<String>,
    /// Entry point, where named by the package.
    pub entry_point: Option<String>,
    /// What it should get.
    pub expectation: Expectation,
}

const DIRECTORY: &str = "submissions";

/// All jury submissions, by path.
pub(super) fn read(
    tree: &Tree,
    format: Format,
    warnings: &mut Vec<Warning>,
) -> Result<Vec<JurySubmission>, PackageError> {
    let rules = match format {
        Format::Legacy => Rules::default(),
        Format::V2025_09 => Rules::read(tree, warnings)?,
    };
    let mut submissions = Vec::new();
    for (directory, is_directory) in tree.children(DIRECTORY) {
        let path = format!("{DIRECTORY}/{directory}");
        if !is_directory {
            if path != rules::FILE && path != "submissions/submissions.json" {
                warn(warnings, &path, "not in a directory, not a submission");
            }
            continue;
        }
        let folder = folder::folder(format, directory);
        for (name, is_directory) in tree.children(&path) {
            let path = format!("{directory}/{name}");
            let files = files(tree, &path, is_directory, warnings);
            if !files.is_empty() {
                submissions.push(submission(
                    path, files, directory, &folder, &rules, warnings,
                )?);
            }
        }
    }
    Ok(submissions)
}

fn submission(
    path: String,
    files: Vec<PackageFile>,
    directory: &str,
    folder: &Folder,
    rules: &Rules,
    warnings: &mut Vec<Warning>,
) -> Result<JurySubmission, PackageError> {
    let covered = rules.of(&path, directory, folder);
    let expectation = if covered.rules.is_empty() {
        of_folder_and_annotation(&path, &files, folder, warnings)?
    } else {
        Expectation::of_rules(covered.rules)
    };
    Ok(JurySubmission {
        path,
        files,
        language: covered.language,
        entry_point: covered.entry_point,
        expectation,
    })
}

/// A single file is a program, and so is a directory of files; what lies deeper is not.
fn files(
    tree: &Tree,
    path: &str,
    is_directory: bool,
    warnings: &mut Vec<Warning>,
) -> Vec<PackageFile> {
    let relative = format!("{DIRECTORY}/{path}");
    if !is_directory {
        let name = path.rsplit('/').next().unwrap_or(path).to_owned();
        let entry = tree.files.get(&relative);
        return entry
            .map(|entry| PackageFile::of(&name, entry))
            .into_iter()
            .collect();
    }
    let (flat, deep): (Vec<_>, Vec<_>) = file::below(tree, &relative)
        .into_iter()
        .partition(|file| !file.name.contains('/'));
    if let Some(file) = deep.first() {
        let path = format!("{relative}/{}", file.name);
        warn(warnings, &path, "too deep for a submission, left out");
    }
    flat
}

/// An annotation that names the directory's verdict changes nothing; any other is believed.
fn of_folder_and_annotation(
    path: &str,
    files: &[PackageFile],
    folder: &Folder,
    warnings: &mut Vec<Warning>,
) -> Result<Expectation, PackageError> {
    let path = format!("{DIRECTORY}/{path}");
    let expectation = folder.clone().expectation();
    let Some(annotated) = annotated(&path, files)? else {
        if *folder == Folder::Anything(false) {
            warn(
                warnings,
                &path,
                "its directory says nothing, any verdict will do",
            );
        }
        return Ok(expectation);
    };
    let listed = Expectation {
        verdicts: annotated,
        ..Expectation::default()
    };
    if matches!(folder, Folder::Anything(_)) {
        return Ok(listed);
    }
    let meant = expectation.verdicts.first();
    if !meant.is_some_and(|verdict| listed.verdicts.contains(verdict)) {
        let problem = "@EXPECTED_RESULTS@ contradicts its directory, and is believed";
        warn(warnings, &path, problem);
        return Ok(listed);
    }
    if listed
        .verdicts
        .iter()
        .any(|v| !expectation.verdicts.contains(v))
    {
        let problem = "@EXPECTED_RESULTS@ lists more than its directory, which is believed";
        warn(warnings, &path, problem);
    }
    Ok(expectation)
}

fn annotated(path: &str, files: &[PackageFile]) -> Result<Option<Vec<Verdict>>, PackageError> {
    let mut found = None;
    for file in files {
        let text = read_source(&file.path)?;
        let verdicts = annotation::read(&String::from_utf8_lossy(&text))
            .map_err(|problem| PackageError::invalid(path, problem))?;
        if verdicts.is_some() && found.is_some() {
            return Err(PackageError::invalid(
                path,
                "has @EXPECTED_RESULTS@ lines in two files",
            ));
        }
        found = verdicts.or(found);
    }
    Ok(found)
}

/// The beginning of a source; nobody annotates the second megabyte.
fn read_source(path: &Path) -> Result<Vec<u8>, PackageError> {
    let mut text = Vec::new();
    File::open(path)
        .and_then(|file| file.take(1024 * 1024).read_to_end(&mut text))
        .map_err(|source| tree::io(path, source))?;
    Ok(text)
}

fn warn(warnings: &mut Vec<Warning>, file: &str, message: &str) {
    warnings.push(Warning {
        file: file.to_owned(),
        message: message.to_owned(),
    });
}
