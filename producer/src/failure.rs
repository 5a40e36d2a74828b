//! How a command fails, as an exit status that a script can branch on.

use std::process::ExitCode;

/// Judged, and the verdict is not AC.
pub(crate) const NOT_ACCEPTED_BY_JUDGE: u8 = 1;

/// Why a command did not do what it was asked.
#[derive(Debug)]
pub(crate) enum Failure {
    /// What was given cannot be submitted; nothing was sent. Exit status 2, as for wrong usage.
    Input(anyhow::Error),
    /// The log did not take it. Exit status 3.
    NotAccepted(anyhow::Error),
    /// Accepted, but there is no verdict on the program: too late, or our own error. Exit status 4.
    NoVerdict(anyhow::Error),
}

impl Failure {
    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Input(_) => 2,
            Self::NotAccepted(_) => 3,
            Self::NoVerdict(_) => 4,
        })
    }

    pub(crate) fn error(&self) -> &anyhow::Error {
        match self {
            Self::Input(error) | Self::NotAccepted(error) | Self::NoVerdict(error) => error,
        }
    }
}

impl From<crate::SubmitError> for Failure {
    fn from(error: crate::SubmitError) -> Self {
        if error.is_about_input() {
            Self::Input(error.into())
        } else {
            Self::NotAccepted(error.into())
        }
    }
}
