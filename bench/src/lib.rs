//! Benchmarks: each measures its own baseline in the same run, in interleaved pairs, because hosts are noisy.

mod boxed;
mod campaign;
mod cold_submission;
mod evaluator_process;
mod false_tle;
mod figure;
mod hello_worlds;
mod hot_problem;
mod limit_overshoot;
mod memory;
mod pipeline;
mod role;
mod sandbox_launch;
mod slot_efficiency;
mod spinner;
mod test_cases;

use std::process::ExitCode;

use clap::{Parser, ValueEnum};

pub use figure::Figure;

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
    /// How many interleaved pairs of a benchmark whose pairs take a minute.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    long_pairs: u32,
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
    /// An evaluator of `memory` and of all that need a fleet.
    #[value(hide = true)]
    EvaluatorProcess,
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
            Name::EvaluatorProcess => {
                evaluator_process::be_the_evaluator()?;
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
