//! Being woken when another transaction has left something to do.

use std::time::Duration;

use sqlx::postgres::PgListener;
use tokio::sync::Notify;

use crate::{Database, Error};

/// PostgreSQL's channel; one is enough, because whoever is woken looks for itself.
pub(crate) const CHANNEL: &str = "tribunal";

/// SQLite serves one process: whoever waits, waits here.
static COMMITTED: Notify = Notify::const_new();

/// Wakes the listeners of this process.
pub(crate) fn in_this_process() {
    COMMITTED.notify_waiters();
}

/// Hears of transactions that called [`Transaction::notify`](crate::Transaction::notify). A call may be missed, for
/// example while the connection is made anew, so whoever listens also looks from time to time.
#[derive(Debug)]
pub struct Listener {
    /// None for SQLite.
    postgres: Option<PgListener>,
}

impl Listener {
    /// Begins to listen.
    pub async fn on(database: &Database) -> Result<Self, Error> {
        let postgres = match database {
            Database::Postgres(pool) => {
                let mut listener = PgListener::connect_with(pool).await?;
                listener.ignore_pool_close_event(true);
                listener.listen(CHANNEL).await?;
                Some(listener)
            }
            Database::Sqlite(_) => None,
        };
        Ok(Self { postgres })
    }

    /// Waits for a call, but not longer than this. Calls that came meanwhile count, and count once.
    pub async fn wait(&mut self, at_most: Duration) -> Result<(), Error> {
        let heard = async {
            match &mut self.postgres {
                Some(listener) => {
                    listener.recv().await?;
                    while listener.next_buffered().is_some() {}
                }
                None => COMMITTED.notified().await,
            }
            Ok(())
        };
        tokio::time::timeout(at_most, heard).await.unwrap_or(Ok(()))
    }
}
