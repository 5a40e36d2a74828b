//! What can go wrong on our side. What the program did is an [`crate::Outcome`], never one of these.

use std::io;

use crate::protection::Report;

/// A fault of ours or of the host; the program is never to blame for it.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// A protection is missing and the configuration does not waive it.
    #[error("the sandbox is not safe to use here:\n{0}")]
    Unprotected(Report),
    /// The caller described a run that cannot be; the box is still good.
    #[error("cannot run this program: {0}")]
    Request(String),
    /// The box broke, or could not be proved clean; it refuses every later run, so make a new one.
    #[error("the box is damaged: {0}")]
    Damaged(String),
    /// The kernel refused something that we need.
    #[error("failed to {what}: {cause}")]
    Io {
        /// What was tried.
        what: String,
        /// What the kernel said.
        cause: io::Error,
    },
}

/// Names what was tried when a system call fails.
pub(crate) trait Context<T> {
    fn context(self, what: impl Into<String>) -> Result<T, SandboxError>;
}

impl<T, E: Into<io::Error>> Context<T> for Result<T, E> {
    fn context(self, what: impl Into<String>) -> Result<T, SandboxError> {
        self.map_err(|error| SandboxError::Io {
            what: what.into(),
            cause: error.into(),
        })
    }
}
