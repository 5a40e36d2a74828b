//! Why a cluster could not be looked at or changed.

use rdkafka::error::{KafkaError, RDKafkaErrorCode};

use super::{AclDifference, Difference};

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
    /// The broker is the in-memory one, which has no topic administration.
    #[error(
        "this is the embedded broker of `tribunal up`: it makes its topics itself, and there is nothing to compare or change; \
         name an Apache Kafka with --bootstrap-servers"
    )]
    Embedded,
    /// Our principal has no say about ACLs.
    #[error(
        "not allowed to {doing}: it needs `Alter` on the cluster. Use the credentials of an administrator, \
         or leave the ACLs alone with --no-acls"
    )]
    AclsNotAllowed {
        /// What was tried.
        doing: String,
    },
    /// Some differences cannot be mended; nothing was changed.
    #[error("nothing was changed, because these differences need a decision: {}", list(.0))]
    NotMendable(Vec<Difference>),
    /// The cluster took the changes and does not show them.
    #[error("the cluster took the changes but does not show them yet, look again with plan: {}", list(.0))]
    NotSettled(Vec<Difference>),
    /// The same, of ACLs.
    #[error("the cluster took the ACLs but does not show them yet, look again with plan: {}", list(.0))]
    AclsNotSettled(Vec<AclDifference>),
}

fn list(differences: &[impl ToString]) -> String {
    let lines: Vec<String> = differences.iter().map(ToString::to_string).collect();
    lines.join("; ")
}
