//! Which files below `data/` make up cases, and whether they lie where their format wants them.

use std::collections::BTreeMap;

use super::error::{PackageError, Warning};
use super::metadata::Metadata;
use super::tree::Tree;
use super::version::{Style, TEST_GROUP, TESTDATA};

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
/// Endings of compressed files.
const COMPRESSED: [&str; 6] = [".gz", ".xz", ".bz2", ".zst", ".zip", ".Z"];
/// What 2025-09 says of files that only show a case otherwise: at most one of each line.
const SHOWN_INSTEAD: [&[&str]; 3] = [
    &["in.statement", "interaction"],
    &["out", "ans.statement", "interaction"],
    &["out", "ans.download"],
];

/// Checks what concerns directories rather than single cases.
pub(super) fn check(tree: &Tree, metadata: &Metadata) -> Result<(), PackageError> {
    refuse_settings_of_other_style(tree, metadata.style)?;
    refuse_compressed(tree)?;
    if !metadata.version.is_legacy() {
        refuse_args_files(tree)?;
    }
    match metadata.style {
        Style::Testdata => Ok(()),
        Style::TestGroup => check_groups(tree),
    }
}

/// The names of the cases of `data/<side>`, as declared by their `.in` files, in judging order.
pub(super) fn case_names(
    tree: &Tree,
    side: &str,
    style: Style,
    warnings: &mut Vec<Warning>,
) -> Result<Vec<String>, PackageError> {
    let mut names = Vec::new();
    let mut unread = Unread::default();
    for (path, _) in tree.below(&format!("data/{side}")) {
        let file = format!("data/{side}/{path}");
        let (directories, last) = path.rsplit_once('/').unwrap_or(("", path));
        if is_of_a_case(directories) || last == settings_file(style) {
            continue;
        }
        if let Some(base) = path.strip_suffix(".in") {
            check_name(tree, style, &file)?;
            names.push(format!("{side}/{base}"));
        } else if let Some(base) = file.strip_suffix(".ans") {
            let input = format!("{base}.in");
            if !tree.files.contains_key(&input) {
                return Err(PackageError::missing(input, "its .ans file is there"));
            }
        } else if !is_extra(style, last) {
            unread.add(last, &file);
        }
    }
    unread.warn(warnings);
    // By name at each level: a plain comparison of paths would put `a-b/1` before `a/1`.
    names.sort_by(|a, b| a.split('/').cmp(b.split('/')));
    if style == Style::TestGroup {
        names
            .iter()
            .for_each(|name| check_what_is_shown(tree, name, warnings));
    }
    Ok(names)
}

/// Whether a directory holds the files that a case brings into the working directory.
fn is_of_a_case(directories: &str) -> bool {
    directories.split('/').any(|name| name.ends_with(".files"))
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
            warnings.push(Warning::new(file, message));
        }
    }
}

fn settings_file(style: Style) -> &'static str {
    match style {
        Style::Testdata => TESTDATA,
        Style::TestGroup => TEST_GROUP,
    }
}

fn is_extra(style: Style, name: &str) -> bool {
    let extras: &[&str] = match style {
        Style::Testdata => &LEGACY_EXTRAS,
        Style::TestGroup => &EXTRAS_2025_09,
    };
    let has = |extension: &&str| name.ends_with(&format!(".{extension}"));
    extras.iter().any(has)
}

