//! The database through its public face: the same behaviour on PostgreSQL and SQLite.

use std::time::{Duration, Instant};

use anyhow::Result;
use kafka::TopicPartition;
use store::testing::PostgresServer;
use store::{Database, Error, Leadership, Listener, OffsetConflict, Offsets, Sharing, Span, Value};

/// Far more than anything here takes.
const PATIENCE: Duration = Duration::from_secs(30);

store::on_both_databases! {
    a_second_connect_finds_the_schema_in_place,
    two_processes_may_migrate_at_once,
    a_newer_schema_is_refused_by_name,
    a_reader_changes_nothing_and_needs_the_schema_in_place,
    values_come_back_as_they_were_bound,
    a_null_keeps_its_type_in_a_row_of_its_own,
    a_text_with_a_nul_byte_is_recorded_without_it,
    an_insert_larger_than_one_statement_is_cut,
    a_dropped_transaction_leaves_nothing,
    an_offset_moves_only_from_where_it_was_read,
    a_zombie_waits_for_the_other_writer_and_then_conflicts,
    offsets_of_another_group_do_not_matter,
    one_at_a_time_leads_and_another_once_it_is_gone,
    a_listener_hears_of_a_commit_and_not_of_a_rollback,
    an_exclusive_lock_lets_the_next_see_what_was_committed_under_it,
}

async fn a_second_connect_finds_the_schema_in_place(url: &str) -> Result<()> {
    Database::connect(url).await?.close().await;
    let database = Database::connect(url).await?;
    let rows = database
        .fetch("SELECT COUNT(*) AS versions FROM _sqlx_migrations", vec![])
        .await?;
    assert_eq!(rows[0].get::<i64>("versions")?, 4);
    Ok(())
}

async fn two_processes_may_migrate_at_once(url: &str) -> Result<()> {
    let (one, other) = tokio::join!(Database::connect(url), Database::connect(url));
    one?;
    other?;
    Ok(())
}

async fn a_newer_schema_is_refused_by_name(url: &str) -> Result<()> {
    let database = Database::connect(url).await?;
    let mut transaction = database.begin().await?;
    let newer = "INSERT INTO _sqlx_migrations \
        (version, description, success, checksum, execution_time) \
        SELECT 9000, 'from the future', success, checksum, execution_time \
        FROM _sqlx_migrations WHERE version = 1";
    transaction.execute(newer, vec![]).await?;
    transaction.commit().await?;
    database.close().await;
    let Err(Error::WrongSchema(message)) = Database::connect(url).await else {
        panic!("a newer schema must be refused");
    };
    assert!(message.contains("version 9000"), "{message}");
    assert!(message.contains("run a newer binary"), "{message}");
    Ok(())
}

async fn a_reader_changes_nothing_and_needs_the_schema_in_place(url: &str) -> Result<()> {
    // On SQLite there is not even a file yet.
    let refused = Database::open(url).await;
    assert!(
        matches!(refused, Err(Error::WrongSchema(_) | Error::WrongUrl(_))),
        "{refused:?}"
    );
    Database::connect(url).await?.close().await;
    let reader = Database::open(url).await?;
    assert!(
        reader
            .fetch("SELECT 1 FROM verdicts", vec![])
            .await?
            .is_empty()
    );
    Ok(())
}

const INSERT_VERDICT: &str = "INSERT INTO verdicts (submission_id, generation, tenant, contest_id, \
    user_id, problem_id, language, verdict, score, judged_at_ms, public, jury, topic, partition, \
    record_offset, recorded_at_ms)";

fn verdict(id: &str, score: Option<f64>, contest: Option<&str>) -> [Value; 16] {
    [
        id.into(),
        0.into(),
        "t".into(),
        contest.into(),
        "u".into(),
        "p".into(),
        "cpp".into(),
        "AC".into(),
        score.into(),
        i64::MAX.into(),
        "{}".into(),
        "{}".into(),
        "verdicts".into(),
        0.into(),
        0.into(),
        0.into(),
    ]
}

async fn values_come_back_as_they_were_bound(url: &str) -> Result<()> {
    let database = Database::connect(url).await?;
    let mut transaction = database.begin().await?;
    let row = verdict("a", Some(0.1), Some("größe"));
    transaction.insert(INSERT_VERDICT, vec![row], "").await?;
    let file: [Value; 4] = [
        "d".into(),
        0.into(),
        "main.c".into(),
        vec![0, 255, 10].into(),
    ];
    let insert = "INSERT INTO source_files (digest, position, name, content)";
    transaction.insert(insert, vec![file], "").await?;
    transaction.commit().await?;

    let rows = database.fetch("SELECT * FROM verdicts", vec![]).await?;
    assert_eq!(
        rows[0].get::<Option<String>>("contest_id")?.as_deref(),
        Some("größe")
    );
    assert_eq!(rows[0].get::<Option<f64>>("score")?, Some(0.1));
    assert_eq!(rows[0].get::<i64>("judged_at_ms")?, i64::MAX);
    let rows = database
        .fetch("SELECT content FROM source_files", vec![])
        .await?;
    assert_eq!(rows[0].get::<Vec<u8>>("content")?, [0, 255, 10]);
    Ok(())
}

