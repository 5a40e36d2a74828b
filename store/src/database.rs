//! A pool of connections to either database.

use std::time::Duration;

use sqlx::postgres::PgPoolOptions;
use sqlx::sqlite::SqlitePoolOptions;
use sqlx::{AssertSqlSafe, PgPool, SqlitePool};

use crate::transaction::Begun;
use crate::url::Target;
use crate::value::{bind_postgres, bind_sqlite};
use crate::{Error, Row, Transaction, Value, migrations};

/// A process needs a handful: one per projection, some for queries.
const MAX_CONNECTIONS: u32 = 8;
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a SQLite writer waits for another before it is told BUSY.
pub(crate) const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// The database, whichever it is. Clones share one pool.
#[derive(Clone, Debug)]
pub enum Database {
    /// The real one.
    Postgres(PgPool),
    /// The embedded profile's.
    Sqlite(SqlitePool),
}

impl Database {
    /// Connects to `postgres://…` or `sqlite:PATH` and brings the schema to this binary's version.
    pub async fn connect(url: &str) -> Result<Self, Error> {
        let database = match url.parse()? {
            Target::Sqlite(options) => {
                Self::pool(Target::Sqlite(options.create_if_missing(true))).await?
            }
            target => Self::pool(target).await?,
        };
        migrations::run(&database).await?;
        Ok(database)
    }

    /// Connects without changing anything: for readers, who may lack the right to. The schema must be
    /// this binary's.
    pub async fn open(url: &str) -> Result<Self, Error> {
        let database = Self::pool(url.parse()?).await?;
        migrations::check(&database).await?;
        Ok(database)
    }

    async fn pool(target: Target) -> Result<Self, Error> {
        Ok(match target {
            Target::Postgres(options) => Self::Postgres(
                PgPoolOptions::new()
                    .max_connections(MAX_CONNECTIONS)
                    .acquire_timeout(ACQUIRE_TIMEOUT)
                    .connect_with(options)
                    .await?,
            ),
            Target::Sqlite(options) => Self::Sqlite(
                SqlitePoolOptions::new()
                    .max_connections(MAX_CONNECTIONS)
                    .acquire_timeout(ACQUIRE_TIMEOUT)
                    .connect_with(options)
                    .await
                    .map_err(unusable_file)?,
            ),
        })
    }

    /// Begins a transaction that will write. SQLite takes its one write lock here: taking it in
    /// the middle would fail whenever another writer came between.
    pub async fn begin(&self) -> Result<Transaction, Error> {
        let begun = match self {
            Self::Postgres(pool) => Begun::Postgres(pool.begin().await?),
            Self::Sqlite(pool) => Begun::Sqlite(pool.begin_with("BEGIN IMMEDIATE").await?),
        };
        Ok(Transaction::new(begun))
    }

    /// Runs one query outside any transaction.
    pub async fn fetch(
        &self,
        sql: impl Into<String>,
        values: Vec<Value>,
    ) -> Result<Vec<Row>, Error> {
        let sql = AssertSqlSafe(sql.into());
        Ok(match self {
            Self::Postgres(pool) => {
                let query = values.into_iter().fold(sqlx::query(sql), bind_postgres);
                let rows = query.fetch_all(pool).await?;
                rows.into_iter().map(Row::Postgres).collect()
            }
            Self::Sqlite(pool) => {
                let query = values.into_iter().fold(sqlx::query(sql), bind_sqlite);
                let rows = query.fetch_all(pool).await?;
                rows.into_iter().map(Row::Sqlite).collect()
            }
        })
    }

    /// Closes the pool; what holds a connection may finish.
    pub async fn close(&self) {
        match self {
            Self::Postgres(pool) => pool.close().await,
            Self::Sqlite(pool) => pool.close().await,
        }
    }
}

/// A SQLite file that cannot be opened will not open by waiting.
fn unusable_file(error: sqlx::Error) -> Error {
    match error {
        sqlx::Error::Database(cause) => Error::WrongUrl(format!("names an unusable file: {cause}")),
        other => other.into(),
    }
}
