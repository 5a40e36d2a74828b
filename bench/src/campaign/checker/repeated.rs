//! Work that was done more than once, and how much of it the faults explain.

use std::collections::BTreeMap;

use super::{Finding, Harm};
use crate::campaign::evidence::Evidence;

/// How much was repeated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in super::super) struct Repeated {
    /// Verdicts that had been published already.
    pub(in super::super) published: usize,
    /// Times that a submission which kills nobody was suspected: it ran when its evaluator died, or was about to.
    pub(in super::super) suspected: usize,
    /// What one disruption costs at most, added up over all: slots, and what completed in the time that no commit may have told.
    pub(in super::super) bound: usize,
}

/// Counts it.
pub(in super::super) fn repeated(evidence: &Evidence) -> Repeated {
    let first = evidence.log.first_verdicts();
    let innocent = first
        .iter()
        .filter(|(key, _)| !evidence.killers.contains(&key.0));
    let suspected =
        innocent.map(|(_, it)| usize::try_from(it.verdict.jury.attempt - 1).unwrap_or(0));
    Repeated {
        published: evidence.log.judged.len() - first.len(),
        suspected: suspected.sum(),
        bound: bound(evidence),
    }
}

fn bound(evidence: &Evidence) -> usize {
    let slots: usize = evidence.disruptions.iter().map(|it| it.slots).sum();
    let judged = evidence.log.judged.iter();
    let judged = judged.map(|it| (it.verdict.jury.host.as_str(), it.at_ms));
    let copies = evidence.log.copies.iter();
    let copies = copies.map(|(host, at_ms)| (host.as_str(), *at_ms));
    let untold = judged.chain(copies).filter(|(host, at_ms)| {
        evidence.disruptions.iter().any(|disruption| {
            let theirs = disruption.host.as_deref().is_none_or(|it| it == *host);
            theirs && (disruption.from_ms..=disruption.until_ms).contains(at_ms)
        })
    });
    slots + untold.count()
}

/// Not more than that, and no judgement more often than there are attempts.
pub(super) fn repeated_work_is_bounded(evidence: &Evidence) -> Vec<Finding> {
    let repeated = repeated(evidence);
    if repeated.published <= repeated.bound {
        return Vec::new();
    }
    let mut times: BTreeMap<_, usize> = BTreeMap::new();
    for judged in &evidence.log.judged {
        *times.entry(judged.key()).or_default() += 1;
    }
    let most = times.into_iter().max_by_key(|(_, times)| *times);
    let what = format!("more was repeated than faults explain: {repeated:?}; most often {most:?}");
    vec![Finding::new(Harm::Wrong, what)]
}

#[cfg(test)]
mod tests {
    use schemas::VerdictCode;

    use super::super::fixture::{evidence, judged};
    use super::*;
    use crate::campaign::history::Disruption;

    fn death(host: &str, from_ms: i64, slots: usize) -> Disruption {
        Disruption {
            host: Some(host.to_owned()),
            from_ms,
            until_ms: from_ms + 10,
            slots,
        }
    }

    #[test]
    fn work_that_no_fault_explains_is_found() {
        let mut again = evidence();
        again.log.judged.push(judged(1, VerdictCode::Ac, 9));
        again.log.judged[1].verdict.jury.attempt = 3;
        let found = repeated(&again);
        let counts = (found.published, found.suspected, found.bound);
        assert_eq!(counts, (1, 2, 0));
        assert_eq!(repeated_work_is_bounded(&again).len(), 1);
        // The death of another one at that time, and of this one at another time, explain nothing but their slots.
        again.disruptions = vec![
            death("evaluator-2", 1_000, 0),
            death("evaluator-1", 5_000, 0),
        ];
        assert_eq!(repeated(&again).bound, 0);
        assert_eq!(repeated_work_is_bounded(&again).len(), 1);
    }

    #[test]
    fn a_death_explains_its_slots_and_what_it_had_just_completed() {
        let mut again = evidence();
        again.log.judged.push(judged(1, VerdictCode::Ac, 500));
        again.log.copies.push(("evaluator-1".to_owned(), 1_005));
        again.disruptions = vec![death("evaluator-1", 1_000, 2)];
        assert_eq!(repeated(&again).bound, 2 + 3 + 1);
        assert_eq!(repeated_work_is_bounded(&again), []);
    }

    #[test]
    fn a_killer_is_not_counted_among_the_suspected() {
        let mut killer = evidence();
        killer.log.judged[2].verdict.jury.attempt = 3;
        assert_eq!(repeated(&killer).suspected, 0);
    }
}
