//! Flags about the cluster, alike in every command.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::Args;
use kafka::{ClientConfig, GroupProtocol};
use schemas::topics::Profile;
use serde::{Deserialize, Serialize};

const DEFAULT_BOOTSTRAP_SERVERS: &str = "localhost:9092";
/// Settings as in the file, in the environment: where a container's orchestrator puts secrets.
const PROPERTIES_VARIABLE: &str = "TRIBUNAL_KAFKA_PROPERTIES";

/// How to reach Kafka.
#[derive(Args, Clone, Default, Serialize, Deserialize)]
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
    /// Any librdkafka setting, as in kcat; may be repeated, and wins over our own. Not for passwords: others see flags
    #[arg(short = 'X', value_name = "NAME=VALUE", help_heading = "Kafka")]
    #[serde(rename = "kafka_properties")]
    pub properties: Vec<String>,
    /// File of librdkafka settings, one NAME=VALUE a line: the place for passwords. The variable
    /// TRIBUNAL_KAFKA_PROPERTIES may hold such lines, too, and wins over the file
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
    /// Who computes the assignment of consumer groups: `classic` (members) or `consumer` (the broker, KIP-848; Kafka 4.0
    /// or later) [default: classic]
    #[arg(
        long,
        env = "TRIBUNAL_GROUP_PROTOCOL",
        value_name = "PROTOCOL",
        help_heading = "Kafka"
    )]
    pub group_protocol: Option<String>,
    /// Lasting name of this process in its consumer groups, for fixed fleets: a restart within the session time-out
    /// moves no partition. No two that run may have the same
    #[arg(
        long,
        env = "TRIBUNAL_GROUP_INSTANCE_ID",
        value_name = "NAME",
        help_heading = "Kafka"
    )]
    pub group_instance_id: Option<String>,
}

/// Names the settings given, without their values: any of them may be a secret.
impl fmt::Debug for KafkaArgs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.properties.iter();
        let names = names.map(|property| property.split_once('=').map_or("…", |(name, _)| name));
        f.debug_struct("KafkaArgs")
            .field("bootstrap_servers", &self.bootstrap_servers)
            .field("properties", &names.collect::<Vec<_>>())
            .field("kafka_properties_file", &self.kafka_properties_file)
            .field("profile", &self.profile)
            .field("group_protocol", &self.group_protocol)
            .field("group_instance_id", &self.group_instance_id)
            .finish()
    }
}

impl KafkaArgs {
    /// The client settings that these flags mean: the file first, then the environment, then `-X`.
    pub fn client_config(&self, client_id: &str) -> anyhow::Result<ClientConfig> {
        let variable = std::env::var(PROPERTIES_VARIABLE).ok();
        self.client_config_with(client_id, variable.as_deref())
    }

    fn client_config_with(
        &self,
        client_id: &str,
        variable: Option<&str>,
    ) -> anyhow::Result<ClientConfig> {
        let mut properties = BTreeMap::new();
        if let Some(file) = &self.kafka_properties_file {
            let text = std::fs::read_to_string(file).with_context(|| {
                format!("failed to read the Kafka settings in {}", file.display())
            })?;
            properties.extend(settings(&text, &file.display().to_string())?);
        }
        properties.extend(settings(variable.unwrap_or_default(), PROPERTIES_VARIABLE)?);
        for (index, property) in self.properties.iter().enumerate() {
            // Without a `=` it may be a secret that lost its name.
            let setting =
                split(property).with_context(|| format!("in setting {} of -X", index + 1))?;
            properties.extend([setting]);
        }
        let servers = self.bootstrap_servers.as_deref();
        let config = ClientConfig {
            bootstrap_servers: servers.unwrap_or(DEFAULT_BOOTSTRAP_SERVERS).to_owned(),
            client_id: client_id.to_owned(),
            properties,
            group_protocol: self.protocol()?,
            group_instance_id: self.group_instance_id.clone(),
        };
        config.check()?;
        for name in config.decided_by_the_broker() {
            tracing::warn!(
                setting = name,
                "ignored: with --group-protocol consumer the broker decides it"
            );
        }
        Ok(config)
    }

    /// What the topics are declared for.
    pub fn profile(&self) -> Profile {
        self.profile.unwrap_or_default()
    }

    fn protocol(&self) -> anyhow::Result<GroupProtocol> {
        let given = self.group_protocol.as_deref().map(str::parse).transpose();
        let given = given
            .map_err(anyhow::Error::msg)
            .context("in --group-protocol")?;
        Ok(given.unwrap_or_default())
    }
}

/// The settings in a text, one a line. A line that is none is named and not shown: it may hold a password.
fn settings(text: &str, place: &str) -> anyhow::Result<BTreeMap<String, String>> {
    let lines = text.lines().map(str::trim).enumerate();
    lines
        .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
        .map(|(index, line)| {
            split(line).with_context(|| format!("in line {} of {place}", index + 1))
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
        std::fs::write(
            &file,
            "# secrets\nsasl.password = a=b \nlinger.ms=9\nacks=0\n\n",
        )?;
        let args = KafkaArgs {
            properties: vec!["linger.ms=3".to_owned()],
            kafka_properties_file: Some(file),
            ..KafkaArgs::default()
        };
        let variable = "# as in the file\nlinger.ms=5\nacks=1\n";
        let config = args.client_config_with("me", Some(variable))?;
        assert_eq!(config.properties["acks"], "1");
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

    #[test]
    fn flags_can_be_printed_and_be_wrong_without_showing_a_secret() {
        let given = |property: &str| KafkaArgs {
            properties: vec![property.to_owned()],
            ..KafkaArgs::default()
        };
        let printed = format!("{:?}", given("sasl.password=hunter2"));
        assert!(printed.contains("sasl.password"), "{printed}");
        assert!(!printed.contains("hunter2"), "{printed}");
        for wrong in ["hunter2", "sasl.pasword=hunter2"] {
            let error = given(wrong).client_config_with("me", None).err();
            let error = error.map(|error| format!("{error:#}")).unwrap_or_default();
            assert!(!error.is_empty() && !error.contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn the_group_protocol_is_chosen_by_its_name() -> anyhow::Result<()> {
        let args = |name: &str| KafkaArgs {
            group_protocol: Some(name.to_owned()),
            ..KafkaArgs::default()
        };
        let config = args("consumer").client_config_with("me", None)?;
        assert_eq!(config.group_protocol, GroupProtocol::Consumer);
        let error = args("eager").client_config_with("me", None).err();
        let error = error.map(|error| format!("{error:#}")).unwrap_or_default();
        assert!(
            error.contains("`eager`") && error.contains("`classic`"),
            "{error}"
        );
        Ok(())
    }
}
