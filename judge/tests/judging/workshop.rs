//! A judge, a box and a package of the test's own making.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::time::Duration;

use judge::package::{
    Child, OutputValidator, Package, PackageFile, PackageLimits, PackageProgram, TestCase,
};
use judge::{
    Cancel, Fault, Judge, JudgeConfig, JudgeOptions, Judgement, Languages, Source, SourceFile,
    Step, Worker,
};
use sandbox::Sandbox;
use tempfile::TempDir;

/// Opening tries every protection, which is slow; boxes are each test's own.
static SANDBOX: LazyLock<Sandbox> =
    LazyLock::new(|| Sandbox::open(Languages::builtin().sandbox_config()).unwrap());

pub(crate) struct Workshop {
    pub(crate) slots: Judge,
    pub(crate) worker: Worker,
    pub(crate) package: Package,
    pub(crate) options: JudgeOptions,
    /// How often a compiler was started for a submission.
    pub(crate) compiles: usize,
    cache_dir: PathBuf,
    directory: TempDir,
}

impl Workshop {
    /// A package with one case: input `3 4`, answer `7`.
    pub(crate) fn new() -> Workshop {
        Workshop::with_languages(Languages::builtin())
    }

    pub(crate) fn with_languages(languages: Languages) -> Workshop {
        Workshop::with_sandbox(SANDBOX.clone(), languages)
    }

    pub(crate) fn with_sandbox(sandbox: Sandbox, languages: Languages) -> Workshop {
        let directory = tempfile::tempdir().unwrap();
        let cache_dir = directory.path().join("cache");
        Workshop::furnished(directory, cache_dir, sandbox, languages)
    }

    pub(crate) fn with_cache_dir(cache_dir: PathBuf) -> Workshop {
        let directory = tempfile::tempdir().unwrap();
        Workshop::furnished(directory, cache_dir, SANDBOX.clone(), Languages::builtin())
    }

    fn furnished(
        directory: TempDir,
        cache_dir: PathBuf,
        sandbox: Sandbox,
        languages: Languages,
    ) -> Workshop {
        let config = JudgeConfig::new(&cache_dir);
        let judge = Judge::new(sandbox, languages, config).unwrap();
        let mut workshop = Workshop {
            worker: judge.worker().unwrap(),
            slots: judge,
            package: empty_package(directory.path()),
            options: JudgeOptions::default(),
            compiles: 0,
            cache_dir,
            directory,
        };
        workshop.add_case("secret/1", "3 4\n", "7\n");
        workshop
    }

    pub(crate) fn cache_dir(&self) -> &Path {
        &self.cache_dir
    }

    pub(crate) fn clear_cases(&mut self) {
        self.package.cases.clear();
        self.package.groups.children.clear();
    }

    pub(crate) fn add_case(&mut self, name: &str, input: &str, answer: &str) -> &mut TestCase {
        let case = TestCase {
            name: name.to_owned(),
            input: self.file(&format!("data/{name}.in"), input).path,
            answer: self.file(&format!("data/{name}.ans"), answer).path,
            ..TestCase::default()
        };
        let index = self.package.cases.len();
        self.package.cases.push(case);
        self.package.groups.children.push(Child::Case(index));
        self.package.cases.last_mut().unwrap()
    }

    /// A file below the package's directory, with its last name as its name.
    pub(crate) fn file(&self, path: &str, content: &str) -> PackageFile {
        let path = self.directory.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        PackageFile::new(name, path)
    }

    pub(crate) fn include(&mut self, language: &str, name: &str, content: &str) {
        let file = self.file(&format!("include/{language}/{name}"), content);
        self.package.include.insert(language.to_owned(), vec![file]);
    }

    pub(crate) fn validator(&mut self, name: &str, content: &str) {
        self.validator_of(&[(name, content)]);
    }

    /// A validator of several files, by their paths in its directory.
    pub(crate) fn validator_of(&mut self, files: &[(&str, &str)]) {
        self.package.validator = OutputValidator::Custom(self.program("check", files));
    }

    /// A program of the package.
    pub(crate) fn program(&self, name: &str, files: &[(&str, &str)]) -> PackageProgram {
        let file = |(path, content): &(&str, &str)| PackageFile {
            name: (*path).to_owned(),
            ..self.file(&format!("programs/{name}/{path}"), content)
        };
        PackageProgram {
            name: name.to_owned(),
            files: files.iter().map(file).collect(),
        }
    }

    pub(crate) fn try_judge(&mut self, source: &Source) -> Result<Judgement, Fault> {
        let cancel = Cancel::new().unwrap();
        let compiles = &mut self.compiles;
        let mut on_step = |step| {
            if let Step::Compiling = step {
                *compiles += 1;
            }
        };
        let Workshop {
            worker,
            package,
            options,
            ..
        } = self;
        worker.judge(package, source, options, &cancel, &mut on_step)
    }

    /// The judgement of one file.
    pub(crate) fn judge(&mut self, name: &str, content: &str) -> Judgement {
        self.try_judge(&source(&[(name, content)])).unwrap()
    }

    /// The verdict of one file with its reason: `RTE signal SIGSEGV`.
    pub(crate) fn verdict(&mut self, name: &str, content: &str) -> String {
        told(&self.judge(name, content))
    }
}

/// A verdict with its reason.
pub(crate) fn told(judgement: &Judgement) -> String {
    match &judgement.reason {
        Some(reason) => format!("{} {reason}", judgement.verdict),
        None => judgement.verdict.to_string(),
    }
}

pub(crate) fn source(files: &[(&str, &str)]) -> Source {
    Source {
        files: files
            .iter()
            .map(|(name, content)| SourceFile {
                name: (*name).to_owned(),
                content: content.as_bytes().to_vec(),
            })
            .collect(),
        language: None,
        entry_point: None,
    }
}

fn empty_package(root: &Path) -> Package {
    Package {
        root: root.to_owned(),
        id: "sum".to_owned(),
        name: "Sum".to_owned(),
        format_version: "2025-09".to_owned(),
        digest: "0".repeat(64),
        limits: PackageLimits {
            time: Some(Duration::from_secs(2)),
            ac_to_time_limit: 2.0,
            time_limit_to_tle: 1.5,
            time_resolution: Duration::from_secs(1),
            memory_bytes: 256 << 20,
            output_bytes: 1 << 20,
            code_bytes: 64 << 10,
            compilation_time: Duration::from_secs(30),
            compilation_memory_bytes: 1 << 30,
            validation_time: Duration::from_secs(2),
            validation_memory_bytes: 256 << 20,
            validation_output_bytes: 1 << 20,
            ..PackageLimits::default()
        },
        ..Package::default()
    }
}
