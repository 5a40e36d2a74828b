//! When a case is run again before "too slow" is said, which of its runs decides, and how sure that is.
//!
//! What disturbs a run can only add to its time, so a run within the limit decides over any number of runs that were
//! not. The order is written in `docs/design/judge.md`; the number of runs is bounded, whatever happens.

use std::sync::PoisonError;
use std::time::Duration;

use crate::decide::{IDLE, WALL_LIMIT, under_lower_limit, wall_limit};
use crate::package::TestCase;
use crate::trial::Trial;
use crate::worker::Worker;
use crate::{CaseResult, CaseRun, Certainty, Conditions, Fault, Reason, Verdict};

/// How near the limit a time is in doubt, and how often it is measured again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NearLimit {
    /// A time within this many hundredths of the limit is near it. Default: 25.
    pub percent: u32,
    /// How often a case may be run again; 0 for never. Default: 2.
    pub reruns: u32,
}

impl Default for NearLimit {
    fn default() -> NearLimit {
        NearLimit {
            percent: 25,
            reruns: 2,
        }
    }
}

impl NearLimit {
    /// One run decides.
    pub const OFF: NearLimit = NearLimit {
        percent: 25,
        reruns: 0,
    };

    /// What all runs of one case may take by the clock, together.
    pub fn longest_case(&self, time_limit: Duration) -> Duration {
        let again = wall_limit(self.far(time_limit)).saturating_mul(self.reruns);
        wall_limit(time_limit).saturating_add(again)
    }

    /// From here on a program is too slow beyond doubt.
    fn far(&self, limit: Duration) -> Duration {
        limit + limit / 100 * self.percent
    }

    fn is_near(&self, cpu: Duration, limit: Duration) -> bool {
        self.far(cpu) > limit
    }
}

impl Worker {
    /// Judges a case, and again as long as its time leaves a doubt.
    pub(crate) fn judge_case_surely(
        &mut self,
        trial: &Trial<'_>,
        case: &TestCase,
        rule: NearLimit,
    ) -> Result<CaseResult, Fault> {
        let limit = trial.limits.cpu;
        let mut runs = Runs {
            rule,
            limit,
            results: vec![self.judge_beside_others(trial, case)?],
        };
        if runs.next() == Next::Decided {
            return Ok(runs.decide());
        }
        let patient = trial.with_time_limit(rule.far(limit));
        loop {
            let mut again = match runs.next() {
                Next::Decided => return Ok(runs.decide()),
                Next::BesideOthers => self.judge_beside_others(&patient, case)?,
                Next::Alone => self.judge_alone(&patient, case)?,
            };
            under_lower_limit(&mut again, limit);
            runs.results.push(again);
        }
    }

    fn judge_beside_others(
        &mut self,
        trial: &Trial<'_>,
        case: &TestCase,
    ) -> Result<CaseResult, Fault> {
        let shared = std::sync::Arc::clone(&self.shared);
        let _beside = shared.quiet.read().unwrap_or_else(PoisonError::into_inner);
        self.judge_case(trial, case)
    }

    /// While no other slot of this evaluator runs a case.
    fn judge_alone(&mut self, trial: &Trial<'_>, case: &TestCase) -> Result<CaseResult, Fault> {
        let shared = std::sync::Arc::clone(&self.shared);
        let _alone = shared.quiet.write().unwrap_or_else(PoisonError::into_inner);
        self.judge_case(trial, case)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    Decided,
    BesideOthers,
    Alone,
}

/// The runs of one case so far; all but the first had more time than the limit.
struct Runs {
    rule: NearLimit,
    limit: Duration,
    results: Vec<CaseResult>,
}

impl Runs {
    fn next(&self) -> Next {
        let reruns = self.results.len() - 1;
        let left = (self.rule.reruns as usize).saturating_sub(reruns);
        let is_in_doubt = |last: &CaseResult| is_in_doubt(last) && !self.is_far(last);
        match (self.results.last().is_some_and(is_in_doubt), left) {
            (false, _) | (_, 0) => Next::Decided,
            // The others wait for that, so it is kept for a case that has been near the limit twice.
            (true, 1) if reruns > 0 => Next::Alone,
            (true, _) => Next::BesideOthers,
        }
    }

