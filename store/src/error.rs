//! What can go wrong with the database, by what a caller does about it.

use sqlx::migrate::MigrateError;

use crate::migrations;
use crate::offsets::OffsetConflict;

/// A failed database operation.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It cannot be reached or cannot serve now: try again later, nothing was done.
    #[error("database away: {0}")]
    Away(String),
    /// The URL can never work as it stands.
    #[error("database url {0}")]
    WrongUrl(String),
    /// The schema belongs to another version of this program.
    #[error("{0}")]
    WrongSchema(String),
    /// Another instance of the group moved the offset: roll back and read it again.
    #[error(transparent)]
    OffsetConflict(#[from] OffsetConflict),
    /// The statement itself failed: a fault of ours.
    #[error("failed to query the database: {0}")]
    Query(#[source] sqlx::Error),
}

impl Error {
    /// Whether the same call may succeed later without anybody changing anything.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Away(_))
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Io(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::Protocol(_)
            | sqlx::Error::WorkerCrashed => Self::Away(error.to_string()),
            sqlx::Error::Database(cause) => match cause.code().as_deref() {
                Some(code) if passes_by_itself(code) => Self::Away(error.to_string()),
                Some(code) if is_refused_login(code) => Self::WrongUrl(format!(
                    "was refused: {cause}; check its user, password and database name"
                )),
                _ => Self::Query(error),
            },
            sqlx::Error::Configuration(cause) => Self::WrongUrl(format!("is unusable: {cause}")),
            _ => Self::Query(error),
        }
    }
}

impl From<MigrateError> for Error {
    fn from(error: MigrateError) -> Self {
        match error {
            MigrateError::Execute(cause) | MigrateError::ExecuteMigration(cause, _) => cause.into(),
            MigrateError::VersionMissing(version) => migrations::newer(version),
            MigrateError::VersionMismatch(version) => Self::WrongSchema(format!(
                "schema version {version} in the database differs from this binary's: \
                 it was made by a modified build"
            )),
            other => Self::WrongSchema(format!("failed to migrate the database: {other}")),
        }
    }
}

/// SQLSTATE classes 08 (connection), 40 (rolled back: deadlock, serialisation), 53 (out of
/// resources), 55P03 and 57 (shutting down, starting up, timed out); and SQLite's BUSY and LOCKED,
/// whose extended codes keep the primary one in the low byte.
fn passes_by_itself(code: &str) -> bool {
    const SQLITE_BUSY: u32 = 5;
    const SQLITE_LOCKED: u32 = 6;
    if code.len() == 5 {
        let by_class = ["08", "40", "53", "57"].contains(&&code[..2]);
        return by_class || code == "55P03";
    }
    code.parse::<u32>()
        .is_ok_and(|code| matches!(code & 0xff, SQLITE_BUSY | SQLITE_LOCKED))
}

/// SQLSTATE 28 (bad user or password) and 3D000 (no such database).
fn is_refused_login(code: &str) -> bool {
    code.len() == 5 && (code.starts_with("28") || code == "3D000")
}
