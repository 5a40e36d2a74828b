//! The `tribunal` binary: see `tribunal --help`.

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    tribunal::Cli::parse().execute()
}
