//! What can be wrong with a package: the author's to mend, never charged to a user.

use std::fmt;
use std::io;
use std::path::PathBuf;

/// Why a package was refused. Paths are relative to the package unless they are `PathBuf`s.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PackageError {
    /// The file system failed us; trying again may help.
    #[error("failed to read {}", path.display())]
    Io {
        /// What was being read.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file that every package of its kind has is not there.
    #[error("{file} is missing: {advice}")]
    Missing {
        /// The file or directory that should exist.
        file: String,
        /// What to do.
        advice: String,
    },
    /// A file is not YAML (or not text).
    #[error("{}: {problem}", At(file, *line))]
    Syntax {
        /// The file.
        file: String,
        /// Line, counted from 1, where the reader knows it.
        line: Option<usize>,
        /// What the reader said.
        problem: String,
    },
    /// A value means nothing, or contradicts another.
    #[error("{}: {problem}", At(file, *line))]
    Invalid {
        /// The file (or directory) that says so.
        file: String,
        /// Line, counted from 1, where a line says it.
        line: Option<usize>,
        /// Which key or name, and what is wrong with it.
        problem: String,
    },
    /// The format allows it; this judge does not, and will not judge half of it.
    #[error("{}: {feature} is not supported: {advice}", At(file, *line))]
    Unsupported {
        /// The feature by its name in the format.
        feature: String,
        /// The file that asks for it.
        file: String,
        /// Line, counted from 1, where a line asks for it.
        line: Option<usize>,
        /// What to do instead.
        advice: String,
    },
    /// A symbolic link leads out of the package, nowhere, or round in a circle.
    #[error("{file} is a link that {problem}: put a copy of the file there instead")]
    Link {
        /// The link.
        file: String,
        /// Where it leads.
        problem: String,
    },
    /// A file, or the number of files, is beyond what we read.
    #[error("{file} has {size} {unit}, more than the {limit} allowed")]
    TooLarge {
        /// The file or directory.
        file: String,
        /// What it has.
        size: u64,
        /// The cap.
        limit: u64,
        /// What is counted: `bytes`, `files`, `levels`.
        unit: &'static str,
    },
}

/// Something a strict reader refuses and a lax one reads over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// The file or directory it is about, relative to the package.
    pub file: String,
    /// Line, counted from 1, where a line says it.
    pub line: Option<usize>,
    /// What was seen, and how it was read.
    pub message: String,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place(), self.message)
    }
}

impl Warning {
    /// The file, with the line where one says it: `problem.yaml:12`.
    #[must_use]
    pub fn place(&self) -> String {
        At(&self.file, self.line).to_string()
    }

    pub(super) fn new(file: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            file: file.into(),
            line: None,
            message: message.into(),
        }
    }

    pub(super) fn at(self, line: usize) -> Self {
        Self {
            line: Some(line),
            ..self
        }
    }
}

impl PackageError {
    pub(super) fn invalid(file: &str, problem: impl Into<String>) -> Self {
        Self::Invalid {
            file: file.to_owned(),
            line: None,
            problem: problem.into(),
        }
    }

    pub(super) fn missing(file: impl Into<String>, advice: &str) -> Self {
        Self::Missing {
            file: file.into(),
            advice: advice.to_owned(),
        }
    }

    pub(super) fn unsupported(feature: &str, file: &str, advice: &str) -> Self {
        Self::Unsupported {
            feature: feature.to_owned(),
            file: file.to_owned(),
            line: None,
            advice: advice.to_owned(),
        }
    }

    /// The same error, said by a line.
    pub(super) fn at(mut self, at: usize) -> Self {
        if let Self::Invalid { line, .. } | Self::Unsupported { line, .. } = &mut self {
            *line = Some(at);
        }
        self
    }
}

/// `problem.yaml:12`, as editors and terminals understand it.
struct At<'a>(&'a str, Option<usize>);

impl fmt::Display for At<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)?;
        self.1.map_or(Ok(()), |line| write!(f, ":{line}"))
    }
}
