//! Analytics through its public face: the same counts in whatever order and however often it reads.

use std::future::Future;
use std::time::Duration;

use analytics::{AnalyticsConfig, Facts, Line, Metrics, TOPICS, Window, report};
use anyhow::{Result, ensure};
use kafka::embedded::Broker;
use kafka::{ClientConfig, NewRecord, Producer, Record};
use prometheus::Registry;
use schemas::VerdictCode::{self, Ac, Je, Wa};
use schemas::{SourceFile, Submission, Verdict, codec, topics};
use store::{Database, Offsets, Projection};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

const HOUR_MS: i64 = 3_600_000;
const NOON_MS: i64 = 1_795_003_200_000;
const PATIENCE: Duration = Duration::from_secs(60);

store::on_both_databases! {
    a_submission_counts_once_where_it_first_appeared,
    users_count_once_for_a_problem_they_solve,
    the_verdict_that_counts_is_the_highest_real_one,
    queue_ages_are_told_by_their_percentiles,
    the_order_of_reading_changes_no_count,
    undecodable_bytes_are_passed_over,
    groups_do_not_see_each_other,
    stopping_in_the_middle_and_replaying_into_a_new_group_count_the_same,
    a_misspelt_group_is_not_replayed_into,
}

fn submission(number: u128, generation: i32, user: &str, source: &str) -> Submission {
    Submission {
        submission_id: Uuid::from_u128(number),
        generation,
        tenant: "school".into(),
        contest_id: None,
        user_id: user.into(),
        problem_id: "sum".into(),
        language: "cpp".into(),
        entry_point: None,
        files: vec![SourceFile {
            name: "main.cpp".into(),
            content: source.into(),
        }],
        submitted_at_ms: 0,
        idempotency_key: None,
        package_digest: None,
    }
}

fn verdict(number: u128, generation: i32, code: VerdictCode) -> Verdict {
    Verdict {
        submission_id: Uuid::from_u128(number),
        generation,
        verdict: code,
        ..Verdict::default()
    }
}

fn record(topic: &str, at_ms: i64, payload: Vec<u8>) -> Record {
    Record {
        topic: topic.into(),
        partition: 0,
        offset: 0,
        timestamp_ms: Some(at_ms),
        key: None,
        payload,
        headers: Vec::new(),
    }
}

fn sent(at_ms: i64, submission: &Submission) -> Result<Record> {
    Ok(record(
        topics::SUBMISSIONS,
        at_ms,
        codec::encode(submission)?,
    ))
}

fn judged(at_ms: i64, verdict: &Verdict) -> Result<Record> {
    Ok(record(topics::VERDICTS, at_ms, codec::encode(verdict)?))
}

async fn apply(database: &Database, group: &str, records: &[Record]) -> Result<()> {
    let facts = Facts::new(group, Metrics::new(&Registry::new())?);
    let mut transaction = database.begin().await?;
    facts.apply(&mut transaction, records).await?;
    Ok(transaction.commit().await?)
}

async fn only_line(database: &Database) -> Result<Line> {
    let mut lines = report(database, "analytics", Window::Hour).await?;
    ensure!(lines.len() == 1, "one line expected: {lines:?}");
    Ok(lines.remove(0))
}

async fn a_submission_counts_once_where_it_first_appeared(url: &str) -> Result<()> {
    let database = Database::connect(url).await?;
    let first = submission(1, 0, "ann", "a");
    let rejudge = submission(1, 1, "ann", "a");
    let batch = [
        sent(NOON_MS + 2 * HOUR_MS, &rejudge)?,
        sent(NOON_MS + HOUR_MS, &first)?,
        sent(NOON_MS, &first)?,
    ];
    apply(&database, "analytics", &batch).await?;
    apply(&database, "analytics", &[sent(NOON_MS + HOUR_MS, &first)?]).await?;
    let line = only_line(&database).await?;
    assert_eq!((line.submissions, line.judged), (1, 0));
    assert_eq!(line.window_start, "2026-11-18T12:00:00Z");
    Ok(())
}

