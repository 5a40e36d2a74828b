//! The command line: one variant a command, one file a command below `commands/`.

use std::process::ExitCode;

use clap::{Args, CommandFactory, Parser, Subcommand};
use kafka::ClientConfig;
use service::{KafkaArgs, LogArgs};

use crate::commands::{bulk, submit};
use crate::failure::Failure;

const EXIT_STATUS: &str = "\
Exit status:
  0  accepted; with --wait: judged AC
  1  judged, with another verdict
  2  wrong usage, or input that can never be accepted; nothing was sent
  3  not accepted: the cluster is away, a topic is missing, or it refused
  4  accepted, but without a verdict on the program: time-out, judge error or cancelled";

/// Submits programs for judging.
///
/// "Accepted" is said only after every replica in sync has the submission: it cannot be lost from
/// then on. Whatever else happens, the same command may be repeated: under the same idempotency
/// key it is the same submission.
#[derive(Debug, Parser)]
#[command(name = "producer", version, propagate_version = true, after_help = EXIT_STATUS)]
pub struct Cli {
    #[command(flatten)]
    log: LogArgs,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Submit one program: a file, several files, or a directory.
    #[command(after_help = submit::EXAMPLES)]
    Submit(submit::SubmitArgs),
    /// Submit many programs, one JSON object a line, on the low-weight lane.
    #[command(after_help = bulk::EXAMPLES)]
    Bulk(bulk::BulkArgs),
    /// Write a completion script for a shell to standard output.
    Completions {
        /// The shell to write it for.
        shell: clap_complete::Shell,
    },
}

/// Who submits, alike in every command.
#[derive(Debug, Clone, Args)]
pub(crate) struct WhoArgs {
    /// The site or customer the user belongs to
    #[arg(long, env = "TRIBUNAL_TENANT", default_value = "default")]
    pub(crate) tenant: String,
    /// The user who submits
    #[arg(long, env = "TRIBUNAL_USER", default_value = "anonymous")]
    pub(crate) user: String,
    /// The contest that it counts for
    #[arg(long, env = "TRIBUNAL_CONTEST")]
    pub(crate) contest: Option<String>,
}

impl Cli {
    /// Does what was asked and says why not, on standard error.
    pub async fn execute(self) -> ExitCode {
        if let Err(error) = self.log.init_with_default("warn,librdkafka=error") {
            return fail(&Failure::Input(error));
        }
        let done = match self.command {
            Command::Submit(args) => args.execute().await,
            Command::Bulk(args) => args.execute().await,
            Command::Completions { shell } => {
                let printed = service::completions::print(Self::command(), shell);
                printed
                    .map(|()| ExitCode::SUCCESS)
                    .map_err(Failure::NotAccepted)
            }
        };
        done.unwrap_or_else(|failure| fail(&failure))
    }
}

#[expect(
    clippy::print_stderr,
    reason = "the last word of a command goes to its user"
)]
fn fail(failure: &Failure) -> ExitCode {
    eprintln!("error: {:#}", failure.error());
    failure.exit_code()
}

/// How long a person waits for a cluster that does not answer, unless `-X` says otherwise.
const PATIENCE: [(&str, &str); 2] = [
    ("message.timeout.ms", "15000"),
    ("socket.timeout.ms", "10000"),
];

pub(crate) fn client_config(kafka: &KafkaArgs) -> Result<ClientConfig, Failure> {
    let mut config = kafka.client_config("producer").map_err(Failure::Input)?;
    for (name, value) in PATIENCE {
        let property = config.properties.entry(name.to_owned());
        property.or_insert_with(|| value.to_owned());
    }
    Ok(config)
}
