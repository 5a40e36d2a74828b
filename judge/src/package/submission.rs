//! The jury submissions of a package.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use super::annotation::{self, Annotation};
use super::domjudge::{self, Details};
use super::error::{PackageError, Warning};
use super::expectation::Expectation;
use super::file::{self, PackageFile};
use super::folder::{self, Folder};
use super::metadata::Metadata;
use super::rules::{self, Rules};
use super::tree::{self, Tree};

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

/// All jury submissions, by path. `judged` names all cases and groups, which rules may be about.
pub(super) fn read(
    tree: &Tree,
    metadata: &Metadata,
    judged: &[&str],
    warnings: &mut Vec<Warning>,
) -> Result<Vec<JurySubmission>, PackageError> {
    let said = Said::read(tree, metadata, warnings)?;
    let mut submissions = Vec::new();
    for (directory, is_directory) in tree.children(DIRECTORY) {
        let path = format!("{DIRECTORY}/{directory}");
        if !is_directory {
            if ![rules::FILE, domjudge::JSON_FILES[1]].contains(&path.as_str()) {
                warn(warnings, &path, "not in a directory, not a submission");
            }
            continue;
        }
        let folder = folder::folder(metadata, directory);
        for (name, is_directory) in tree.children(&path) {
            let path = format!("{directory}/{name}");
            let mut files = files(tree, &path, is_directory, warnings);
            file::set_constants(&mut files, &metadata.constants);
            if !files.is_empty() {
                let one = submission(path, files, &said, &folder, warnings)?;
                submissions.push(one);
            }
        }
    }
    let paths: Vec<&str> = submissions.iter().map(|one| one.path.as_str()).collect();
    said.rules.warn_of_idle(&paths, judged, warnings);
    for details in said.details.values() {
        if !paths.contains(&details.path.as_str()) {
            let message = format!("{} is no submission, not read", details.path);
            warnings.push(Warning::new(details.file, message).at(details.line));
        }
    }
    Ok(submissions)
}

/// What files beside the sources say of them.
struct Said {
    rules: Rules,
    details: BTreeMap<String, Details>,
}

impl Said {
    fn read(
        tree: &Tree,
        metadata: &Metadata,
        warnings: &mut Vec<Warning>,
    ) -> Result<Self, PackageError> {
        let is_legacy = metadata.version.is_legacy();
        if is_legacy && tree.files.contains_key(rules::FILE) {
            let message = "legacy packages have no such file, not read";
            warn(warnings, rules::FILE, message);
        }
        Ok(Self {
            rules: if is_legacy {
                Rules::default()
            } else {
                Rules::read(tree, metadata.kind, warnings)?
            },
            details: domjudge::submissions(tree, warnings)?,
        })
    }
}

fn submission(
    path: String,
    files: Vec<PackageFile>,
    said: &Said,
    folder: &Folder,
    warnings: &mut Vec<Warning>,
) -> Result<JurySubmission, PackageError> {
    let directory = path.split('/').next().unwrap_or_default();
    let covered = said.rules.of(&path, directory, folder);
    let details = said.details.get(&path).cloned().unwrap_or_default();
    let expectation = if covered.rules.is_empty() {
        of_folder_and_annotation(&path, &files, folder, warnings)?
    } else {
        Expectation::of_rules(covered.rules)
    };
    Ok(JurySubmission {
        path,
        files,
        language: covered.language.or(details.language),
        entry_point: covered.entry_point.or(details.entry_point),
        expectation,
    })
}

/// Endings of what lies beside sources and is none: notes, and what compilers and runs leave.
const LEFT_BEHIND: [&str; 10] = [
    "md", "txt", "pdf", "class", "pyc", "o", "exe", "out", "log", "in",
];

fn is_left_behind(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let ending = name.rsplit_once('.').map(|(_, ending)| ending);
    let is_of_nobody = ending.is_some_and(|ending| LEFT_BEHIND.contains(&ending));
    is_of_nobody || name == "__pycache__" || name == "README"
}

/// A single file is a program, and so is a directory of files; what lies deeper is not.
fn files(
    tree: &Tree,
    path: &str,
    is_directory: bool,
    warnings: &mut Vec<Warning>,
) -> Vec<PackageFile> {
    let relative = format!("{DIRECTORY}/{path}");
    if is_left_behind(path) {
        warn(warnings, &relative, "no source, left out");
        return Vec::new();
    }
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
    let annotated = annotated(&path, files, warnings)?;
    let expectation = Expectation {
        score: annotated.score.map(|score| (score, score)),
        ..folder.clone().expectation()
    };
    let Some(verdicts) = annotated.verdicts else {
        if *folder == Folder::Anything(false) && annotated.score.is_none() {
            let message = "its directory says nothing, any verdict will do";
            warn(warnings, &path, message);
        }
        return Ok(expectation);
    };
    let listed = Expectation {
        verdicts,
        score: expectation.score,
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

/// What all files of one submission say together: at most one of each kind, or nothing counts.
fn annotated(
    path: &str,
    files: &[PackageFile],
    warnings: &mut Vec<Warning>,
) -> Result<Annotation, PackageError> {
    let mut found = Annotation::default();
    for file in files {
        let text = read_source(&file.path)?;
        let problem = match annotation::read(&String::from_utf8_lossy(&text)) {
            Ok(one) => match found.join(one) {
                Ok(()) => continue,
                Err(mark) => format!("has {mark} lines in two files"),
            },
            Err(problem) => format!("{} {problem}", file.name),
        };
        warn(
            warnings,
            path,
            &format!("{problem}; its directory is believed"),
        );
        return Ok(Annotation::default());
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
    warnings.push(Warning::new(file, message));
}
