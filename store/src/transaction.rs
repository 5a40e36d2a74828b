//! A transaction on either database.

use sqlx::{AssertSqlSafe, Postgres, Sqlite};

use crate::value::{bind_postgres, bind_sqlite};
use crate::{Error, Row, Value, wake};

/// PostgreSQL takes 65,535 parameters in one statement, SQLite 32,766.
const MAX_PARAMETERS: usize = 30_000;

/// A transaction. Dropped without a commit, it rolls back.
#[derive(Debug)]
pub struct Transaction {
    begun: Begun,
    /// Whether [`Transaction::notify`] was asked for, where the database has no such thing.
    notifies: bool,
}

/// How a named lock of a transaction goes together with others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sharing {
    /// With nobody.
    Exclusive,
    /// With all who share.
    Shared,
}

#[derive(Debug)]
pub(crate) enum Begun {
    Postgres(sqlx::Transaction<'static, Postgres>),
    Sqlite(sqlx::Transaction<'static, Sqlite>),
}

impl Transaction {
    pub(crate) fn new(begun: Begun) -> Self {
        Self {
            begun,
            notifies: false,
        }
    }

    /// Takes a lock of this name until the transaction ends, and waits for it. What later statements
    /// see includes what its former holders committed. In SQLite every writer is alone anyway.
    pub async fn lock(&mut self, name: &str, sharing: Sharing) -> Result<(), Error> {
        let sql = match (&self.begun, sharing) {
            (Begun::Sqlite(_), _) => return Ok(()),
            (Begun::Postgres(_), Sharing::Exclusive) => {
                "SELECT 1 FROM pg_advisory_xact_lock(hashtextextended($1, 0))"
            }
            (Begun::Postgres(_), Sharing::Shared) => {
                "SELECT 1 FROM pg_advisory_xact_lock_shared(hashtextextended($1, 0))"
            }
        };
        self.execute(sql, vec![name.into()]).await?;
        Ok(())
    }

    /// Lets this transaction's statements take as long as they need: for what is done seldom and to
    /// many rows at once.
    pub async fn take_time(&mut self) -> Result<(), Error> {
        if matches!(self.begun, Begun::Postgres(_)) {
            self.execute("SET LOCAL statement_timeout = 0", vec![])
                .await?;
        }
        Ok(())
    }

    /// Wakes every [`Listener`](crate::Listener) once this is committed.
    pub async fn notify(&mut self) -> Result<(), Error> {
        self.notifies = true;
        if matches!(self.begun, Begun::Postgres(_)) {
            let sql = "SELECT pg_notify($1, '')";
            self.execute(sql, vec![wake::CHANNEL.into()]).await?;
        }
        Ok(())
    }

    /// Runs a statement; answers how many rows it touched.
    pub async fn execute(&mut self, sql: &'static str, values: Vec<Value>) -> Result<u64, Error> {
        Ok(match &mut self.begun {
            Begun::Postgres(transaction) => {
                let query = values.into_iter().fold(sqlx::query(sql), bind_postgres);
                query.execute(&mut **transaction).await?.rows_affected()
            }
            Begun::Sqlite(transaction) => {
                let query = values.into_iter().fold(sqlx::query(sql), bind_sqlite);
                query.execute(&mut **transaction).await?.rows_affected()
            }
        })
    }

    /// Runs a query; answers its rows.
    pub async fn fetch(
        &mut self,
        sql: impl Into<String>,
        values: Vec<Value>,
    ) -> Result<Vec<Row>, Error> {
        // Not kept prepared: the texts differ in their number of rows.
        let sql = AssertSqlSafe(sql.into());
        Ok(match &mut self.begun {
            Begun::Postgres(transaction) => {
                let query = sqlx::query(sql).persistent(false);
                let query = values.into_iter().fold(query, bind_postgres);
                let rows = query.fetch_all(&mut **transaction).await?;
                rows.into_iter().map(Row::Postgres).collect()
            }
            Begun::Sqlite(transaction) => {
                let query = sqlx::query(sql).persistent(false);
                let query = values.into_iter().fold(query, bind_sqlite);
                let rows = query.fetch_all(&mut **transaction).await?;
                rows.into_iter().map(Row::Sqlite).collect()
            }
        })
    }

    /// Inserts rows in order, as few statements as both databases allow: `{insert} VALUES (…), (…)
    /// {then}`, where `insert` is `INSERT INTO t (…)` and `then` the conflict and `RETURNING` clauses.
    pub async fn insert<const COLUMNS: usize>(
        &mut self,
        insert: &'static str,
        rows: Vec<[Value; COLUMNS]>,
        then: &'static str,
    ) -> Result<Vec<Row>, Error> {
        let mut returned = Vec::new();
        let mut rows = rows.into_iter().peekable();
        while rows.peek().is_some() {
            let chunk: Vec<_> = rows.by_ref().take(MAX_PARAMETERS / COLUMNS).collect();
            let sql = format!(
                "{insert} VALUES {} {then}",
                placeholders(chunk.len(), COLUMNS)
            );
            returned.extend(
                self.fetch(sql, chunk.into_iter().flatten().collect())
                    .await?,
            );
        }
        Ok(returned)
    }

    /// Commits: from here on all of it is recorded.
    pub async fn commit(self) -> Result<(), Error> {
        match self.begun {
            Begun::Postgres(transaction) => transaction.commit().await?,
            Begun::Sqlite(transaction) => {
                transaction.commit().await?;
                if self.notifies {
                    wake::in_this_process();
                }
            }
        }
        Ok(())
    }

    /// Rolls back at once rather than when the connection is used next.
    pub async fn rollback(self) -> Result<(), Error> {
        match self.begun {
            Begun::Postgres(transaction) => transaction.rollback().await?,
            Begun::Sqlite(transaction) => transaction.rollback().await?,
        }
        Ok(())
    }
}

/// `($1, $2), ($3, $4)` for two rows of two columns.
fn placeholders(rows: usize, columns: usize) -> String {
    let row = |row: usize| {
        let numbers = row * columns + 1..=(row + 1) * columns;
        let names: Vec<_> = numbers.map(|number| format!("${number}")).collect();
        format!("({})", names.join(", "))
    };
    (0..rows).map(row).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::placeholders;

    #[test]
    fn placeholders_are_numbered_through_all_rows() {
        assert_eq!(placeholders(2, 3), "($1, $2, $3), ($4, $5, $6)");
    }
}
