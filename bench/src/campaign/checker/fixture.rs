//! Evidence in which all is well, for tests that spoil it.

use std::collections::BTreeSet;

use schemas::{JuryVerdict, Verdict, VerdictCode, topics};
use uuid::Uuid;

use super::super::acknowledged::Acknowledged;
use super::super::evidence::{Asked, Evidence, Judged, Key, Log, Place, Recorded, Row};

/// The submission of this number.
pub(super) fn key(number: u128) -> Key {
    (Uuid::from_u128(number), 0)
}

pub(super) fn place(topic: &str, offset: i64) -> Place {
    Place {
        topic: topic.to_owned(),
        partition: 0,
        offset,
    }
}

pub(super) fn judged(number: u128, verdict: VerdictCode, offset: i64) -> Judged {
    Judged {
        place: place(topics::VERDICTS, offset),
        at_ms: 1_000 + offset,
        verdict: Verdict {
            submission_id: key(number).0,
            tenant: "campaign".to_owned(),
            problem_id: "sum".to_owned(),
            verdict,
            jury: JuryVerdict {
                host: "evaluator-1".to_owned(),
                attempt: 1,
                ..JuryVerdict::default()
            },
            ..Verdict::default()
        },
    }
}

/// Three submissions: accepted, wrong, and a killer.
pub(super) fn evidence() -> Evidence {
    let verdicts = [VerdictCode::Ac, VerdictCode::Wa, VerdictCode::Je];
    let verdicts: Vec<_> = (1_u128..).zip(verdicts).collect();
    let acknowledged = verdicts.iter().map(|(number, expected)| Acknowledged {
        submission_id: key(*number).0,
        topic: topics::SUBMISSIONS.to_owned(),
        expected: *expected,
        killer: *expected == VerdictCode::Je,
    });
    Evidence {
        acknowledged: acknowledged.collect(),
        killers: BTreeSet::from([key(3).0]),
        log: log(&verdicts),
        database: database(&verdicts),
        disruptions: Vec::new(),
    }
}

fn log(verdicts: &[(u128, VerdictCode)]) -> Log {
    let asked = (0..).zip(verdicts).map(|(offset, (number, _))| Asked {
        key: key(*number),
        place: place(topics::SUBMISSIONS, offset),
        at_ms: offset,
    });
    let judged: Vec<Judged> = (0..)
        .zip(verdicts)
        .map(|(offset, (number, verdict))| judged(*number, *verdict, offset))
        .collect();
    let latest = judged.iter().map(|judged| {
        let key = format!("{}#0", judged.verdict.submission_id);
        (key, judged.verdict.clone())
    });
    Log {
        asked: asked.collect(),
        latest: latest.collect(),
        judged,
        dead_letters: vec![Some(key(3))],
        copies: Vec::new(),
    }
}

fn database(verdicts: &[(u128, VerdictCode)]) -> Recorded {
    let mut recorded = Recorded::default();
    for (offset, (number, verdict)) in (0..).zip(verdicts) {
        let verdict = verdict.as_str().to_owned();
        recorded.rows.push(Row {
            key: key(*number),
            verdict: verdict.clone(),
            place: place(topics::VERDICTS, offset),
        });
        let counter = ("campaign".to_owned(), "sum".to_owned(), verdict.clone());
        recorded.counts.insert(counter, 1);
        recorded.judgements.insert(key(*number));
        recorded.facts_asked.insert(key(*number), offset);
        let fact = (verdict, 1_000 + offset);
        recorded.facts_judged.insert(key(*number), fact);
    }
    recorded
}
