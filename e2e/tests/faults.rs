//! Records that nobody can judge, and a submission that kills its evaluator: they end, and take nobody with them.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, ensure};
use e2e::cluster::Cluster;
use e2e::eventually::eventually;
use e2e::jury::{record, submission};
use e2e::report;
use e2e::results::{count, published, rows};
use e2e::supervisor::Supervised;
use kafka::NewRecord;
use schemas::{Submission, codec, headers, topics};

/// Right and wrong answers that take a while without using the processor, so that they are in flight together.
const NEIGHBOURS: usize = 8;

fn neighbour(number: usize) -> (Submission, &'static str) {
    let source = include_str!("../../problems/lanterns/submissions/accepted/lantern.c");
    let pause = format!("#include <unistd.h>\n/* {number} */\n");
    let source = source.replace("int n;\n", "int n;\n    usleep(150 * 1000);\n");
    let (first_letter, verdict) = if number.is_multiple_of(2) {
        ("'a'", "AC")
    } else {
        ("'A'", "WA")
    };
    let source = pause + &source.replace("'a'", first_letter);
    (submission("lanterns", "c", "main.c", source), verdict)
}

#[tokio::test]
async fn a_submission_that_kills_its_evaluators_is_convicted_and_its_neighbours_get_their_true_verdicts()
-> anyhow::Result<()> {
    let cluster = Cluster::start().await?;
    let _sink = cluster.sink().await?;
    let options = ["--slots", "9", "--languages", "c"];
    let mut evaluators = Supervised::start(&cluster, 2, &options).await?;

    let producer = cluster.producer()?;
    let mut expected = BTreeMap::new();
    for number in 0..NEIGHBOURS {
        let (neighbour, verdict) = neighbour(number);
        expected.insert((neighbour.submission_id, 0), verdict.to_owned());
        producer.send(record(&neighbour)?).await?;
    }
    // The same problem, so the same partition, behind its neighbours.
    let killer = submission("lanterns", "c", "main.c", "// tribunal-hook: die\n");
    expected.insert((killer.submission_id, 0), "JE".to_owned());
    producer.send(record(&killer)?).await?;
    let (later, verdict) = neighbour(NEIGHBOURS);
    expected.insert((later.submission_id, 0), verdict.to_owned());
    producer.send(record(&later)?).await?;

    let all_recorded = async || {
        let rows = rows(&cluster.database_url).await?;
        Ok((rows.len() == expected.len()).then_some(rows))
    };
    let limit = Duration::from_secs(240);
    let rows = evaluators
        .until(limit, "all have a row", all_recorded)
        .await?;
    assert_eq!(rows, expected);
    report(&format!("{} evaluators died of it", evaluators.deaths));
    // Two crashed attempts, and the death while alone that convicts.
    assert_eq!(evaluators.deaths, 3);

    // All eight were in flight when the first evaluator died: each was tried again.
    for (verdict, _) in published(&cluster).await? {
        let in_flight = verdict.submission_id != later.submission_id;
        ensure!(verdict.jury.attempt > 1 || !in_flight, "{verdict:?}");
    }

    let dead_letters = cluster.records(topics::SUBMISSIONS_DLQ).await?;
    let [dead_letter] = &dead_letters[..] else {
        anyhow::bail!("{} dead letters instead of one", dead_letters.len());
    };
    assert_eq!(dead_letter.payload, codec::encode(&killer)?);
    assert_eq!(
        headers::identity(&dead_letter.headers),
        Some((killer.submission_id, 0))
    );
    Ok(())
}

#[tokio::test]
async fn undecodable_bytes_and_unknown_problems_end_and_others_are_judged() -> anyhow::Result<()> {
    let cluster = Cluster::start().await?;
    let _sink = cluster.sink().await?;
    let producer = cluster.producer()?;

    let (good, verdict) = neighbour(0);
    let unknown = submission(
        "nosuchproblem",
        "c",
        "main.c",
        "int main(void) { return 0; }",
    );
    // Right frame, wrong body: poison under a known schema. The first does not say whose it is; the second does.
    let whole = codec::encode(&good)?;
    let cut = whole[..whole.len() / 2].to_vec();
    let claimed = submission("lanterns", "c", "main.c", "");
    let mut with_name = record(&claimed)?;
    with_name.payload = Some(cut.clone());
    producer
        .send(NewRecord::new(topics::SUBMISSIONS, "lanterns", cut.clone()))
        .await?;
    producer
        .send(NewRecord::new(
            topics::SUBMISSIONS,
            "lanterns",
            b"not even framed".to_vec(),
        ))
        .await?;
    producer.send(with_name).await?;
    producer.send(record(&unknown)?).await?;
    producer.send(record(&good)?).await?;
    let _evaluator = cluster
        .evaluator(1, &["--slots", "2", "--languages", "c"])
        .await?;

    let expected = BTreeMap::from([
        ((good.submission_id, 0), verdict.to_owned()),
        ((claimed.submission_id, 0), "JE".to_owned()),
        ((unknown.submission_id, 0), "JE".to_owned()),
    ]);
    eventually(Duration::from_secs(60), "all have a row", async || {
        Ok((rows(&cluster.database_url).await? == expected).then_some(()))
    })
    .await?;

    let dead_letters = cluster.records(topics::SUBMISSIONS_DLQ).await?;
    let payloads: Vec<&[u8]> = dead_letters
        .iter()
        .map(|letter| &letter.payload[..])
        .collect();
    assert_eq!(payloads.len(), 4);
    for payload in [&cut[..], b"not even framed", &codec::encode(&unknown)?] {
        ensure!(
            payloads.contains(&payload),
            "a dead letter is not as it came"
        );
    }
    for letter in &dead_letters {
        let topic = letter.text_header("kafka_dlt-original-topic");
        assert_eq!(
            topic.context("a dead letter without provenance")?,
            topics::SUBMISSIONS
        );
    }
    // What cannot be read is kept for people, too.
    let quarantined = count(&cluster.database_url, "SELECT COUNT(*) FROM quarantine").await?;
    assert_eq!(quarantined, 3);
    Ok(())
}
