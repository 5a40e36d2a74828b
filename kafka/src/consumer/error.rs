//! Why a consumer cannot start or go on.

/// A failure of the consumer that its user must decide about.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConsumerError {
    /// A setting makes no sense.
    #[error("consumer setting {setting}: {problem}")]
    Setting {
        /// Name of the setting.
        setting: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// librdkafka refused to make the client or to subscribe.
    #[error("failed to start the consumer of group {group}: {cause}")]
    Start {
        /// The group.
        group: String,
        /// What librdkafka said.
        cause: String,
    },
    /// Where to go on from could not be read, so nothing was assigned.
    #[error(
        "failed to read the committed offsets of group {group}: {cause}; is the group's coordinator reachable?"
    )]
    CommittedOffsets {
        /// The group.
        group: String,
        /// What librdkafka said.
        cause: String,
    },
    /// The committed offset is no longer (or not yet) in the log: records may be lost, so a person decides.
    #[error(
        "the committed offset of group {group} is outside the log ({cause}); reset it on purpose, then start again"
    )]
    OffsetOutOfRange {
        /// The group.
        group: String,
        /// What librdkafka said.
        cause: String,
    },
    /// We may not read a topic or use the group.
    #[error("not authorized as group {group}: {cause}")]
    NotAuthorized {
        /// The group.
        group: String,
        /// What librdkafka said.
        cause: String,
    },
    /// The client or its thread is beyond repair.
    #[error("the consumer of group {group} failed: {cause}")]
    Client {
        /// The group.
        group: String,
        /// What is known.
        cause: String,
    },
}
