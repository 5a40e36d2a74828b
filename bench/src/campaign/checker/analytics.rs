//! The facts of analytics against the log.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

use super::{Finding, Harm};
use crate::campaign::evidence::{Evidence, Key};

/// A fact for every judgement that was asked for, of its earliest record, and for each first verdict.
pub(super) fn facts_are_as_the_log_says(evidence: &Evidence) -> Vec<Finding> {
    let mut asked: BTreeMap<Key, i64> = BTreeMap::new();
    for one in &evidence.log.asked {
        let earliest = asked.entry(one.key).or_insert(one.at_ms);
        *earliest = one.at_ms.min(*earliest);
    }
    let judged = evidence.log.first_verdicts().into_iter().map(|(key, it)| {
        let code = it.verdict.verdict.as_str().to_owned();
        (key, (code, it.at_ms))
    });
    let mut findings = differences("submission", &asked, &evidence.database.facts_asked);
    let facts = &evidence.database.facts_judged;
    findings.extend(differences("verdict", &judged.collect(), facts));
    findings
}

fn differences<T: PartialEq + Debug>(
    what: &str,
    log: &BTreeMap<Key, T>,
    facts: &BTreeMap<Key, T>,
) -> Vec<Finding> {
    let all: BTreeSet<&Key> = log.keys().chain(facts.keys()).collect();
    let wrong = all.into_iter().filter(|key| log.get(key) != facts.get(key));
    let finding = |key: &Key| {
        let (fact, should) = (facts.get(key), log.get(key));
        let what = format!(
            "analytics has {fact:?} as {what} of {}, the log {should:?}",
            key.0
        );
        Finding::new(Harm::Wrong, what)
    };
    wrong.map(finding).collect()
}

#[cfg(test)]
mod tests {
    use schemas::VerdictCode;

    use super::super::fixture::{evidence, judged, key};
    use super::*;

    #[test]
    fn facts_that_miss_something_or_say_something_else_are_found() {
        let mut wrong = evidence();
        wrong.database.facts_asked.remove(&key(1));
        assert_eq!(facts_are_as_the_log_says(&wrong).len(), 1);
        let fact = ("WA".to_owned(), 1_000);
        wrong.database.facts_judged.insert(key(1), fact);
        assert_eq!(facts_are_as_the_log_says(&wrong).len(), 2);
    }

    #[test]
    fn a_fact_about_nothing_is_found() {
        let mut wrong = evidence();
        wrong.database.facts_asked.insert(key(9), 0);
        assert_eq!(facts_are_as_the_log_says(&wrong).len(), 1);
    }

    #[test]
    fn only_the_first_verdict_is_a_fact() {
        let mut twice = evidence();
        twice.log.judged.push(judged(1, VerdictCode::Wa, 9));
        assert_eq!(facts_are_as_the_log_says(&twice), []);
    }
}
