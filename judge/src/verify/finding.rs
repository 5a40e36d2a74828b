//! What is wrong with a package, and where.

/// Whether a finding makes verifying fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// The package contradicts itself or its format.
    Error,
    /// Somebody should look at it.
    Warning,
}

/// Something that is wrong with the package itself, rather than with what a jury submission got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Whether it makes verifying fail.
    pub severity: Severity,
    /// The file of the package, with the line where one is to blame: `submissions/submissions.yaml:7`.
    pub file: String,
    /// What is wrong, and who says so.
    pub message: String,
}

impl Finding {
    pub(super) fn error(file: impl Into<String>, message: impl Into<String>) -> Finding {
        Finding {
            severity: Severity::Error,
            file: file.into(),
            message: message.into(),
        }
    }

    pub(super) fn warning(file: impl Into<String>, message: impl Into<String>) -> Finding {
        Finding {
            severity: Severity::Warning,
            ..Finding::error(file, message)
        }
    }
}

impl std::fmt::Display for Finding {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}: {}", self.file, self.message)
    }
}
