//! Topics, producer and tail on a real Kafka: what the in-memory broker cannot show.

use std::process::Command;
use std::time::Duration;

use e2e::broker::Broker;
use e2e::finished::Finished;
use e2e::process;
use kafka::admin::{Admin, AdminError, Difference, TopicSpec};
use kafka::{ClientConfig, NewRecord, Producer, Start, Tail};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer as _};
use schemas::topics::{self, Profile};
use schemas::{Submission, Verdict, VerdictCode, codec, headers};
use service::contract::{self, ContractError};

fn config(broker: &Broker) -> ClientConfig {
    ClientConfig::new(broker.bootstrap_servers(), "e2e")
}

fn declared() -> Vec<TopicSpec> {
    contract::specs(Profile::SingleNode)
}

/// The declaration with one topic changed.
fn with(name: &str, change: impl Fn(&mut TopicSpec)) -> Vec<TopicSpec> {
    let mut specs = declared();
    specs
        .iter_mut()
        .filter(|spec| spec.name == name)
        .for_each(change);
    specs
}

#[tokio::test]
async fn topics_are_created_once_mended_where_it_is_safe_and_explained_where_it_is_not()
-> anyhow::Result<()> {
    let broker = Broker::start()?;
    let (config, admin) = (config(&broker), Admin::new(&config(&broker))?);
    let used = [topics::SUBMISSIONS, topics::VERDICTS];

    let refused = contract::check(&config, Profile::SingleNode, &used).await;
    assert!(
        matches!(refused, Err(ContractError::Differs { .. })),
        "{refused:?}"
    );
    let created = admin.apply(&declared()).await?;
    assert_eq!(created.len(), declared().len());
    assert_eq!(admin.plan(&declared()).await?, []);
    assert_eq!(admin.apply(&declared()).await?, []);
    contract::check(&config, Profile::SingleNode, &used).await?;

    let longer = with(topics::SUBMISSIONS, |spec| {
        spec.config
            .insert("retention.ms".to_owned(), "777".to_owned());
        spec.partitions = 8;
    });
    let found: Vec<String> = admin
        .apply(&longer)
        .await?
        .iter()
        .map(Difference::to_string)
        .collect();
    assert!(
        found[0].contains("has 6 partitions, declared are 8"),
        "{found:?}"
    );
    assert!(
        found[1].contains("retention.ms=604800000, declared is 777"),
        "{found:?}"
    );
    assert_eq!(admin.plan(&longer).await?, []);
    let refused = contract::check(&config, Profile::SingleNode, &used).await;
    let refused = refused
        .err()
        .map(|error| error.to_string())
        .unwrap_or_default();
    assert!(refused.contains("tribunal topics apply"), "{refused}");
    assert!(
        !refused.contains("partitions"),
        "more partitions than declared break nothing: {refused}"
    );

    let mut repartitioned = longer.clone();
    for spec in repartitioned
        .iter_mut()
        .filter(|spec| spec.name == topics::VERDICTS)
    {
        spec.partitions += 1;
        spec.config
            .insert("cleanup.policy".to_owned(), "compact".to_owned());
    }
    let refused = admin.apply(&repartitioned).await;
    let Err(AdminError::NotMendable(differences)) = refused else {
        anyhow::bail!("{refused:?}")
    };
    assert!(differences[0].to_string().contains("can never change"));
    assert_eq!(differences.len(), 1);
    let unchanged = admin.plan(&longer).await?;
    assert_eq!(
        unchanged,
        [],
        "a refused apply changes nothing, not even what it could"
    );
    Ok(())
}

fn submit(broker: &Broker, more: &[&str]) -> anyhow::Result<Command> {
    let mut command = process::command("producer")?;
    command.args(["submit", "--bootstrap-servers", &broker.bootstrap_servers()]);
    command.args(["--problem", "hello", "--json"]).args(more);
    Ok(command)
}

