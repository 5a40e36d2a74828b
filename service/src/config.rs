//! Settings in layers: a file, then the environment, then flags; the later wins.
//!
//! Flags and environment are one layer here, because clap reads both and prefers the flag. A command
//! gives its parsed flags (every field optional, no defaults in clap) and gets its settings; defaults
//! are those of the settings' type.

use std::path::Path;

use anyhow::{Context, bail};
use figment::Figment;
use figment::providers::{Format, Serialized, Toml};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Lays what was given on flags and in the environment over what the file says.
pub fn layered<F: Serialize, C: DeserializeOwned>(
    file: Option<&Path>,
    flags: &F,
) -> anyhow::Result<C> {
    let mut layers = Figment::new();
    if let Some(file) = file {
        if !file.is_file() {
            bail!("configuration file {} does not exist", file.display());
        }
        layers = layers.merge(Toml::file_exact(file));
    }
    let flags = serde_json::to_value(flags).context("failed to lay out the flags")?;
    layers
        .merge(Serialized::defaults(given(flags)))
        .extract()
        .map_err(|error| anyhow::anyhow!("in the configuration: {}", without_values(error)))
}

/// The error, with the kind of a wrong text in place of the text: it may be a password in the wrong place.
fn without_values(mut error: figment::Error) -> figment::Error {
    use figment::error::{Actual, Kind};
    if let Kind::InvalidType(actual, _) | Kind::InvalidValue(actual, _) = &mut error.kind
        && let Actual::Str(_) = actual
    {
        *actual = Actual::Other("a text".to_owned());
    }
    error
}

/// Only what was given: a flag that is absent must not hide what the file says.
fn given(flags: Value) -> Value {
    match flags {
        Value::Object(fields) => {
            let fields = fields.into_iter().map(|(name, value)| (name, given(value)));
            let absent = |value: &Value| match value {
                Value::Null => true,
                Value::Array(items) => items.is_empty(),
                _ => false,
            };
            Value::Object(fields.filter(|(_, value)| !absent(value)).collect())
        }
        other => other,
    }
}

/// A secret given in words or, better, as a file that holds it: `--NAME` or `--NAME-file`.
pub fn secret(
    name: &str,
    value: Option<&str>,
    file: Option<&Path>,
) -> anyhow::Result<Option<String>> {
    match (value, file) {
        (Some(_), Some(_)) => bail!("give --{name} or --{name}-file, not both"),
        (Some(value), None) => Ok(Some(value.to_owned())),
        (None, Some(file)) => {
            let text = std::fs::read_to_string(file)
                .with_context(|| format!("failed to read --{name}-file {}", file.display()))?;
            Ok(Some(text.trim_end_matches(['\r', '\n']).to_owned()))
        }
        (None, None) => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Serialize, Default)]
    struct Flags {
        slots: Option<u32>,
        names: Vec<String>,
        #[serde(flatten)]
        kafka: crate::KafkaArgs,
    }

    #[derive(Deserialize, Debug, PartialEq)]
    #[serde(default)]
    struct Settings {
        slots: u32,
        cache: String,
        names: Vec<String>,
        bootstrap_servers: String,
    }

    impl Default for Settings {
        fn default() -> Self {
            Self {
                slots: 1,
                cache: "default".to_owned(),
                names: Vec::new(),
                bootstrap_servers: "localhost:9092".to_owned(),
            }
        }
    }

    #[test]
    fn a_flag_wins_over_the_file_and_the_file_over_the_default() -> anyhow::Result<()> {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("tribunal.toml");
        std::fs::write(
            &file,
            "slots = 2\nnames = ['a']\nbootstrap_servers = 'b:1'\n",
        )?;
        let mut flags = Flags::default();
        let settings: Settings = layered(Some(&file), &flags)?;
        assert_eq!((settings.slots, settings.cache.as_str()), (2, "default"));
        assert_eq!(settings.names, ["a"]);
        assert_eq!(settings.bootstrap_servers, "b:1");
        flags.slots = Some(3);
        flags.kafka.bootstrap_servers = Some("c:1".to_owned());
        let settings: Settings = layered(Some(&file), &flags)?;
        assert_eq!(
            (settings.slots, settings.bootstrap_servers.as_str()),
            (3, "c:1")
        );
        Ok(())
    }

    #[test]
    fn a_wrong_value_is_named_with_its_key() -> anyhow::Result<()> {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("tribunal.toml");
        std::fs::write(&file, "slots = 'many'\n")?;
        let settings = layered::<_, Settings>(Some(&file), &Flags::default());
        let error = settings
            .err()
            .map(|error| error.to_string())
            .unwrap_or_default();
        assert!(error.contains("slots"), "{error}");
        assert!(!error.contains("many"), "a value may be a secret: {error}");
        let missing = layered::<_, Settings>(Some(Path::new("nowhere.toml")), &Flags::default());
        assert!(missing.is_err());
        Ok(())
    }

    #[test]
    fn a_secret_comes_from_its_file_without_the_line_end() -> anyhow::Result<()> {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("password");
        std::fs::write(&file, "hunter2\n")?;
        assert_eq!(
            secret("password", None, Some(&file))?.as_deref(),
            Some("hunter2")
        );
        assert_eq!(secret("password", Some("x"), None)?.as_deref(), Some("x"));
        assert!(secret("password", Some("x"), Some(&file)).is_err());
        Ok(())
    }
}
