//! A consumer that notes when each record could be read, by its key.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rdkafka::Message;
use rdkafka::consumer::BaseConsumer;
use uuid::Uuid;

use super::{consumer, start_at_ends};

const POLL: Duration = Duration::from_millis(50);

type Times = Arc<Mutex<HashMap<Uuid, Instant>>>;

/// Reads a topic from its present end. Dropping it ends it.
pub(crate) struct Arrivals {
    times: Times,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Arrivals {
    /// Whose keys are submission ids.
    pub(crate) fn of(servers: &str, topic: &str) -> anyhow::Result<Self> {
        let consumer: BaseConsumer = consumer(servers, "bare-arrivals").create()?;
        start_at_ends(&consumer, topic)?;
        let (times, stop) = (Times::default(), Arc::new(AtomicBool::new(false)));
        let (seen, told) = (Arc::clone(&times), Arc::clone(&stop));
        let run = move || note(&consumer, &seen, &told);
        let thread = thread::Builder::new()
            .name("arrivals".to_owned())
            .spawn(run)?;
        Ok(Self {
            times,
            stop,
            thread: Some(thread),
        })
    }

    /// When it could be read, if it was.
    pub(crate) fn seen(&self, id: Uuid) -> Option<Instant> {
        let times = self.times.lock().unwrap_or_else(PoisonError::into_inner);
        times.get(&id).copied()
    }
}

impl Drop for Arrivals {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // It has nothing to say.
            let _ = thread.join();
        }
    }
}

fn note(consumer: &BaseConsumer, times: &Mutex<HashMap<Uuid, Instant>>, stop: &AtomicBool) {
    while !stop.load(Ordering::Relaxed) {
        // What cannot be read now comes later, or is missed by whoever waits for it.
        let Some(Ok(message)) = consumer.poll(POLL) else {
            continue;
        };
        let now = Instant::now();
        if let Some(id) = message.key().and_then(id) {
            let mut times = times.lock().unwrap_or_else(PoisonError::into_inner);
            times.entry(id).or_insert(now);
        }
    }
}

fn id(key: &[u8]) -> Option<Uuid> {
    std::str::from_utf8(key).ok()?.parse().ok()
}
