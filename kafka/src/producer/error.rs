//! Why a record was not written.

use rdkafka::error::{KafkaError, RDKafkaErrorCode};

/// Why a record was not, or may not have been, written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProduceError {
    /// No broker answered within `message.timeout.ms`. The record may or may not be on the log.
    #[error(
        "no broker acknowledged the record for `{topic}` in time ({code}): check --bootstrap-servers and that the cluster runs"
    )]
    BrokerAway {
        /// The topic written to.
        topic: String,
        /// What librdkafka calls it.
        code: String,
    },
    /// The topic is not there.
    #[error("topic `{topic}` does not exist: create it with `tribunal topics apply`")]
    TopicMissing {
        /// The topic written to.
        topic: String,
    },
    /// The record exceeds what the topic takes.
    #[error("record of {bytes} bytes is too large for topic `{topic}`")]
    TooLarge {
        /// The topic written to.
        topic: String,
        /// Key, value and headers together.
        bytes: usize,
    },
    /// This process has too much in flight: await some deliveries, then send again.
    #[error("the producer's queue is full: await earlier deliveries first")]
    QueueFull,
    /// The cluster does not let us.
    #[error(
        "not allowed to write to `{topic}` ({code}): check the credentials and the topic's ACLs"
    )]
    Refused {
        /// The topic written to.
        topic: String,
        /// What librdkafka calls it.
        code: String,
    },
    /// The idempotent producer lost its place and will never write again: replace the process.
    #[error("the producer failed for good: {message}")]
    Fatal {
        /// What happened.
        message: String,
    },
    /// Anything else.
    #[error("failed to write to `{topic}`: {message}")]
    Other {
        /// The topic written to.
        topic: String,
        /// What librdkafka calls it.
        message: String,
    },
}

impl ProduceError {
    /// Whether the same record may be accepted later, unchanged, by this producer.
    pub fn is_retriable(&self) -> bool {
        matches!(
            self,
            Self::BrokerAway { .. } | Self::QueueFull | Self::Other { .. }
        )
    }

    pub(super) fn of(error: &KafkaError, topic: &str, bytes: usize) -> Self {
        use RDKafkaErrorCode as Code;
        let topic = topic.to_owned();
        let Some(code) = error.rdkafka_error_code() else {
            let message = error.to_string();
            return Self::Other { topic, message };
        };
        match code {
            Code::MessageTimedOut
            | Code::BrokerTransportFailure
            | Code::AllBrokersDown
            | Code::Resolve
            | Code::RequestTimedOut
            | Code::NotEnoughReplicas
            | Code::NotEnoughReplicasAfterAppend => Self::BrokerAway {
                topic,
                code: code.to_string(),
            },
            Code::UnknownTopic | Code::UnknownTopicOrPartition | Code::UnknownPartition => {
                Self::TopicMissing { topic }
            }
            Code::MessageSizeTooLarge | Code::InvalidMessageSize => Self::TooLarge { topic, bytes },
            Code::QueueFull => Self::QueueFull,
            Code::TopicAuthorizationFailed
            | Code::ClusterAuthorizationFailed
            | Code::SaslAuthenticationFailed
            | Code::Authentication => Self::Refused {
                topic,
                code: code.to_string(),
            },
            // librdkafka empties the queue of an idempotent producer that has failed for good, for example because it
            // may write to no topic at all.
            Code::PurgeQueue
            | Code::PurgeInflight
            | Code::Fatal
            | Code::Fenced
            | Code::InvalidProducerEpoch => Self::Fatal {
                message: error.to_string(),
            },
            other => Self::Other {
                topic,
                message: other.to_string(),
            },
        }
    }
}
