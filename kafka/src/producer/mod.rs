//! Writing records, with the delivery report as the only word that counts.
//!
//! [`Producer::send`] hands the record to librdkafka at once and returns a future that resolves when
//! the broker's acknowledgement, or the certainty that there will be none, comes back on the polling
//! thread. Nothing here waits, sleeps or retries: how much is in flight is the caller's decision,
//! and retries within `message.timeout.ms` are librdkafka's, which keeps their order.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use rdkafka::Message;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::error::KafkaError;
use rdkafka::message::DeliveryResult;
use rdkafka::producer::{BaseRecord, Producer as _, ProducerContext, ThreadedProducer};
use rdkafka::{ClientConfig as RdClientConfig, ClientContext};
use tokio::sync::oneshot;

use crate::client;
use crate::{ClientConfig, NewRecord};

mod error;

pub use error::ProduceError;

/// Where an acknowledged record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delivered {
    /// Partition.
    pub partition: i32,
    /// Offset.
    pub offset: i64,
    /// The broker's append time on topics that have one, else the time of sending.
    pub timestamp_ms: Option<i64>,
}

/// Writes records; cheap to clone, one librdkafka client behind all clones. Records that nobody
/// waits for are lost when the last clone is dropped: [`Producer::flush`] first.
#[derive(Clone)]
pub struct Producer {
    inner: Arc<ThreadedProducer<Reports>>,
    pending: Arc<Pending>,
}

impl Producer {
    /// A producer whose word counts: idempotent, `acks=all`.
    pub fn new(config: &ClientConfig) -> Result<Self, ProduceError> {
        Self::start(&config.durable_producer())
    }

    /// A producer for records that may be lost, such as progress: `acks=1`, no idempotence.
    pub fn best_effort(config: &ClientConfig) -> Result<Self, ProduceError> {
        Self::start(&config.best_effort_producer())
    }

    fn start(config: &RdClientConfig) -> Result<Self, ProduceError> {
        let pending = Arc::new(Pending::default());
        let reports = Reports {
            pending: Arc::clone(&pending),
        };
        let inner = config
            .create_with_context(reports)
            .map_err(|error| ProduceError::Fatal {
                message: error.to_string(),
            })?;
        Ok(Self {
            inner: Arc::new(inner),
            pending,
        })
    }

    /// Sends a record now; the future resolves at its delivery report. Dropping the future does not
    /// take the record back.
    pub fn send(&self, record: NewRecord) -> Delivery {
        let (answer, delivery) = oneshot::channel();
        let ticket = Box::new(Ticket {
            number: self.pending.add(),
            bytes: size(&record),
            answer,
        });
        let mut base = BaseRecord::with_opaque_to(&record.topic, ticket);
        if let Some(key) = &record.key {
            base = base.key(key);
        }
        if let Some(payload) = &record.payload {
            base = base.payload(payload);
        }
        if !record.headers.is_empty() {
            base = base.headers(record.owned_headers());
        }
        if let Err((error, refused)) = self.inner.send(base) {
            let ticket = refused.delivery_opaque;
            let error = ProduceError::of(&error, &record.topic, ticket.bytes);
            self.pending.settle(*ticket, Err(error));
        }
        Delivery {
            report: delivery,
            _producer: self.clone(),
        }
    }

    /// Waits, blocking, until every record sent has its report. `Err` if some have none yet.
    pub fn flush(&self, timeout: Duration) -> Result<(), ProduceError> {
        self.inner
            .flush(timeout)
            .map_err(|_| ProduceError::BrokerAway {
                topic: "(flush)".to_owned(),
                code: format!("{} records without a report", self.in_flight()),
            })
    }

    /// Records sent that have no report yet.
    pub fn in_flight(&self) -> usize {
        self.pending.lock().len()
    }

    /// How long the oldest of them has waited: a gauge that says the cluster is slow or away.
    pub fn oldest_in_flight(&self) -> Option<Duration> {
        self.pending
            .lock()
            .first_key_value()
            .map(|(_, sent)| sent.elapsed())
    }
}

fn size(record: &NewRecord) -> usize {
    let headers = record.headers.iter();
    record.key.as_ref().map_or(0, Vec::len)
        + record.payload.as_ref().map_or(0, Vec::len)
        + headers
            .map(|(key, value)| key.len() + value.len())
            .sum::<usize>()
}

/// Resolves at the delivery report of one record.
#[must_use = "a record is written when this resolves to Ok, not before"]
pub struct Delivery {
    report: oneshot::Receiver<Result<Delivered, ProduceError>>,
    /// A client that is dropped throws its queue away: whoever waits keeps it alive.
    _producer: Producer,
}

impl Future for Delivery {
    type Output = Result<Delivered, ProduceError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.report).poll(context).map(|answer| {
            answer.unwrap_or_else(|_| {
                Err(ProduceError::Fatal {
                    message: "the producer was dropped before the delivery report".to_owned(),
                })
            })
        })
    }
}

/// Travels through librdkafka with its record and comes back with the report.
struct Ticket {
    number: u64,
    bytes: usize,
    answer: oneshot::Sender<Result<Delivered, ProduceError>>,
}

/// When each record without a report was sent, in order of sending.
#[derive(Default)]
struct Pending {
    next: AtomicU64,
    sent: Mutex<BTreeMap<u64, Instant>>,
}

impl Pending {
    fn add(&self) -> u64 {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        self.lock().insert(number, Instant::now());
        number
    }

    fn settle(&self, ticket: Ticket, result: Result<Delivered, ProduceError>) {
        self.lock().remove(&ticket.number);
        // Nobody waits for a delivery whose future was dropped.
        let _ = ticket.answer.send(result);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<u64, Instant>> {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Reports {
    pending: Arc<Pending>,
}

impl ClientContext for Reports {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        client::log(level, facility, message);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        client::log_error(&error, reason);
    }
}

impl ProducerContext for Reports {
    type DeliveryOpaque = Box<Ticket>;

    fn delivery(&self, result: &DeliveryResult<'_>, ticket: Box<Ticket>) {
        let result = match result {
            Ok(message) => Ok(Delivered {
                partition: message.partition(),
                offset: message.offset(),
                timestamp_ms: message.timestamp().to_millis(),
            }),
            Err((error, message)) => Err(ProduceError::of(error, message.topic(), ticket.bytes)),
        };
        self.pending.settle(*ticket, result);
    }
}
