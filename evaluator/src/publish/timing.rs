//! How far a time can be trusted, in the words of the wire.

use schemas::{CaseRun, Certainty, Conditions};

use super::verdict::{code, milliseconds};

pub(super) fn case_run(run: &judge::CaseRun) -> CaseRun {
    CaseRun {
        verdict: code(run.verdict),
        cpu_ms: milliseconds(run.cpu),
        wall_ms: milliseconds(run.wall),
        conditions: conditions(run.conditions),
    }
}

pub(super) fn certainty(certainty: Option<judge::Certainty>) -> Certainty {
    match certainty {
        None => Certainty::Unknown,
        Some(judge::Certainty::Sure) => Certainty::Sure,
        Some(judge::Certainty::NearLimit) => Certainty::NearLimit,
        Some(judge::Certainty::Unsure) => Certainty::Unsure,
    }
}

pub(super) fn conditions(seen: judge::Conditions) -> Conditions {
    let number = |number: u128| i32::try_from(number).unwrap_or(i32::MAX);
    Conditions {
        ready_ms: number(seen.ready.as_millis()),
        idle_ms: number(seen.idle.as_millis()),
        voluntary_switches: number(seen.voluntary_switches.into()),
        involuntary_switches: number(seen.involuntary_switches.into()),
        throttled_periods: number(seen.throttled_periods.into()),
        throttled_ms: number(seen.throttled.as_millis()),
        stolen_ms: number(seen.stolen.as_millis()),
    }
}
