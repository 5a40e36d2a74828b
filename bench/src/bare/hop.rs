//! A loop that consumes one topic and produces the same records onto another.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use anyhow::Context;
use rdkafka::Message;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::BorrowedMessage;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};

use super::{Linger, consumer, producer};

const POLL: Duration = Duration::from_millis(50);
/// How long the last records may take when it ends.
const FLUSH: Duration = Duration::from_secs(5);

/// The running loop. Dropping it ends it.
pub(crate) struct Hop {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<anyhow::Result<()>>>,
}

impl Hop {
    /// Starts where its group has come to, at first at the beginning.
    pub(crate) fn start(
        servers: &str,
        from: &str,
        to: &str,
        linger: Linger,
    ) -> anyhow::Result<Self> {
        let consumer: BaseConsumer = consumer(servers, "bare").create()?;
        consumer.subscribe(&[from])?;
        let producer: BaseProducer = producer(servers, linger).create()?;
        let stop = Arc::new(AtomicBool::new(false));
        let (told, to) = (Arc::clone(&stop), to.to_owned());
        let run = move || copy(&consumer, &producer, &to, &told);
        let thread = thread::Builder::new().name("hop".to_owned()).spawn(run)?;
        Ok(Self {
            stop,
            thread: Some(thread),
        })
    }

    /// Ends it, and tells what went wrong with it.
    pub(crate) fn end(mut self) -> anyhow::Result<()> {
        self.stop.store(true, Ordering::Relaxed);
        let ended = self.thread.take().map(JoinHandle::join);
        ended.map_or(Ok(()), |ended| {
            ended.ok().context("the bare loop panicked")?
        })
    }
}

impl Drop for Hop {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // Whoever wants to know calls `end`.
            let _ = thread.join();
        }
    }
}

fn copy(
    consumer: &BaseConsumer,
    producer: &BaseProducer,
    to: &str,
    stop: &AtomicBool,
) -> anyhow::Result<()> {
    while !stop.load(Ordering::Relaxed) {
        if let Some(message) = consumer.poll(POLL) {
            produce(producer, to, &message?)?;
        }
        // Delivery reports.
        producer.poll(Duration::ZERO);
    }
    producer.flush(FLUSH)?;
    Ok(())
}

fn produce(
    producer: &BaseProducer,
    to: &str,
    message: &BorrowedMessage<'_>,
) -> Result<(), KafkaError> {
    let mut record = BaseRecord::<[u8], [u8]>::to(to);
    if let Some(key) = message.key() {
        record = record.key(key);
    }
    if let Some(payload) = message.payload() {
        record = record.payload(payload);
    }
    if let Some(headers) = message.headers() {
        record = record.headers(headers.detach());
    }
    loop {
        match producer.send(record) {
            Ok(()) => return Ok(()),
            Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), back)) => {
                record = back;
                producer.poll(Duration::from_millis(1));
            }
            Err((error, _)) => return Err(error),
        }
    }
}
