//! Whether this host can judge: each language's canary, at the start and after a fault.
//!
//! Two things break apart. A **language** whose canary fails is out of work alone: its submissions wait here, up to the
//! configured patience, and all others are judged. A **host** that cannot run a canary at all, or has no working language left, leaves
//! its groups, so that others take its work. Either runs its canaries again, ever more rarely up to once a minute,
//! and goes on by itself when they pass. Meanwhile readiness fails and says why.

use std::collections::BTreeMap;

use judge::Fault;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::backoff::Backoff;
use crate::evaluator::Evaluator;

/// What is known of the host.
#[derive(Clone, Debug, PartialEq, Eq)]
enum State {
    Fit,
    /// Leave the groups, run the canaries until they pass.
    Unfit,
    /// End the process.
    Failed(String),
}

/// Languages whose canary failed last, and why.
type Broken = BTreeMap<String, String>;

/// Fit, unfit or beyond repair; and which languages are broken.
#[derive(Debug)]
pub(crate) struct Fitness {
    state: watch::Sender<State>,
    broken: watch::Sender<Broken>,
}

impl Default for Fitness {
    fn default() -> Self {
        Self {
            state: watch::Sender::new(State::Unfit),
            broken: watch::Sender::default(),
        }
    }
}

/// What a canary that failed says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum CanaryFailure {
    /// The language does not work here; others may.
    Language(String),
    /// Nothing can be run here.
    Host(String),
}

impl Evaluator {
    /// Runs every canary until there is a language to work in; `false` when `stop` came first.
    pub(crate) async fn become_fit(&self, stop: &CancellationToken) -> bool {
        let trying = async {
            let mut backoff = Backoff::default();
            while let Err(why) = self.all_canaries().await {
                tracing::error!(why, "this evaluator takes no work");
                self.health.canary_failed(&why);
                backoff.wait().await;
            }
        };
        let fit = stop.run_until_cancelled(trying).await.is_some();
        if fit {
            self.health.canaries_passed();
            self.fitness.change(&State::Unfit, State::Fit);
        }
        fit
    }

    /// Finds out which languages work; an error if none does.
    async fn all_canaries(&self) -> Result<(), String> {
        let mut failures = Vec::new();
        let ids = self.served.ids();
        for language in ids {
            match self.examine(language).await {
                Ok(()) => {}
                Err(CanaryFailure::Language(why)) => failures.push(why),
                Err(CanaryFailure::Host(why)) => return Err(why),
            }
        }
        if failures.len() == ids.len() {
            return Err(format!("no language works here: {}", failures.join("; ")));
        }
        Ok(())
    }

    /// Runs the language's canary and remembers what came of it.
    pub(crate) async fn examine(&self, language: &str) -> Result<(), CanaryFailure> {
        let answer = self.canary(language).await;
        match &answer {
            Ok(version) => {
                tracing::info!(language, version, "the canary works");
                self.language_works(language);
            }
            Err(CanaryFailure::Language(why)) => {
                tracing::error!(why, "the canary fails; submissions in this language wait");
                self.language_fails(language, why);
            }
            Err(CanaryFailure::Host(_)) => {}
        }
        answer.map(drop)
    }

    /// Compiles and runs the language's self-test in a slot; tells the toolchain's version.
    async fn canary(&self, language: &str) -> Result<String, CanaryFailure> {
        let (id, cancel) = (language.to_owned(), self.cancel.clone());
        let answer = self
            .slots
            .run_unless_spoiled(move |worker| worker.canary(&id, &cancel))
            .await;
        match answer {
            Ok(Ok(version)) => Ok(version),
            Ok(Err(fault @ Fault::NotAvailable { .. })) => {
                Err(CanaryFailure::Language(fault.with_advice()))
            }
            Ok(Err(fault)) => Err(CanaryFailure::Host(fault.with_advice())),
            Err(error) => Err(CanaryFailure::Host(error.to_string())),
        }
    }

    /// Brings broken languages back to work when they are mended. Never ends.
    pub(crate) async fn mend_languages(&self) {
        let mut broken = self.fitness.broken.subscribe();
        loop {
            // The sender lives as long as `self`.
            let _ = broken.wait_for(|broken| !broken.is_empty()).await;
            let mut backoff = Backoff::default();
            while !self.broken_languages().is_empty() {
                backoff.wait().await;
                for language in self.broken_languages() {
                    // What came of it is remembered, and a host that is broken is found out by those who work on it.
                    let _ = self.examine(&language).await;
                }
            }
        }
    }

    /// Resolves when the language's last canary passed.
    pub(crate) async fn until_it_works(&self, language: &str) {
        let mut broken = self.fitness.broken.subscribe();
        let _ = broken
            .wait_for(|broken| !broken.contains_key(language))
            .await;
    }

    /// Why the language does not work, if its last canary failed.
    pub(crate) fn why_broken(&self, language: &str) -> Option<String> {
        self.fitness.broken.borrow().get(language).cloned()
    }

    fn broken_languages(&self) -> Vec<String> {
        self.fitness.broken.borrow().keys().cloned().collect()
    }

    fn language_fails(&self, language: &str, why: &str) {
        self.fitness.broken.send_modify(|broken| {
            broken.insert(language.to_owned(), why.to_owned());
        });
        self.health.languages_broken(&self.fitness.broken.borrow());
        let served = self.served.ids();
        if served.iter().all(|id| self.why_broken(id).is_some()) {
            self.become_unfit("no language works here");
        }
    }

    fn language_works(&self, language: &str) {
        self.fitness
            .broken
            .send_if_modified(|broken| broken.remove(language).is_some());
        self.health.languages_broken(&self.fitness.broken.borrow());
    }

    /// Takes no more work until canaries pass again.
    pub(crate) fn become_unfit(&self, why: &str) {
        if self.fitness.change(&State::Fit, State::Unfit) {
            tracing::error!(why, "leaving the groups");
            self.health.canary_failed(why);
        }
    }

    /// Ends the process in order: it cannot do its work any more.
    pub(crate) fn fail(&self, why: &str) {
        self.fitness
            .state
            .send_replace(State::Failed(why.to_owned()));
    }

    /// Resolves when this evaluator must leave its groups.
    pub(crate) async fn no_longer_fit(&self) {
        let mut state = self.fitness.state.subscribe();
        // The sender lives as long as `self`.
        let _ = state.wait_for(|state| *state != State::Fit).await;
    }

    /// Why it is beyond repair, if it is.
    pub(crate) fn failure(&self) -> Option<String> {
        match &*self.fitness.state.borrow() {
            State::Failed(why) => Some(why.clone()),
            State::Fit | State::Unfit => None,
        }
    }
}

impl Fitness {
    /// `true` if the host was in the state `from`.
    fn change(&self, from: &State, to: State) -> bool {
        self.state.send_if_modified(|state| {
            let changes = state == from;
            if changes {
                *state = to;
            }
            changes
        })
    }
}
