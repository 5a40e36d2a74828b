//! `tribunal topics`: the topics of a cluster against what is declared.

use std::process::ExitCode;

use clap::Subcommand;
use kafka::admin::{Admin, AdminError, Difference, TopicSpec};
use schemas::topics::CLIENT_LANES;
use service::{KafkaArgs, contract};

use super::{FAILED, REFUSED, block_on, print_line, tell};

/// Compare the topics of a cluster with what is declared, and mend what is safe to mend.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Exit status: 0 cluster and declaration agree (after `apply`: now), 1 they differ, 2 wrong usage, 3 the cluster did not answer.

Examples:
  tribunal topics plan --bootstrap-servers kafka:9092
  tribunal topics apply --profile single-node --lane-partitions 6")]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Clone, Debug, Subcommand)]
enum Action {
    /// Say what `apply` would change, and change nothing.
    Plan(Target),
    /// Create what is missing and mend what can be mended; if anything needs a decision, change nothing.
    Apply(Target),
    /// Say whether the cluster is as declared: the exit status tells.
    Verify(Target),
}

#[derive(Clone, Debug, clap::Args)]
struct Target {
    #[command(flatten)]
    kafka: KafkaArgs,
    /// Declare this many partitions for the client lanes instead of the profile's number.
    #[arg(long, value_parser = clap::value_parser!(i32).range(1..=10_000))]
    lane_partitions: Option<i32>,
}

impl Target {
    fn declared(&self) -> Vec<TopicSpec> {
        let mut specs = contract::specs(self.kafka.profile());
        if let Some(partitions) = self.lane_partitions {
            let lanes = |spec: &&mut TopicSpec| CLIENT_LANES.contains(&spec.name.as_str());
            for spec in specs.iter_mut().filter(lanes) {
                spec.partitions = partitions;
            }
        }
        specs
    }

    fn admin(&self) -> anyhow::Result<Admin> {
        Ok(Admin::new(&self.kafka.client_config("tribunal-topics")?)?)
    }
}

/// Does what was asked.
pub(crate) fn execute(args: &Args) -> anyhow::Result<ExitCode> {
    match &args.action {
        Action::Plan(target) => compare(target),
        Action::Verify(target) => compare(target),
        Action::Apply(target) => apply(target),
    }
}

fn compare(target: &Target) -> anyhow::Result<ExitCode> {
    let admin = target.admin()?;
    match block_on(admin.plan(&target.declared()))? {
        Ok(differences) if differences.is_empty() => {
            print_line("the cluster is as declared");
            Ok(ExitCode::SUCCESS)
        }
        Ok(differences) => {
            for difference in &differences {
                let mark = if difference.is_mendable() { "+" } else { "!" };
                print_line(&format!("{mark} {difference}"));
            }
            print_line("`+` is what `tribunal topics apply` mends, `!` needs a decision first");
            Ok(ExitCode::from(REFUSED))
        }
        Err(error) => Ok(failed(&error)),
    }
}

fn apply(target: &Target) -> anyhow::Result<ExitCode> {
    let admin = target.admin()?;
    match block_on(admin.apply(&target.declared()))? {
        Ok(mended) => {
            mended.iter().for_each(print_mended);
            print_line("the cluster is as declared");
            Ok(ExitCode::SUCCESS)
        }
        Err(error @ AdminError::NotMendable(_)) => {
            tell(&error.to_string());
            Ok(ExitCode::from(REFUSED))
        }
        Err(error) => Ok(failed(&error)),
    }
}

fn print_mended(difference: &Difference) {
    print_line(&format!("mended: {difference}"));
}

fn failed(error: &AdminError) -> ExitCode {
    let source = std::error::Error::source(error);
    tell(&match source {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    });
    ExitCode::from(FAILED)
}
