//! `evaluator doctor`: can this host judge, and how safely?

use std::process::ExitCode;

use sandbox::{Noise, Protection, ProtectionState, Report, Sandbox};
use serde::Serialize;

use super::languages::{self, LanguageCheck, State};
use crate::local_judge::{DISAGREES, LocalJudgeArgs, print};

/// Try every protection of the sandbox and every language, and say what to do about what is missing.
///
/// Nothing is read from a list of versions: each protection is tried, and each language compiles and runs its self-test.
/// A language whose toolchain is not installed is named with Debian's packages for it, and is no failure.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Exit status: 0 everything is fine, 1 a protection is missing, or a language is installed and broken."
)]
pub(crate) struct Args {
    /// Print one line of JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    judge: LocalJudgeArgs,
}

/// What was found.
#[derive(Debug, Serialize)]
struct Diagnosis {
    ok: bool,
    mode: String,
    protections: Vec<ProtectionCheck>,
    languages: Vec<LanguageCheck>,
    /// What makes times differ from run to run; it is no reason not to judge.
    noise: Vec<NoiseFound>,
    /// Limits that leave too few processes for as many slots as there are processors.
    crowding: Vec<String>,
}

/// One such thing.
#[derive(Debug, Serialize)]
struct NoiseFound {
    name: &'static str,
    what: String,
    advice: &'static str,
}

/// Whether one protection works here; `state` and `reason` are fields beside the name.
#[derive(Debug, Serialize)]
struct ProtectionCheck {
    name: &'static str,
    #[serde(flatten)]
    state: ProtectionState,
    advice: &'static str,
}

/// Tries, prints, and tells by the exit status whether everything is fine.
pub(crate) fn execute(args: &Args) -> anyhow::Result<ExitCode> {
    let languages = args.judge.judging().languages()?;
    let config = args.judge.judging().sandbox_config(&languages);
    let most_processes = u64::from(languages.most_processes());
    let report = Sandbox::doctor(&config);
    let checks = if report.is_safe() {
        languages::check(&args.judge, languages)?
    } else {
        let why = "not tried: the sandbox is not safe";
        languages
            .iter()
            .map(|language| LanguageCheck::new(language, Err(why.to_owned())))
            .collect()
    };
    let processors = std::thread::available_parallelism().map_or(1, usize::from) as u64;
    let crowding = sandbox::crowding(&config, processors * most_processes);
    let diagnosis = Diagnosis::new(report, checks, sandbox::noise(), crowding);
    if args.json {
        print(&serde_json::to_string(&diagnosis)?)?;
    } else {
        print(diagnosis.to_string().trim_end())?;
    }
    Ok(if diagnosis.ok {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(DISAGREES)
    })
}

impl From<Protection> for ProtectionCheck {
    fn from(protection: Protection) -> ProtectionCheck {
        ProtectionCheck {
            name: protection.name,
            state: protection.state,
            advice: protection.advice,
        }
    }
}

impl Diagnosis {
    fn new(
        report: Report,
        languages: Vec<LanguageCheck>,
        noise: Vec<Noise>,
        crowding: Vec<String>,
    ) -> Diagnosis {
        Diagnosis {
            // A language that nobody installed is none that fails; but without any there is nothing to do here.
            ok: report.is_safe()
                && languages.iter().all(|it| it.state != State::Broken)
                && languages.iter().any(|it| it.state == State::Works),
            mode: report.mode,
            protections: report
                .protections
                .into_iter()
                .map(ProtectionCheck::from)
                .collect(),
            languages,
            noise: noise.into_iter().map(NoiseFound::from).collect(),
            crowding,
        }
    }
}

impl From<Noise> for NoiseFound {
    fn from(noise: Noise) -> NoiseFound {
        NoiseFound {
            name: noise.name,
            what: noise.what,
            advice: noise.advice,
        }
    }
}

impl std::fmt::Display for Diagnosis {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(formatter, "mode: {}\n\nprotections", self.mode)?;
        for one in &self.protections {
            match &one.state {
                ProtectionState::Active => writeln!(formatter, "  active   {}", one.name)?,
                ProtectionState::Waived(why) => {
                    writeln!(formatter, "  waived   {}: {why}", one.name)?;
                }
                ProtectionState::Missing(why) => {
                    let advice = one.advice;
                    writeln!(
                        formatter,
                        "  MISSING  {}: {why}\n           {advice}",
                        one.name
                    )?;
                }
            }
        }
        writeln!(formatter, "\nlanguages")?;
        for language in &self.languages {
            writeln!(formatter, "{language}")?;
        }
        if !self.noise.is_empty() {
            writeln!(formatter, "\nwhat makes times differ from run to run")?;
        }
        for NoiseFound { name, what, advice } in &self.noise {
            writeln!(formatter, "  warning  {name}: {what}\n           {advice}")?;
        }
        if !self.crowding.is_empty() {
            writeln!(formatter, "\nwhat may refuse programs their processes")?;
        }
        for limit in &self.crowding {
            writeln!(formatter, "  warning  {limit}")?;
        }
        let verdict = if self.ok {
            "everything is fine"
        } else {
            "something is missing"
        };
        writeln!(formatter, "\n{verdict}")
    }
}

#[cfg(test)]
mod tests {
    use judge::Languages;

    use super::*;

    fn diagnosis(state: ProtectionState, toolchain: Result<String, String>) -> Diagnosis {
        let languages = Languages::builtin();
        let checks = languages
            .iter()
            .take(1)
            .map(|language| LanguageCheck::new(language, toolchain.clone()));
        let protection = Protection {
            name: "seccomp",
            state,
            advice: "build the kernel with it",
        };
        let report = Report {
            mode: "root".to_owned(),
            protections: vec![protection],
        };
        let noise = Noise {
            name: "smt",
            what: "two share a core".to_owned(),
            advice: "turn it off",
        };
        let crowding = vec!["pids.max leaves 3".to_owned()];
        Diagnosis::new(report, checks.collect(), vec![noise], crowding)
    }

    #[test]
    fn all_is_fine_only_if_every_protection_and_every_language_works() {
        let works = || Ok("gcc 12".to_owned());
        let broken = || Err("cannot execute".to_owned());
        assert!(diagnosis(ProtectionState::Active, works()).ok);
        assert!(diagnosis(ProtectionState::Waived("asked".into()), works()).ok);
        assert!(!diagnosis(ProtectionState::Missing("no".into()), works()).ok);
        assert!(!diagnosis(ProtectionState::Active, broken()).ok);
    }

    #[test]
    fn noise_is_a_warning_with_what_to_do_and_no_reason_not_to_judge() {
        let found = diagnosis(ProtectionState::Active, Ok("gcc 12".to_owned()));
        assert!(found.ok);
        let text = found.to_string();
        assert!(text.contains("  warning  smt: two share a core\n           turn it off\n"));
        assert!(text.contains("processes\n  warning  pids.max leaves 3\n"));
        assert!(text.ends_with("everything is fine\n"));
    }

    #[test]
    fn what_is_missing_is_named_with_what_to_do() {
        let missing = ProtectionState::Missing("no such call".to_owned());
        let text = diagnosis(missing, Err("cannot execute".into())).to_string();
        assert!(
            text.contains("MISSING  seccomp: no such call\n           build the kernel with it")
        );
        assert!(text.contains("BROKEN   c: cannot execute"));
        assert!(text.ends_with("something is missing\n"));
    }
}
