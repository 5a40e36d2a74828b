//! `evaluator run`: takes submissions from Kafka and judges them until told to stop.

use std::io::Write;
use std::process::ExitCode;

use anyhow::Context;

use crate::config::{DEFAULT_FILE, Flags, Settings};

/// Take submissions from Kafka, judge them and publish verdicts, until SIGTERM or SIGINT
///
/// Several evaluators share the work as members of one group. A stop finishes what runs; a second signal aborts, and
/// nothing is lost by that: the log still has every submission whose verdict was not acknowledged.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args {
    /// Print every setting with its meaning and its default, as a file for --config
    #[arg(long)]
    default_config: bool,
    #[command(flatten)]
    flags: Flags,
}

pub(crate) fn execute(args: &Args) -> anyhow::Result<ExitCode> {
    if args.default_config {
        std::io::stdout().write_all(DEFAULT_FILE.as_bytes())?;
        return Ok(ExitCode::SUCCESS);
    }
    let settings = Settings::given(&args.flags)?;
    settings.log().init()?;
    let config = settings.meaning()?;
    let runtime = tokio::runtime::Runtime::new().context("failed to start the runtime")?;
    runtime.block_on(async {
        let stop = service::shutdown::on_signals()?;
        crate::run(config, stop).await
    })?;
    Ok(ExitCode::SUCCESS)
}
