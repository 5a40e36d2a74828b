//! Why a cluster could not be looked at or changed.

use rdkafka::error::{KafkaError, RDKafkaErrorCode};

use super::Difference;

/// Why a cluster could not be looked at or changed.
#[derive(Debug, thiserror::Error)]
pub enum AdminError {
    /// No answer.
    #[error("failed to {doing}: check --bootstrap-servers and that the cluster runs")]
    Kafka {
        /// What was tried.
        doing: String,
        /// What librdkafka says.
        #[source]
        source: KafkaError,
    },
    /// The cluster answered with a refusal.
    #[error("the cluster refused to {doing}: {code}")]
    Refused {
        /// What was tried.
        doing: String,
        /// Kafka's reason.
        code: RDKafkaErrorCode,
    },
    /// Some differences cannot be mended; nothing was changed.
    #[error("nothing was changed, because these differences need a decision: {}", list(.0))]
    NotMendable(Vec<Difference>),
    /// The cluster took the changes and does not show them.
    #[error("the cluster took the changes but does not show them yet, look again with plan: {}", list(.0))]
    NotSettled(Vec<Difference>),
}

fn list(differences: &[Difference]) -> String {
    let lines: Vec<String> = differences.iter().map(Difference::to_string).collect();
    lines.join("; ")
}
