//! The retry topics as this evaluator reads them.

use std::time::Duration;

use schemas::topics::{self, SUBMISSIONS_RETRY};

/// One retry topic. Its delay is part of the topic's contract, so nobody configures it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetryTopic {
    topic: &'static str,
    /// The consumer group that reads it.
    pub group: String,
    delay: Duration,
}

impl RetryTopic {
    /// All that are declared, shortest delay first, each read by a group of its own: `group` and the end of the topic's name.
    pub fn declared(group: &str) -> Vec<Self> {
        let retry = |topic: &'static str| Self {
            topic,
            group: match topic.rsplit_once('.') {
                Some((_, delay)) => format!("{group}.{delay}"),
                None => group.to_owned(),
            },
            delay: topics::delay_of(topic).unwrap_or_default(),
        };
        SUBMISSIONS_RETRY.into_iter().map(retry).collect()
    }

    /// The same topic, read sooner or later than its contract says.
    #[cfg(feature = "hooks")]
    #[must_use]
    pub fn with_delay(self, delay: Duration) -> Self {
        Self { delay, ..self }
    }

    /// Its name.
    pub fn topic(&self) -> &'static str {
        self.topic
    }

    /// How long after its append time a record is taken.
    pub fn delay(&self) -> Duration {
        self.delay
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_declared_topic_is_read_by_a_group_of_its_own_after_its_delay() {
        let told: Vec<_> = RetryTopic::declared("evaluators.retry")
            .into_iter()
            .map(|retry| (retry.topic(), retry.delay().as_secs(), retry.group))
            .collect();
        let group = |delay: &str| format!("evaluators.retry.{delay}");
        assert_eq!(
            told,
            [
                ("submissions.retry.10s", 10, group("10s")),
                ("submissions.retry.1m", 60, group("1m")),
                ("submissions.retry.10m", 600, group("10m")),
            ]
        );
    }
}
