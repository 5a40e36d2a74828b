//! `tribunal topics`: the topics and ACLs of a cluster against what is declared.

use std::process::ExitCode;

use clap::Subcommand;
use kafka::admin::{Acl, AclDifference, AclState, Admin, AdminError, TopicSpec, acl_differences};
use schemas::topics::CLIENT_LANES;
use service::{KafkaArgs, contract};

use super::{FAILED, REFUSED, block_on, print_line, tell};
use rights::AclArgs;

mod rights;

/// What a cluster without an authorizer is told.
const NOT_ENFORCED: &str = "no authorizer: ACLs are not enforced, everybody who reaches this cluster may read and write everything";

/// Compare the topics and ACLs of a cluster with what is declared, and mend what is safe to mend.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Exit status: 0 cluster and declaration agree (after `apply`: now), 1 they differ, 2 wrong usage, 3 the cluster did not answer.

Examples:
  tribunal topics plan --bootstrap-servers kafka:9092
  tribunal topics apply --profile single-node --lane-partitions 6
  tribunal topics apply --kafka-properties-file admin.properties --principal evaluator=User:judge")]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Clone, Debug, Subcommand)]
enum Action {
    /// Say what `apply` would change, and change nothing.
    Plan(Target),
    /// Create what is missing and mend what can be mended; if anything needs a decision, change nothing.
    Apply(Apply),
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
    #[command(flatten)]
    acls: AclArgs,
}

#[derive(Clone, Debug, clap::Args)]
struct Apply {
    #[command(flatten)]
    target: Target,
    /// Also take the right to write our topics from everybody who is not declared to have it.
    #[arg(long, conflicts_with = "no_acls", help_heading = "ACLs")]
    remove_undeclared_writers: bool,
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
        Action::Apply(args) => apply(args),
    }
}

fn compare(target: &Target) -> anyhow::Result<ExitCode> {
    let (admin, acls) = (target.admin()?, target.acls.declared()?);
    let looked = async {
        let differences = admin.plan(&target.declared()).await?;
        Ok((differences, look_at_acls(&admin, target, &acls).await?))
    };
    let (differences, permissions) = match block_on(looked)? {
        Ok(looked) => looked,
        Err(error) => return Ok(failed(&error)),
    };
    for difference in &differences {
        let mark = if difference.is_mendable() { "+" } else { "!" };
        print_line(&format!("{mark} {difference}"));
    }
    let acls_agree = report(&permissions, target);
    if differences.is_empty() && acls_agree {
        print_line("the cluster is as declared");
        return Ok(ExitCode::SUCCESS);
    }
    print_line("`+` is what `tribunal topics apply` mends, `!` needs a decision first");
    Ok(ExitCode::from(REFUSED))
}

fn apply(args: &Apply) -> anyhow::Result<ExitCode> {
    let target = &args.target;
    let (admin, acls) = (target.admin()?, target.acls.declared()?);
    let applied = async {
        let mut mended = Vec::new();
        for difference in admin.apply(&target.declared()).await? {
            mended.push(difference.to_string());
        }
        if target.acls.wanted() {
            let remove = args.remove_undeclared_writers;
            let acls = admin.mend_acls(&acls, remove).await?;
            mended.extend(acls.iter().map(AclDifference::to_string));
        }
        Ok((mended, look_at_acls(&admin, target, &acls).await?))
    };
    match block_on(applied)? {
        Ok((mended, permissions)) => {
            for difference in mended {
                print_line(&format!("mended: {difference}"));
            }
            if !report(&permissions, target) {
                print_line(
                    "`!` needs a decision: declare the principal, or take its right away with --remove-undeclared-writers",
                );
                return Ok(ExitCode::from(REFUSED));
            }
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

/// What there is to say about ACLs.
enum Permissions {
    LeftAlone,
    NotEnforced,
    Differ(Vec<AclDifference>),
}

async fn look_at_acls(
    admin: &Admin,
    target: &Target,
    declared: &[Acl],
) -> Result<Permissions, AdminError> {
    if !target.acls.wanted() {
        return Ok(Permissions::LeftAlone);
    }
    Ok(match admin.acls().await? {
        AclState::NotEnforced => Permissions::NotEnforced,
        AclState::Enforced(actual) => Permissions::Differ(acl_differences(declared, &actual)),
    })
}

/// Says what differs; whether all is as it should be.
fn report(permissions: &Permissions, target: &Target) -> bool {
    match permissions {
        Permissions::LeftAlone => true,
        Permissions::NotEnforced => {
            print_line(NOT_ENFORCED);
            !target.acls.insisted_on()
        }
        Permissions::Differ(differences) => {
            for difference in differences {
                let mark = match difference {
                    AclDifference::Missing(_) => "+",
                    AclDifference::UndeclaredWriter(_) => "!",
                };
                print_line(&format!("{mark} {difference}"));
            }
            differences.is_empty()
        }
    }
}

fn failed(error: &AdminError) -> ExitCode {
    let source = std::error::Error::source(error);
    tell(&match source {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    });
    ExitCode::from(FAILED)
}
