//! Flags about the database, alike in every command.

use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use serde::{Deserialize, Serialize};

use crate::config::secret;

/// Which database.
#[derive(Args, Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct DatabaseArgs {
    /// postgres://USER:PASSWORD@HOST/DATABASE, or sqlite:PATH for the embedded profile
    #[arg(
        long,
        env = "TRIBUNAL_DATABASE_URL",
        hide_env_values = true,
        value_name = "URL",
        help_heading = "Database"
    )]
    pub database_url: Option<String>,
    /// File that holds the database URL: the place for a password
    #[arg(
        long,
        env = "TRIBUNAL_DATABASE_URL_FILE",
        value_name = "FILE",
        help_heading = "Database"
    )]
    pub database_url_file: Option<PathBuf>,
}

impl DatabaseArgs {
    /// The URL, wherever it stands.
    pub fn url(&self) -> anyhow::Result<String> {
        let file = self.database_url_file.as_deref();
        secret("database-url", self.database_url.as_deref(), file)?
            .context("no database: give --database-url or set TRIBUNAL_DATABASE_URL")
    }
}
