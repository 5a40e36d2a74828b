//! Why a judgement could not be given. Never the submitted program's doing, and never charged to its user.

use std::io::ErrorKind;
use std::path::PathBuf;

use crate::languages::Language;
use crate::package::Group;

use sandbox::{SandboxError, VolumeError};

/// A failure of ours. After retries it becomes the verdict JE; the program was neither right nor wrong.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The caller's `Cancel` was triggered.
    #[error("judging was cancelled")]
    Cancelled,
    /// The sandbox could not do its work.
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
    /// A scratch volume could not be filled or read.
    #[error(transparent)]
    Volume(#[from] VolumeError),
    /// The language's toolchain is missing or does not work on this host.
    #[error("{language} is not available here: {why}")]
    NotAvailable {
        /// Language id.
        language: String,
        /// What was tried and what came of it.
        why: String,
    },
    /// The package asks for something this judge cannot honour.
    #[error("package {package} cannot be judged here: {why}")]
    Package {
        /// Problem id.
        package: String,
        /// Which demand, and what to do.
        why: String,
    },
    /// The package gives no time limit, and none can be computed.
    #[error("package {package} gives no time limit, and {why}")]
    NoTimeLimit {
        /// Problem id.
        package: String,
        /// Why its jury submissions do not help.
        why: String,
    },
    /// The package's own output validator misbehaved.
    #[error("output validator failed on case {case}: {what}")]
    Validator {
        /// The case's name.
        case: String,
        /// How it ended.
        what: String,
    },
    /// The package's own grader, or its rules for scores, gave nothing that can stand.
    #[error("grading of group {group} failed: {what}")]
    Grading {
        /// The group's path below `data/`, or `data`.
        group: String,
        /// What came instead, or which rule is broken.
        what: String,
    },
    /// A file of ours could not be read or written.
    #[error("failed to {action} {}: {cause}", path.display())]
    Io {
        /// A verb: `read`, `write` …
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        cause: std::io::Error,
    },
}

impl Fault {
    /// The grading of `group` came to nothing.
    pub(crate) fn grading(group: &Group, what: String) -> Fault {
        let name = match group.name.as_str() {
            "" => "data",
            name => name,
        };
        Fault::Grading {
            group: name.to_owned(),
            what,
        }
    }

    /// The kernel would not start a program of the toolchain.
    pub(crate) fn not_executable(language: &Language, command: &[String], errno: i32) -> Fault {
        let program = command.first().map_or("", String::as_str);
        Fault::NotAvailable {
            language: language.id.clone(),
            why: format!(
                "cannot execute {program}: {}; {}",
                std::io::Error::from_raw_os_error(errno),
                language.advice()
            ),
        }
    }

    /// What happened, and what to do about it where that is known.
    pub fn with_advice(&self) -> String {
        match self.advice() {
            Some(advice) => format!("{self}; {advice}"),
            None => self.to_string(),
        }
    }

    fn advice(&self) -> Option<&'static str> {
        let cause = match self {
            Fault::Sandbox(SandboxError::Io { cause, .. })
            | Fault::Volume(VolumeError::Io { cause, .. })
            | Fault::Io { cause, .. } => cause,
            _ => return None,
        };
        match cause.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
                Some("free space on that file system or give it more")
            }
            ErrorKind::ReadOnlyFilesystem => Some("make that file system writable"),
            ErrorKind::WouldBlock => Some(
                "if it is about processes, raise `pids.max` of the control groups above the boxes and `ulimit -u`",
            ),
            ErrorKind::OutOfMemory => Some("run fewer slots or give the host more memory"),
            _ => None,
        }
    }

    /// The toolchain is there and does not do what it should.
    pub(crate) fn broken_toolchain(language: &Language, why: impl std::fmt::Display) -> Fault {
        Fault::NotAvailable {
            language: language.id.clone(),
            why: format!("{why}; {}", language.advice()),
        }
    }

    /// For `map_err`: a failed `action` on `path`.
    pub(crate) fn io(
        action: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(std::io::Error) -> Fault {
        let path = path.into();
        move |cause| Fault::Io {
            action,
            path,
            cause,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_and_a_refused_fork_come_with_what_to_do() {
        let told = |errno| {
            let cause = std::io::Error::from_raw_os_error(errno);
            Fault::io("write", "/cache/x")(cause).with_advice()
        };
        assert!(told(rustix::io::Errno::NOSPC.raw_os_error()).contains("free space"));
        assert!(told(rustix::io::Errno::AGAIN.raw_os_error()).contains("pids.max"));
        assert_eq!(Fault::Cancelled.with_advice(), Fault::Cancelled.to_string());
    }

    #[test]
    fn a_cause_is_told_once_however_the_fault_is_printed() {
        let cause = || std::io::Error::other("disk full");
        let faults = [
            Fault::io("write", "/cache/x")(cause()),
            Fault::Sandbox(SandboxError::Io {
                what: "fork".to_owned(),
                cause: cause(),
            }),
        ];
        for fault in faults {
            let mut text = fault.to_string();
            let mut error: &dyn std::error::Error = &fault;
            while let Some(source) = error.source() {
                text = format!("{text}: {source}");
                error = source;
            }
            assert_eq!(text.matches("disk full").count(), 1, "{text}");
        }
    }
}
