//! The test cases of a package.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::OutputValidator;
use super::error::{PackageError, Warning};
use super::file::{self, PackageFile};
use super::group::{self, Groups};
use super::metadata::{Format, Metadata};
use super::tree::Tree;
use crate::compare::Flags;

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

/// All cases in judging order.
pub(super) fn read(
    tree: &Tree,
    format: Format,
    metadata: &Metadata,
    warnings: &mut Vec<Warning>,
) -> Result<Vec<TestCase>, PackageError> {
    refuse_settings_of_other_format(tree, format)?;
    if format == Format::V2025_09 {
        check_groups(tree)?;
    }
    let mut groups = Groups::new(tree, format);
    let mut cases = Vec::new();
    for side in ["sample", "secret"] {
        let mut names = names(tree, side, format, warnings)?;
        // By name at each level: a plain comparison of paths would put `a-b/1` before `a/1`.
        names.sort_by(|a, b| a.split('/').cmp(b.split('/')));
        for name in names {
            cases.push(case(tree, format, name, &mut groups, metadata, warnings)?);
        }
    }
    let secret = cases.iter().filter(|case| !case.is_sample).count();
    if cases.is_empty() {
        return Err(PackageError::missing(
            "data/secret/*.in",
            "a package has at least one test case",
        ));
    } else if secret == 0 {
        warnings.push(Warning {
            file: "data/secret".to_owned(),
            message: "no secret case, samples alone decide".to_owned(),
        });
    }
    check_default_flags(&cases, &metadata.validator)?;
    Ok(cases)
}

fn case(
    tree: &Tree,
    format: Format,
    name: String,
    groups: &mut Groups<'_>,
    metadata: &Metadata,
    warnings: &mut Vec<Warning>,
) -> Result<TestCase, PackageError> {
    let base = format!("data/{name}");
    let directory = base.rsplit_once('/').map_or("data", |(parent, _)| parent);
    let mut settings = groups.settings(directory, warnings)?;
    if format == Format::V2025_09 {
        group::of_case(tree, &format!("{base}.yaml"), &mut settings, warnings)?;
    }
    let open = |extension: &str| {
        let file = format!("{base}.{extension}");
        let entry = tree.files.get(&file).map(|entry| entry.path.clone());
        entry.ok_or_else(|| PackageError::missing(file, "a case has an .in and an .ans file"))
    };
    let own_args = metadata.validator_args.iter().cloned();
    Ok(TestCase {
        is_sample: name.starts_with("sample/"),
        input: open("in")?,
        answer: open("ans")?,
        args: settings.args,
        validator_args: own_args.chain(settings.validator_args).collect(),
        files: file::below(tree, &format!("{base}.files")),
        name,
    })
}

/// The names of the cases of `data/<side>`, as declared by their `.in` files.
fn names(
    tree: &Tree,
    side: &str,
    format: Format,
    warnings: &mut Vec<Warning>,
) -> Result<Vec<String>, PackageError> {
    let mut names = Vec::new();
    let mut unread: BTreeMap<String, (String, usize)> = BTreeMap::new();
    for (path, _) in tree.below(&format!("data/{side}")) {
        let file = format!("data/{side}/{path}");
        let (directories, last) = path.rsplit_once('/').unwrap_or(("", path));
        if directories.split('/').any(|name| name.ends_with(".files")) || last == settings(format) {
            continue;
        }
        let (stem, extension) = last.split_once('.').unwrap_or((last, ""));
        if let Some(base) = path.strip_suffix(".in") {
            check_name(tree, format, &file, stem)?;
            names.push(format!("{side}/{base}"));
        } else if let Some(base) = file.strip_suffix(".ans") {
            if !tree.files.contains_key(&format!("{base}.in")) {
                let input = format!("{base}.in");
                return Err(PackageError::missing(input, "its .ans file is there"));
            }
        } else if !is_extra(format, last) {
            if format == Format::V2025_09 && last.ends_with(".args") {
                return Err(PackageError::unsupported(
                    "an .args file",
                    &file,
                    "write `args` into the case's .yaml file",
                ));
            }
            unread
                .entry(extension.to_owned())
                .or_insert_with(|| (file, 0))
                .1 += 1;
        }
    }
    for (file, count) in unread.into_values() {
        let more = match count {
            1 => String::new(),
            _ => format!(" (and {} like it)", count - 1),
        };
        let message = format!("not part of a test case, not read{more}");
        warnings.push(Warning { file, message });
    }
    Ok(names)
}

fn settings(format: Format) -> &'static str {
    match format {
        Format::Legacy => group::LEGACY_FILE,
        Format::V2025_09 => group::FILE,
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

fn check_name(tree: &Tree, format: Format, file: &str, stem: &str) -> Result<(), PackageError> {
    if format == Format::Legacy {
        return Ok(());
    }
    if stem == "test_group" {
        return Err(PackageError::invalid(
            file,
            "a case must not be called test_group",
        ));
    }
    let directory = file.strip_suffix(".in").unwrap_or(file);
    if tree.below(directory).next().is_some() {
        return Err(PackageError::invalid(
            file,
            "a directory has the name of this case",
        ));
    }
    Ok(())
}

/// Settings under the other format's name would be passed over, and the cases judged wrongly.
fn refuse_settings_of_other_format(tree: &Tree, format: Format) -> Result<(), PackageError> {
    let (wrong, right) = match format {
        Format::Legacy => (
            group::FILE,
            "testdata.yaml, or set problem_format_version: 2025-09",
        ),
        Format::V2025_09 => (
            group::LEGACY_FILE,
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
            .contains_key(&format!("data/secret/{name}/{}", group::FILE))
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

/// The default validator's flags are checked now: a bad one would make every judgement a judge error.
fn check_default_flags(
    cases: &[TestCase],
    validator: &OutputValidator,
) -> Result<(), PackageError> {
    if *validator != OutputValidator::Default {
        return Ok(());
    }
    for case in cases {
        Flags::parse(&case.validator_args).map_err(|error| {
            let file = format!("data/{}.in", case.name);
            PackageError::invalid(&file, format!("output validator arguments: {error}"))
        })?;
    }
    Ok(())
}
