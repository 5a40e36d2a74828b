//! A transaction on either database.

use sqlx::{AssertSqlSafe, Postgres, Sqlite};

use crate::value::{bind_postgres, bind_sqlite};
use crate::{Error, Row, Value};

/// PostgreSQL takes 65,535 parameters in one statement, SQLite 32,766.
const MAX_PARAMETERS: usize = 30_000;

/// A transaction. Dropped without a commit, it rolls back.
#[derive(Debug)]
pub struct Transaction {
    begun: Begun,
}

#[derive(Debug)]
pub(crate) enum Begun {
    Postgres(sqlx::Transaction<'static, Postgres>),
    Sqlite(sqlx::Transaction<'static, Sqlite>),
}

impl Transaction {
    pub(crate) fn new(begun: Begun) -> Self {
        Self { begun }
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
            Begun::Sqlite(transaction) => transaction.commit().await?,
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
