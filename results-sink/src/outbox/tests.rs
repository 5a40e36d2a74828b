//! The publisher's steps one by one, with deaths between them.

use anyhow::Result;
use kafka::embedded::Broker;
use kafka::{ClientConfig, Producer, Record, Start, Tail};
use prometheus::Registry;
use schemas::{SourceFile, Submission, Verdict, VerdictCode, codec, topics};
use store::{Database, Projection};
use tempfile::TempDir;
use uuid::Uuid;

use super::{Entry, Publisher, due, enter};
use crate::{Metrics, Sink};

const ID: Uuid = Uuid::from_u128(7);

/// A database, a broker, and the sink's two sides on them.
struct Bench {
    database: Database,
    client: ClientConfig,
    metrics: Metrics,
    _broker: Broker,
    _folder: TempDir,
}

impl Bench {
    async fn new() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let broker =
            Broker::with_topics(&[(topics::SUBMISSIONS_BULK, 3), (topics::VERDICTS_LATEST, 3)])?;
        Ok(Self {
            database: Database::connect(&store::testing::sqlite_url(folder.path())).await?,
            client: ClientConfig::new(broker.bootstrap_servers(), "outbox-test"),
            metrics: Metrics::new(&Registry::new())?,
            _broker: broker,
            _folder: folder,
        })
    }

    /// A new process: nothing is left of the one before but the database.
    fn publisher(&self) -> Result<Publisher> {
        let producer = Producer::new(&self.client)?;
        Ok(Publisher::new(
            self.database.clone(),
            producer,
            self.metrics.clone(),
        ))
    }

    async fn record(&self, topic: &str, payload: Vec<u8>) -> Result<()> {
        let record = Record {
            topic: topic.into(),
            partition: 0,
            offset: 3,
            timestamp_ms: Some(1),
            key: None,
            payload,
            headers: Vec::new(),
        };
        let mut transaction = self.database.begin().await?;
        let sink = Sink::new(self.metrics.clone());
        sink.apply(&mut transaction, &[record]).await?;
        Ok(transaction.commit().await?)
    }

    async fn enter(&self, topic: &str, generation: i64) -> Result<usize> {
        let entry = Entry {
            topic,
            submission_id: ID.to_string(),
            generation,
            held_by: None,
        };
        let mut transaction = self.database.begin().await?;
        let entered = enter(&mut transaction, vec![entry], 1).await?;
        transaction.commit().await?;
        Ok(entered)
    }

    async fn log(&self, topic: &str) -> Result<Vec<Record>> {
        let mut tail = Tail::open(&self.client, &[topic], Start::Beginning).await?;
        Ok(tail.read_to_present_end().await?)
    }

    async fn rows(&self, sql: &str) -> Result<Vec<store::Row>> {
        Ok(self.database.fetch(sql, vec![]).await?)
    }
}

fn verdict() -> Verdict {
    Verdict {
        submission_id: ID,
        generation: 2,
        tenant: "school".into(),
        contest_id: Some("finals".into()),
        user_id: "ada".into(),
        problem_id: "sum".into(),
        language: "c".into(),
        verdict: VerdictCode::Wa,
        score: Some(0.1),
        judged_at_ms: 5,
        public: schemas::PublicVerdict {
            tests_passed: 3,
            tests: vec![schemas::TestVerdict {
                verdict: VerdictCode::Wa,
                message: Some("line 3 \u{1f9ea}".into()),
                ..schemas::TestVerdict::default()
            }],
            ..schemas::PublicVerdict::default()
        },
        jury: schemas::JuryVerdict {
            messages: vec!["between us".into()],
            host: "here".into(),
            attempt: 1,
            ..schemas::JuryVerdict::default()
        },
    }
}

fn submission() -> Submission {
    let file = |name: &str, content: &[u8]| SourceFile {
        name: name.into(),
        content: content.into(),
    };
    Submission {
        submission_id: ID,
        generation: 0,
        tenant: "school".into(),
        contest_id: None,
        user_id: "ada".into(),
        problem_id: "sum".into(),
        language: "java".into(),
        entry_point: Some("Main".into()),
        files: vec![
            file("Main.java", b"class Main {}"),
            file("A.java", b"\xff\0"),
        ],
        submitted_at_ms: 9,
        idempotency_key: Some("key".into()),
        package_digest: Some("abc".into()),
    }
}

