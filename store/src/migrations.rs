//! The schema and its versions, embedded in the binary.

use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{AssertSqlSafe, SqlSafeStr};
use tokio::sync::Mutex;

use crate::{Database, Error};

const MIGRATIONS: [(i64, &str, &str); 4] = [
    (
        1,
        "consumer offsets",
        include_str!("../migrations/0001_consumer_offsets.sql"),
    ),
    (2, "results", include_str!("../migrations/0002_results.sql")),
    (
        3,
        "analytics",
        include_str!("../migrations/0003_analytics.sql"),
    ),
    (
        4,
        "rejudging",
        include_str!("../migrations/0004_rejudging.sql"),
    ),
];

/// PostgreSQL serialises migrating processes by an advisory lock. SQLite has none, but there all
/// roles are in this process.
static MIGRATING: Mutex<()> = Mutex::const_new(());

pub(crate) async fn run(database: &Database) -> Result<(), Error> {
    let _alone = MIGRATING.lock().await;
    match database {
        Database::Postgres(pool) => migrator(str::to_owned).run(pool).await?,
        Database::Sqlite(pool) => migrator(in_sqlite).run(pool).await?,
    }
    Ok(())
}

/// Whether the schema is ours, without touching it.
pub(crate) async fn check(database: &Database) -> Result<(), Error> {
    let sql = "SELECT MAX(version) AS version FROM _sqlx_migrations";
    let known = MIGRATIONS[MIGRATIONS.len() - 1].0;
    let found = match database.fetch(sql, vec![]).await {
        Ok(rows) => rows.first().map_or(Ok(None), |row| row.get("version"))?,
        // The table itself is missing: nobody has recorded anything yet.
        Err(Error::Query(_)) => None::<i64>,
        Err(error) => return Err(error),
    };
    match found {
        Some(version) if version == known => Ok(()),
        Some(version) if version > known => Err(newer(version)),
        _ => Err(Error::WrongSchema(
            "the database has no schema of this version yet: start a service that writes to it first"
                .into(),
        )),
    }
}

/// Somebody has upgraded past us.
pub(crate) fn newer(version: i64) -> Error {
    Error::WrongSchema(format!(
        "the database is at schema version {version}, which this binary does not know: run a newer \
         binary, or restore the database from before the upgrade"
    ))
}

fn migrator(dialect: fn(&str) -> String) -> Migrator {
    let migrations = MIGRATIONS.into_iter().map(|(version, description, sql)| {
        let sql = AssertSqlSafe(dialect(sql)).into_sql_str();
        Migration::new(
            version,
            description.into(),
            MigrationType::Simple,
            sql,
            false,
        )
    });
    Migrator::with_migrations(migrations.collect())
}

/// The words in which the two schemas differ.
fn in_sqlite(sql: &str) -> String {
    sql.replace("BYTEA", "BLOB")
        .replace("BIGSERIAL PRIMARY KEY", "INTEGER PRIMARY KEY AUTOINCREMENT")
}
