//! A problem package, whichever format it came in, as one immutable plan.
//!
//! Formats differ only while reading: `legacy` and `v2025_09` each turn their `problem.yaml` into
//! `metadata`, `testdata` and `test_group` their settings of groups, and nothing after
//! [`Package::load`] asks for the version. What no judge here could run is refused by name
//! ([`PackageError::Unsupported`]): a package is judged wholly or not at all. What is merely not
//! known becomes a [`Warning`]. Both name the file and, where there is one, the line.

mod annotation;
pub mod archive;
mod case;
mod constants;
mod digest;
mod domjudge;
mod error;
mod expectation;
mod fields;
mod file;
mod folder;
mod graded;
mod grading;
mod group;
mod include;
mod kind;
mod layout;
mod legacy;
mod limits;
mod metadata;
mod number;
mod open;
mod pattern;
mod plan;
mod program;
mod rules;
mod scores;
mod self_test;
mod settings;
mod submission;
mod test_group;
mod testdata;
mod time_limit;
mod tree;
mod v2025_09;
mod validator;
mod version;
mod yaml;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub use case::TestCase;
pub use constants::Constants;
pub use digest::package_digest;
pub use error::{PackageError, Warning};
pub use expectation::{Expectation, Rule, Share};
pub use file::PackageFile;
pub use grading::{Aggregation, DefaultGrader, Grader, Grading, ScoreMode, VerdictMode};
pub use group::{Child, Group, OnReject, StaticValidation};
pub use kind::{Objective, ProblemKind};
pub use limits::PackageLimits;
pub use open::{OpenError, OpenPackage, open};
pub use pattern::Pattern;
pub use program::PackageProgram;
pub use self_test::{ValidatorTest, ValidatorTestKind};
pub use submission::JurySubmission;
pub use tree::{MAX_FILE_BYTES, MAX_FILES};
pub use validator::{OutputValidator, ValidatorArgs};

use plan::Plan;
use tree::Tree;
use version::Version;

/// A parsed package. Version checks end here: the judge sees only this.
#[derive(Clone, Debug, Default)]
pub struct Package {
    /// Directory the package was read from, absolute.
    pub root: PathBuf,
    /// `problem_id`: the directory's base name, unless whoever loaded it knows better.
    pub id: String,
    /// English name.
    pub name: String,
    /// `problem_format_version` as written.
    pub format_version: String,
    /// What [`package_digest`] says of it.
    pub digest: String,
    /// Limits of a submission.
    pub limits: PackageLimits,
    /// What sort of problem it is.
    pub kind: ProblemKind,
    /// Which score is the better one.
    pub objective: Objective,
    /// Whether users may see the results of test groups: `grading.show_test_data_groups` of legacy, whose default is no.
    /// 2025-09 hides none.
    pub shows_groups: bool,
    /// Legacy `validation: custom score`: the validator must write `score.txt` when it accepts.
    /// Without it a legacy validator may not; in 2025-09 the groups decide.
    pub custom_score: bool,
    /// How output is judged.
    pub validator: OutputValidator,
    /// Checkers of the input files, for verifying the package; a judgement does not run them.
    pub input_validators: Vec<PackageProgram>,
    /// Checks the source of a submission (2025-09); run where [`Group::static_validation`] says so.
    pub static_validator: Option<PackageProgram>,
    /// What the package says of its own validators.
    pub self_tests: Vec<ValidatorTest>,
    /// All cases in judging order: samples, then secret, by name.
    pub cases: Vec<TestCase>,
    /// How the cases are grouped, and how their results become one.
    pub groups: Group,
    /// Files laid over every submission of a language (`include/<language>/`); the key `default`
    /// is the fallback. [`Package::include_files`] chooses.
    pub include: BTreeMap<String, Vec<PackageFile>>,
    /// Language ids that may be submitted; `None` = all.
    pub languages: Option<Vec<String>>,
    /// Whether the working directory is writable.
    pub allow_file_writing: bool,
    /// Jury submissions with what they should get. Never handed to the judge.
    pub submissions: Vec<JurySubmission>,
    /// What a strict reader would refuse and a lax one reads over.
    pub warnings: Vec<Warning>,
}

impl Package {
    /// What is laid over a submission of this language before it is compiled.
    #[must_use]
    pub fn include_files(&self, language: &str) -> &[PackageFile] {
        let own = self.include.get(language);
        own.or_else(|| self.include.get(include::FALLBACK))
            .map_or(&[], Vec::as_slice)
    }

    /// Reads the package in a directory.
    ///
    /// # Errors
    /// When it is no package, or one that this judge cannot judge wholly.
    pub fn load(dir: &Path) -> Result<Self, PackageError> {
        let mut tree = Tree::walk(dir)?;
        let mut warnings = std::mem::take(&mut tree.warnings);
        let digest = digest::of_tree(&tree)?;
        let id = id(&tree, &mut warnings);
        let mut metadata = metadata::read(&tree, &mut warnings)?;
        if metadata.version == Version::LegacyIcpc {
            tree.keep_icpc_names(&mut warnings);
        }
        let mut input_validators = validator::input_validators(&tree);
        let mut static_validator = validator::static_validator(&tree)?;
        let Plan {
            cases,
            groups,
            self_tests,
        } = plan::read(
            &tree,
            &metadata,
            &input_validators,
            static_validator.is_some(),
            &mut warnings,
        )?;
        let own = metadata.validator.programs_mut().iter_mut();
        let programs = own
            .chain(&mut input_validators)
            .chain(&mut static_validator);
        for program in programs {
            file::set_constants(&mut program.files, &metadata.constants);
        }
        let judged = cases.iter().map(|case| case.name.as_str());
        let judged = judged.chain(groups.all().into_iter().map(|group| group.name.as_str()));
        let judged: Vec<&str> = judged.collect();
        let submissions = submission::read(&tree, &metadata, &judged, &mut warnings)?;
        let include = include::read(&tree, &metadata, &mut warnings);
        Ok(Self {
            name: metadata.name.unwrap_or_else(|| id.clone()),
            id,
            format_version: metadata.written_version,
            digest,
            limits: metadata.limits,
            kind: metadata.kind,
            objective: metadata.objective,
            shows_groups: metadata.shows_groups,
            custom_score: metadata.custom_score,
            validator: metadata.validator,
            input_validators,
            static_validator,
            self_tests,
            groups,
            cases,
            include,
            languages: metadata.languages,
            allow_file_writing: metadata.allow_file_writing,
            submissions,
            warnings,
            root: tree.root,
        })
    }
}

fn id(tree: &Tree, warnings: &mut Vec<Warning>) -> String {
    let name = tree.root.file_name().unwrap_or_default();
    let id = name.to_string_lossy().into_owned();
    if !id
        .bytes()
        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    {
        let message = "a package's name is lower-case letters and digits only";
        warnings.push(Warning::new(&id, message));
    }
    id
}