#[tokio::test]
async fn a_recorded_verdict_is_published_as_it_was() -> Result<()> {
    let bench = Bench::new().await?;
    bench
        .record(topics::VERDICTS, codec::encode(&verdict())?)
        .await?;
    assert!(bench.publisher()?.publish_once().await?);
    let log = bench.log(topics::VERDICTS_LATEST).await?;
    assert_eq!(log.len(), 1);
    assert_eq!(log[0].key, Some(format!("{ID}#2").into_bytes()));
    assert_eq!(codec::decode::<Verdict>(&log[0].payload)?, verdict());
    assert_eq!(schemas::headers::identity(&log[0].headers), Some((ID, 2)));
    assert!(due(&bench.database, 9).await?.is_empty());
    assert!(!bench.publisher()?.publish_once().await?);
    Ok(())
}

#[tokio::test]
async fn a_death_between_the_delivery_report_and_the_deletion_sends_the_same_again() -> Result<()> {
    let bench = Bench::new().await?;
    bench
        .record(topics::VERDICTS, codec::encode(&verdict())?)
        .await?;
    for _ in 0..2 {
        assert_eq!(bench.publisher()?.die_before_settling().await?, 1);
    }
    assert!(bench.publisher()?.publish_once().await?);
    let log = bench.log(topics::VERDICTS_LATEST).await?;
    let first = (&log[0].key, &log[0].partition, &log[0].payload);
    assert_eq!(log.len(), 3);
    for record in &log {
        assert_eq!((&record.key, &record.partition, &record.payload), first);
    }
    assert!(due(&bench.database, 9).await?.is_empty());
    Ok(())
}

#[tokio::test]
async fn a_death_before_the_delivery_report_leaves_the_row() -> Result<()> {
    let bench = Bench::new().await?;
    bench
        .record(topics::VERDICTS, codec::encode(&verdict())?)
        .await?;
    bench._broker.set_reachable(false)?;
    let doomed = bench.publisher()?;
    let died = tokio::time::timeout(std::time::Duration::from_millis(100), doomed.publish_once());
    assert!(died.await.is_err(), "acknowledged by nobody");
    drop(doomed);
    assert_eq!(due(&bench.database, 9).await?.len(), 1);
    bench._broker.set_reachable(true)?;
    assert!(bench.publisher()?.publish_once().await?);
    assert_eq!(bench.log(topics::VERDICTS_LATEST).await?.len(), 1);
    Ok(())
}

#[tokio::test]
async fn a_submission_to_be_judged_again_is_made_whole_of_its_rows() -> Result<()> {
    let bench = Bench::new().await?;
    bench
        .record(topics::SUBMISSIONS, codec::encode(&submission())?)
        .await?;
    assert_eq!(bench.enter(topics::SUBMISSIONS_BULK, 0).await?, 1);
    assert_eq!(bench.enter(topics::SUBMISSIONS_BULK, 0).await?, 0);
    assert_eq!(bench.enter(topics::SUBMISSIONS_BULK, 1).await?, 1);
    assert!(bench.publisher()?.publish_once().await?);
    let log = bench.log(topics::SUBMISSIONS_BULK).await?;
    let sent: Vec<Submission> = log
        .iter()
        .map(|record| codec::decode(&record.payload))
        .collect::<Result<_, _>>()?;
    // Asked for again, it is the same; judged anew, it meets the problem's present package.
    let anew = Submission {
        generation: 1,
        package_digest: None,
        ..submission()
    };
    assert_eq!(sent, [submission(), anew]);
    assert_eq!(log[0].key.as_deref(), Some(&b"sum"[..]));
    // It is known where it waits now.
    let copies = bench
        .rows(
            "SELECT topic, record_offset, generation FROM judgement_copies ORDER BY record_offset",
        )
        .await?;
    assert_eq!(copies.len(), 2);
    for (copy, record) in copies.iter().zip(&log) {
        assert_eq!(copy.get::<String>("topic")?, topics::SUBMISSIONS_BULK);
        assert_eq!(copy.get::<i64>("record_offset")?, record.offset);
    }
    Ok(())
}

#[tokio::test]
async fn what_can_never_be_sent_is_set_aside_and_lets_the_rest_pass() -> Result<()> {
    let bench = Bench::new().await?;
    bench.enter(topics::VERDICTS_LATEST, 9).await?;
    bench
        .record(topics::VERDICTS, codec::encode(&verdict())?)
        .await?;
    assert!(bench.publisher()?.publish_once().await?);
    assert!(!bench.publisher()?.publish_once().await?);
    assert_eq!(bench.log(topics::VERDICTS_LATEST).await?.len(), 1);
    let rows = bench.rows("SELECT generation, refused FROM outbox").await?;
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].get::<i64>("generation")?, 9);
    assert!(rows[0].get::<String>("refused")?.contains("no verdict"));
    let findings = crate::check::check(&bench.database).await?;
    assert!(
        matches!(&findings[..], [crate::check::Finding::Refused { .. }]),
        "{findings:?}"
    );
    Ok(())
}
