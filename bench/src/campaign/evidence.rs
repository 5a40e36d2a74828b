//! All that the checker compares: the load's list, the log from its beginning, and the database.

use std::collections::{BTreeMap, BTreeSet};

use schemas::Verdict;
use uuid::Uuid;

use super::acknowledged::Acknowledged;
use super::history::Disruption;

/// A judgement: submission and generation.
pub(super) type Key = (Uuid, i32);

/// Where a record is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) topic: String,
    pub(super) partition: i64,
    pub(super) offset: i64,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}/{}", self.topic, self.partition, self.offset)
    }
}

/// Everything there is to know when all is over.
#[derive(Clone, Debug, Default)]
pub(super) struct Evidence {
    pub(super) acknowledged: Vec<Acknowledged>,
    /// Killers that were sent, acknowledged or not.
    pub(super) killers: BTreeSet<Uuid>,
    pub(super) log: Log,
    pub(super) database: Recorded,
    pub(super) disruptions: Vec<Disruption>,
}

/// What the topics hold.
#[derive(Clone, Debug, Default)]
pub(super) struct Log {
    /// Records of the client lanes.
    pub(super) asked: Vec<Asked>,
    /// Records of `verdicts`, by partition and offset.
    pub(super) judged: Vec<Judged>,
    /// Records of `verdicts.latest`: key and value.
    pub(super) latest: Vec<(String, Verdict)>,
    /// Records of the dead-letter topic, by their headers.
    pub(super) dead_letters: Vec<Option<Key>>,
    /// Copies that evaluators made on other topics: of which host, and when.
    pub(super) copies: Vec<(String, i64)>,
}

/// A record that asks for a judgement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) key: Key,
    pub(super) place: Place,
    pub(super) at_ms: i64,
}

/// A record with a verdict.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Judged {
    pub(super) place: Place,
    pub(super) at_ms: i64,
    pub(super) verdict: Verdict,
}

impl Judged {
    pub(super) fn key(&self) -> Key {
        (self.verdict.submission_id, self.verdict.generation)
    }
}

impl Log {
    /// The first verdict of each judgement: the one that counts.
    pub(super) fn first_verdicts(&self) -> BTreeMap<Key, &Judged> {
        let mut first = BTreeMap::new();
        for judged in &self.judged {
            first.entry(judged.key()).or_insert(judged);
        }
        first
    }
}

/// A row of `verdicts`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) key: Key,
    pub(super) verdict: String,
    pub(super) place: Place,
}

/// What the database holds.
#[derive(Clone, Debug, Default)]
pub(super) struct Recorded {
    pub(super) rows: Vec<Row>,
    /// Counters by tenant, problem and verdict.
    pub(super) counts: BTreeMap<(String, String, String), i64>,
    pub(super) judgements: BTreeSet<Key>,
    /// Later verdicts that say something else.
    pub(super) divergences: BTreeSet<Place>,
    /// Records that wait in the outbox.
    pub(super) outbox: usize,
    /// Of analytics: append times of submissions.
    pub(super) facts_asked: BTreeMap<Key, i64>,
    /// Of analytics: verdicts and their append times.
    pub(super) facts_judged: BTreeMap<Key, (String, i64)>,
    /// What `results-sink check` finds.
    pub(super) differences: Vec<String>,
}
