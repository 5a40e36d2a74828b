//! What only one process at a time may do on one database.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use sqlx::{AssertSqlSafe, Connection, PgConnection, Row as _};

use crate::{Database, Error};

/// After so long without a [`Leadership::confirm`] PostgreSQL ends a leader's session: one that is stopped, or cut
/// off, must not keep others from leading.
const SILENCE: &str = "SET idle_session_timeout = '20s'";

/// What is led in this process, by SQLite file and name: no other process has the file.
static LED_HERE: Mutex<BTreeSet<(PathBuf, String)>> = Mutex::new(BTreeSet::new());

/// The right to do something alone. It ends when this is dropped, when the process dies, and when the
/// connection to the database is lost; so it keeps two from working at once, and is no proof that they never do.
#[derive(Debug)]
pub struct Leadership {
    held: Held,
}

#[derive(Debug)]
enum Held {
    /// A session of its own that holds an advisory lock.
    Postgres(PgConnection),
    Sqlite((PathBuf, String)),
}

impl Leadership {
    /// Takes the right of this name, unless somebody has it.
    pub async fn take(database: &Database, name: &str) -> Result<Option<Self>, Error> {
        let held = match database {
            Database::Postgres(pool) => {
                let options = pool.connect_options();
                let mut session = PgConnection::connect_with(&options).await?;
                sqlx::raw_sql(AssertSqlSafe(SILENCE.to_owned()))
                    .execute(&mut session)
                    .await?;
                let taken = "SELECT pg_try_advisory_lock(hashtextextended($1, 1)) AS taken";
                let row = sqlx::query(taken)
                    .bind(name)
                    .fetch_one(&mut session)
                    .await?;
                if !row.try_get::<bool, _>("taken")? {
                    session.close().await?;
                    return Ok(None);
                }
                Held::Postgres(session)
            }
            Database::Sqlite(pool) => {
                let file = pool.connect_options().get_filename().to_owned();
                let key = (file, name.to_owned());
                if !led_here().insert(key.clone()) {
                    return Ok(None);
                }
                Held::Sqlite(key)
            }
        };
        Ok(Some(Self { held }))
    }

    /// Makes sure that it is still ours; an error means that it may not be. Call it every few seconds.
    pub async fn confirm(&mut self) -> Result<(), Error> {
        if let Held::Postgres(session) = &mut self.held {
            session.ping().await?;
        }
        Ok(())
    }
}

impl Drop for Leadership {
    fn drop(&mut self) {
        // A session's lock ends with its connection.
        if let Held::Sqlite(key) = &self.held {
            led_here().remove(key);
        }
    }
}

fn led_here() -> std::sync::MutexGuard<'static, BTreeSet<(PathBuf, String)>> {
    LED_HERE.lock().unwrap_or_else(PoisonError::into_inner)
}
