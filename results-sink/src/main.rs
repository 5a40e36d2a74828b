//! The results sink's command line.

use std::process::ExitCode;

use clap::Parser;
use results_sink::cli::Cli;

const _: () = seeded::refuse_in_release(cfg!(debug_assertions));

const FAILED: u8 = 2;

#[tokio::main]
async fn main() -> ExitCode {
    match Cli::parse().execute().await {
        Ok(status) => ExitCode::from(status),
        Err(error) => {
            let _ = std::io::Write::write_fmt(
                &mut std::io::stderr(),
                format_args!("results-sink: {error:#}\n"),
            );
            ExitCode::from(FAILED)
        }
    }
}
