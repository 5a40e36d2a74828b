//! The topics' contract at start: a service runs on a cluster that is as declared, or not at all.

use kafka::ClientConfig;
use kafka::admin::{Admin, AdminError, Difference, Source, TopicSpec};
use schemas::topics::{self, Profile, Topic};

/// Why a service may not start on this cluster.
#[derive(Debug, thiserror::Error)]
pub enum ContractError {
    /// The cluster could not be asked.
    #[error(transparent)]
    Admin(#[from] AdminError),
    /// It differs from what is declared.
    #[error(
        "the topics of this cluster differ from what is declared for the profile `{profile}`:\n{}\n\
         see `tribunal topics plan --profile {profile}`, and mend it with `tribunal topics apply --profile {profile}`{}",
        lines(.differences), hidden(.differences)
    )]
    Differs {
        /// The profile asked for.
        profile: Profile,
        /// Every difference that breaks a promise.
        differences: Vec<Difference>,
    },
}

fn lines(differences: &[Difference]) -> String {
    let line = |difference: &Difference| format!("  - {difference}");
    differences.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// Who may not see a topic is told that it is not there.
fn hidden(differences: &[Difference]) -> &'static str {
    let missing = |it: &Difference| matches!(it, Difference::Missing { .. });
    if differences.iter().any(missing) {
        "; a topic that ACLs hide from this client looks missing, too"
    } else {
        ""
    }
}

/// Every declared topic, as the admin client takes it.
pub fn specs(profile: Profile) -> Vec<TopicSpec> {
    topics::declared(profile).into_iter().map(spec).collect()
}

fn spec(topic: Topic) -> TopicSpec {
    TopicSpec {
        config: topic.config(),
        name: topic.name,
        partitions: topic.partitions,
        replication: topic.replication,
        partitions_fixed: topic.partitions_fixed,
        successor_of: topic.successor_of.into_iter().map(source).collect(),
    }
}

fn source(topic: String) -> Source {
    Source {
        topic,
        headroom_bytes: topics::SUCCESSOR_HEADROOM_BYTES,
    }
}

/// Compares the topics a service uses with the cluster, and the relations between them.
pub async fn check(
    config: &ClientConfig,
    profile: Profile,
    used: &[&str],
) -> Result<(), ContractError> {
    let mut specs = specs(profile);
    specs.retain(|spec| used.contains(&spec.name.as_str()));
    let differences = Admin::new(config)?.plan(&specs).await?;
    let differences: Vec<Difference> = differences.into_iter().filter(breaks_a_promise).collect();
    if differences.is_empty() {
        return Ok(());
    }
    Err(ContractError::Differs {
        profile,
        differences,
    })
}

/// An operator may give a topic more partitions, copies or room than declared: nothing that we
/// promise depends on it. Everything else does.
fn breaks_a_promise(difference: &Difference) -> bool {
    match difference {
        Difference::Missing { .. } | Difference::Succession { .. } => true,
        Difference::Partitions { fixed, .. } => *fixed,
        Difference::Replication {
            declared, actual, ..
        } => actual < declared,
        Difference::Config {
            name,
            declared,
            actual,
            ..
        } => match name.as_str() {
            "max.message.bytes" | "retention.ms" | "min.insync.replicas" => {
                !is_more(actual.as_deref(), declared)
            }
            // How soon a closed segment goes is about room on disk.
            "segment.ms" => false,
            _ => true,
        },
    }
}

fn is_more(actual: Option<&str>, declared: &str) -> bool {
    let number = |text: &str| text.parse::<i64>().ok();
    match (actual.and_then(number), number(declared)) {
        // Kafka's -1 is without end.
        (Some(-1), Some(_)) => true,
        (Some(actual), Some(declared)) => actual >= declared,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(name: &str, declared: &str, actual: &str) -> Difference {
        Difference::Config {
            topic: "verdicts".to_owned(),
            name: name.to_owned(),
            declared: declared.to_owned(),
            actual: Some(actual.to_owned()),
        }
    }

    #[test]
    fn more_than_declared_is_accepted_and_anything_else_is_not() {
        assert!(!breaks_a_promise(&config("retention.ms", "1000", "2000")));
        assert!(!breaks_a_promise(&config("retention.ms", "1000", "-1")));
        assert!(breaks_a_promise(&config("retention.ms", "1000", "999")));
        assert!(breaks_a_promise(&config(
            "cleanup.policy",
            "delete",
            "compact"
        )));
        assert!(breaks_a_promise(&config(
            "message.timestamp.type",
            "LogAppendTime",
            "CreateTime"
        )));
        let partitions = |fixed| Difference::Partitions {
            topic: "t".to_owned(),
            declared: 24,
            actual: 48,
            fixed,
        };
        assert!(breaks_a_promise(&partitions(true)));
        assert!(!breaks_a_promise(&partitions(false)));
    }

    #[test]
    fn the_refusal_names_each_difference_and_the_command_that_mends_it() {
        let error = ContractError::Differs {
            profile: Profile::SingleNode,
            differences: vec![config("cleanup.policy", "delete", "compact")],
        };
        let text = error.to_string();
        assert!(
            text.contains("`verdicts` has cleanup.policy=compact, declared is delete"),
            "{text}"
        );
        assert!(
            text.contains("`tribunal topics apply --profile single-node`"),
            "{text}"
        );
    }
}
