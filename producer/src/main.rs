//! The `producer` binary.

use std::process::ExitCode;

use clap::Parser;
use producer::cli::Cli;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    Cli::parse().execute().await
}