/// The status, and what was said on standard error.
async fn failed(mut command: Command) -> anyhow::Result<(Option<i32>, String)> {
    let output = tokio::task::spawn_blocking(move || command.output()).await??;
    Ok((
        output.status.code(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
    ))
}

#[tokio::test]
async fn a_missing_topic_is_not_created_by_submitting_and_a_small_one_refuses_by_size()
-> anyhow::Result<()> {
    let (broker, folder) = (Broker::start()?, tempfile::tempdir()?);
    let file = folder.path().join("hello.py");
    // Bytes that do not compress.
    let noise: String = (0..3_000_u64)
        .map(|n| format!("{:x}", n.wrapping_mul(0x9e37_79b9_7f4a_7c15)))
        .collect();
    std::fs::write(&file, noise)?;
    let file = file.to_string_lossy().into_owned();
    let admin = Admin::new(&config(&broker))?;

    let (status, error) = failed(submit(&broker, &[&file])?).await?;
    assert_eq!(status, Some(3), "{error}");
    assert!(
        error.contains("topic `submissions` does not exist"),
        "{error}"
    );
    assert_eq!(
        admin.missing(&[topics::SUBMISSIONS]).await?,
        [topics::SUBMISSIONS]
    );

    admin
        .apply(&with(topics::SUBMISSIONS, |spec| {
            spec.config
                .insert("max.message.bytes".to_owned(), "2000".to_owned());
        }))
        .await?;
    let (status, error) = failed(submit(&broker, &[&file])?).await?;
    assert_eq!(status, Some(2), "{error}");
    assert!(
        error.contains("too large for topic `submissions`"),
        "{error}"
    );
    let mut tail = Tail::open(&config(&broker), &[topics::SUBMISSIONS], Start::Beginning).await?;
    assert_eq!(tail.read_to_present_end().await?, []);
    Ok(())
}

#[tokio::test]
async fn a_repeated_command_waits_for_nothing_when_its_verdict_is_there() -> anyhow::Result<()> {
    let (broker, folder) = (Broker::start()?, tempfile::tempdir()?);
    let config = config(&broker);
    Admin::new(&config)?.apply(&declared()).await?;
    let file = folder.path().join("hello.py");
    std::fs::write(&file, "print('hello')")?;
    let file = file.to_string_lossy().into_owned();
    let first = Finished::run(&mut submit(&broker, &["--idempotency-key", "k", &file])?)?;
    assert_eq!(first.json()?[0]["event"], "accepted");

    let mut tail = Tail::open(&config, &[topics::SUBMISSIONS], Start::Beginning).await?;
    let record = tail.next_record().await?;
    let submission: Submission = codec::decode(&record.payload)?;
    let verdict = Verdict {
        submission_id: submission.submission_id,
        verdict: VerdictCode::Ac,
        ..Verdict::default()
    };
    let key = submission.submission_id.to_string();
    let standard = headers::standard(submission.submission_id, 0, headers::trace(&record.headers));
    let record = NewRecord::new(topics::VERDICTS, key, codec::encode(&verdict)?);
    Producer::new(&config)?
        .send(record.with_headers(standard))
        .await?;

    let wait = ["--idempotency-key", "k", "--wait", "--timeout", "30", &file];
    let again = Finished::run(&mut submit(&broker, &wait)?)?;
    let said = again.json()?;
    assert_eq!(said[0]["submission_id"], first.json()?[0]["submission_id"]);
    assert_eq!(said[1]["verdict"], "AC");
    Ok(())
}

#[tokio::test]
async fn the_present_end_is_reached_across_offsets_that_hold_no_record() -> anyhow::Result<()> {
    let broker = Broker::start()?;
    let config = config(&broker);
    let spec = TopicSpec {
        name: "things".to_owned(),
        partitions: 1,
        replication: 1,
        config: std::collections::BTreeMap::new(),
        partitions_fixed: false,
        successor_of: Vec::new(),
    };
    Admin::new(&config)?.apply(&[spec]).await?;
    let mut tail = Tail::open(&config, &["things"], Start::Beginning).await?;
    assert_eq!(tail.read_to_present_end().await?, []);
    // A transaction leaves a marker behind its records: the last offset of the log is none of ours.
    let transactional: BaseProducer = config
        .durable_producer()
        .set("transactional.id", "t")
        .set("message.timeout.ms", "30000")
        .create()?;
    let patience = Duration::from_secs(30);
    transactional.init_transactions(patience)?;
    for round in 0..3 {
        transactional.begin_transaction()?;
        let record = BaseRecord::<str, str>::to("things").key("k").payload("v");
        transactional.send(record).map_err(|(error, _)| error)?;
        transactional.flush(patience)?;
        transactional.commit_transaction(patience)?;
        let read = tokio::time::timeout(patience, tail.read_to_present_end()).await??;
        assert_eq!(read.len(), 1, "round {round}");
        let nothing = tokio::time::timeout(patience, tail.read_to_present_end()).await??;
        assert_eq!(nothing, [], "round {round}");
    }
    Ok(())
}
