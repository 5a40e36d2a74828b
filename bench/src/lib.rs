//! Benchmarks: each measures its own baseline in the same run, in interleaved pairs, because hosts are noisy.

mod backlog;
mod bare;
mod boxed;
mod campaign;
mod cold_submission;
mod evaluator_process;
mod false_tle;
mod figure;
mod held;
mod hello_worlds;
mod hot_problem;
mod independence;
mod latency;
mod limit_overshoot;
mod memory;
mod pipeline;
mod pipeline_rate;
mod role;
mod samples;
mod sandbox_launch;
mod scale_out;
mod slot_efficiency;
mod spinner;
mod test_cases;

use std::process::ExitCode;

use clap::{Parser, ValueEnum};

pub use figure::Figure;
use kafka::GroupProtocol;

/// Measures one thing and says whether it reaches its goal.
#[derive(Debug, Parser)]
#[command(name = "bench", version)]
pub struct Cli {
    /// What to measure.
    name: Name,
    /// Print JSON lines `{name, value, unit, baseline, ratio, goal, ok}` instead of sentences.
    #[arg(long)]
    json: bool,
    /// How many interleaved pairs to measure; `cold-submission` takes fewer where they take long.
    #[arg(long, default_value_t = 400, value_parser = clap::value_parser!(u32).range(20..=100_000))]
    pairs: u32,
    /// How many interleaved pairs of a benchmark whose pairs take up to a minute.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    long_pairs: u32,
    /// Who computes the assignments in `scale-out`: `classic` (members) or `consumer` (the broker, KIP-848).
    #[arg(long, default_value = "classic", value_name = "PROTOCOL")]
    group_protocol: GroupProtocol,
    /// How many runs of each kind, where there are no pairs.
    #[arg(long, default_value_t = 500, value_parser = clap::value_parser!(u32).range(10..=100_000))]
    runs: u32,
    #[command(flatten)]
    campaign: campaign::Args,
    /// The command line of a role.
    #[arg(last = true, hide = true)]
    role: Vec<String>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Name {
    /// A sandboxed run of a static `true` over a bare spawn of it.
    SandboxLaunch,
    /// Judged small cases per second on two slots over two bare loops that spawn the same program.
    TestCases,
    /// A hello-world of each language here, from source to verdict, over compiler and program by hand.
    ColdSubmission,
    /// Programs at 80 % of the limit, while all slots are busy: none may be called too slow.
    FalseTle,
    /// What an endless loop gets beyond its limit, while all slots are busy.
    LimitOvershoot,
    /// An evaluator at rest, and what each slot adds for 10 MB of input and output.
    Memory,
    /// Submissions for one problem, judged by a fleet, over submissions for many; and what the other problems notice.
    HotProblem,
    /// What slots that never lack work judge, over the best they could.
    SlotEfficiency,
    /// Faults under load, and a checker that compares what was acknowledged with the log and the database.
    Campaign,
    /// A role of the product as a process of a campaign.
    #[value(hide = true)]
    Role,
    /// Submissions through one evaluator with an instant judge, over a bare loop that consumes and produces the same records.
    PipelineRate,
    /// From acknowledgement to verdict with an instant judge, over a bare trip of two hops.
    Latency,
    /// Sixteen evaluators over sixteen times one; how soon a new member works, and how long a killed one is missed.
    ScaleOut,
    /// What an evaluator holds more, and how soon it works, when a million submissions wait (1.5 GB on disk).
    Backlog,
    /// How long submissions take while analytics, held down, replays the whole log, over without (as root: it makes a control group).
    Independence,
    /// An evaluator of `memory` and of all that need a fleet.
    #[value(hide = true)]
    EvaluatorProcess,
    /// The analytics of `independence`.
    #[value(hide = true)]
    AnalyticsProcess,
}

impl Cli {
    /// Measures and prints; the exit status is 1 when a goal is missed.
    pub fn execute(self) -> anyhow::Result<ExitCode> {
        let figures = match self.name {
            Name::Campaign => return campaign::execute(&self.campaign, self.json),
            Name::Role => return role::play(&self.role),
            Name::SandboxLaunch => sandbox_launch::measure(self.pairs)?,
            Name::TestCases => test_cases::measure(self.pairs)?,
            Name::ColdSubmission => cold_submission::measure(self.pairs)?,
            Name::FalseTle => false_tle::measure(self.runs)?,
            Name::LimitOvershoot => limit_overshoot::measure(self.runs)?,
            Name::Memory => memory::measure()?,
            Name::HotProblem => hot_problem::measure(self.long_pairs)?,
            Name::SlotEfficiency => slot_efficiency::measure()?,
            Name::PipelineRate => pipeline_rate::measure(self.long_pairs)?,
            Name::Latency => latency::measure(self.long_pairs)?,
            Name::ScaleOut => scale_out::measure(self.group_protocol)?,
            Name::Backlog => backlog::measure()?,
            Name::Independence => independence::measure(self.long_pairs)?,
            Name::EvaluatorProcess => {
                evaluator_process::be_the_evaluator()?;
                Vec::new()
            }
            Name::AnalyticsProcess => {
                independence::be_the_analytics()?;
                Vec::new()
            }
        };
        for figure in &figures {
            figure.print(self.json)?;
        }
        let reached = figures.iter().all(|figure| figure.ok);
        Ok(if reached {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }
}
