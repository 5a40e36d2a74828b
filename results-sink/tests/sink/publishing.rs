//! What sinks write: the clean table of verdicts, and lost submissions once more.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use anyhow::{Result, ensure};
use kafka::embedded::Broker;
use kafka::{ClientConfig, NewRecord, Producer, Record, Start, Tail};
use prometheus::Registry;
use rdkafka::TopicPartitionList;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use rdkafka::topic_partition_list::Offset;
use results_sink::rejudge::{Begun, Decision, Selection, begin, decide};
use results_sink::{ReconcileConfig, SinkConfig};
use schemas::VerdictCode::{Ac, Wa};
use schemas::{Submission, Verdict, codec, topics};
use seeded::Bug;
use store::Database;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::fixture::{id, submission, verdict};

const PATIENCE: Duration = Duration::from_secs(60);

store::on_both_databases! {
    the_clean_table_has_each_first_verdict_whatever_is_killed,
    a_shadow_rejudging_is_shown_when_it_is_applied,
    a_backlog_is_not_fed_to_itself_and_what_is_lost_is_asked_for_once,
    nothing_is_asked_for_while_it_may_wait_in_another_room,
    nothing_is_asked_for_while_a_room_is_not_to_be_seen,
}

fn broker() -> Result<Broker> {
    let mut all = topics::waiting_rooms();
    all.extend(results_sink::TOPICS.map(str::to_owned));
    all.push(topics::VERDICTS_LATEST.to_owned());
    // One partition, so that offsets tell which submission they are.
    let all: Vec<_> = all.iter().map(|topic| (topic.as_str(), 1)).collect();
    Ok(Broker::with_topics(&all)?)
}

fn client(broker: &Broker) -> ClientConfig {
    let mut client = ClientConfig::new(broker.bootstrap_servers(), "sink-test");
    for (name, value) in [
        ("session.timeout.ms", "1500"),
        ("heartbeat.interval.ms", "100"),
    ] {
        client.properties.insert(name.into(), value.into());
    }
    client
}

async fn send<T: schemas::Message>(broker: &Broker, topic: &str, values: &[T]) -> Result<()> {
    let producer = Producer::new(&client(broker))?;
    let mut sent = Vec::new();
    for value in values {
        sent.push(producer.send(NewRecord::new(topic, "key", codec::encode(value)?)));
    }
    for delivery in sent {
        delivery.await?;
    }
    Ok(())
}

async fn submit(broker: &Broker, numbers: std::ops::Range<u128>) -> Result<()> {
    let submissions: Vec<_> = numbers.map(|number| submission(number, 0)).collect();
    send(broker, topics::SUBMISSIONS, &submissions).await
}

async fn log(broker: &Broker, topic: &str) -> Result<Vec<Record>> {
    let mut tail = Tail::open(&client(broker), &[topic], Start::Beginning).await?;
    Ok(tail.read_to_present_end().await?)
}

/// A sink as its binary runs it.
struct Running {
    stop: CancellationToken,
    task: JoinHandle<Result<()>>,
    registry: Registry,
}

fn start(broker: &Broker, url: &str) -> Running {
    let stop = CancellationToken::new();
    let registry = Registry::new();
    let config = SinkConfig {
        reconcile: Some(ReconcileConfig {
            interval: Duration::from_millis(20),
            at_most: 4,
            ..ReconcileConfig::default()
        }),
        batch_records: 7,
        registry: registry.clone(),
        ..SinkConfig::new(client(broker), url)
    };
    let task = tokio::spawn(results_sink::run(config, stop.clone()));
    Running {
        stop,
        task,
        registry,
    }
}

impl Running {
    fn metric(&self, name: &str) -> f64 {
        let families = self.registry.gather();
        let family = families.iter().find(|family| family.name() == name);
        let metrics = family.map(|family| family.get_metric()).unwrap_or_default();
        let value = |metric: &prometheus::proto::Metric| {
            metric.get_counter().get_value() + metric.get_gauge().get_value()
        };
        metrics.iter().map(value).sum()
    }

    /// Waits until the reconciler has gone through so many times more.
    async fn waves(&self, more: u32) -> Result<()> {
        let name = "tribunal_sink_reconciler_waves_total";
        let wanted = self.metric(name) + f64::from(more);
        until(async || Ok(self.metric(name) >= wanted)).await
    }

    async fn stop(self) -> Result<()> {
        self.stop.cancel();
        self.task.await?
    }
}