async fn a_null_keeps_its_type_in_a_row_of_its_own(url: &str) -> Result<()> {
    let database = Database::connect(url).await?;
    for row in [
        verdict("a", None, None),
        verdict("b", Some(1.5), None),
        verdict("c", None, None),
    ] {
        let mut transaction = database.begin().await?;
        transaction.insert(INSERT_VERDICT, vec![row], "").await?;
        transaction.commit().await?;
    }
    let rows = database
        .fetch("SELECT score FROM verdicts ORDER BY submission_id", vec![])
        .await?;
    let scores: Result<Vec<Option<f64>>, _> = rows.iter().map(|row| row.get("score")).collect();
    assert_eq!(scores?, [None, Some(1.5), None]);
    Ok(())
}

async fn a_text_with_a_nul_byte_is_recorded_without_it(url: &str) -> Result<()> {
    let database = Database::connect(url).await?;
    let mut transaction = database.begin().await?;
    transaction
        .insert(INSERT_VERDICT, vec![verdict("a\0b", None, None)], "")
        .await?;
    transaction.commit().await?;
    let rows = database
        .fetch("SELECT submission_id FROM verdicts", vec![])
        .await?;
    assert_eq!(rows[0].get::<String>("submission_id")?, "a\u{fffd}b");
    Ok(())
}

async fn an_insert_larger_than_one_statement_is_cut(url: &str) -> Result<()> {
    let database = Database::connect(url).await?;
    let rows = (0..5_000)
        .map(|id| verdict(&id.to_string(), None, None))
        .collect();
    let mut transaction = database.begin().await?;
    let inserted = transaction
        .insert(INSERT_VERDICT, rows, "RETURNING submission_id")
        .await?;
    transaction.commit().await?;
    assert_eq!(inserted.len(), 5_000);
    Ok(())
}

async fn a_dropped_transaction_leaves_nothing(url: &str) -> Result<()> {
    let database = Database::connect(url).await?;
    let mut transaction = database.begin().await?;
    transaction
        .insert(INSERT_VERDICT, vec![verdict("a", None, None)], "")
        .await?;
    drop(transaction);
    assert!(
        database
            .fetch("SELECT 1 FROM verdicts", vec![])
            .await?
            .is_empty()
    );
    Ok(())
}

fn span(expected: Option<i64>, next: i64) -> Span {
    Span {
        partition: TopicPartition::new("verdicts", 3),
        expected,
        next,
    }
}

fn conflict(group_id: &str, expected: Option<i64>) -> OffsetConflict {
    let partition = TopicPartition::new("verdicts", 3);
    OffsetConflict {
        group_id: group_id.into(),
        partition,
        expected,
    }
}

async fn an_offset_moves_only_from_where_it_was_read(url: &str) -> Result<()> {
    let database = Database::connect(url).await?;
    let offsets = Offsets::of_group("sink");
    for step in [span(None, 10), span(Some(10), 25)] {
        let mut transaction = database.begin().await?;
        offsets.advance(&mut transaction, &step).await?;
        transaction.commit().await?;
    }
    for expected in [None, Some(10), Some(26)] {
        let mut transaction = database.begin().await?;
        let refused = offsets.advance(&mut transaction, &span(expected, 99)).await;
        let Err(Error::OffsetConflict(refused)) = refused else {
            panic!("moved from {expected:?}: {refused:?}");
        };
        assert_eq!(refused, conflict("sink", expected));
        transaction.rollback().await?;
    }
    let known = offsets.read(&database).await?;
    assert_eq!(
        known.into_iter().collect::<Vec<_>>(),
        [(TopicPartition::new("verdicts", 3), 25)]
    );
    Ok(())
}

async fn a_zombie_waits_for_the_other_writer_and_then_conflicts(url: &str) -> Result<()> {
    let database = Database::connect(url).await?;
    let offsets = Offsets::of_group("sink");
    let mut transaction = database.begin().await?;
    offsets.advance(&mut transaction, &span(None, 10)).await?;
    transaction.commit().await?;

    let mut owner = database.begin().await?;
    let step = || async {
        let mut zombie = database.begin().await?;
        offsets.advance(&mut zombie, &span(Some(10), 15)).await?;
        zombie.commit().await
    };
    // On SQLite the zombie waits to begin, on PostgreSQL to update; only the owner's commit ends it.
    let (moved, refused) = tokio::join!(
        async {
            offsets.advance(&mut owner, &span(Some(10), 20)).await?;
            owner.commit().await
        },
        step()
    );
    let outcomes = [moved.is_ok(), refused.is_ok()];
    assert_eq!(
        outcomes.iter().filter(|moved| **moved).count(),
        1,
        "{outcomes:?}"
    );
    Ok(())
}

