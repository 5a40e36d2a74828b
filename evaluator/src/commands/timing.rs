//! How far times can be trusted: for programs that read JSON, and in words for people.

use std::time::Duration;

use judge::{CaseRun, Certainty, Conditions, Timing};
use serde::Serialize;

use super::report::milliseconds;

/// What happened around a run.
#[derive(Debug, Serialize)]
pub(super) struct ConditionsField {
    ready_ms: u64,
    idle_ms: u64,
    voluntary_switches: u64,
    involuntary_switches: u64,
    throttled_periods: u64,
    throttled_ms: u64,
    stolen_ms: u64,
}

/// One run of a case that ran more than once.
#[derive(Debug, Serialize)]
pub(super) struct RunField {
    verdict: &'static str,
    cpu_ms: u64,
    wall_ms: u64,
    conditions: ConditionsField,
}

impl From<Conditions> for ConditionsField {
    fn from(seen: Conditions) -> Self {
        ConditionsField {
            ready_ms: milliseconds(seen.ready),
            idle_ms: milliseconds(seen.idle),
            voluntary_switches: seen.voluntary_switches,
            involuntary_switches: seen.involuntary_switches,
            throttled_periods: seen.throttled_periods,
            throttled_ms: milliseconds(seen.throttled),
            stolen_ms: milliseconds(seen.stolen),
        }
    }
}

impl From<&CaseRun> for RunField {
    fn from(run: &CaseRun) -> Self {
        RunField {
            verdict: run.verdict.code(),
            cpu_ms: milliseconds(run.cpu),
            wall_ms: milliseconds(run.wall),
            conditions: run.conditions.into(),
        }
    }
}

/// What to say of a time that is not beyond doubt; nothing of one that is.
pub(super) fn doubt(timing: &Timing) -> Option<String> {
    let said = match timing.certainty {
        Certainty::Sure => return None,
        Certainty::NearLimit => "near the time limit",
        Certainty::Unsure => "unsure",
    };
    let times = timing.runs.iter().map(|run| whole_milliseconds(run.cpu));
    let times: Vec<_> = times.collect();
    Some(match times.as_slice() {
        [] => said.to_owned(),
        times => format!("{said}: {} ms", times.join(", ")),
    })
}

fn whole_milliseconds(time: Duration) -> String {
    time.as_millis().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_time_in_doubt_is_commented_upon_with_all_its_runs() {
        let run = |milliseconds| CaseRun {
            verdict: judge::Verdict::TimeLimit,
            cpu: Duration::from_millis(milliseconds),
            wall: Duration::ZERO,
            conditions: Conditions::default(),
        };
        let timing = |certainty, runs| Timing {
            certainty,
            runs,
            ..Timing::default()
        };
        let runs = || vec![run(1001), run(1020)];
        assert_eq!(doubt(&timing(Certainty::Sure, runs())), None);
        let near = doubt(&timing(Certainty::NearLimit, runs()));
        assert_eq!(near.as_deref(), Some("near the time limit: 1001, 1020 ms"));
        let unsure = doubt(&timing(Certainty::Unsure, Vec::new()));
        assert_eq!(unsure.as_deref(), Some("unsure"));
    }
}
