//! The `tribunal` binary: see `tribunal --help`.

use std::process::ExitCode;

use clap::Parser;

const _: () = evaluator::refuse_hooks_in_release();

fn main() -> ExitCode {
    tribunal::Cli::parse().execute()
}
