//! Which database a URL means.

use std::str::FromStr;

use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};

use crate::Error;
use crate::database::BUSY_TIMEOUT;

/// No statement of ours takes long; one that does waits for a server that hangs.
const STATEMENT_TIMEOUT: &str = "30s";

#[derive(Debug)]
pub(crate) enum Target {
    Postgres(PgConnectOptions),
    Sqlite(SqliteConnectOptions),
}

impl FromStr for Target {
    type Err = Error;

    fn from_str(url: &str) -> Result<Self, Error> {
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Self::Postgres(
                PgConnectOptions::from_str(url)?
                    .options([("statement_timeout", STATEMENT_TIMEOUT)]),
            ));
        }
        match url.strip_prefix("sqlite:") {
            Some(path) if !path.is_empty() => Ok(Self::Sqlite(
                SqliteConnectOptions::new()
                    .filename(path)
                    .journal_mode(SqliteJournalMode::Wal)
                    // In WAL mode this still survives the death of the process.
                    .synchronous(SqliteSynchronous::Normal)
                    .busy_timeout(BUSY_TIMEOUT),
            )),
            Some(_) => Err(Error::WrongUrl(
                "sqlite: names no file: write sqlite:PATH".into(),
            )),
            None => Err(Error::WrongUrl(format!(
                "{:?} is of no known kind: write postgres://USER:PASSWORD@HOST/DATABASE, \
                 or sqlite:PATH for the embedded profile",
                without_password(url)
            ))),
        }
    }
}

/// Errors are logged, passwords are not.
fn without_password(url: &str) -> String {
    match (url.find("://"), url.rfind('@')) {
        (Some(scheme), Some(at)) if scheme + 3 <= at => {
            format!("{}://…{}", &url[..scheme], &url[at..])
        }
        _ => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_kind_of_url_is_refused_without_showing_its_password() {
        let refused = "mysql://judge:secret@db/tribunal".parse::<Target>();
        let message = refused.map(|_| ()).map_err(|error| error.to_string());
        assert_eq!(
            message,
            Err(
                "database url \"mysql://…@db/tribunal\" is of no known kind: write \
                 postgres://USER:PASSWORD@HOST/DATABASE, or sqlite:PATH for the embedded profile"
                    .to_owned()
            )
        );
    }

    #[test]
    fn a_sqlite_url_must_name_a_file() {
        assert!(matches!(
            "sqlite:".parse::<Target>(),
            Err(Error::WrongUrl(_))
        ));
        assert!(matches!(
            "sqlite:a.db".parse::<Target>(),
            Ok(Target::Sqlite(_))
        ));
    }
}
