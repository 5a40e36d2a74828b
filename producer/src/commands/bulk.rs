//! `producer bulk`: many submissions, one JSON object a line.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::anyhow;
use clap::Args;
use service::KafkaArgs;

use crate::bulk::{InFlight, Input, Journal, LineResult, Parser, Report, Run, Style};
use crate::cli::{WhoArgs, client_config};
use crate::failure::Failure;
use crate::{Lane, Submitter};

/// Bad lines shown before the rest is only counted.
const SHOWN: usize = 20;

pub(crate) const EXAMPLES: &str = r#"Each line is one submission:
  {"problem": "hello", "files": [{"name": "a.py", "content": "print('hi')"}]}
  {"problem": "hello", "path": "solutions/ada", "language": "cpp", "user": "ada"}
Required: problem, and either files (name, content) or path (a file or directory, relative to
FILE's folder). Optional: language, entry_point, user, tenant, contest, idempotency_key,
package_digest. Blank lines are left out.

A file is checked as a whole before anything is sent. Accepted lines are noted in FILE.accepted, so
the same command, repeated after a failure, sends only the rest.

Examples:
  producer bulk submissions.jsonl
  generate | producer bulk --journal run-7.accepted --json -

Exit status: see `producer --help`."#;

/// Flags of `producer bulk`.
#[derive(Debug, Args)]
pub(crate) struct BulkArgs {
    /// File of submissions, one JSON object a line; `-` is standard input
    #[arg(value_name = "FILE|-")]
    input: PathBuf,
    /// Where accepted lines are noted [default: FILE.accepted; nowhere for standard input]
    #[arg(long, value_name = "FILE")]
    journal: Option<PathBuf>,
    /// Most submissions sent and not yet acknowledged
    #[arg(long, value_name = "N", default_value_t = 500)]
    in_flight: usize,
    /// Send the good lines even when others are bad; the exit status is then still 2
    #[arg(long)]
    skip_bad: bool,
    /// Write one JSON object a line: what became of each line, and a summary at the end
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    who: WhoArgs,
    #[command(flatten)]
    kafka: KafkaArgs,
}

impl BulkArgs {
    pub(crate) async fn execute(self) -> Result<ExitCode, Failure> {
        let config = client_config(&self.kafka)?;
        let input = Input::of(&self.input);
        let total = match &input {
            Input::File(_) => Some(self.check(&input)?),
            Input::Stdin => None,
        };
        Submitter::check_lane(&config, Lane::Bulk).await?;
        let journal = self.journal_path(&input).map(|path| Journal::open(&path));
        let style = if self.json { Style::Json } else { Style::Human };
        let mut run = Run {
            submitter: Submitter::new(&config)?,
            journal: journal.transpose().map_err(Failure::Input)?,
            in_flight: InFlight::new(self.in_flight),
            report: Report::new(style, total),
        };
        let sent = self.send(&input, &mut run).await;
        let finished = run.finish().await;
        sent.and(finished)?;
        match run.report.refused {
            0 => Ok(ExitCode::SUCCESS),
            refused => Err(Failure::Input(anyhow!("{refused} line(s) were refused"))),
        }
    }

    fn journal_path(&self, input: &Input) -> Option<PathBuf> {
        let beside = match input {
            Input::Stdin => None,
            Input::File(path) => {
                let mut name = path.clone().into_os_string();
                name.push(".accepted");
                Some(PathBuf::from(name))
            }
        };
        self.journal.clone().or(beside)
    }

    fn parser(&self, input: &Input) -> Parser {
        Parser::new(self.who.clone(), input.folder())
    }

    /// Reads the whole file without sending, and counts its lines: a file is sent as a whole or, if
    /// some line is bad, not at all.
    fn check(&self, input: &Input) -> Result<u64, Failure> {
        let mut parser = self.parser(input);
        let mut lines = 0;
        let mut bad = Vec::new();
        for line in input.lines().map_err(Failure::Input)? {
            let (number, text) = line.map_err(Failure::Input)?;
            lines += 1;
            if let Err(error) = parser.parse(&text) {
                bad.push(format!("line {number}: {error:#}"));
            }
        }
        if bad.is_empty() || self.skip_bad {
            return Ok(lines);
        }
        let more = bad.len().saturating_sub(SHOWN);
        let mut shown: String = bad
            .iter()
            .take(SHOWN)
            .map(|line| format!("\n  {line}"))
            .collect();
        if more > 0 {
            shown.push_str(&format!("\n  and {more} more"));
        }
        Err(Failure::Input(anyhow!(
            "nothing was sent: {} of {lines} lines are bad (--skip-bad sends the others){shown}",
            bad.len()
        )))
    }

    async fn send(&self, input: &Input, run: &mut Run) -> Result<(), Failure> {
        let mut parser = self.parser(input);
        for line in input.lines().map_err(Failure::Input)? {
            let (number, text) = line.map_err(Failure::Input)?;
            match parser.parse(&text) {
                Ok(submission) => run.submit(number, &submission).await?,
                Err(error) if self.skip_bad => {
                    let why = format!("{error:#}");
                    run.report.line(number, &LineResult::Refused(why));
                }
                Err(error) => {
                    let stopped = format!("stopped at line {number}; the lines before it are sent");
                    return Err(Failure::Input(error.context(stopped)));
                }
            }
        }
        Ok(())
    }
}
