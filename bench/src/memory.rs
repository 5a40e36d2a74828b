//! `memory`: what an evaluator holds at rest, and what each slot adds while it judges 10 MB of input and output.
//!
//! The evaluator is a process of its own (this binary, started again), with keepers and inits of its boxes as children;
//! the broker is in this one. Counted are the resident memory of that whole tree, each shared page once, and the files
//! in memory that it holds open. Programs and validators in boxes pay for themselves.

use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::ensure;
use kafka::embedded::Broker;
use kafka::{ClientConfig, NewRecord, Producer, Start, Tail};
use schemas::traceparent::TraceParent;
use schemas::{SourceFile, Submission, Verdict, VerdictCode, headers, topics};
use uuid::Uuid;

use crate::Figure;
use crate::evaluator_process::{EvaluatorProcess, Given};
use crate::held::held;

const SLOTS: usize = 2;
/// Submissions that each slot judges.
const ROUNDS: usize = 3;
const MB: u64 = 1_000_000;
/// Input, output and answer of the case.
const CASE_BYTES: usize = 10_000_000;
/// Copies its input to its output.
const COPY: &str = "#include <stdio.h>\nint main(void) { static char b[65536]; size_t n; while ((n = fread(b, 1, sizeof b, stdin))) fwrite(b, 1, n, stdout); }\n";

/// Measures both figures in one evaluator.
pub(crate) fn measure() -> anyhow::Result<Vec<Figure>> {
    tokio::runtime::Runtime::new()?.block_on(measured())
}

async fn measured() -> anyhow::Result<Vec<Figure>> {
    let folder = tempfile::tempdir()?;
    write_package(&folder.path().join("problems/copy"))?;
    let broker = Broker::with_topics(&evaluator::TOPICS.map(|topic| (topic, 2)))?;
    let client = ClientConfig::new(broker.bootstrap_servers(), "bench");
    let given = Given::new(&client, folder.path(), 1, SLOTS);
    let mut evaluator = EvaluatorProcess::start(given)?;
    evaluator.wait_until_ready().await?;
    let rest = held(&evaluator)?;
    let mut verdicts = Tail::open(&client, &[topics::VERDICTS], Start::Beginning).await?;
    let producer = Producer::new(&client)?;
    for _ in 0..SLOTS * ROUNDS {
        submit(&producer).await?;
    }
    let (mut peak, mut done) = (rest, 0);
    while done < SLOTS * ROUNDS {
        peak = peak.max(held(&evaluator)?);
        let next = tokio::time::timeout(Duration::from_millis(1), verdicts.next_record()).await;
        let Ok(record) = next else { continue };
        let verdict: Verdict = schemas::codec::decode(&record?.payload)?;
        ensure!(verdict.verdict == VerdictCode::Ac, "{:?}", verdict.jury);
        done += 1;
    }
    let each = (peak - rest) / SLOTS as u64;
    Ok(vec![
        Figure::bytes_at_most("memory-at-rest", rest, 60 * MB, "≤ 60 MB"),
        Figure::bytes_at_most("memory-per-slot", each, 32 * MB, "≤ 32 MB"),
    ])
}

fn write_package(root: &Path) -> anyhow::Result<()> {
    let data = root.join("data/secret");
    fs::create_dir_all(&data)?;
    fs::write(
        root.join("problem.yaml"),
        "problem_format_version: 2025-09\nname: Copy\nuuid: 6b6f0a3e-7b3d-4c1e-9a51-0b8f6c7d8e91\n\
         limits:\n  time_limit: 10\n  memory: 64\n  output: 16\n",
    )?;
    let lines = "0123456789 abcdefg\n".repeat(CASE_BYTES / 19 + 1);
    fs::write(data.join("1.in"), &lines)?;
    fs::write(data.join("1.ans"), &lines)?;
    Ok(())
}

async fn submit(producer: &Producer) -> anyhow::Result<()> {
    let submission = Submission {
        submission_id: Uuid::new_v4(),
        generation: 0,
        tenant: "bench".to_owned(),
        contest_id: None,
        user_id: "bench".to_owned(),
        problem_id: "copy".to_owned(),
        language: "c".to_owned(),
        entry_point: None,
        files: vec![SourceFile {
            name: "copy.c".to_owned(),
            content: COPY.into(),
        }],
        submitted_at_ms: 0,
        idempotency_key: None,
        package_digest: None,
    };
    let headers = headers::standard(submission.submission_id, 0, TraceParent::start());
    let payload = schemas::codec::encode(&submission)?;
    let record = NewRecord::new(topics::SUBMISSIONS, "copy", payload).with_headers(headers);
    producer.send(record).await?;
    Ok(())
}