    /// Too slow by far. The first run was ended at the limit and cannot tell.
    fn is_far(&self, run: &CaseResult) -> bool {
        run.cpu >= self.rule.far(self.limit)
    }

    fn decide(mut self) -> CaseResult {
        let certainty = self.certainty();
        let all = self.results.iter().map(CaseRun::from).collect();
        let runs = if self.results.len() > 1 {
            all
        } else {
            Vec::new()
        };
        // Of runs that were all too slow the first stands for them: it was ended at the limit itself.
        let within = self.results.iter().position(|run| !is_too_slow(run));
        let mut decisive = self.results.swap_remove(within.unwrap_or(0));
        decisive.timing.certainty = certainty;
        decisive.timing.runs = runs;
        decisive
    }

    fn certainty(&self) -> Certainty {
        let Some(last) = self.results.last() else {
            return Certainty::Unsure;
        };
        match (is_too_slow(last), self.results.len() > 1) {
            (false, true) => Certainty::Unsure,
            // What a program did after the validator's no decided nothing.
            (false, false) if last.ended_by_validator => Certainty::Sure,
            (false, false) if self.rule.is_near(last.cpu, self.limit) => Certainty::NearLimit,
            (false, false) => Certainty::Sure,
            (true, _) if is_in_doubt(last) && !self.is_far(last) => match code(last) {
                Some(WALL_LIMIT) => Certainty::Unsure,
                _ => Certainty::NearLimit,
            },
            (true, _)
                if code(last) != Some(IDLE) && was_robbed(&last.timing.conditions, last.wall) =>
            {
                Certainty::Unsure
            }
            (true, _) => Certainty::Sure,
        }
    }
}

fn is_too_slow(run: &CaseResult) -> bool {
    run.verdict == Verdict::TimeLimit
}

fn code(run: &CaseResult) -> Option<&str> {
    run.reason
        .as_ref()
        .map(|reason: &Reason| reason.code.as_str())
}

/// Too slow, but for its own doing only if the time is right.
fn is_in_doubt(run: &CaseResult) -> bool {
    is_too_slow(run)
        && match code(run) {
            Some(IDLE) => false,
            Some(WALL_LIMIT) => was_kept_waiting(run),
            _ => true,
        }
}

/// Waiting for a core, or for the host to have one, was a good part of its time by the clock.
fn was_kept_waiting(run: &CaseResult) -> bool {
    let seen = &run.timing.conditions;
    seen.ready + seen.throttled + seen.stolen > run.wall / 4
}

/// The host had so much taken away from it that times are not to be relied upon.
fn was_robbed(seen: &Conditions, wall: Duration) -> bool {
    seen.throttled + seen.stolen > wall / 20
}

impl From<&CaseResult> for CaseRun {
    fn from(run: &CaseResult) -> CaseRun {
        CaseRun {
            verdict: run.verdict,
            cpu: run.cpu,
            wall: run.wall,
            conditions: run.timing.conditions,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    fn run(verdict: Verdict, code: Option<&str>, cpu_ms: u32) -> CaseResult {
        CaseResult::measured(verdict, code, [MS * cpu_ms, MS * 1000])
    }

    fn slow(cpu_ms: u32) -> CaseResult {
        run(Verdict::TimeLimit, Some("cpu-limit"), cpu_ms)
    }

    fn fine(cpu_ms: u32) -> CaseResult {
        run(Verdict::Accepted, None, cpu_ms)
    }

    fn runs(results: Vec<CaseResult>) -> Runs {
        Runs {
            rule: NearLimit::default(),
            limit: MS * 1000,
            results,
        }
    }

    fn decided(results: Vec<CaseResult>) -> (Verdict, u128, Certainty, usize) {
        let runs = runs(results);
        assert_eq!(runs.next(), Next::Decided);
        let result = runs.decide();
        let timing = result.timing;
        let cpu_ms = result.cpu.as_millis();
        (result.verdict, cpu_ms, timing.certainty, timing.runs.len())
    }

    const AC: Verdict = Verdict::Accepted;
    const TLE: Verdict = Verdict::TimeLimit;

    #[test]
    fn what_is_far_from_the_limit_runs_once_and_is_sure() {
        assert_eq!(decided(vec![fine(799)]), (AC, 799, Certainty::Sure, 0));
    }

    #[test]
    fn what_just_made_it_is_not_run_again_and_is_said_to_be_near() {
        assert_eq!(decided(vec![fine(801)]), (AC, 801, Certainty::NearLimit, 0));
    }

    #[test]
    fn what_the_validator_had_ended_does_not_hang_on_a_time() {
        let mut wrong = run(Verdict::WrongAnswer, None, 1000);
        wrong.ended_by_validator = true;
        let sure = decided(vec![wrong]);
        assert_eq!(sure, (Verdict::WrongAnswer, 1000, Certainty::Sure, 0));
    }

    #[test]
    fn a_clear_case_runs_once_more_and_never_alone() {
        assert_eq!(runs(vec![slow(1001)]).next(), Next::BesideOthers);
        let clear = decided(vec![slow(1001), slow(1250)]);
        assert_eq!(clear, (TLE, 1001, Certainty::Sure, 2));
    }

    #[test]
    fn a_clear_case_on_a_host_that_was_robbed_is_unsure() {
        let mut robbed = slow(1250);
        robbed.timing.conditions.stolen = MS * 51;
        let unsure = decided(vec![slow(1001), robbed]);
        assert_eq!(unsure, (TLE, 1001, Certainty::Unsure, 2));
    }

    #[test]
    fn what_is_near_twice_runs_alone_and_then_it_is_enough() {
        assert_eq!(runs(vec![slow(1001), slow(1100)]).next(), Next::Alone);
        let near = decided(vec![slow(1001), slow(1100), slow(1090)]);
        assert_eq!(near, (TLE, 1001, Certainty::NearLimit, 3));
    }

    #[test]
    fn a_run_within_the_limit_decides_and_is_unsure() {
        let second = decided(vec![slow(1001), fine(990)]);
        assert_eq!(second, (AC, 990, Certainty::Unsure, 2));
        let crash = run(Verdict::RunTimeError, Some("signal"), 900);
        let third = decided(vec![slow(1001), slow(1010), crash]);
        assert_eq!(third, (Verdict::RunTimeError, 900, Certainty::Unsure, 3));
    }

    #[test]
    fn a_sleeper_is_not_waited_for_again() {
        let idle = run(TLE, Some(IDLE), 10);
        assert_eq!(decided(vec![idle]), (TLE, 10, Certainty::Sure, 0));
        let blocked = run(TLE, Some(WALL_LIMIT), 600);
        assert_eq!(decided(vec![blocked]), (TLE, 600, Certainty::Sure, 0));
    }

    #[test]
    fn what_was_kept_waiting_by_the_host_runs_again_until_it_ran_alone() {
        let mut kept = run(TLE, Some(WALL_LIMIT), 600);
        kept.timing.conditions.ready = MS * 251;
        assert_eq!(runs(vec![kept.clone()]).next(), Next::BesideOthers);
        let twice = vec![kept.clone(), kept.clone()];
        assert_eq!(runs(twice.clone()).next(), Next::Alone);
        let thrice = [twice, vec![kept]].concat();
        assert_eq!(decided(thrice), (TLE, 600, Certainty::Unsure, 3));
    }

    #[test]
    fn without_reruns_the_first_run_decides_and_a_slow_one_is_not_called_sure() {
        let mut off = runs(vec![slow(1001)]);
        off.rule = NearLimit::OFF;
        assert_eq!(off.next(), Next::Decided);
        assert_eq!(off.decide().timing.certainty, Certainty::NearLimit);
    }

    #[test]
    fn all_runs_of_a_case_are_bounded() {
        // 3 s, and twice 3.5 s.
        let longest = NearLimit::default().longest_case(MS * 1000);
        assert_eq!(longest, MS * 10_000);
        assert_eq!(NearLimit::OFF.longest_case(MS * 1000), MS * 3000);
    }
}
