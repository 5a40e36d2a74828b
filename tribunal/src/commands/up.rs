//! `tribunal up`: the embedded profile until somebody stops it.

use std::collections::HashMap;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use kafka::embedded::{MAX_PARTITION_BYTES, MAX_PARTITION_RECORDS};
use kafka::{ClientConfig, Record, Start, Tail};
use schemas::topics;
use service::{LogArgs, shutdown};

use super::{FAILED, block_on, print_line, tell};
use crate::embedded::{Embedded, EmbeddedArgs};

/// What must never be pushed out of the broker's memory before it is read.
const KEPT: [&str; 3] = [
    topics::SUBMISSIONS,
    topics::SUBMISSIONS_BULK,
    topics::VERDICTS,
];

/// A partition this full ends the trial; the rest is room for what is under way.
const FULL_PERCENT: usize = 80;

/// Run every role in this process until stopped, for trying out.
///
/// The broker is in memory: what it holds ends with this process. It keeps 5 MB or 100,000 records a partition; before it would drop a record,
/// the process ends in order and says so. Everything real runs on Apache Kafka.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Exit status: 0 stopped, 2 wrong usage or an error, 3 the in-memory broker is full.

Then, in another terminal, with the address that this prints:
  producer submit --bootstrap-servers ADDRESS --problem PROBLEM --wait FILE
  results-sink query --database-url sqlite:DIR/tribunal.db")]
pub(crate) struct Args {
    #[command(flatten)]
    embedded: EmbeddedArgs,
    /// Directory for the database and compiled programs, kept from run to run.
    #[arg(long, value_name = "DIR", default_value = "tribunal-data")]
    data: PathBuf,
    #[command(flatten)]
    log: LogArgs,
}

/// Runs until stopped.
pub(crate) fn execute(args: &Args) -> anyhow::Result<ExitCode> {
    args.log.init_with_default("info")?;
    block_on(run(args))?
}

async fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let stop = shutdown::on_signals()?;
    std::fs::create_dir_all(&args.data)
        .with_context(|| format!("failed to make {}", args.data.display()))?;
    let mut embedded = Embedded::start(&args.embedded, &args.data).await?;
    let access = embedded.access();
    let fullness = full(access.client.clone());
    print_line(&format!(
        "broker    {}\ndatabase  {}\nproblems  {}\nstop with Ctrl-C",
        access.client.bootstrap_servers,
        access.database_url,
        args.embedded.problems.display()
    ));
    let status = tokio::select! {
        () = stop.cancelled() => ExitCode::SUCCESS,
        partition = fullness => {
            tell(&format!(
                "{} of the in-memory broker is nearly full, and it would soon drop records: start `tribunal up` again, \
                 or use Apache Kafka. What is recorded stays in {}",
                partition?,
                args.data.display()
            ));
            ExitCode::from(FAILED)
        }
        error = embedded.failure() => return Err(error),
    };
    embedded.stop().await?;
    Ok(status)
}

#[derive(Clone, Copy, Debug, Default)]
struct Fill {
    bytes: usize,
    records: usize,
}

impl Fill {
    /// Counts a record; whether the partition is full by now.
    fn add(&mut self, record: &Record) -> bool {
        let headers = record
            .headers
            .iter()
            .map(|(name, value)| name.len() + value.len());
        let key = record.key.as_ref().map_or(0, Vec::len);
        self.bytes += record.payload.len() + key + headers.sum::<usize>();
        self.records += 1;
        self.bytes * 100 >= MAX_PARTITION_BYTES * FULL_PERCENT
            || self.records * 100 >= MAX_PARTITION_RECORDS * FULL_PERCENT
    }
}

/// Resolves with the name of the first partition that is nearly full.
async fn full(client: ClientConfig) -> anyhow::Result<String> {
    let mut tail = Tail::open(&client.named("fullness"), &KEPT, Start::Beginning).await?;
    let mut fills: HashMap<(String, i32), Fill> = HashMap::new();
    loop {
        let record = tail.next_record().await?;
        let partition = (record.topic.clone(), record.partition);
        if fills.entry(partition).or_default().add(&record) {
            return Ok(format!("{}/{}", record.topic, record.partition));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_partition_is_full_well_before_the_broker_drops_records() {
        let record = Record {
            topic: "submissions".to_owned(),
            partition: 0,
            offset: 0,
            timestamp_ms: None,
            key: None,
            payload: vec![0; 1 << 20],
            headers: Vec::new(),
        };
        let mut fill = Fill::default();
        let taken = (0..10).take_while(|_| !fill.add(&record)).count();
        assert_eq!(taken, 3, "of five records that would fit");
    }
}
