//! One program for one problem, as it travels on the client lanes.

use std::borrow::Cow;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::cap;
use crate::codec::{Codec, DecodeError, EncodeError, uuid_text};
use crate::message::Message;
use crate::problem_id::{InvalidProblemId, check_problem_id};
use crate::released;

/// One file of a program: a path below the submission's directory and its bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceFile {
    /// A relative path with `/` between its parts.
    pub name: String,
    /// The bytes as the user sent them.
    #[serde(with = "serde_bytes")]
    pub content: Vec<u8>,
}

/// One program (source files, a language, an entry point) for one problem, by one user of one tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Submission {
    /// See [`crate::identity::submission_id`].
    #[serde(with = "uuid_text")]
    pub submission_id: Uuid,
    /// 0 for the first judging, +1 for each rejudge.
    pub generation: i32,
    /// The site or customer the user belongs to.
    pub tenant: String,
    /// The contest, if the submission counts for one.
    pub contest_id: Option<String>,
    /// The user, as the tenant names them.
    pub user_id: String,
    /// The problem's short name; also the record's key.
    pub problem_id: String,
    /// The language's code, for example `cpp` or `python3`.
    pub language: String,
    /// The class, module or file to start, where the language needs one.
    pub entry_point: Option<String>,
    /// The program, at least one file.
    pub files: Vec<SourceFile>,
    /// When the client says it was submitted, milliseconds since 1970 in UTC. A claim: the accept
    /// time is the broker's append time.
    pub submitted_at_ms: i64,
    /// What the client gave to make a repeated request the same submission.
    pub idempotency_key: Option<String>,
    /// The package to judge against; the problem's current one if absent.
    pub package_digest: Option<String>,
}

/// Why a submission may not be sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSubmission {
    /// The problem id breaks its rule.
    #[error(transparent)]
    ProblemId(#[from] InvalidProblemId),
    /// A field that must be filled is empty.
    #[error("{field} is empty: every submission needs one")]
    Empty {
        /// Its name.
        field: &'static str,
    },
    /// A field or file is larger than its cap.
    #[error("{what} has {actual} bytes: at most {limit} are allowed")]
    TooLarge {
        /// The field, or the file by name.
        what: String,
        /// Bytes given.
        actual: usize,
        /// Bytes allowed.
        limit: usize,
    },
    /// More files than [`cap::MAX_FILES`].
    #[error("{actual} source files: at most {limit} are allowed", limit = cap::MAX_FILES)]
    TooManyFiles {
        /// Files given.
        actual: usize,
    },
    /// A file name that is not a plain relative path.
    #[error(
        "file name {name:?} is not a plain relative path: no `..`, no leading `/`, no control characters"
    )]
    FileName {
        /// What was given.
        name: String,
    },
    /// Two files of one name.
    #[error("file {name:?} is given twice")]
    RepeatedFile {
        /// The name.
        name: String,
    },
}

impl Submission {
    /// Everything a producer must hold to before it sends: rules and sizes.
    pub fn check(&self) -> Result<(), InvalidSubmission> {
        check_problem_id(&self.problem_id)?;
        self.check_filled()?;
        self.check_sizes()?;
        self.check_file_names()
    }

    fn check_filled(&self) -> Result<(), InvalidSubmission> {
        let required = [
            ("tenant", &self.tenant),
            ("user", &self.user_id),
            ("language", &self.language),
        ];
        for (field, value) in required {
            if value.is_empty() {
                return Err(InvalidSubmission::Empty { field });
            }
        }
        if self.files.is_empty() {
            return Err(InvalidSubmission::Empty { field: "file list" });
        }
        Ok(())
    }

    /// Sizes alone: also checked on what was decoded, before anyone works with it.
    fn check_sizes(&self) -> Result<(), InvalidSubmission> {
        let names = [
            ("tenant", Some(&self.tenant)),
            ("contest id", self.contest_id.as_ref()),
            ("user", Some(&self.user_id)),
            ("problem id", Some(&self.problem_id)),
            ("language", Some(&self.language)),
            ("entry point", self.entry_point.as_ref()),
            ("idempotency key", self.idempotency_key.as_ref()),
            ("package digest", self.package_digest.as_ref()),
        ];
        for (what, value) in names {
            within(what, value.map_or(0, String::len), cap::MAX_NAME_BYTES)?;
        }
        if self.files.len() > cap::MAX_FILES {
            return Err(InvalidSubmission::TooManyFiles {
                actual: self.files.len(),
            });
        }
        for file in &self.files {
            within("file name", file.name.len(), cap::MAX_FILE_NAME_BYTES)?;
            within(&file.name, file.content.len(), cap::MAX_FILE_BYTES)?;
        }
        let total = self.files.iter().map(|file| file.content.len()).sum();
        within("the submission", total, cap::MAX_SOURCE_BYTES)
    }

    fn check_file_names(&self) -> Result<(), InvalidSubmission> {
        let mut seen = std::collections::BTreeSet::new();
        for SourceFile { name, .. } in &self.files {
            let plain = name.split('/').all(|part| !matches!(part, "" | "." | ".."))
                && !name.contains('\\')
                && !name.chars().any(char::is_control);
            if !plain {
                return Err(InvalidSubmission::FileName { name: name.clone() });
            }
            if !seen.insert(name) {
                return Err(InvalidSubmission::RepeatedFile { name: name.clone() });
            }
        }
        Ok(())
    }
}

fn within(what: &str, actual: usize, limit: usize) -> Result<(), InvalidSubmission> {
    if actual <= limit {
        return Ok(());
    }
    Err(InvalidSubmission::TooLarge {
        what: what.to_owned(),
        actual,
        limit,
    })
}

impl Message for Submission {
    const NAME: &'static str = "submission";

    fn codec() -> &'static Codec<Self> {
        static CODEC: LazyLock<Codec<Submission>> =
            LazyLock::new(|| Codec::new(released::SUBMISSION));
        &CODEC
    }

    fn prepare(&self) -> Result<Cow<'_, Self>, EncodeError> {
        self.check()?;
        Ok(Cow::Borrowed(self))
    }

    fn admit(&self) -> Result<(), DecodeError> {
        self.check_sizes().map_err(DecodeError::TooLarge)
    }
}
