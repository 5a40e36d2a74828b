//! The `producer` binary.

use std::process::ExitCode;

use clap::Parser;
use producer::cli::Cli;

const _: () = seeded::refuse_in_release(cfg!(debug_assertions));

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    Cli::parse().execute().await
}
