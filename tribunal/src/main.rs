//! The `tribunal` binary: see `tribunal --help`.

use std::process::ExitCode;

use clap::Parser;

const _: () = seeded::refuse_in_release(cfg!(debug_assertions));

fn main() -> ExitCode {
    tribunal::Cli::parse().execute()
}
