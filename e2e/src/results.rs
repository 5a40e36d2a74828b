//! What was recorded: rows of the database, and the verdicts on the log.

use std::collections::BTreeMap;

use anyhow::Context;
use schemas::{Verdict, codec, topics};
use sqlx::{Connection, PgConnection, Row};
use uuid::Uuid;

use crate::cluster::Cluster;

/// Of each (submission, generation): the verdict in its row. Two rows of one key would be an error here.
pub async fn rows(database_url: &str) -> anyhow::Result<BTreeMap<(Uuid, i64), String>> {
    let mut connection = PgConnection::connect(database_url).await?;
    let found = sqlx::query("SELECT submission_id, generation, verdict FROM verdicts")
        .fetch_all(&mut connection)
        .await?;
    let mut rows = BTreeMap::new();
    for row in found {
        let submission_id: Uuid = row.try_get::<String, _>(0)?.parse()?;
        let again = rows.insert((submission_id, row.try_get(1)?), row.try_get(2)?);
        anyhow::ensure!(again.is_none(), "two rows for {submission_id}");
    }
    connection.close().await?;
    Ok(rows)
}

/// One number that a query answers.
pub async fn count(database_url: &str, query: &'static str) -> anyhow::Result<i64> {
    let mut connection = PgConnection::connect(database_url).await?;
    let number = sqlx::query_scalar(query).fetch_one(&mut connection).await?;
    connection.close().await?;
    Ok(number)
}

/// Every verdict on the log, with the broker's time for it.
pub async fn published(cluster: &Cluster) -> anyhow::Result<Vec<(Verdict, i64)>> {
    let records = cluster.records(topics::VERDICTS).await?;
    records
        .into_iter()
        .map(|record| {
            let at_ms = record.timestamp_ms.context("a record without a time")?;
            Ok((codec::decode(&record.payload)?, at_ms))
        })
        .collect()
}
