//! Flags about the cluster, alike in every command.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;
use kafka::ClientConfig;
use schemas::topics::Profile;
use serde::{Deserialize, Serialize};

const DEFAULT_BOOTSTRAP_SERVERS: &str = "localhost:9092";

/// How to reach Kafka.
#[derive(Args, Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct KafkaArgs {
    /// Brokers to connect to first, as host:port separated by commas [default: localhost:9092]
    #[arg(
        long,
        env = "TRIBUNAL_BOOTSTRAP_SERVERS",
        value_name = "HOST:PORT",
        help_heading = "Kafka"
    )]
    pub bootstrap_servers: Option<String>,
    /// Any librdkafka setting, as in kcat; may be repeated, and wins over our own
    #[arg(short = 'X', value_name = "NAME=VALUE", help_heading = "Kafka")]
    #[serde(rename = "kafka_properties")]
    pub properties: Vec<String>,
    /// File of librdkafka settings, one NAME=VALUE a line: the place for passwords
    #[arg(
        long,
        env = "TRIBUNAL_KAFKA_PROPERTIES_FILE",
        value_name = "FILE",
        help_heading = "Kafka"
    )]
    pub kafka_properties_file: Option<PathBuf>,
    /// What the topics are declared for: `cluster` (three brokers or more) or `single-node` [default: cluster]
    #[arg(
        long,
        env = "TRIBUNAL_PROFILE",
        value_name = "PROFILE",
        help_heading = "Kafka"
    )]
    pub profile: Option<Profile>,
}

impl KafkaArgs {
    /// The client settings that these flags mean: file first, then `-X`.
    pub fn client_config(&self, client_id: &str) -> anyhow::Result<ClientConfig> {
        let mut properties = BTreeMap::new();
        if let Some(file) = &self.kafka_properties_file {
            properties.extend(read_properties(file)?);
        }
        for property in &self.properties {
            let (name, value) = split(property).with_context(|| format!("in -X {property}"))?;
            properties.insert(name, value);
        }
        let servers = self.bootstrap_servers.as_deref();
        let config = ClientConfig {
            bootstrap_servers: servers.unwrap_or(DEFAULT_BOOTSTRAP_SERVERS).to_owned(),
            client_id: client_id.to_owned(),
            properties,
        };
        config.check()?;
        Ok(config)
    }

    /// What the topics are declared for.
    pub fn profile(&self) -> Profile {
        self.profile.unwrap_or_default()
    }
}

fn read_properties(file: &Path) -> anyhow::Result<BTreeMap<String, String>> {
    let text = std::fs::read_to_string(file)
        .with_context(|| format!("failed to read the Kafka settings in {}", file.display()))?;
    let lines = text.lines().map(str::trim).enumerate();
    lines
        .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
        .map(|(index, line)| {
            // The line itself may hold a password: it is not shown.
            split(line).with_context(|| format!("in line {} of {}", index + 1, file.display()))
        })
        .collect()
}

fn split(property: &str) -> anyhow::Result<(String, String)> {
    match property.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() => {
            Ok((name.trim().to_owned(), value.trim().to_owned()))
        }
        _ => bail!("a Kafka setting is written NAME=VALUE"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_win_over_the_file_and_the_file_over_nothing() -> anyhow::Result<()> {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("kafka.properties");
        std::fs::write(&file, "# secrets\nsasl.password = a=b \nlinger.ms=9\n\n")?;
        let args = KafkaArgs {
            properties: vec!["linger.ms=3".to_owned()],
            kafka_properties_file: Some(file),
            ..KafkaArgs::default()
        };
        let config = args.client_config("me")?;
        assert_eq!(config.bootstrap_servers, "localhost:9092");
        assert_eq!(config.client_id, "me");
        assert_eq!(config.properties["linger.ms"], "3");
        assert_eq!(config.properties["sasl.password"], "a=b");
        assert_eq!(args.profile(), Profile::Cluster);
        Ok(())
    }

    #[test]
    fn a_line_that_is_no_setting_is_named_but_not_shown() -> anyhow::Result<()> {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("kafka.properties");
        std::fs::write(&file, "linger.ms=9\nhunter2\n")?;
        let args = KafkaArgs {
            kafka_properties_file: Some(file),
            ..KafkaArgs::default()
        };
        let error = args
            .client_config("me")
            .err()
            .map(|error| format!("{error:#}"));
        let error = error.unwrap_or_default();
        assert!(
            error.contains("line 2") && !error.contains("hunter2"),
            "{error}"
        );
        Ok(())
    }
}