fn check_name(tree: &Tree, style: Style, file: &str) -> Result<(), PackageError> {
    let base = file.strip_suffix(".in").unwrap_or(file);
    if style == Style::Testdata {
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

/// Passed over, it would be a case that nobody is judged on.
fn refuse_compressed(tree: &Tree) -> Result<(), PackageError> {
    let is_of_a_case = |path: &str| {
        let inner = COMPRESSED
            .iter()
            .find_map(|ending| path.strip_suffix(ending));
        inner.is_some_and(|inner| inner.ends_with(".in") || inner.ends_with(".ans"))
    };
    match tree.below("data").find(|(path, _)| is_of_a_case(path)) {
        Some((path, _)) => Err(PackageError::unsupported(
            "a compressed file of a test case",
            &format!("data/{path}"),
            "put the uncompressed file there",
        )),
        None => Ok(()),
    }
}

/// No verdict hangs on what users are shown, so a contradiction there is only told.
fn check_what_is_shown(tree: &Tree, name: &str, warnings: &mut Vec<Warning>) {
    let file = |extension: &str| format!("data/{name}.{extension}");
    let has = |extension: &str| tree.files.contains_key(&file(extension));
    let mut warn = |problem: String| warnings.push(Warning::new(file("in"), problem));
    for group in SHOWN_INSTEAD {
        let there: Vec<&str> = group.iter().copied().filter(|it| has(it)).collect();
        if there.len() > 1 {
            warn(format!(
                "the case has .{}, of which at most one may be",
                there.join(" and .")
            ));
        }
    }
    if has("interaction") && !(has("in.download") && has("ans.download")) {
        warn("an .interaction needs .in.download and .ans.download".to_owned());
    }
    for (shown, download) in [
        ("in.statement", "in.download"),
        ("ans.statement", "ans.download"),
    ] {
        if has(shown) && !has(download) {
            warn(format!("a .{shown} needs a .{download}"));
        }
    }
}

/// A draft gave a program's arguments so; without them the case would be another.
fn refuse_args_files(tree: &Tree) -> Result<(), PackageError> {
    let of_a_case = |path: &str| {
        let (directories, last) = path.rsplit_once('/').unwrap_or(("", path));
        last.ends_with(".args") && !is_of_a_case(directories)
    };
    match tree.below("data").find(|(path, _)| of_a_case(path)) {
        Some((path, _)) => Err(PackageError::unsupported(
            "an .args file",
            &format!("data/{path}"),
            "write `args` into the case's .yaml file",
        )),
        None => Ok(()),
    }
}

/// Settings under the other format's name would be passed over, and the cases judged wrongly.
fn refuse_settings_of_other_style(tree: &Tree, style: Style) -> Result<(), PackageError> {
    let (wrong, right) = match style {
        Style::Testdata => (
            TEST_GROUP,
            "testdata.yaml, or set problem_format_version: 2025-09",
        ),
        Style::TestGroup => (
            TESTDATA,
            "test_group.yaml, or set problem_format_version: legacy",
        ),
    };
    let in_group = |path: &str| {
        let (directories, last) = path.rsplit_once('/').unwrap_or(("", path));
        last == wrong && !is_of_a_case(directories)
    };
    match tree.below("data").find(|(path, _)| in_group(path)) {
        Some((path, _)) => Err(PackageError::unsupported(
            &format!("{wrong} in this format version"),
            &format!("data/{path}"),
            &format!("say it in {right}"),
        )),
        None => Ok(()),
    }
}

/// The test groups of 2025-09 in `data/secret`, by name.
pub(super) fn groups(tree: &Tree) -> Vec<String> {
    let children = tree.children("data/secret");
    let directories = children.iter().filter(|(_, is_directory)| **is_directory);
    directories
        .map(|(name, _)| format!("secret/{name}"))
        .filter(|group| {
            tree.files
                .contains_key(&format!("data/{group}/{TEST_GROUP}"))
        })
        .collect()
}

/// 2025-09: either every directory in `data/secret` is a group and holds all cases, or none is.
fn check_groups(tree: &Tree) -> Result<(), PackageError> {
    let groups = groups(tree);
    refuse_deep_groups(tree, &groups)?;
    if groups.is_empty() {
        return Ok(());
    }
    let children = tree.children("data/secret");
    let mut directories = children
        .iter()
        .filter(|(name, is_directory)| **is_directory && !name.ends_with(".files"));
    if let Some((name, _)) =
        directories.find(|(name, _)| !groups.contains(&format!("secret/{name}")))
    {
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

/// 2025-09 has groups in `data/secret` and nowhere deeper.
fn refuse_deep_groups(tree: &Tree, groups: &[String]) -> Result<(), PackageError> {
    let is_known = |directory: &str| {
        directory.is_empty()
            || !directory.contains('/')
            || groups.iter().any(|group| group == directory)
    };
    for (path, _) in tree.below("data") {
        let (directory, last) = path.rsplit_once('/').unwrap_or(("", path));
        if last == TEST_GROUP && !is_of_a_case(directory) && !is_known(directory) {
            return Err(PackageError::invalid(
                &format!("data/{path}"),
                "only data/sample, data/secret and the directories in data/secret are groups",
            ));
        }
    }
    Ok(())
}
