//! The test cases of a package.

use std::path::PathBuf;

use super::OutputValidator;
use super::error::{PackageError, Warning};
use super::file::{self, PackageFile};
use super::layout;
use super::metadata::{Format, Metadata};
use super::program::PackageProgram;
use super::settings::{self, Inherited};
use super::tree::Tree;
use super::validator::ValidatorArgs;
use crate::compare::Flags;
use std::collections::BTreeMap;

/// One test case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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
    /// Arguments of some of several output validators ([`OutputValidator::All`]), by their names;
    /// the others get `validator_args`. [`TestCase::args_of_validator`] chooses.
    pub named_validator_args: BTreeMap<String, Vec<String>>,
    /// Arguments of the input validators, the program's own included.
    pub input_validator_args: ValidatorArgs,
    /// Whether a user who failed it may see input, answer, own output and hint.
    pub full_feedback: bool,
    /// Files copied into the working directory before the run.
    pub files: Vec<PackageFile>,
}

impl TestCase {
    /// The arguments with which this one of several output validators runs.
    #[must_use]
    pub fn args_of_validator(&self, validator: &PackageProgram) -> &[String] {
        let named = self.named_validator_args.get(&validator.name);
        named.unwrap_or(&self.validator_args)
    }

    /// [`super::Group::name`] of the directory it lies in.
    #[must_use]
    pub fn directory(&self) -> &str {
        self.name.rsplit_once('/').map_or("", |(parent, _)| parent)
    }
}

/// All cases in judging order.
pub(super) fn read(
    tree: &Tree,
    format: Format,
    metadata: &Metadata,
    warnings: &mut Vec<Warning>,
) -> Result<Vec<TestCase>, PackageError> {
    layout::check(tree, format)?;
    let mut groups = Inherited::new(tree, format);
    let mut cases = Vec::new();
    for side in ["sample", "secret"] {
        let mut names = layout::case_names(tree, side, format, warnings)?;
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
    groups: &mut Inherited<'_>,
    metadata: &Metadata,
    warnings: &mut Vec<Warning>,
) -> Result<TestCase, PackageError> {
    let base = format!("data/{name}");
    let directory = base.rsplit_once('/').map_or("data", |(parent, _)| parent);
    let mut settings = groups.settings(directory, warnings)?;
    if format == Format::V2025_09 {
        settings::of_case(tree, &format!("{base}.yaml"), &mut settings, warnings)?;
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
        named_validator_args: BTreeMap::new(),
        input_validator_args: ValidatorArgs::default(),
        full_feedback: false,
        files: file::below(tree, &format!("{base}.files")),
        name,
    })
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