async fn users_count_once_for_a_problem_they_solve(url: &str) -> Result<()> {
    let database = Database::connect(url).await?;
    let tries = [
        (1, "ann", Wa),
        (2, "ann", Ac),
        (3, "ann", Ac),
        (4, "bob", Wa),
        (5, "bob", Wa),
    ];
    let mut batch = Vec::new();
    for (number, user, code) in tries {
        batch.push(sent(
            NOON_MS,
            &submission(number, 0, user, &number.to_string()),
        )?);
        batch.push(judged(NOON_MS, &verdict(number, 0, code))?);
    }
    batch.push(sent(NOON_MS, &submission(6, 0, "cleo", "1"))?);
    apply(&database, "analytics", &batch).await?;
    let line = only_line(&database).await?;
    assert_eq!((line.submissions, line.judged, line.accepted), (6, 5, 2));
    assert_eq!((line.users_tried, line.users_solved), (3, 1));
    assert!((line.solve_rate - 1.0 / 3.0).abs() < 1e-9);
    assert_eq!(line.duplicate_sources, 1);
    Ok(())
}

async fn the_verdict_that_counts_is_the_highest_real_one(url: &str) -> Result<()> {
    let database = Database::connect(url).await?;
    let batch = [
        sent(NOON_MS, &submission(1, 0, "ann", "a"))?,
        judged(NOON_MS, &verdict(1, 0, Wa))?,
        // Later ones of the same judgement change nothing: the first recorded wins.
        judged(NOON_MS, &verdict(1, 0, Ac))?,
        judged(NOON_MS, &verdict(1, 2, Je))?,
    ];
    apply(&database, "analytics", &batch).await?;
    assert_eq!(only_line(&database).await?.accepted, 0);
    apply(
        &database,
        "analytics",
        &[judged(NOON_MS, &verdict(1, 1, Ac))?],
    )
    .await?;
    let line = only_line(&database).await?;
    assert_eq!((line.judged, line.accepted), (1, 1));
    Ok(())
}

async fn queue_ages_are_told_by_their_percentiles(url: &str) -> Result<()> {
    let database = Database::connect(url).await?;
    let mut batch = Vec::new();
    for number in 1..=100 {
        batch.push(sent(NOON_MS, &submission(number, 0, "ann", "a"))?);
        batch.push(judged(
            NOON_MS + number as i64 * 10,
            &verdict(number, 0, Ac),
        )?);
    }
    apply(&database, "analytics", &batch).await?;
    let line = only_line(&database).await?;
    assert_eq!(line.queue_age_p50_ms, Some(500));
    assert_eq!(line.queue_age_p95_ms, Some(950));
    assert_eq!(line.queue_age_max_ms, Some(1_000));
    Ok(())
}

async fn the_order_of_reading_changes_no_count(url: &str) -> Result<()> {
    let database = Database::connect(url).await?;
    let log = [
        sent(NOON_MS, &submission(1, 0, "ann", "a"))?,
        sent(NOON_MS + HOUR_MS, &submission(2, 0, "bob", "b"))?,
        sent(NOON_MS + HOUR_MS, &submission(1, 1, "ann", "a"))?,
        sent(NOON_MS + HOUR_MS, &submission(2, 0, "bob", "b"))?,
        judged(NOON_MS + 5, &verdict(1, 0, Wa))?,
        judged(NOON_MS + HOUR_MS + 7, &verdict(2, 0, Ac))?,
        judged(NOON_MS + HOUR_MS + 9, &verdict(1, 1, Ac))?,
    ];
    apply(&database, "forwards", &log).await?;
    let mut backwards = log.to_vec();
    backwards.reverse();
    for one in &backwards {
        apply(&database, "backwards", std::slice::from_ref(one)).await?;
    }
    apply(&database, "backwards", &log).await?;
    assert_eq!(
        counted(&database, "forwards").await?,
        counted(&database, "backwards").await?
    );
    Ok(())
}

/// A group's report without the group's name.
async fn counted(database: &Database, group: &str) -> Result<Vec<Line>> {
    let mut lines = report(database, group, Window::Hour).await?;
    ensure!(!lines.is_empty(), "{group} has counted nothing");
    for line in &mut lines {
        line.group_id.clear();
    }
    Ok(lines)
}

async fn undecodable_bytes_are_passed_over(url: &str) -> Result<()> {
    let database = Database::connect(url).await?;
    let garbage = record(topics::SUBMISSIONS, NOON_MS, b"garbage".to_vec());
    let good = sent(NOON_MS, &submission(1, 0, "ann", "a"))?;
    for _ in 0..2 {
        apply(&database, "analytics", &[garbage.clone(), good.clone()]).await?;
    }
    assert_eq!(only_line(&database).await?.submissions, 1);
    let skipped = database
        .fetch("SELECT error FROM analytics_skipped", vec![])
        .await?;
    assert_eq!(skipped.len(), 1);
    Ok(())
}