async fn offsets_of_another_group_do_not_matter(url: &str) -> Result<()> {
    let database = Database::connect(url).await?;
    for group in ["one", "other"] {
        let mut transaction = database.begin().await?;
        Offsets::of_group(group)
            .advance(&mut transaction, &span(None, 5))
            .await?;
        transaction.commit().await?;
    }
    assert_eq!(Offsets::of_group("third").read(&database).await?.len(), 0);
    Ok(())
}

#[tokio::test]
async fn a_database_that_is_away_is_told_from_a_wrong_url() -> Result<()> {
    let server = PostgresServer::shared();
    let nobody = "postgres://postgres@127.0.0.1:1/tribunal";
    assert!(matches!(
        Database::connect(nobody).await,
        Err(Error::Away(_))
    ));
    let missing = Database::connect(&server.url("no_such_database")).await;
    let Err(Error::WrongUrl(message)) = missing else {
        panic!("{missing:?}")
    };
    assert!(message.contains("no_such_database"), "{message}");
    let folder = tempfile::tempdir()?;
    let unusable = format!("sqlite:{}/missing/folder.db", folder.path().display());
    assert!(matches!(
        Database::connect(&unusable).await,
        Err(Error::WrongUrl(_))
    ));
    Ok(())
}

#[tokio::test]
async fn a_server_that_comes_back_serves_the_same_pool() -> Result<()> {
    let server = PostgresServer::start()?;
    let database = Database::connect(&server.create_database().await?).await?;
    server.halt()?;
    let away = database.fetch("SELECT 1", vec![]).await;
    assert!(away.as_ref().is_err_and(Error::is_transient), "{away:?}");
    server.resume()?;
    database
        .fetch("SELECT COUNT(*) FROM verdicts", vec![])
        .await?;
    Ok(())
}

async fn one_at_a_time_leads_and_another_once_it_is_gone(url: &str) -> Result<()> {
    let (one, other) = (Database::connect(url).await?, Database::connect(url).await?);
    let mut leader = Leadership::take(&one, "work").await?.expect("nobody leads");
    assert!(Leadership::take(&other, "work").await?.is_none());
    assert!(Leadership::take(&other, "else").await?.is_some());
    leader.confirm().await?;
    drop(leader);
    // PostgreSQL sees a connection end a moment later.
    let taken = async {
        while Leadership::take(&other, "work").await?.is_none() {
            tokio::task::yield_now().await;
        }
        anyhow::Ok(())
    };
    tokio::time::timeout(PATIENCE, taken).await?
}

async fn a_listener_hears_of_a_commit_and_not_of_a_rollback(url: &str) -> Result<()> {
    let database = Database::connect(url).await?;
    let mut listener = Listener::on(&database).await?;
    let mut dropped = database.begin().await?;
    dropped.notify().await?;
    dropped.rollback().await?;
    let started = Instant::now();
    listener.wait(Duration::from_millis(50)).await?;
    assert!(started.elapsed() >= Duration::from_millis(50), "heard it");
    let commit = async {
        let mut kept = database.begin().await?;
        kept.notify().await?;
        kept.commit().await
    };
    let (heard, committed) = tokio::join!(listener.wait(2 * PATIENCE), commit);
    heard?;
    committed?;
    assert!(started.elapsed() < PATIENCE, "not heard");
    Ok(())
}

async fn an_exclusive_lock_lets_the_next_see_what_was_committed_under_it(url: &str) -> Result<()> {
    let database = Database::connect(url).await?;
    let count = async || -> Result<()> {
        let mut transaction = database.begin().await?;
        transaction.lock("counting", Sharing::Exclusive).await?;
        let sql = "SELECT COUNT(*) AS rows FROM sources";
        let rows = transaction.fetch(sql, vec![]).await?;
        let row: [Value; 3] = [
            rows[0].get::<i64>("rows")?.to_string().into(),
            0_i64.into(),
            0_i64.into(),
        ];
        let insert = "INSERT INTO sources (digest, size_bytes, first_seen_at_ms)";
        // Without the lock both would insert the same digest, and one would fail.
        transaction.insert(insert, vec![row], "").await?;
        Ok(transaction.commit().await?)
    };
    let (one, other) = tokio::join!(count(), count());
    one.and(other)
}
