//! The jury submissions of the packages in a folder, ready to be submitted like anybody's.

use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use judge::Source;
use judge::package::{JurySubmission, Package};
use schemas::SourceFile;

/// One jury submission.
#[derive(Clone, Debug)]
pub(crate) struct JuryEntry {
    /// The problem it is for.
    pub(crate) problem_id: String,
    /// Path below `submissions/`.
    pub(crate) path: String,
    /// Language, where the package names it.
    pub(crate) language: Option<String>,
    /// Entry point, where the package names it.
    pub(crate) entry_point: Option<String>,
    /// Its files under neutral names: what folder they lie in stays here.
    pub(crate) files: Vec<SourceFile>,
    /// The verdicts it may get, as words.
    pub(crate) expected: Vec<&'static str>,
}

impl JuryEntry {
    fn read(package: &Package, submission: &JurySubmission) -> anyhow::Result<Self> {
        let files = submission.files.iter().map(|file| {
            let content = file
                .read()
                .with_context(|| format!("failed to read {}", file.path.display()))?;
            let name = file.name.clone();
            Ok(SourceFile { name, content })
        });
        let verdicts = submission.expectation.verdicts.iter();
        Ok(Self {
            problem_id: package.id.clone(),
            path: submission.path.clone(),
            language: submission.language.clone(),
            entry_point: submission.entry_point.clone(),
            files: files.collect::<anyhow::Result<_>>()?,
            expected: verdicts.map(|verdict| verdict.code()).collect(),
        })
    }

    /// What a judge is given.
    pub(crate) fn source(&self) -> Source {
        let file = |file: &SourceFile| judge::SourceFile {
            name: file.name.clone(),
            content: file.content.clone(),
        };
        Source {
            files: self.files.iter().map(file).collect(),
            language: self.language.clone(),
            entry_point: self.entry_point.clone(),
        }
    }

    /// Whether a verdict is one that the package expects.
    pub(crate) fn agrees(&self, verdict: &str) -> bool {
        self.expected.contains(&verdict)
    }
}

/// Every jury submission of every package in `folder`, by problem and path.
pub(crate) fn collect(folder: &Path) -> anyhow::Result<Vec<JuryEntry>> {
    let mut entries = Vec::new();
    for directory in package_directories(folder)? {
        let package = Package::load(&directory)
            .with_context(|| format!("failed to read the package {}", directory.display()))?;
        for submission in &package.submissions {
            entries.push(JuryEntry::read(&package, submission)?);
        }
    }
    ensure!(
        !entries.is_empty(),
        "no jury submissions below {}: name a folder of problem packages with --problems",
        folder.display()
    );
    Ok(entries)
}

/// The folders below `folder` that hold a `problem.yaml`, by name.
pub(crate) fn package_directories(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let listing = std::fs::read_dir(folder).with_context(|| {
        format!(
            "failed to list {}: name a folder of problem packages",
            folder.display()
        )
    })?;
    let mut directories = Vec::new();
    for entry in listing {
        let path = entry?.path();
        if path.join("problem.yaml").is_file() {
            directories.push(path);
        }
    }
    directories.sort();
    Ok(directories)
}
