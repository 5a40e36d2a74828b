//! Who judges output, and who checks input.

use std::collections::BTreeMap;

use super::error::{PackageError, Warning};
use super::program::{self, PackageProgram};
use super::tree::Tree;

/// The output validators of legacy.
pub(super) const PLURAL: &str = "output_validators";
/// The output validator of 2025-09.
pub(super) const SINGULAR: &str = "output_validator";
const STATIC: &str = "static_validator";
/// What the format calls them, what it called them before, and what some call them.
const INPUT_DIRECTORIES: [&str; 3] = [
    "input_validators",
    "input_format_validators",
    "input_validator",
];

/// How output is judged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum OutputValidator {
    /// [`crate::compare::default_validator`], in-process; its flags are per case.
    #[default]
    Default,
    /// The package's own program, by the 42/43 protocol.
    Custom(PackageProgram),
    /// Several programs (legacy): all must accept. [`super::TestCase::args_of_validator`] says with which arguments each runs.
    All(Vec<PackageProgram>),
}

impl OutputValidator {
    /// The package's own programs among it.
    #[must_use]
    pub fn programs(&self) -> &[PackageProgram] {
        match self {
            Self::Default => &[],
            Self::Custom(program) => std::slice::from_ref(program),
            Self::All(programs) => programs,
        }
    }

    pub(super) fn programs_mut(&mut self) -> &mut [PackageProgram] {
        match self {
            Self::Default => &mut [],
            Self::Custom(program) => std::slice::from_mut(program),
            Self::All(programs) => programs,
        }
    }
}

/// Arguments that may differ from validator to validator.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ValidatorArgs {
    /// For those that are not named below.
    pub others: Vec<String>,
    /// By [`PackageProgram::name`].
    pub named: BTreeMap<String, Vec<String>>,
}

impl ValidatorArgs {
    /// The arguments of the validator of this name.
    #[must_use]
    pub fn of(&self, program: &PackageProgram) -> &[String] {
        self.named.get(&program.name).unwrap_or(&self.others)
    }

    pub(super) const fn none() -> Self {
        Self {
            others: Vec::new(),
            named: BTreeMap::new(),
        }
    }

    pub(super) fn for_all(others: Vec<String>) -> Self {
        Self {
            others,
            named: BTreeMap::new(),
        }
    }

    /// A name that means none of these programs.
    pub(super) fn stranger(&self, programs: &[PackageProgram]) -> Option<&str> {
        let is_known = |name: &str| programs.iter().any(|program| program.is_called(name));
        self.named
            .keys()
            .map(String::as_str)
            .find(|name| !is_known(name))
    }

    /// The same, by the full names of programs; a name that means none is left out.
    pub(super) fn resolved(&self, programs: &[PackageProgram]) -> Self {
        let named = self.named.iter().flat_map(|(name, args)| {
            let meant = programs.iter().filter(|program| program.is_called(name));
            meant.map(|program| (program.name.clone(), args.clone()))
        });
        Self {
            others: self.others.clone(),
            named: named.collect(),
        }
    }

    /// The same with words before and after the arguments of everybody.
    pub(super) fn between(mut self, before: &[String], after: &[String]) -> Self {
        for args in self.named.values_mut().chain([&mut self.others]) {
            *args = [before, args, after].concat();
        }
        self
    }
}

/// Every file or directory is a checker of its own.
pub(super) fn input_validators(tree: &Tree) -> Vec<PackageProgram> {
    let directories = INPUT_DIRECTORIES.iter();
    directories
        .flat_map(|directory| program::all(tree, directory))
        .collect()
}

/// `static_validator/` of 2025-09.
pub(super) fn static_validator(tree: &Tree) -> Result<Option<PackageProgram>, PackageError> {
    one_program(tree, STATIC)
}

/// Legacy: each program in the directory is a validator of its own, and all must accept.
pub(super) fn legacy(
    tree: &Tree,
    warnings: &mut Vec<Warning>,
) -> Result<OutputValidator, PackageError> {
    let mut programs = program::all(tree, PLURAL);
    if programs.is_empty()
        && let Some(program) = one_program(tree, SINGULAR)?
    {
        let message = format!("legacy packages call it {PLURAL}/, used all the same");
        warnings.push(Warning::new(SINGULAR, message));
        programs.push(program);
    }
    match programs.len() {
        0 => Err(PackageError::missing(
            PLURAL,
            "problem.yaml says validation: custom, put the validator there",
        )),
        1 => Ok(OutputValidator::Custom(programs.remove(0))),
        _ => Ok(OutputValidator::All(programs)),
    }
}

/// 2025-09: used if it is there. Its drafts had the legacy name for a while.
pub(super) fn v2025_09(
    tree: &Tree,
    is_draft: bool,
    warnings: &mut Vec<Warning>,
) -> Result<OutputValidator, PackageError> {
    if let Some(program) = one_program(tree, SINGULAR)? {
        return Ok(OutputValidator::Custom(program));
    }
    if tree.below(PLURAL).next().is_none() {
        return Ok(OutputValidator::Default);
    }
    if !is_draft {
        return Err(PackageError::unsupported(
            "output_validators/ in a 2025-09 package",
            PLURAL,
            "call it output_validator/, or set problem_format_version: legacy",
        ));
    }
    let message = format!("2025-09 packages call it {SINGULAR}/, used all the same");
    warnings.push(Warning::new(PLURAL, message));
    Ok(one_program(tree, PLURAL)?.map_or(OutputValidator::Default, OutputValidator::Custom))
}

/// The directory is the program, or holds exactly one directory that is.
fn one_program(tree: &Tree, parent: &str) -> Result<Option<PackageProgram>, PackageError> {
    let children = tree.children(parent);
    let directories = || children.iter().filter(|(_, is_directory)| **is_directory);
    if children.is_empty() {
        return Ok(None);
    }
    if directories().count() < children.len() {
        return Ok(Some(program::directory(tree, parent)));
    }
    match (directories().next(), children.len()) {
        (Some((name, _)), 1) => Ok(Some(program::directory(tree, &format!("{parent}/{name}")))),
        _ => Err(PackageError::unsupported(
            &format!(
                "more than one {}",
                parent.trim_end_matches('s').replace('_', " ")
            ),
            parent,
            "keep one; the files of one program belong into one directory",
        )),
    }
}
