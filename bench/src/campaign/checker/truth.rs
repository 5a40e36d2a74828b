//! Verdicts against what was sent: true ones for all, a judge error for killers alone.

use std::collections::{BTreeMap, BTreeSet};

use schemas::VerdictCode;
use uuid::Uuid;

use super::{Finding, Harm};
use crate::campaign::evidence::{Evidence, Key};

/// Each row of an acknowledged submission says what its program deserves.
pub(super) fn every_verdict_is_true(evidence: &Evidence) -> Vec<Finding> {
    let rows = evidence.database.rows.iter();
    let rows: BTreeMap<Key, &str> = rows.map(|row| (row.key, &*row.verdict)).collect();
    let mut findings = Vec::new();
    for acknowledged in &evidence.acknowledged {
        let (id, expected) = (acknowledged.submission_id, acknowledged.expected.as_str());
        // Who has no row is lost, and told so elsewhere; who has a judge error, too.
        let Some(&verdict) = rows.get(&(id, 0)) else {
            continue;
        };
        if verdict != expected && verdict != VerdictCode::Je.as_str() {
            let what = format!("{id} got {verdict}, not {expected}");
            findings.push(Finding::new(Harm::Wrong, what));
        }
    }
    findings
}

/// A judge error or a dead letter is a killer's, and each killer on the log becomes both.
pub(super) fn only_killers_are_judge_errors(evidence: &Evidence) -> Vec<Finding> {
    let killers = &evidence.killers;
    let innocent = |id: &Uuid| !killers.contains(id);
    let mut findings = Vec::new();
    let errors = evidence.database.rows.iter();
    let errors = errors.filter(|row| row.verdict == VerdictCode::Je.as_str());
    for row in errors.filter(|row| innocent(&row.key.0)) {
        let what = format!("{} got a judge error and kills nobody", row.key.0);
        findings.push(Finding::new(Harm::Wrong, what));
    }
    let letters: BTreeSet<Option<Key>> = evidence.log.dead_letters.iter().copied().collect();
    for letter in letters
        .iter()
        .filter(|key| key.is_none_or(|key| innocent(&key.0)))
    {
        let id = letter.map(|key| key.0);
        let what = format!("a dead letter of {id:?}, which kills nobody");
        findings.push(Finding::new(Harm::Wrong, what));
    }
    let asked = evidence.log.asked.iter().map(|asked| asked.key);
    let missed = asked.filter(|key| !innocent(&key.0) && !letters.contains(&Some(*key)));
    for key in missed {
        let what = format!("{} is a killer and no dead letter", key.0);
        findings.push(Finding::new(Harm::Wrong, what));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{evidence, key};
    use super::*;

    #[test]
    fn a_wrong_verdict_is_found() {
        let mut wrong = evidence();
        wrong.database.rows[0].verdict = "TLE".to_owned();
        let found = every_verdict_is_true(&wrong);
        assert_eq!(found.len(), 1);
        assert!(found[0].what.contains("got TLE, not AC"), "{found:?}");
    }

    #[test]
    fn a_judge_error_of_an_innocent_is_found_once() {
        let mut wrong = evidence();
        wrong.database.rows[0].verdict = "JE".to_owned();
        assert_eq!(every_verdict_is_true(&wrong), []);
        let found = only_killers_are_judge_errors(&wrong);
        assert_eq!(found.len(), 1);
        assert!(found[0].what.contains("kills nobody"), "{found:?}");
    }

    #[test]
    fn dead_letters_of_others_are_found_and_so_is_a_killer_that_is_none() {
        let mut wrong = evidence();
        wrong.log.dead_letters = vec![Some(key(1)), None];
        assert_eq!(only_killers_are_judge_errors(&wrong).len(), 3);
    }

    #[test]
    fn a_killer_with_a_true_verdict_is_found() {
        let mut wrong = evidence();
        wrong.database.rows[2].verdict = "AC".to_owned();
        assert_eq!(every_verdict_is_true(&wrong).len(), 1);
    }
}
