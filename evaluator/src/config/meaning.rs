//! What it means: every check of a setting, and what its default stands for.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::Context;
use judge::{Languages, NearLimit};
use sandbox::SandboxConfig;

use super::{BreakerLimits, Config, LaneConfig, ProblemSource, RetryTopic, Settings, Shares};

impl Settings {
    /// Checks what was given and fills in what stands for something else.
    pub fn meaning(self) -> anyhow::Result<Config> {
        let host = self.host_name.clone().unwrap_or_else(machine_name);
        Ok(Config {
            client: self.kafka().client_config(&format!("evaluator-{host}"))?,
            contract: Some(self.profile),
            lanes: self.lanes()?,
            shares: self.shares()?,
            overflow_after: Duration::from_secs(self.overflow_after_seconds),
            retries: self.retries(),
            breaker: self.breaker()?,
            slots: self.slots()?,
            pin: self.pin,
            near_limit: NearLimit {
                percent: self.near_limit_percent,
                reruns: self.reruns,
            },
            grace: Duration::from_secs(self.grace_seconds),
            patience: Duration::from_secs(self.patience_seconds),
            known_languages: Languages::builtin()
                .with_variants(&self.variants)
                .map_err(anyhow::Error::msg)
                .context("setting variants")?,
            problems: self.problem_source()?,
            package_cache_bytes: self.package_cache_mib << 20,
            sandbox: self.sandbox(),
            languages: self.languages,
            cache_dir: self.cache_dir,
            http: Some(self.http),
            host,
        })
    }

    fn slots(&self) -> anyhow::Result<usize> {
        let processors = sandbox::Core::count().context("failed to count the processors")?;
        match self.slots {
            None if self.pin => Ok(processors),
            None => Ok(std::thread::available_parallelism().map_or(1, usize::from)),
            Some(0) => anyhow::bail!("setting slots must be at least 1"),
            Some(given) if self.pin && given > processors => anyhow::bail!(
                "setting pin gives each slot a processor: have at most {processors} slots, or do not pin"
            ),
            Some(given) => Ok(given),
        }
    }

    fn lanes(&self) -> anyhow::Result<Vec<LaneConfig>> {
        let groups = [&self.group, &self.group_bulk, &self.group_overflow];
        let distinct: BTreeSet<_> = groups.into_iter().collect();
        anyhow::ensure!(
            distinct.len() == groups.len(),
            "settings group, group_bulk and group_overflow must differ: one group would mix the lanes' offsets"
        );
        let defaults = LaneConfig::defaults().into_iter();
        let lane = |(lane, group): (LaneConfig, &String)| LaneConfig {
            group: group.clone(),
            ..lane
        };
        Ok(defaults.zip(groups).map(lane).collect())
    }

    fn shares(&self) -> anyhow::Result<Shares> {
        anyhow::ensure!(
            self.weight > 0 && self.weight_bulk > 0 && self.weight_overflow > 0,
            "settings weight, weight_bulk and weight_overflow must be at least 1: a lane without a share would starve"
        );
        anyhow::ensure!(
            self.reserved_percent <= 100,
            "setting reserved_percent must be at most 100"
        );
        Ok(Shares {
            interactive: self.weight,
            overflow: self.weight_overflow,
            bulk: self.weight_bulk,
            reserved_percent: self.reserved_percent,
        })
    }

    fn breaker(&self) -> anyhow::Result<BreakerLimits> {
        anyhow::ensure!(
            self.breaker_window_seconds > 0 && self.breaker_cool_down_seconds > 0,
            "settings breaker_window_seconds and breaker_cool_down_seconds must be at least 1; to do without the breaker, set breaker_dead_letters to 0 and breaker_percent to 100"
        );
        Ok(BreakerLimits {
            window: Duration::from_secs(self.breaker_window_seconds),
            dead_letters: self.breaker_dead_letters,
            percent: self.breaker_percent,
            cool_down: Duration::from_secs(self.breaker_cool_down_seconds),
        })
    }

    fn retries(&self) -> Vec<RetryTopic> {
        let retries = RetryTopic::declared(&self.group_retry);
        #[cfg(feature = "hooks")]
        let retries = crate::hooks::with_delays(retries);
        retries
    }

