//! Submissions that ask their evaluator to sleep.

use std::time::Duration;

use kafka::partitioner::partition_for;
use kafka::{ClientConfig, NewRecord, Producer};
use schemas::traceparent::TraceParent;
use schemas::{SourceFile, Submission, codec, headers, topics};
use tokio::time::Instant;
use uuid::Uuid;

/// What a submission of ours weighs as a record, about.
const SOURCE_BYTES: usize = 1_024;
/// What programs are made of.
const WORDS: [&str; 8] = [
    "int ", "for (", "if (", "return ", "= ", "+ ", ");\n    ", "{\n    ",
];
/// Submissions on their way to the broker at a time.
const IN_FLIGHT: usize = 1_000;

/// The problem that a submission is for: the one on this partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Target(pub(crate) usize);

/// A problem whose key belongs to the partition.
pub(super) fn problem_on(partition: usize, partitions: usize) -> String {
    let names = (0_u32..).map(|number| format!("sleep{number}"));
    let mut on_partition =
        names.filter(|name| partition_for(name.as_bytes(), partitions) == partition);
    // There is always a further number.
    on_partition.next().unwrap_or_default()
}

/// So many submissions, one for each partition in turn.
pub(crate) fn evenly(count: usize, partitions: usize) -> impl ExactSizeIterator<Item = Target> {
    (0..count).map(move |index| Target(index % partitions))
}

/// Sends submissions of one benchmark.
pub(crate) struct Load {
    producer: Producer,
    problems: Vec<String>,
    sleep: Duration,
}

impl Load {
    /// Each of its submissions sleeps for so long.
    pub(crate) fn new(
        client: &ClientConfig,
        partitions: usize,
        sleep: Duration,
    ) -> anyhow::Result<Self> {
        let problems = (0..partitions).map(|partition| problem_on(partition, partitions));
        Ok(Self {
            producer: Producer::new(client)?,
            problems: problems.collect(),
            sleep,
        })
    }

    /// The id of the problem.
    pub(crate) fn problem(&self, Target(partition): Target) -> &str {
        &self.problems[partition]
    }

    /// Sends them as quickly as the broker takes them.
    pub(crate) async fn send_all(
        &self,
        targets: impl Iterator<Item = Target>,
    ) -> anyhow::Result<()> {
        let mut on_their_way = Vec::new();
        for target in targets {
            on_their_way.push(self.producer.send(self.record(Uuid::new_v4(), target)?));
            if on_their_way.len() == IN_FLIGHT {
                for delivery in on_their_way.drain(..) {
                    delivery.await?;
                }
            }
        }
        for delivery in on_their_way {
            delivery.await?;
        }
        Ok(())
    }

    /// Sends them at this rate, late ones at once: what is slow must not lower the load.
    pub(crate) async fn send_at(
        &self,
        per_second: f64,
        targets: impl Iterator<Item = Target>,
    ) -> anyhow::Result<()> {
        let started = Instant::now();
        let mut on_their_way = Vec::new();
        for (index, target) in targets.enumerate() {
            let due = started + Duration::from_secs_f64(index as f64 / per_second);
            tokio::time::sleep_until(due).await;
            on_their_way.push(self.producer.send(self.record(Uuid::new_v4(), target)?));
        }
        for delivery in on_their_way {
            delivery.await?;
        }
        Ok(())
    }

    /// One submission. Each is another user's, as in a contest.
    pub(crate) fn record(&self, submission_id: Uuid, target: Target) -> anyhow::Result<NewRecord> {
        let problem = self.problem(target);
        let submission = Submission {
            submission_id,
            generation: 0,
            tenant: "bench".to_owned(),
            contest_id: None,
            user_id: submission_id.to_string(),
            problem_id: problem.to_owned(),
            language: "c".to_owned(),
            entry_point: None,
            files: vec![SourceFile {
                name: "main.c".to_owned(),
                content: source(self.sleep, submission_id),
            }],
            submitted_at_ms: 0,
            idempotency_key: None,
            package_digest: None,
        };
        let headers = headers::standard(submission_id, 0, TraceParent::start());
        let payload = codec::encode(&submission)?;
        Ok(NewRecord::new(topics::SUBMISSIONS, problem, payload).with_headers(headers))
    }
}

/// A program like no other: what is in one batch together compresses about as well as programs do.
fn source(sleep: Duration, submission_id: Uuid) -> Vec<u8> {
    let mut source = format!("// tribunal-hook: sleep {}\n", sleep.as_millis()).into_bytes();
    let (high, low) = submission_id.as_u64_pair();
    let mut state = (high ^ low) | 1;
    while source.len() < SOURCE_BYTES {
        // Marsaglia's xorshift.
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        source.extend_from_slice(WORDS[(state % WORDS.len() as u64) as usize].as_bytes());
        source.extend_from_slice(format!("x{:03x} ", state >> 52).as_bytes());
    }
    source.truncate(SOURCE_BYTES);
    source
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_asks_for_its_sleep_has_the_size_and_is_like_no_other() {
        let of = |id| source(Duration::from_millis(20), Uuid::from_u128(id));
        assert!(of(1).starts_with(b"// tribunal-hook: sleep 20\n"));
        assert_eq!(of(1).len(), SOURCE_BYTES);
        assert_eq!(of(1), of(1));
        assert_ne!(of(1), of(2));
    }

    #[test]
    fn the_problem_of_a_partition_has_a_key_of_that_partition() {
        for partition in 0..24 {
            let problem = problem_on(partition, 24);
            assert_eq!(partition_for(problem.as_bytes(), 24), partition);
        }
    }
}
