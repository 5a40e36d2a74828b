//! What liveness and readiness mean here.
//!
//! Live: every consumer's polling thread comes round. Ready: work is taken. Each reason against it is named.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use kafka::ConsumerStatus;

use crate::intake::Lane;

/// A polling thread that has not come round for this long is stuck or gone.
const STUCK_AFTER: Duration = Duration::from_secs(30);

const BREAKER: &str = "breaker";
const CANARY: &str = "canary";
const GROUPS: &str = "groups";
const LANGUAGES: &str = "languages";
const PACKAGES: &str = "packages";
/// A schema that this version does not have.
pub(crate) const SCHEMA: &str = "schema";
/// The cluster refuses what must be written.
pub(crate) const REFUSED: &str = "refused";

/// Shared by those who know and the endpoints that tell.
#[derive(Clone, Debug)]
pub(crate) struct Health {
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    /// Why no work is taken, by what must change.
    reasons: BTreeMap<&'static str, String>,
    /// Problems whose package cannot be fetched now, each with what was tried.
    missing_packages: BTreeMap<String, String>,
    /// The lanes while we are a member.
    lanes: Vec<Arc<Lane>>,
}

impl Health {
    /// Not ready yet: nothing was tried.
    pub(crate) fn starting() -> Self {
        let reasons = [
            (CANARY, "the canaries have not run yet".to_owned()),
            (GROUPS, "no partition was assigned yet".to_owned()),
        ];
        let state = State {
            reasons: reasons.into(),
            missing_packages: BTreeMap::new(),
            lanes: Vec::new(),
        };
        Self {
            state: Arc::new(Mutex::new(state)),
        }
    }

    pub(crate) fn canary_failed(&self, why: &str) {
        self.lock()
            .reasons
            .insert(CANARY, format!("canary failed: {why}"));
    }

    pub(crate) fn canaries_passed(&self) {
        self.lock().reasons.remove(CANARY);
    }

    /// These languages take no work, each with what its canary said; none = all work.
    pub(crate) fn languages_broken(&self, broken: &BTreeMap<String, String>) {
        let why: Vec<_> = broken.values().map(String::as_str).collect();
        self.lock().set(LANGUAGES, "canary failed", &why);
    }

    /// A submission waits for this problem's package.
    pub(crate) fn package_missing(&self, problem_id: &str, why: &str) {
        let mut state = self.lock();
        state
            .missing_packages
            .insert(problem_id.to_owned(), why.to_owned());
        state.tell_of_packages();
    }

    /// It waits no longer.
    pub(crate) fn package_settled(&self, problem_id: &str) {
        let mut state = self.lock();
        if state.missing_packages.remove(problem_id).is_some() {
            state.tell_of_packages();
        }
    }

    /// Nothing starts until this process is replaced; the first of each reason stands.
    pub(crate) fn stop_intake(&self, reason: &'static str, why: &str) {
        self.lock()
            .reasons
            .entry(reason)
            .or_insert_with(|| format!("intake stopped: {why}"));
    }

    /// Dead letters in a storm: nothing passes but trials.
    pub(crate) fn breaker_open(&self, why: &str) {
        self.lock().reasons.insert(BREAKER, why.to_owned());
    }

    pub(crate) fn breaker_closed(&self) {
        self.lock().reasons.remove(BREAKER);
    }

    pub(crate) fn joined(&self, lanes: Vec<Arc<Lane>>) {
        self.lock().lanes = lanes;
    }

    pub(crate) fn assigned(&self) {
        self.lock().reasons.remove(GROUPS);
    }

    pub(crate) fn leaving(&self) {
        self.lock()
            .reasons
            .insert(GROUPS, "leaving the groups".to_owned());
    }

    pub(crate) fn left(&self) {
        self.lock().lanes.clear();
    }

    /// Why no work is taken; empty = ready.
    pub(crate) fn reasons(&self) -> Vec<String> {
        self.lock().reasons.values().cloned().collect()
    }

    /// Why this process should be replaced; empty = live.
    pub(crate) fn faults(&self) -> Vec<String> {
        let stuck = |status: &ConsumerStatus| !status.stopped && status.heartbeat_age > STUCK_AFTER;
        let statuses = self.statuses().into_iter();
        statuses
            .filter(|(_, status)| stuck(status))
            .map(|(topic, status)| {
                let seconds = status.heartbeat_age.as_secs();
                format!("the polling thread of lane `{topic}` has not come round for {seconds} s")
            })
            .collect()
    }

    /// Each lane's topic and what its consumer says of itself.
    pub(crate) fn statuses(&self) -> Vec<(String, ConsumerStatus)> {
        let lanes = self.lock().lanes.clone();
        lanes
            .iter()
            .map(|lane| (lane.topic.clone(), lane.consumer.status()))
            .collect()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn set(&mut self, reason: &'static str, what: &str, why: &[&str]) {
        if why.is_empty() {
            self.reasons.remove(reason);
        } else {
            self.reasons
                .insert(reason, format!("{what}: {}", why.join("; ")));
        }
    }

    fn tell_of_packages(&mut self) {
        let missing = self.missing_packages.clone();
        let why: Vec<_> = missing.values().map(String::as_str).collect();
        self.set(PACKAGES, "packages are missed", &why);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_broken_language_and_every_missed_package_is_named_until_it_is_mended() {
        let health = Health::starting();
        health.canaries_passed();
        health.assigned();
        let broken = [("c", "c: no linker"), ("java", "java: no compiler")];
        let broken = broken.map(|(id, why)| (id.to_owned(), why.to_owned()));
        health.languages_broken(&broken.into());
        health.package_missing("hello", "hello: the store is away");
        assert_eq!(
            health.reasons(),
            [
                "canary failed: c: no linker; java: no compiler",
                "packages are missed: hello: the store is away"
            ]
        );
        health.languages_broken(&BTreeMap::new());
        health.package_settled("hello");
        assert!(health.reasons().is_empty());
    }

    #[test]
    fn readiness_names_every_reason_against_it_and_heals() {
        let health = Health::starting();
        assert_eq!(health.reasons().len(), 2);
        health.canaries_passed();
        health.assigned();
        assert!(health.reasons().is_empty());
        health.canary_failed("java: no compiler");
        health.stop_intake(SCHEMA, "schema id 9");
        assert_eq!(
            health.reasons(),
            [
                "canary failed: java: no compiler",
                "intake stopped: schema id 9"
            ]
        );
        health.canaries_passed();
        health.leaving();
        assert_eq!(
            health.reasons(),
            ["leaving the groups", "intake stopped: schema id 9"]
        );
        assert!(health.faults().is_empty());
    }
}
