//! The sink on a log: it starts, is stopped, killed, doubled and cut off, and every record counts once.

use std::future::Future;
use std::time::Duration;

use anyhow::{Result, ensure};
use kafka::embedded::Broker;
use kafka::{ClientConfig, NewRecord, Producer, ReaderConfig};
use results_sink::{GROUP_ID, SinkConfig, TOPICS};
use schemas::VerdictCode::{Ac, Wa};
use schemas::{codec, topics};
use store::testing::PostgresServer;
use store::{Database, Offsets, ProjectionConfig, ProjectionError, ProjectionState};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::fixture::{counts, sink, submission, verdict};

const PARTITIONS: i32 = 3;
const PATIENCE: Duration = Duration::from_secs(60);

store::on_both_databases! {
    what_flows_is_recorded_once_across_a_restart,
    a_killed_sink_loses_and_doubles_nothing,
    two_sinks_share_the_work_and_record_it_once,
    a_sink_that_is_told_nothing_new_moves_no_counter,
    an_unknown_schema_halts_the_sink_and_says_so,
}

fn broker() -> Result<Broker> {
    Ok(Broker::with_topics(
        &TOPICS.map(|topic| (topic, PARTITIONS)),
    )?)
}

fn client(broker: &Broker) -> ClientConfig {
    let mut client = ClientConfig::new(broker.bootstrap_servers(), "sink-test");
    // The embedded broker lets a rebalance take a second less than this.
    client
        .properties
        .insert("session.timeout.ms".into(), "1500".into());
    client
        .properties
        .insert("heartbeat.interval.ms".into(), "100".into());
    client
}

/// Submissions and their verdicts as producers and evaluators write them; every verdict twice.
async fn write(broker: &Broker, numbers: std::ops::Range<u128>) -> Result<()> {
    let producer = Producer::new(&client(broker))?;
    let mut sent = Vec::new();
    for number in numbers {
        let submission = codec::encode(&submission(number, 0))?;
        sent.push(producer.send(NewRecord::new(topics::SUBMISSIONS, "sum", submission)));
        for code in [Ac, Wa] {
            let key = number.to_string();
            let verdict = codec::encode(&verdict(number, 0, code))?;
            sent.push(producer.send(NewRecord::new(topics::VERDICTS, key, verdict)));
        }
    }
    for delivery in sent {
        delivery.await?;
    }
    Ok(())
}

/// A sink at work.
struct Running {
    stop: CancellationToken,
    state: watch::Receiver<ProjectionState>,
    task: JoinHandle<Result<(), ProjectionError>>,
}

fn start(broker: &Broker, database: &Database) -> Result<Running> {
    let mut reader = ReaderConfig::new(client(broker), GROUP_ID, TOPICS);
    // Small batches, so that there is an in-between to be killed in.
    reader.batch_records = 7;
    let config = ProjectionConfig {
        reader,
        max_rate: None,
    };
    let (sender, state) = watch::channel(ProjectionState::Starting);
    let (sink, database) = (sink()?, database.clone());
    let stop = CancellationToken::new();
    let stopped = stop.clone();
    let task =
        tokio::spawn(
            async move { store::project(database, config, &sink, &sender, &stopped).await },
        );
    Ok(Running { stop, state, task })
}

impl Running {
    async fn stop(self) -> Result<()> {
        self.stop.cancel();
        Ok(self.task.await??)
    }

    async fn reaches(&mut self, wanted: impl FnMut(&ProjectionState) -> bool) -> Result<()> {
        tokio::time::timeout(PATIENCE, self.state.wait_for(wanted)).await??;
        Ok(())
    }
}

async fn rows(database: &Database, table: &str) -> Result<i64> {
    let rows = database
        .fetch(format!("SELECT COUNT(*) AS rows FROM {table}"), vec![])
        .await?;
    Ok(rows[0].get("rows")?)
}

/// Looks again until it holds; what is waited for shows in the database only.
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

async fn until_all_read(database: &Database, numbers: i64) -> Result<()> {
    until(async || {
        let read = Offsets::of_group(GROUP_ID).read(database).await?;
        Ok(read.values().sum::<i64>() == numbers * 3)
    })
    .await
}

/// One row for each number, its first verdict, and the second one as a divergence.
async fn assert_recorded_once(database: &Database, numbers: i64) -> Result<()> {
    for table in [
        "submissions",
        "judgements",
        "verdicts",
        "verdict_divergences",
    ] {
        assert_eq!(rows(database, table).await?, numbers, "{table}");
    }
    assert_eq!(counts(database).await?, [("AC".to_owned(), numbers)]);
    Ok(())
}

