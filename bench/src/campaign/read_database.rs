//! The tables, as the checker wants them.

use anyhow::Context;
use store::{Database, Row as Columns};

use super::evidence::{Key, Place, Recorded, Row};

/// Reads them all. Nobody writes any more.
pub(super) async fn read(url: &str) -> anyhow::Result<Recorded> {
    let database = Database::open(url).await?;
    let recorded = Recorded {
        rows: rows(&database, ROWS, row).await?,
        counts: rows(&database, COUNTS, count).await?,
        judgements: rows(&database, JUDGEMENTS, key).await?,
        divergences: rows(&database, DIVERGENCES, place).await?,
        outbox: rows::<_, Vec<_>>(&database, OUTBOX, key).await?.len(),
        facts_asked: rows(&database, FACTS_ASKED, fact_asked).await?,
        facts_judged: rows(&database, FACTS_JUDGED, fact_judged).await?,
        differences: differences(&database).await?,
    };
    database.close().await;
    Ok(recorded)
}

const ROWS: &str =
    "SELECT submission_id, generation, verdict, topic, partition, record_offset FROM verdicts";
const COUNTS: &str = "SELECT tenant, problem_id, verdict, judgements FROM verdict_counts";
const JUDGEMENTS: &str = "SELECT submission_id, generation FROM judgements";
const DIVERGENCES: &str = "SELECT topic, partition, record_offset FROM verdict_divergences";
const OUTBOX: &str = "SELECT submission_id, generation FROM outbox";
const FACTS_ASKED: &str = "\
    SELECT submission_id, generation, accepted_at_ms FROM analytics_submissions \
    WHERE group_id = 'analytics'";
const FACTS_JUDGED: &str = "\
    SELECT submission_id, generation, verdict, appended_at_ms FROM analytics_verdicts \
    WHERE group_id = 'analytics'";

async fn rows<T, C: FromIterator<T>>(
    database: &Database,
    sql: &str,
    read: fn(&Columns) -> anyhow::Result<T>,
) -> anyhow::Result<C> {
    let rows = database.fetch(sql, vec![]).await?;
    rows.iter().map(read).collect()
}

async fn differences(database: &Database) -> anyhow::Result<Vec<String>> {
    let found = results_sink::check::check(database).await?;
    let lines = found.iter().map(serde_json::to_string);
    Ok(lines.collect::<Result<_, _>>()?)
}

fn key(columns: &Columns) -> anyhow::Result<Key> {
    let id: String = columns.get("submission_id")?;
    let generation: i64 = columns.get("generation")?;
    let id = id.parse().context("a row whose id is none")?;
    Ok((id, generation.try_into()?))
}

fn place(columns: &Columns) -> anyhow::Result<Place> {
    Ok(Place {
        topic: columns.get("topic")?,
        partition: columns.get("partition")?,
        offset: columns.get("record_offset")?,
    })
}

fn row(columns: &Columns) -> anyhow::Result<Row> {
    Ok(Row {
        key: key(columns)?,
        verdict: columns.get("verdict")?,
        place: place(columns)?,
    })
}

fn count(columns: &Columns) -> anyhow::Result<((String, String, String), i64)> {
    let of = (
        columns.get("tenant")?,
        columns.get("problem_id")?,
        columns.get("verdict")?,
    );
    Ok((of, columns.get("judgements")?))
}

fn fact_asked(columns: &Columns) -> anyhow::Result<(Key, i64)> {
    Ok((key(columns)?, columns.get("accepted_at_ms")?))
}

fn fact_judged(columns: &Columns) -> anyhow::Result<(Key, (String, i64))> {
    let fact = (columns.get("verdict")?, columns.get("appended_at_ms")?);
    Ok((key(columns)?, fact))
}
