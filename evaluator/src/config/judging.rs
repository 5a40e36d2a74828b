//! The flags of judging itself, which every command has that judges: with Kafka, without, or all in one process.

use clap::Args;
use judge::{Languages, NearLimit};
use sandbox::SandboxConfig;
use serde::Serialize;

/// How programs are judged on this host. What is not given comes from a file where there is one, or the defaults.
#[derive(Clone, Debug, Default, Args, Serialize)]
pub struct JudgingFlags {
    /// Give each slot a processor of its own, on which its programs stay [default: false]
    #[arg(long, env = "TRIBUNAL_PIN", value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pin: Option<bool>,
    /// How often a case that was too slow is run again before that is said; 0 for never [default: 2]
    #[arg(long, env = "TRIBUNAL_RERUNS", value_name = "COUNT")]
    reruns: Option<u32>,
    /// A time within so many hundredths of the limit counts as near it [default: 25]
    #[arg(long, env = "TRIBUNAL_NEAR_LIMIT_PERCENT", value_name = "PERCENT")]
    near_limit_percent: Option<u32>,
    /// Variants that take the place of their languages: pypy3 for python3
    #[arg(
        long,
        alias = "variant",
        env = "TRIBUNAL_VARIANTS",
        value_name = "LIST",
        value_delimiter = ','
    )]
    variants: Vec<String>,
    /// Do without this protection; `evaluator doctor` names them. Repeat for several
    #[arg(
        long = "waive",
        env = "TRIBUNAL_SANDBOX_WAIVE",
        value_name = "PROTECTION",
        value_delimiter = ',',
        help_heading = "Sandbox"
    )]
    sandbox_waive: Vec<String>,
}

impl JudgingFlags {
    /// Whether programs are kept on one processor.
    pub fn pin(&self) -> bool {
        self.pin.unwrap_or(false)
    }

    /// When a case is run again before it is called too slow.
    pub fn near_limit(&self) -> NearLimit {
        let default = NearLimit::default();
        NearLimit {
            percent: self.near_limit_percent.unwrap_or(default.percent),
            reruns: self.reruns.unwrap_or(default.reruns),
        }
    }

    /// All languages, with the variants that were asked for.
    ///
    /// # Errors
    /// When one is no variant.
    pub fn languages(&self) -> anyhow::Result<Languages> {
        let languages = Languages::builtin().with_variants(&self.variants);
        languages.map_err(anyhow::Error::msg)
    }

    /// The sandbox's settings for these languages.
    pub fn sandbox_config(&self, languages: &Languages) -> SandboxConfig {
        SandboxConfig {
            waived: self.sandbox_waive.clone(),
            ..languages.sandbox_config()
        }
    }
}
