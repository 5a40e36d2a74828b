//! Logs: for people on a terminal, as JSON for machines, always on standard error.

use std::io::IsTerminal;

use anyhow::Context;
use clap::{Args, ValueEnum};
use serde::{Deserialize, Serialize};
use tracing_subscriber::EnvFilter;

/// What is logged when nobody says otherwise. librdkafka's notices repeat with each reconnect.
const DEFAULT_FILTER: &str = "info,librdkafka=warn";

/// How lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Human,
    /// One JSON object a line.
    Json,
}

/// Flags about logs, for every command.
#[derive(Args, Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct LogArgs {
    /// What to log, for example `debug` or `info,kafka=debug` [default: info,librdkafka=warn]
    #[arg(
        long,
        global = true,
        env = "TRIBUNAL_LOG",
        value_name = "FILTER",
        help_heading = "Logs"
    )]
    pub log: Option<String>,
    /// How to log [default: human on a terminal, else json]
    #[arg(
        long,
        global = true,
        env = "TRIBUNAL_LOG_FORMAT",
        help_heading = "Logs"
    )]
    pub log_format: Option<LogFormat>,
}

impl LogArgs {
    /// Starts logging for this process, once.
    pub fn init(&self) -> anyhow::Result<()> {
        self.init_with_default(DEFAULT_FILTER)
    }

    /// The same with another default, for commands whose errors are their output.
    pub fn init_with_default(&self, default: &str) -> anyhow::Result<()> {
        let filter = self.log.as_deref().unwrap_or(default);
        let filter = EnvFilter::try_new(filter).with_context(|| {
            format!("--log {filter:?} is not a filter, try `info` or `kafka=debug`")
        })?;
        let terminal = std::io::stderr().is_terminal();
        let automatic = if terminal {
            LogFormat::Human
        } else {
            LogFormat::Json
        };
        let lines = tracing_subscriber::fmt()
            .with_env_filter(filter)
            .with_writer(std::io::stderr);
        let started = match self.log_format.unwrap_or(automatic) {
            LogFormat::Human => lines.with_ansi(terminal).try_init(),
            LogFormat::Json => lines.json().flatten_event(true).try_init(),
        };
        started.map_err(|error| anyhow::anyhow!("failed to start logging: {error}"))
    }
}
