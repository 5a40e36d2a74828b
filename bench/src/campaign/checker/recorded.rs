//! Rows against the list and the log: nothing lost, nothing twice, the first verdict wins.

use std::collections::{BTreeMap, BTreeSet};

use super::{Finding, Harm};
use crate::campaign::evidence::{Evidence, Key};

/// Each acknowledged submission has a row; where it has none, how far it came.
pub(super) fn every_acknowledged_submission_has_its_row(evidence: &Evidence) -> Vec<Finding> {
    let rows: BTreeSet<Key> = evidence.database.rows.iter().map(|row| row.key).collect();
    let asked: BTreeSet<Key> = evidence.log.asked.iter().map(|asked| asked.key).collect();
    let judged = evidence.log.first_verdicts();
    let mut findings = Vec::new();
    for acknowledged in &evidence.acknowledged {
        let key = (acknowledged.submission_id, 0);
        if rows.contains(&key) {
            continue;
        }
        let how_far = if let Some(judged) = judged.get(&key) {
            format!("its verdict is at {}", judged.place)
        } else if evidence.log.dead_letters.contains(&Some(key)) {
            "it is a dead letter without a verdict".to_owned()
        } else if asked.contains(&key) {
            "it has no verdict".to_owned()
        } else {
            format!("it is not on {}", acknowledged.topic)
        };
        let id = acknowledged.submission_id;
        findings.push(Finding::new(
            Harm::Lost,
            format!("{id} was acknowledged and has no row: {how_far}"),
        ));
    }
    for key in asked.difference(&evidence.database.judgements) {
        let what = format!("{} is on a lane and the database does not know it", key.0);
        findings.push(Finding::new(Harm::Lost, what));
    }
    findings
}

/// Each row is the first verdict in log order, and each verdict on the log has its row.
pub(super) fn every_row_is_the_first_verdict(evidence: &Evidence) -> Vec<Finding> {
    let mut first = evidence.log.first_verdicts();
    let mut seen = BTreeSet::new();
    let mut findings = Vec::new();
    for row in &evidence.database.rows {
        let (id, generation) = row.key;
        if !seen.insert(row.key) {
            let what = format!("{id} generation {generation} has two rows");
            findings.push(Finding::new(Harm::Double, what));
            continue;
        }
        let what = match first.remove(&row.key) {
            None => format!("{id} has a row and no verdict on the log"),
            Some(first) if first.place != row.place => format!(
                "{id}: its row is of {}, its first verdict at {}",
                row.place, first.place
            ),
            Some(first) if first.verdict.verdict.as_str() != row.verdict => format!(
                "{id}: its row says {}, its first verdict {}",
                row.verdict, first.verdict.verdict
            ),
            Some(_) => continue,
        };
        findings.push(Finding::new(Harm::Wrong, what));
    }
    let unrecorded = first.into_iter().map(|((id, _), judged)| {
        let what = format!("{id} has a verdict at {} and no row", judged.place);
        Finding::new(Harm::Lost, what)
    });
    findings.extend(unrecorded);
    findings
}

/// The load sends everything once, and where nothing is lost the reconciler has nothing to ask for.
pub(super) fn nothing_was_asked_for_again(evidence: &Evidence) -> Vec<Finding> {
    let mut times: BTreeMap<Key, usize> = BTreeMap::new();
    for asked in &evidence.log.asked {
        *times.entry(asked.key).or_default() += 1;
    }
    let again = times.into_iter().filter(|(_, times)| *times > 1);
    let finding = |((id, _), times)| {
        let what =
            format!("{id} is {times} times on the client lanes: it was lost, or taken for lost");
        Finding::new(Harm::Wrong, what)
    };
    again.map(finding).collect()
}

#[cfg(test)]
mod tests {
    use schemas::{VerdictCode, topics};

    use super::super::fixture::{evidence, judged, key, place};
    use super::*;

    fn only(findings: &[Finding], harm: Harm, words: &str) {
        assert_eq!(findings.len(), 1, "{findings:?}");
        assert_eq!(findings[0].harm, harm);
        assert!(findings[0].what.contains(words), "{findings:?}");
    }

    #[test]
    fn a_submission_without_a_row_is_lost() {
        let mut lost = evidence();
        lost.database.rows.remove(0);
        let found = every_acknowledged_submission_has_its_row(&lost);
        only(&found, Harm::Lost, "its verdict is at verdicts/0/0");
        lost.log.judged.remove(0);
        let found = every_acknowledged_submission_has_its_row(&lost);
        only(&found, Harm::Lost, "it has no verdict");
        lost.log.asked.remove(0);
        let found = every_acknowledged_submission_has_its_row(&lost);
        only(&found, Harm::Lost, "it is not on submissions");
    }

    #[test]
    fn a_submission_that_the_sinks_passed_over_is_lost() {
        let mut lost = evidence();
        lost.database.judgements.remove(&key(2));
        let found = every_acknowledged_submission_has_its_row(&lost);
        only(&found, Harm::Lost, "the database does not know it");
    }

    #[test]
    fn a_verdict_without_a_row_is_lost_though_nobody_acknowledged_its_submission() {
        let mut lost = evidence();
        lost.log.judged.push(judged(9, VerdictCode::Ac, 9));
        let found = every_row_is_the_first_verdict(&lost);
        only(
            &found,
            Harm::Lost,
            "has a verdict at verdicts/0/9 and no row",
        );
    }

    #[test]
    fn a_second_row_is_double() {
        let mut double = evidence();
        let row = double.database.rows[1].clone();
        double.database.rows.push(row);
        only(
            &every_row_is_the_first_verdict(&double),
            Harm::Double,
            "two rows",
        );
    }

    #[test]
    fn a_row_of_a_later_verdict_is_wrong_even_if_both_say_the_same() {
        let mut wrong = evidence();
        wrong.log.judged.push(judged(1, VerdictCode::Ac, 7));
        wrong.database.rows[0].place = place(topics::VERDICTS, 7);
        let found = every_row_is_the_first_verdict(&wrong);
        only(&found, Harm::Wrong, "its first verdict at verdicts/0/0");
    }

    #[test]
    fn a_row_that_says_something_else_is_wrong_and_so_is_one_out_of_nothing() {
        let mut wrong = evidence();
        wrong.database.rows[0].verdict = "WA".to_owned();
        let found = every_row_is_the_first_verdict(&wrong);
        only(&found, Harm::Wrong, "its row says WA");
        let mut invented = evidence();
        invented.log.judged.remove(0);
        let found = every_row_is_the_first_verdict(&invented);
        only(&found, Harm::Wrong, "no verdict on the log");
    }

    #[test]
    fn a_submission_asked_for_again_is_told() {
        let mut again = evidence();
        let mut copy = again.log.asked[0].clone();
        copy.place = place(topics::SUBMISSIONS_BULK, 0);
        again.log.asked.push(copy);
        only(&nothing_was_asked_for_again(&again), Harm::Wrong, "2 times");
    }
}
