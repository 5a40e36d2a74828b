//! What is derived from verdicts against the same derived from the log: counters, divergences, `verdicts.latest`.

use std::collections::{BTreeMap, BTreeSet};

use super::{Finding, Harm};
use crate::campaign::evidence::{Evidence, Judged, Place};

/// Each counter is the number of first verdicts of its kind.
pub(super) fn counters_are_as_the_log_says(evidence: &Evidence) -> Vec<Finding> {
    let mut expected: BTreeMap<(String, String, String), i64> = BTreeMap::new();
    for judged in evidence.log.first_verdicts().values() {
        let verdict = &judged.verdict;
        let code = verdict.verdict.as_str().to_owned();
        let of = (verdict.tenant.clone(), verdict.problem_id.clone(), code);
        *expected.entry(of).or_default() += 1;
    }
    let counts = &evidence.database.counts;
    let all: BTreeSet<_> = expected.keys().chain(counts.keys()).collect();
    let mut findings = Vec::new();
    for of in all {
        let count = |counts: &BTreeMap<_, i64>| counts.get(of).copied().unwrap_or_default();
        let (should, is) = (count(&expected), count(counts));
        let harm = if is > should {
            Harm::Double
        } else {
            Harm::Wrong
        };
        if is != should {
            let what = format!("the counter of {of:?} says {is}, the log {should}");
            findings.push(Finding::new(harm, what));
        }
    }
    let differences = evidence.database.differences.iter();
    let differences = differences.map(|what| format!("results-sink check: {what}"));
    findings.extend(differences.map(|what| Finding::new(Harm::Wrong, what)));
    findings
}

/// The divergences noted are those that the log has.
pub(super) fn divergences_are_as_the_log_says(evidence: &Evidence) -> Vec<Finding> {
    let first = evidence.log.first_verdicts();
    let differs = |judged: &&Judged| {
        let first = first.get(&judged.key());
        first.is_some_and(|first| {
            (first.verdict.verdict, first.verdict.score)
                != (judged.verdict.verdict, judged.verdict.score)
        })
    };
    let differing = evidence.log.judged.iter().filter(differs);
    let expected: BTreeSet<&Place> = differing.map(|judged| &judged.place).collect();
    let noted: BTreeSet<&Place> = evidence.database.divergences.iter().collect();
    let wrong = expected.symmetric_difference(&noted);
    let finding = |place: &&Place| {
        let what =
            format!("{place} differs from the first verdict and is not noted, or the reverse");
        Finding::new(Harm::Wrong, what)
    };
    wrong.map(finding).collect()
}

/// Nothing is due any more when all is at rest.
pub(super) fn the_outbox_is_empty(evidence: &Evidence) -> Vec<Finding> {
    let due = evidence.database.outbox;
    let what = format!("{due} records are left in the outbox");
    let finding = Finding::new(Harm::Wrong, what);
    (due > 0).then_some(finding).into_iter().collect()
}

/// `verdicts.latest` has the first verdict of each judgement, and nothing else, however often.
pub(super) fn latest_is_as_the_log_says(evidence: &Evidence) -> Vec<Finding> {
    let first = evidence.log.first_verdicts();
    let name = |(id, generation)| format!("{id}#{generation}");
    let expected: BTreeMap<String, _> = first.iter().map(|(key, it)| (name(*key), it)).collect();
    let mut seen = BTreeSet::new();
    let mut findings = Vec::new();
    for (key, verdict) in &evidence.log.latest {
        seen.insert(key.as_str());
        let what = match expected.get(key) {
            None => format!("verdicts.latest has {key}, which has no verdict"),
            Some(first) if first.verdict != *verdict => {
                format!("verdicts.latest says something else of {key} than its first verdict")
            }
            Some(_) => continue,
        };
        findings.push(Finding::new(Harm::Wrong, what));
    }
    let missing = expected.keys().filter(|key| !seen.contains(key.as_str()));
    findings.extend(missing.map(|key| {
        let what = format!("verdicts.latest lacks {key}");
        Finding::new(Harm::Lost, what)
    }));
    findings
}

#[cfg(test)]
mod tests {
    use schemas::{VerdictCode, topics};

    use super::super::fixture::{evidence, judged, place};
    use super::*;

    fn counter(verdict: &str) -> (String, String, String) {
        ("campaign".to_owned(), "sum".to_owned(), verdict.to_owned())
    }

    #[test]
    fn a_counter_that_counted_twice_is_double_and_one_that_missed_some_is_wrong() {
        let mut wrong = evidence();
        wrong.database.counts.insert(counter("AC"), 2);
        wrong.database.counts.remove(&counter("WA"));
        wrong.database.counts.insert(counter("TLE"), 1);
        let harms: Vec<_> = counters_are_as_the_log_says(&wrong)
            .iter()
            .map(|finding| finding.harm)
            .collect();
        assert_eq!(harms, [Harm::Double, Harm::Double, Harm::Wrong]);
    }

    #[test]
    fn what_the_sink_s_own_check_finds_is_told() {
        let mut wrong = evidence();
        wrong.database.differences.push("{}".to_owned());
        assert_eq!(counters_are_as_the_log_says(&wrong).len(), 1);
    }

    #[test]
    fn a_divergence_is_noted_where_the_log_has_one_and_nowhere_else() {
        let mut diverges = evidence();
        diverges.log.judged.push(judged(1, VerdictCode::Ac, 8));
        assert_eq!(divergences_are_as_the_log_says(&diverges), []);
        diverges.log.judged.push(judged(1, VerdictCode::Wa, 9));
        assert_eq!(divergences_are_as_the_log_says(&diverges).len(), 1);
        let noted = place(topics::VERDICTS, 9);
        diverges.database.divergences.insert(noted);
        assert_eq!(divergences_are_as_the_log_says(&diverges), []);
        diverges.log.judged.pop();
        assert_eq!(divergences_are_as_the_log_says(&diverges).len(), 1);
    }

    #[test]
    fn what_is_left_in_the_outbox_is_told() {
        let mut left = evidence();
        left.database.outbox = 2;
        assert_eq!(the_outbox_is_empty(&left).len(), 1);
    }

    #[test]
    fn latest_may_say_a_thing_twice_but_nothing_else_and_must_say_it() {
        let mut latest = evidence();
        let again = latest.log.latest[0].clone();
        latest.log.latest.push(again);
        assert_eq!(latest_is_as_the_log_says(&latest), []);
        latest.log.latest[0].1.verdict = VerdictCode::Wa;
        assert_eq!(latest_is_as_the_log_says(&latest)[0].harm, Harm::Wrong);
        latest = evidence();
        latest.log.latest.remove(0);
        assert_eq!(latest_is_as_the_log_says(&latest)[0].harm, Harm::Lost);
        latest = evidence();
        latest.log.latest[0].0 = "somebody#0".to_owned();
        assert_eq!(latest_is_as_the_log_says(&latest).len(), 2);
    }
}