async fn groups_do_not_see_each_other(url: &str) -> Result<()> {
    let database = Database::connect(url).await?;
    apply(
        &database,
        "one",
        &[sent(NOON_MS, &submission(1, 0, "ann", "a"))?],
    )
    .await?;
    apply(&database, "other", &[judged(NOON_MS, &verdict(1, 0, Ac))?]).await?;
    let line = &report(&database, "one", Window::All).await?[0];
    assert_eq!((line.submissions, line.judged), (1, 0));
    assert_eq!(line.window_start, "1970-01-01T00:00:00Z");
    assert!(report(&database, "other", Window::All).await?.is_empty());
    Ok(())
}

fn client(broker: &Broker) -> ClientConfig {
    let mut client = ClientConfig::new(broker.bootstrap_servers(), "analytics-test");
    // The embedded broker lets a rebalance take a second less than this.
    client
        .properties
        .insert("session.timeout.ms".into(), "1500".into());
    client
        .properties
        .insert("heartbeat.interval.ms".into(), "100".into());
    client
}

async fn write(broker: &Broker, numbers: std::ops::Range<u128>) -> Result<()> {
    let producer = Producer::new(&client(broker))?;
    let mut sent = Vec::new();
    for number in numbers {
        let user = format!("user-{}", number % 5);
        let submission = codec::encode(&submission(number, 0, &user, "same"))?;
        let verdict = codec::encode(&verdict(number, 0, if number % 3 == 0 { Ac } else { Wa }))?;
        // Sent again by a producer that did not hear the first acknowledgement.
        for _ in 0..2 {
            let again = NewRecord::new(topics::SUBMISSIONS, "sum", submission.clone());
            sent.push(producer.send(again));
        }
        sent.push(producer.send(NewRecord::new(
            topics::VERDICTS,
            number.to_string(),
            verdict,
        )));
    }
    for delivery in sent {
        delivery.await?;
    }
    Ok(())
}

async fn until<F: Future<Output = Result<bool>>>(mut holds: impl FnMut() -> F) -> Result<()> {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    while !holds().await? {
        ensure!(
            tokio::time::Instant::now() < deadline,
            "it never came to be"
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}

/// Runs a group until it has read so many records.
async fn run_until(config: AnalyticsConfig, records: i64) -> Result<()> {
    let database = Database::connect(&config.database_url).await?;
    let offsets = Offsets::of_group(config.group_id.clone());
    let stop = CancellationToken::new();
    let role = tokio::spawn(analytics::run(config, stop.clone()));
    until(async || {
        ensure!(!role.is_finished(), "the role ended by itself");
        Ok(offsets.read(&database).await?.values().sum::<i64>() >= records)
    })
    .await?;
    stop.cancel();
    role.await?
}

async fn stopping_in_the_middle_and_replaying_into_a_new_group_count_the_same(
    url: &str,
) -> Result<()> {
    let broker = Broker::with_topics(&TOPICS.map(|topic| (topic, 3)))?;
    let config = || AnalyticsConfig::new(client(&broker), url);
    write(&broker, 0..30).await?;
    // Slowed down so far that the stop finds it in the middle.
    run_until(
        AnalyticsConfig {
            max_rate: Some(100),
            ..config()
        },
        10,
    )
    .await?;
    write(&broker, 30..60).await?;
    run_until(config(), 180).await?;
    let replayed = AnalyticsConfig {
        group_id: "audit".into(),
        from_beginning: true,
        ..config()
    };
    run_until(replayed, 180).await?;

    let database = Database::connect(url).await?;
    let counts = counted(&database, "analytics").await?;
    assert_eq!(counts, counted(&database, "audit").await?);
    assert_eq!(counts.iter().map(|line| line.submissions).sum::<i64>(), 60);
    assert_eq!(counts.iter().map(|line| line.accepted).sum::<i64>(), 20);
    Ok(())
}

async fn a_misspelt_group_is_not_replayed_into(url: &str) -> Result<()> {
    let broker = Broker::with_topics(&TOPICS.map(|topic| (topic, 1)))?;
    let config = AnalyticsConfig {
        group_id: "analytisc".into(),
        ..AnalyticsConfig::new(client(&broker), url)
    };
    let refused = analytics::run(config, CancellationToken::new()).await;
    let message = refused
        .err()
        .map(|error| error.to_string())
        .unwrap_or_default();
    assert!(message.contains("give --from-beginning"), "{message}");
    Ok(())
}
