//! A producer that notes when each record was acknowledged.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use kafka::NewRecord;
use rdkafka::ClientContext;
use rdkafka::message::{DeliveryResult, Header, OwnedHeaders};
use rdkafka::producer::{BaseRecord, ProducerContext, ThreadedProducer};
use uuid::Uuid;

use super::{Linger, producer};

type Times = Arc<Mutex<HashMap<Uuid, Instant>>>;

/// Sends at once.
pub(crate) struct Sender {
    producer: ThreadedProducer<Acknowledged>,
    times: Times,
}

impl Sender {
    pub(crate) fn new(servers: &str) -> anyhow::Result<Self> {
        let times = Times::default();
        let context = Acknowledged(Arc::clone(&times));
        let producer = producer(servers, Linger::None).create_with_context(context)?;
        Ok(Self { producer, times })
    }

    /// Sends the record, to be known by this id.
    pub(crate) fn send(&self, id: Uuid, record: &NewRecord) -> anyhow::Result<()> {
        let mut base = BaseRecord::with_opaque_to(&record.topic, Box::new(id));
        if let Some(key) = &record.key {
            base = base.key(key);
        }
        if let Some(payload) = &record.payload {
            base = base.payload(payload);
        }
        let mut headers = OwnedHeaders::new();
        for (key, value) in &record.headers {
            let value = Some(value);
            headers = headers.insert(Header { key, value });
        }
        let sent = self.producer.send(base.headers(headers));
        Ok(sent.map_err(|(error, _)| error)?)
    }

    /// When it was acknowledged, if it was.
    pub(crate) fn acknowledged(&self, id: Uuid) -> Option<Instant> {
        let times = self.times.lock().unwrap_or_else(PoisonError::into_inner);
        times.get(&id).copied()
    }
}

struct Acknowledged(Times);

impl ClientContext for Acknowledged {}

impl ProducerContext for Acknowledged {
    type DeliveryOpaque = Box<Uuid>;

    fn delivery(&self, result: &DeliveryResult<'_>, id: Box<Uuid>) {
        let now = Instant::now();
        if result.is_ok() {
            let mut times = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            times.insert(*id, now);
        }
    }
}
