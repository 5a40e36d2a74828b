//! What judging costs, by problem: a moving average of what was measured.
//!
//! The unit is the CPU-second that a slot leases: from the first compiler to the last case, waiting included, because nobody
//! else has the core meanwhile.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use judge::package::Package;

/// Problems remembered; those not judged for longest are forgotten.
const MOST_PROBLEMS: usize = 10_000;
/// How many judgements the average reaches back.
const MEMORY: u32 = 16;
/// Taken for the mean by an evaluator that has judged nothing.
const UNKNOWN: Duration = Duration::from_secs(1);
/// A compiler, by rule of thumb.
const COMPILING: Duration = Duration::from_secs(1);
/// Most programs need a part of their limit, or stop at an early case.
const PART_OF_LIMIT: u32 = 4;

/// The averages of this process. A clone is the same table.
#[derive(Clone, Debug, Default)]
pub(crate) struct Costs(Arc<Mutex<Table>>);

#[derive(Debug, Default)]
struct Table {
    problems: HashMap<String, Average>,
    /// When each problem was last judged, for forgetting.
    by_age: BTreeMap<u64, String>,
    all: Option<Average>,
    judgements: u64,
}

#[derive(Clone, Copy, Debug)]
struct Average {
    mean: Duration,
    samples: u32,
    judged: u64,
}

impl Costs {
    /// What a submission for the problem should cost. `prior` is for one that was never judged here.
    pub(crate) fn expected(&self, problem_id: &str, prior: Duration) -> Duration {
        let table = self.lock();
        let known = table.problems.get(problem_id).map(|average| average.mean);
        known.unwrap_or(prior)
    }

    /// What a submission for any problem costs.
    pub(crate) fn mean(&self) -> Duration {
        self.lock().all.map_or(UNKNOWN, |average| average.mean)
    }

    /// A submission for the problem had its slot for so long.
    pub(crate) fn note(&self, problem_id: &str, measured: Duration) {
        let mut table = self.lock();
        table.judgements += 1;
        let judged = table.judgements;
        table.all = Some(Average::after(table.all, measured, judged));
        let before = table.problems.get(problem_id).copied();
        if let Some(before) = before {
            table.by_age.remove(&before.judged);
        }
        let average = Average::after(before, measured, judged);
        table.problems.insert(problem_id.to_owned(), average);
        table.by_age.insert(judged, problem_id.to_owned());
        if table.problems.len() > MOST_PROBLEMS
            && let Some((_, oldest)) = table.by_age.pop_first()
        {
            table.problems.remove(&oldest);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Average {
    fn after(before: Option<Self>, measured: Duration, judged: u64) -> Self {
        let (mean, samples) = before.map_or((Duration::ZERO, 0), |it| (it.mean, it.samples));
        let samples = (samples + 1).min(MEMORY);
        Self {
            mean: (mean * (samples - 1) + measured) / samples,
            samples,
            judged,
        }
    }
}

/// What a submission should cost by the limits of its problem alone.
pub(crate) fn prior(package: &Package, time_limit: Duration) -> Duration {
    let cases = u32::try_from(package.cases.len()).unwrap_or(u32::MAX);
    let running = time_limit.saturating_mul(cases) / PART_OF_LIMIT;
    COMPILING.saturating_add(running)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn the_prior_counts_until_something_was_measured() {
        let costs = Costs::default();
        assert_eq!(costs.mean(), UNKNOWN);
        assert_eq!(costs.expected("a", 9 * SECOND), 9 * SECOND);
        costs.note("a", 2 * SECOND);
        costs.note("a", 4 * SECOND);
        assert_eq!(costs.expected("a", 9 * SECOND), 3 * SECOND);
        assert_eq!(costs.expected("b", 9 * SECOND), 9 * SECOND);
        assert_eq!(costs.mean(), 3 * SECOND);
    }

    #[test]
    fn the_average_follows_what_is_measured_lately() {
        let costs = Costs::default();
        for _ in 0..100 {
            costs.note("a", SECOND);
        }
        for _ in 0..50 {
            costs.note("a", 10 * SECOND);
        }
        let expected = costs.expected("a", SECOND);
        assert!(
            expected > 9 * SECOND && expected < 10 * SECOND,
            "{expected:?}"
        );
    }

    #[test]
    fn the_table_is_bounded_and_forgets_what_was_not_judged_for_longest() {
        let costs = Costs::default();
        for number in 0..MOST_PROBLEMS {
            costs.note(&number.to_string(), SECOND);
        }
        costs.note("0", 3 * SECOND);
        costs.note("one more", SECOND);
        assert_eq!(costs.expected("0", 9 * SECOND), 2 * SECOND);
        assert_eq!(costs.expected("1", 9 * SECOND), 9 * SECOND);
        let table = costs.lock();
        assert_eq!(table.problems.len(), MOST_PROBLEMS);
        assert_eq!(table.by_age.len(), MOST_PROBLEMS);
    }
}
