//! Which files below `data/` make up cases, and whether they lie where their format wants them.

use std::collections::BTreeMap;

use super::error::{PackageError, Warning};
use super::metadata::Format;
use super::settings;
use super::tree::Tree;

/// Extensions that mean something to somebody, though not to a judge.
const LEGACY_EXTRAS: [&str; 7] = ["hint", "desc", "interaction", "png", "jpg", "jpeg", "svg"];
const EXTRAS_2025_09: [&str; 11] = [
    "out",
    "interaction",
    "in.statement",
    "ans.statement",
    "in.download",
    "ans.download",
    "yaml",
    "png",
    "jpg",
    "jpeg",
    "svg",
];

/// Checks what concerns directories rather than single cases.
pub(super) fn check(tree: &Tree, format: Format) -> Result<(), PackageError> {
    refuse_settings_of_other_format(tree, format)?;
    match format {
        Format::Legacy => Ok(()),
        Format::V2025_09 => check_groups(tree),
    }
}

/// The names of the cases of `data/<side>`, as declared by their `.in` files.
pub(super) fn case_names(
    tree: &Tree,
    side: &str,
    format: Format,
    warnings: &mut Vec<Warning>,
) -> Result<Vec<String>, PackageError> {
    let mut names = Vec::new();
    let mut unread = Unread::default();
    for (path, _) in tree.below(&format!("data/{side}")) {
        let file = format!("data/{side}/{path}");
        let (directories, last) = path.rsplit_once('/').unwrap_or(("", path));
        if directories.split('/').any(|name| name.ends_with(".files"))
            || last == settings_file(format)
        {
            continue;
        }
        if let Some(base) = path.strip_suffix(".in") {
            check_name(tree, format, &file)?;
            names.push(format!("{side}/{base}"));
        } else if let Some(base) = file.strip_suffix(".ans") {
            let input = format!("{base}.in");
            if !tree.files.contains_key(&input) {
                return Err(PackageError::missing(input, "its .ans file is there"));
            }
        } else if !is_extra(format, last) {
            refuse_args_file(format, &file)?;
            unread.add(last, &file);
        }
    }
    unread.warn(warnings);
    Ok(names)
}

/// Files beside the cases that nobody reads, by extension: the first of each and how many follow.
#[derive(Default)]
struct Unread(BTreeMap<String, (String, usize)>);

impl Unread {
    fn add(&mut self, name: &str, file: &str) {
        let extension = name.split_once('.').map_or("", |(_, extension)| extension);
        self.0
            .entry(extension.to_owned())
            .and_modify(|(_, more)| *more += 1)
            .or_insert_with(|| (file.to_owned(), 0));
    }

    fn warn(self, warnings: &mut Vec<Warning>) {
        for (file, more) in self.0.into_values() {
            let more = match more {
                0 => String::new(),
                more => format!(" (and {more} like it)"),
            };
            let message = format!("not part of a test case, not read{more}");
            warnings.push(Warning { file, message });
        }
    }
}

fn settings_file(format: Format) -> &'static str {
    match format {
        Format::Legacy => settings::LEGACY_FILE,
        Format::V2025_09 => settings::FILE,
    }
}

fn is_extra(format: Format, name: &str) -> bool {
    let extras: &[&str] = match format {
        Format::Legacy => &LEGACY_EXTRAS,
        Format::V2025_09 => &EXTRAS_2025_09,
    };
    let has = |extension: &&str| name.ends_with(&format!(".{extension}"));
    extras.iter().any(has)
}

fn check_name(tree: &Tree, format: Format, file: &str) -> Result<(), PackageError> {
    let base = file.strip_suffix(".in").unwrap_or(file);
    if format == Format::Legacy {
        return Ok(());
    }
    if base.ends_with("/test_group") {
        let problem = "a case must not be called test_group";
        return Err(PackageError::invalid(file, problem));
    }
    if tree.below(base).next().is_some() {
        let problem = "a directory has the name of this case";
        return Err(PackageError::invalid(file, problem));
    }
    Ok(())
}

/// A draft gave a program's arguments so; without them the case would be another.
fn refuse_args_file(format: Format, file: &str) -> Result<(), PackageError> {
    if format == Format::V2025_09 && file.ends_with(".args") {
        return Err(PackageError::unsupported(
            "an .args file",
            file,
            "write `args` into the case's .yaml file",
        ));
    }
    Ok(())
}

/// Settings under the other format's name would be passed over, and the cases judged wrongly.
fn refuse_settings_of_other_format(tree: &Tree, format: Format) -> Result<(), PackageError> {
    let (wrong, right) = match format {
        Format::Legacy => (
            settings::FILE,
            "testdata.yaml, or set problem_format_version: 2025-09",
        ),
        Format::V2025_09 => (
            settings::LEGACY_FILE,
            "test_group.yaml, or set problem_format_version: legacy",
        ),
    };
    let in_group = |path: &str| path.rsplit('/').next() == Some(wrong) && !path.contains(".files/");
    match tree.below("data").find(|(path, _)| in_group(path)) {
        Some((path, _)) => Err(PackageError::unsupported(
            &format!("{wrong} in this format version"),
            &format!("data/{path}"),
            &format!("say it in {right}"),
        )),
        None => Ok(()),
    }
}

/// 2025-09: either every directory in `data/secret` is a group and holds all cases, or none is.
fn check_groups(tree: &Tree) -> Result<(), PackageError> {
    let children = tree.children("data/secret");
    let is_group = |name: &str| {
        tree.files
            .contains_key(&format!("data/secret/{name}/{}", settings::FILE))
    };
    let directories: Vec<&str> = children
        .iter()
        .filter(|(name, is_directory)| **is_directory && !name.ends_with(".files"))
        .map(|(name, _)| *name)
        .collect();
    if !directories.iter().any(|name| is_group(name)) {
        return Ok(());
    }
    if let Some(name) = directories.iter().find(|name| !is_group(name)) {
        let problem = "has no test_group.yaml, though other directories in data/secret have one";
        return Err(PackageError::invalid(
            &format!("data/secret/{name}"),
            problem,
        ));
    }
    match children.keys().find(|name| name.ends_with(".in")) {
        Some(name) => Err(PackageError::invalid(
            &format!("data/secret/{name}"),
            "lies beside test groups; put it into one",
        )),
        None => Ok(()),
    }
}
