//! The `problems` topic as a table: what each problem stands for today.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::Context;
use kafka::tail::{Mark, Marker};
use kafka::{ClientConfig, Record, Start, Tail, TailError, Tailed};
use schemas::{Problem, topics};
use tokio::sync::watch;
use tokio_util::sync::{CancellationToken, DropGuard};

/// How long an unknown problem may wait for the present end of the topic.
const PRESENT_END_WITHIN: Duration = Duration::from_secs(15);
/// Between two tries to read the topic.
const RETRY: Duration = Duration::from_secs(1);

/// Follows the topic for as long as it lives.
#[derive(Debug)]
pub(crate) struct ProblemTable {
    shared: Arc<Shared>,
    _stop: DropGuard,
}

#[derive(Debug)]
struct Shared {
    problems: Mutex<HashMap<String, Problem>>,
    marker: Mutex<Marker>,
    reached: watch::Sender<Option<Mark>>,
}

impl ProblemTable {
    /// Reads the topic to its present end and follows it from there.
    pub(crate) async fn open(client: &ClientConfig) -> anyhow::Result<Self> {
        let client = client.named(format!("{}-problems", client.client_id));
        let tail = open_tail(&client).await?;
        let shared = Arc::new(Shared {
            problems: Mutex::default(),
            marker: Mutex::new(tail.marker()),
            reached: watch::Sender::new(None),
        });
        let stop = CancellationToken::new();
        let following = follow(Arc::clone(&shared), client, tail);
        tokio::spawn(stop.clone().run_until_cancelled_owned(following));
        let table = Self {
            shared,
            _stop: stop.drop_guard(),
        };
        table.read_to_present_end().await?;
        Ok(table)
    }

    /// The problem as published last. One that is not in the table is looked for up to the present end of the topic, so
    /// that a submission right behind its problem finds it.
    pub(super) async fn get(&self, problem_id: &str) -> anyhow::Result<Option<Problem>> {
        if let Some(problem) = self.shared.problem(problem_id) {
            return Ok(Some(problem));
        }
        self.read_to_present_end().await?;
        Ok(self.shared.problem(problem_id))
    }

    pub(super) async fn read_to_present_end(&self) -> anyhow::Result<()> {
        let mut reached = self.shared.reached.subscribe();
        let end = lock(&self.shared.marker).mark();
        let reading = reached.wait_for(|reached| *reached >= Some(end));
        let read = tokio::time::timeout(PRESENT_END_WITHIN, reading).await;
        read.context("failed to read topic `problems` to its end in time")??;
        Ok(())
    }
}

impl Shared {
    fn problem(&self, problem_id: &str) -> Option<Problem> {
        lock(&self.problems).get(problem_id).cloned()
    }

    fn apply(&self, record: &Record) {
        let key = String::from_utf8_lossy(record.key.as_deref().unwrap_or_default()).into_owned();
        if record.payload.is_empty() {
            lock(&self.problems).remove(&key);
            return;
        }
        match schemas::codec::decode::<Problem>(&record.payload) {
            Ok(problem) => {
                lock(&self.problems).insert(key, problem);
            }
            // What was published before stays: an unreadable record says nothing about the problem.
            Err(error) => {
                tracing::error!(problem.id = key, %error, "a record of topic `problems` cannot be read")
            }
        }
    }
}

async fn open_tail(client: &ClientConfig) -> Result<Tail, TailError> {
    Tail::open(client, &[topics::PROBLEMS], Start::Beginning).await
}

async fn follow(shared: Arc<Shared>, client: ClientConfig, mut tail: Tail) {
    loop {
        match tail.next().await {
            Ok(Tailed::Record(record)) => shared.apply(&record),
            Ok(Tailed::Mark(mark)) => {
                shared.reached.send_replace(Some(mark));
            }
            Err(error) => {
                tracing::error!(%error, "topic `problems` cannot be followed; opening it again");
                tokio::time::sleep(RETRY).await;
                match open_tail(&client).await {
                    Ok(opened) => {
                        *lock(&shared.marker) = opened.marker();
                        tail = opened;
                    }
                    Err(error) => tracing::error!(%error, "failed to open topic `problems`"),
                }
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