async fn what_flows_is_recorded_once_across_a_restart(url: &str) -> Result<()> {
    let broker = broker()?;
    let database = Database::connect(url).await?;
    for upto in [20, 40] {
        write(&broker, upto - 20..upto).await?;
        // The whole role this time, as its binary and the embedded profile run it.
        let stop = CancellationToken::new();
        let config = SinkConfig::new(client(&broker), url);
        let role = tokio::spawn(results_sink::run(config, stop.clone()));
        until_all_read(&database, upto as i64).await?;
        stop.cancel();
        role.await??;
    }
    assert_recorded_once(&database, 40).await
}

async fn a_killed_sink_loses_and_doubles_nothing(url: &str) -> Result<()> {
    let broker = broker()?;
    let database = Database::connect(url).await?;
    write(&broker, 0..100).await?;
    for at_least in [1, 30, 60] {
        let victim = start(&broker, &database)?;
        until(async || Ok(rows(&database, "verdicts").await? >= at_least)).await?;
        victim.task.abort();
        assert!(victim.task.await.is_err_and(|ended| ended.is_cancelled()));
    }
    let last = start(&broker, &database)?;
    until_all_read(&database, 100).await?;
    last.stop().await?;
    assert_recorded_once(&database, 100).await
}

async fn two_sinks_share_the_work_and_record_it_once(url: &str) -> Result<()> {
    let broker = broker()?;
    let database = Database::connect(url).await?;
    write(&broker, 0..50).await?;
    let one = start(&broker, &database)?;
    until(async || Ok(rows(&database, "verdicts").await? > 0)).await?;
    // Joins in the middle of it: partitions change hands with batches on their way.
    let mut other = start(&broker, &database)?;
    other
        .reaches(|state| *state == ProjectionState::Following)
        .await?;
    write(&broker, 50..100).await?;
    until_all_read(&database, 100).await?;
    one.stop().await?;
    other.stop().await?;
    assert_recorded_once(&database, 100).await
}

async fn a_sink_that_is_told_nothing_new_moves_no_counter(url: &str) -> Result<()> {
    let broker = broker()?;
    let database = Database::connect(url).await?;
    write(&broker, 0..20).await?;
    let first = start(&broker, &database)?;
    until_all_read(&database, 20).await?;
    first.stop().await?;
    // As after an operator's reset: the whole log is read again.
    let mut transaction = database.begin().await?;
    transaction
        .execute("DELETE FROM consumer_offsets", vec![])
        .await?;
    transaction.commit().await?;
    let again = start(&broker, &database)?;
    until_all_read(&database, 20).await?;
    again.stop().await?;
    assert_recorded_once(&database, 20).await
}

async fn an_unknown_schema_halts_the_sink_and_says_so(url: &str) -> Result<()> {
    let broker = broker()?;
    let database = Database::connect(url).await?;
    write(&broker, 0..5).await?;
    let mut running = start(&broker, &database)?;
    until_all_read(&database, 5).await?;
    let producer = Producer::new(&client(&broker))?;
    let from_the_future = vec![0, 0xff, 0xff, 0xff, 0xfe, 1];
    producer
        .send(NewRecord::new(topics::VERDICTS, "key", from_the_future))
        .await?;
    running
        .reaches(|state| matches!(state, ProjectionState::Halted(_)))
        .await?;
    let reasons = running.state.borrow().reasons();
    assert!(reasons[0].contains("upgrade this service"), "{reasons:?}");
    assert!(running.stop().await.is_err());
    assert_eq!(rows(&database, "quarantine").await?, 0);
    assert_recorded_once(&database, 5).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_postgres_that_restarts_in_the_middle_loses_nothing() -> Result<()> {
    let server = PostgresServer::start()?;
    let broker = broker()?;
    let database = Database::connect(&server.create_database().await?).await?;
    write(&broker, 0..50).await?;
    let mut running = start(&broker, &database)?;
    until(async || Ok(rows(&database, "verdicts").await? > 0)).await?;
    server.halt()?;
    write(&broker, 50..100).await?;
    running
        .reaches(|state| matches!(state, ProjectionState::Waiting(_)))
        .await?;
    server.resume()?;
    until_all_read(&database, 100).await?;
    running
        .reaches(|state| *state == ProjectionState::Following)
        .await?;
    running.stop().await?;
    assert_recorded_once(&database, 100).await
}