    fn problem_source(&self) -> anyhow::Result<ProblemSource> {
        match (&self.problems, &self.store) {
            (None, None) => {
                anyhow::bail!("no problem packages: give --problems DIR or --store URL")
            }
            (Some(directory), None) => Ok(ProblemSource::Directory(directory.clone())),
            (None, Some(url)) => Ok(ProblemSource::Store(url.clone())),
            (Some(_), Some(_)) => anyhow::bail!("give either --problems or --store, not both"),
        }
    }

    fn sandbox(&self) -> SandboxConfig {
        SandboxConfig {
            cgroup: self.sandbox_cgroup.clone(),
            uid_base: self.sandbox_uid_base,
            waived: self.sandbox_waive.clone(),
            ..Languages::builtin().sandbox_config()
        }
    }
}

fn machine_name() -> String {
    rustix::system::uname()
        .nodename()
        .to_string_lossy()
        .into_owned()
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::super::Flags;
    use super::*;

    #[derive(Parser)]
    struct Run {
        #[command(flatten)]
        flags: Flags,
    }

    fn config(arguments: &[&str]) -> anyhow::Result<Config> {
        let run = Run::try_parse_from(["run"].iter().chain(arguments))?;
        Settings::given(&run.flags)?.meaning()
    }

    #[test]
    fn the_defaults_lack_only_the_problems() -> anyhow::Result<()> {
        let refused = config(&[]).map(|_| ());
        assert!(refused.is_err_and(|error| error.to_string().contains("--problems")));
        let config = config(&["--problems", "/srv/problems"])?;
        assert_eq!(
            config.problems,
            ProblemSource::Directory("/srv/problems".into())
        );
        assert!(config.slots > 0);
        assert!(!config.host.is_empty());
        assert_eq!(config.client.bootstrap_servers, "localhost:9092");
        assert_eq!(config.lanes, LaneConfig::defaults());
        assert_eq!(config.shares, Shares::default());
        Ok(())
    }

    #[test]
    fn a_flag_wins_over_the_file_and_the_file_over_the_default() -> anyhow::Result<()> {
        let file = tempfile::NamedTempFile::new()?;
        std::fs::write(&file, "slots = 3\ngrace_seconds = 5\nproblems = \"/p\"\n")?;
        let path = file.path().to_string_lossy();
        let arguments = [
            "--config",
            &path,
            "--slots",
            "7",
            "-X",
            "debug=broker",
            "--waive",
            "a,b",
        ];
        let config = config(&arguments)?;
        assert_eq!((config.slots, config.grace), (7, Duration::from_secs(5)));
        assert_eq!(config.client.properties["debug"], "broker");
        assert_eq!(config.sandbox.waived, ["a", "b"]);
        Ok(())
    }

    #[test]
    fn what_cannot_work_is_refused_by_name() -> anyhow::Result<()> {
        let file = tempfile::NamedTempFile::new()?;
        std::fs::write(&file, "slotz = 3\n")?;
        let path = file.path().to_string_lossy().into_owned();
        let wrong: [(&[&str], &str); 8] = [
            (&["--config", &path], "slotz"),
            (&["--store", "file:///s", "--problems", "/p"], "not both"),
            (&["--problems", "/p", "--weight", "0"], "weight"),
            (
                &["--problems", "/p", "--reserved-percent", "101"],
                "reserved_percent",
            ),
            (
                &["--problems", "/p", "--group-overflow", "evaluators"],
                "group_overflow",
            ),
            (
                &["--problems", "/p", "--group", "evaluators.bulk"],
                "group_bulk",
            ),
            (&["--problems", "/p", "--slots", "0"], "slots"),
            (&["--problems", "/p", "--pin", "--slots", "9999"], "pin"),
        ];
        for (arguments, named) in wrong {
            let refused = config(arguments).map(|_| ());
            let message = refused.map_err(|error| format!("{error:#}"));
            let names_it = message.as_ref().is_err_and(|text| text.contains(named));
            assert!(names_it, "{arguments:?}: {message:?}");
        }
        Ok(())
    }
}
