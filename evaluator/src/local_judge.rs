//! A judge for the commands that need no Kafka: what they have in common on the command line.

use std::path::PathBuf;

use anyhow::Context;
use judge::package::{self, OpenPackage};
use judge::{Judge, JudgeConfig, Languages};
use sandbox::Sandbox;

use crate::config::JudgingFlags;

/// Exit status: what was asked for did not hold (another verdict, a disagreement, a missing protection).
pub(crate) const DISAGREES: u8 = 1;
/// Exit status: the judge itself failed, and nothing is known of the program.
pub(crate) const JUDGE_ERROR: u8 = 3;

/// Where it judges, and how strictly.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Judge")]
pub struct LocalJudgeArgs {
    /// Directory for compiled programs and computed time limits; may be deleted at any time that no judge runs
    /// [default: tribunal below the user's cache directory].
    #[arg(long, env = "TRIBUNAL_CACHE_DIR", value_name = "DIR")]
    cache_dir: Option<PathBuf>,
    #[command(flatten)]
    judging: JudgingFlags,
}

impl LocalJudgeArgs {
    /// The flags of judging itself.
    pub(crate) fn judging(&self) -> &JudgingFlags {
        &self.judging
    }

    /// Opens the sandbox and the caches.
    pub fn open(&self) -> anyhow::Result<Judge> {
        let languages = self.judging.languages()?;
        let sandbox = Sandbox::open(self.judging.sandbox_config(&languages))
            .context("failed to open the sandbox; `evaluator doctor` says more")?;
        self.judge_in(sandbox, languages)
    }

    /// A judge in a sandbox that is open.
    pub(crate) fn judge_in(&self, sandbox: Sandbox, languages: Languages) -> anyhow::Result<Judge> {
        let cache_dir = self.cache_dir.clone().unwrap_or_else(default_cache_dir);
        let config = JudgeConfig {
            near_limit: self.judging.near_limit(),
            pin: self.judging.pin(),
            ..JudgeConfig::new(cache_dir)
        };
        sandbox::outrank_boxes();
        Judge::new(sandbox, languages, config).context("failed to open the judge's caches")
    }
}

fn default_cache_dir() -> PathBuf {
    let directory = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    directory("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .or_else(|| directory("HOME").map(|home| PathBuf::from(home).join(".cache")))
        .unwrap_or_else(std::env::temp_dir)
        .join("tribunal")
}

/// Reads a package and says on standard error what a strict reader would refuse.
pub(crate) fn load_package(path: &std::path::Path) -> anyhow::Result<OpenPackage> {
    let package = open_package(path)?;
    for warning in &package.warnings {
        tell(&format!("warning: {warning}"));
    }
    Ok(package)
}

/// Reads a package without a word.
pub(crate) fn open_package(path: &std::path::Path) -> anyhow::Result<OpenPackage> {
    package::open(path).with_context(|| format!("failed to read the package {}", path.display()))
}

/// A line for the person at the terminal, beside the result.
pub(crate) fn tell(line: &str) {
    use std::io::Write;
    // Nobody listening there is no reason to stop judging.
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// A line of the result.
pub(crate) fn print(line: &str) -> anyhow::Result<()> {
    use std::io::Write;
    writeln!(std::io::stdout(), "{line}").context("failed to write to standard output")
}
