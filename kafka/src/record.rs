//! Records as they were read from the log, and as they are to be written.

use rdkafka::Message;
use rdkafka::message::{Headers, OwnedHeaders};

/// One record of one partition, copied out of the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Topic it was read from.
    pub topic: String,
    /// Partition within the topic.
    pub partition: i32,
    /// Offset within the partition.
    pub offset: i64,
    /// The broker's or the client's time stamp, ms since the epoch, as the topic is configured.
    pub timestamp_ms: Option<i64>,
    /// Key, if it has one.
    pub key: Option<Vec<u8>>,
    /// Value; empty for a tombstone.
    pub payload: Vec<u8>,
    /// Headers in the order written; a header without a value is empty.
    pub headers: Vec<(String, Vec<u8>)>,
}

impl Record {
    /// Copies a record out of librdkafka's memory.
    pub fn copy_of(message: &impl Message) -> Self {
        let headers = message.headers().map(|headers| {
            headers
                .iter()
                .map(|header| {
                    let value = header.value.unwrap_or_default().to_vec();
                    (header.key.to_owned(), value)
                })
                .collect()
        });
        Self {
            topic: message.topic().to_owned(),
            partition: message.partition(),
            offset: message.offset(),
            timestamp_ms: message.timestamp().to_millis(),
            key: message.key().map(<[u8]>::to_vec),
            payload: message.payload().unwrap_or_default().to_vec(),
            headers: headers.unwrap_or_default(),
        }
    }

    /// The last header of this name, as Kafka's own clients read one.
    pub fn header(&self, name: &str) -> Option<&[u8]> {
        let mut headers = self.headers.iter().rev();
        headers
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_slice())
    }

    /// The last header of this name, if it is text.
    pub fn text_header(&self, name: &str) -> Option<&str> {
        std::str::from_utf8(self.header(name)?).ok()
    }
}

/// A record to be written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewRecord {
    /// Topic to write to.
    pub topic: String,
    /// Key: decides the partition, by murmur2 as in every other Kafka client.
    pub key: Option<Vec<u8>>,
    /// Value; `None` is a tombstone.
    pub payload: Option<Vec<u8>>,
    /// Headers, in order.
    pub headers: Vec<(String, Vec<u8>)>,
}

impl NewRecord {
    /// A keyed record without headers.
    pub fn new(
        topic: impl Into<String>,
        key: impl Into<Vec<u8>>,
        payload: impl Into<Vec<u8>>,
    ) -> Self {
        Self {
            topic: topic.into(),
            key: Some(key.into()),
            payload: Some(payload.into()),
            headers: Vec::new(),
        }
    }

    /// The same record with these headers.
    pub fn with_headers(mut self, headers: Vec<(String, Vec<u8>)>) -> Self {
        self.headers = headers;
        self
    }

    pub(crate) fn owned_headers(&self) -> OwnedHeaders {
        let mut owned = OwnedHeaders::new_with_capacity(self.headers.len());
        for (key, value) in &self.headers {
            owned = owned.insert(rdkafka::message::Header {
                key,
                value: Some(value),
            });
        }
        owned
    }
}