/// Looks again until it holds.
async fn until(mut holds: impl AsyncFnMut() -> Result<bool>) -> Result<()> {
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

async fn rows(database: &Database, from: &str) -> Result<i64> {
    let sql = format!("SELECT COUNT(*) AS rows FROM {from}");
    Ok(database.fetch(sql, vec![]).await?[0].get("rows")?)
}

/// Says as an evaluator would that everything below is done.
fn commit(broker: &Broker, topic: &str, offset: i64) -> Result<()> {
    let group = topics::evaluator_group(topic);
    let consumer: BaseConsumer = client(broker).consumer(&[("group.id", &group)]).create()?;
    let mut list = TopicPartitionList::new();
    list.add_partition_offset(topic, 0, Offset::Offset(offset))?;
    Ok(consumer.commit(&list, CommitMode::Sync)?)
}

/// What the compacted topic comes to, when every key has said one thing only.
async fn clean_table(broker: &Broker) -> Result<BTreeMap<String, Verdict>> {
    let mut table = BTreeMap::new();
    for record in log(broker, topics::VERDICTS_LATEST).await? {
        let key = String::from_utf8(record.key.unwrap_or_default())?;
        let verdict: Verdict = codec::decode(&record.payload)?;
        let before = table.insert(key.clone(), verdict.clone());
        ensure!(
            before.is_none_or(|before| before == verdict),
            "{key} has changed"
        );
    }
    Ok(table)
}

async fn the_clean_table_has_each_first_verdict_whatever_is_killed(url: &str) -> Result<()> {
    const NUMBERS: u128 = 120;
    let broker = broker()?;
    let database = Database::connect(url).await?;
    for half in [0..NUMBERS / 2, NUMBERS / 2..NUMBERS] {
        let numbers = half.clone();
        let firsts: Vec<_> = half.clone().map(|number| verdict(number, 0, Ac)).collect();
        let seconds: Vec<_> = half.map(|number| verdict(number, 0, Wa)).collect();
        send(&broker, topics::VERDICTS, &firsts).await?;
        send(&broker, topics::VERDICTS, &seconds).await?;
        let (one, other) = (start(&broker, url), start(&broker, url));
        until(async || Ok(rows(&database, "verdicts").await? > numbers.start as i64)).await?;
        // As by SIGKILL: no task of it goes on.
        one.task.abort();
        other.task.abort();
        assert!(one.task.await.is_err_and(|ended| ended.is_cancelled()));
        assert!(other.task.await.is_err_and(|ended| ended.is_cancelled()));
        one.stop.cancel();
        other.stop.cancel();
    }
    let (one, other) = (start(&broker, url), start(&broker, url));
    until(async || {
        let all = rows(&database, "verdict_divergences").await? == NUMBERS as i64;
        Ok(all && rows(&database, "outbox").await? == 0)
    })
    .await?;
    let divergences = "tribunal_sink_verdict_divergence_total";
    let seen = one.metric(divergences).max(other.metric(divergences));
    assert_eq!(seen, NUMBERS as f64);
    one.stop().await?;
    other.stop().await?;
    let expected = (0..NUMBERS).map(|number| (format!("{}#0", id(number)), verdict(number, 0, Ac)));
    assert_eq!(clean_table(&broker).await?, expected.collect());
    Ok(())
}

async fn a_shadow_rejudging_is_shown_when_it_is_applied(url: &str) -> Result<()> {
    let broker = broker()?;
    let database = Database::connect(url).await?;
    submit(&broker, 0..3).await?;
    let firsts: Vec<_> = (0..3).map(|number| verdict(number, 0, Wa)).collect();
    send(&broker, topics::VERDICTS, &firsts).await?;
    let sink = start(&broker, url);
    until(async || {
        let judged = rows(
            &database,
            "submissions s JOIN verdicts v ON v.submission_id = s.submission_id",
        );
        Ok(judged.await? == 3)
    })
    .await?;
    let begun = begin(&database, &Selection::default(), true, false).await?;
    let Begun::New(rejudging) = begun else {
        anyhow::bail!("not begun: {begun:?}");
    };
    // The sink sends them, whatever becomes of the command.
    until(async || Ok(log(&broker, topics::SUBMISSIONS_BULK).await?.len() == 3)).await?;
    let again: Vec<Submission> = log(&broker, topics::SUBMISSIONS_BULK)
        .await?
        .iter()
        .map(|record| codec::decode(&record.payload))
        .collect::<Result<_, _>>()?;
    let expected: Vec<_> = (0..3).map(|number| submission(number, 1)).collect();
    assert_eq!(again, expected);
    let seconds: Vec<_> = (0..3).map(|number| verdict(number, 1, Ac)).collect();
    send(&broker, topics::VERDICTS, &seconds).await?;
    until(async || Ok(rows(&database, "verdicts").await? == 6)).await?;
    until(async || Ok(rows(&database, "outbox WHERE held_by IS NULL").await? == 0)).await?;
    assert_eq!(clean_table(&broker).await?.len(), 3);
    decide(&database, &rejudging.id, Decision::Apply).await?;
    until(async || Ok(clean_table(&broker).await?.len() == 6)).await?;
    sink.stop().await
}

/// A sink that has looked three times at a huge backlog of which nothing is done, and how much of it it asks for again.
async fn beside_a_backlog(
    broker: &Broker,
    database: &Database,
    url: &str,
) -> Result<(Running, usize)> {
    const BACKLOG: u128 = 600;
    submit(broker, 0..BACKLOG).await?;
    let sink = start(broker, url);
    until(async || Ok(rows(database, "judgements").await? == BACKLOG as i64)).await?;
    sink.waves(3).await?;
    let due = rows(database, "outbox").await? as usize;
    let asked_for = log(broker, topics::SUBMISSIONS_BULK).await?.len();
    Ok((sink, due + asked_for))
}

#[tokio::test]
async fn a_reconciler_without_its_rule_is_found() -> Result<()> {
    let _sown = seeded::sow(Bug::NoReconcilerRule);
    let folder = tempfile::tempdir()?;
    let url = store::testing::sqlite_url(folder.path());
    let (broker, database) = (broker()?, Database::connect(&url).await?);
    let (sink, fed) = beside_a_backlog(&broker, &database, &url).await?;
    assert!(fed > 0, "its own backlog");
    sink.stop().await
}

async fn a_backlog_is_not_fed_to_itself_and_what_is_lost_is_asked_for_once(
    url: &str,
) -> Result<()> {
    let (broker, database) = (broker()?, Database::connect(url).await?);
    // However often it looks, nothing is lost.
    let (sink, fed) = beside_a_backlog(&broker, &database, url).await?;
    assert_eq!(fed, 0);

    // Ten are done, and three of them have no verdict.
    let judged: Vec<_> = (0..7).map(|number| verdict(number, 0, Ac)).collect();
    send(&broker, topics::VERDICTS, &judged).await?;
    commit(&broker, topics::SUBMISSIONS, 10)?;
    let asked_for = async || -> Result<Vec<u128>> {
        let bulk = log(&broker, topics::SUBMISSIONS_BULK).await?;
        let number = |record: &Record| {
            let submission: Submission = codec::decode(&record.payload)?;
            ensure!(submission.generation == 0, "a new generation");
            Ok(submission.submission_id.as_u128())
        };
        bulk.iter().map(number).collect()
    };
    until(async || Ok(asked_for().await?.len() >= 3)).await?;
    // They wait once more now, so they are not asked for again.
    sink.waves(3).await?;
    assert_eq!(asked_for().await?, [7, 8, 9]);
    // One is judged, the others are lost again.
    send(&broker, topics::VERDICTS, &[verdict(8, 0, Ac)]).await?;
    commit(&broker, topics::SUBMISSIONS_BULK, 3)?;
    until(async || Ok(asked_for().await?.len() >= 5)).await?;
    sink.waves(2).await?;
    assert_eq!(asked_for().await?, [7, 8, 9, 7, 9]);
    assert_eq!(sink.metric("tribunal_sink_republished_total"), 5.0);
    sink.stop().await
}

async fn nothing_is_asked_for_while_it_may_wait_in_another_room(url: &str) -> Result<()> {
    let broker = broker()?;
    let database = Database::connect(url).await?;
    submit(&broker, 0..6).await?;
    // Handed over to the overflow lane, and therefore done on their own.
    let handed_on: Vec<_> = (0..6).map(|number| submission(number, 0)).collect();
    send(&broker, topics::SUBMISSIONS_OVERFLOW, &handed_on).await?;
    commit(&broker, topics::SUBMISSIONS, 6)?;
    commit(&broker, topics::SUBMISSIONS_OVERFLOW, 5)?;
    let sink = start(&broker, url);
    until(async || Ok(rows(&database, "judgements").await? == 6)).await?;
    let waiting = "tribunal_sink_reconciler_awaited_partitions";
    until(async || Ok(sink.metric(waiting) == 1.0)).await?;
    assert_eq!(rows(&database, "outbox").await?, 0);
    assert_eq!(sink.metric("tribunal_sink_reconciler_waves_total"), 0.0);
    // The last of them ends there without a verdict, and so did all the others. Four at a time.
    commit(&broker, topics::SUBMISSIONS_OVERFLOW, 6)?;
    until(async || Ok(log(&broker, topics::SUBMISSIONS_BULK).await?.len() == 6)).await?;
    sink.waves(2).await?;
    let asked_for: BTreeSet<u128> = log(&broker, topics::SUBMISSIONS_BULK)
        .await?
        .iter()
        .map(|record| {
            Ok(codec::decode::<Submission>(&record.payload)?
                .submission_id
                .as_u128())
        })
        .collect::<Result<_>>()?;
    assert_eq!(asked_for, (0..6).collect());
    sink.stop().await
}

async fn nothing_is_asked_for_while_a_room_is_not_to_be_seen(url: &str) -> Result<()> {
    let seen = [
        topics::SUBMISSIONS,
        topics::SUBMISSIONS_BULK,
        topics::VERDICTS,
    ];
    let broker = Broker::with_topics(&seen.map(|topic| (topic, 1)))?;
    let database = Database::connect(url).await?;
    submit(&broker, 0..1).await?;
    commit(&broker, topics::SUBMISSIONS, 1)?;
    let sink = start(&broker, url);
    until(async || Ok(rows(&database, "judgements").await? == 1)).await?;
    let failures = "tribunal_sink_duty_failures_total";
    until(async || Ok(sink.metric(failures) >= 2.0)).await?;
    assert_eq!(rows(&database, "outbox").await?, 0);
    sink.stop().await
}
