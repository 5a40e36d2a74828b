//! Whether this host can judge: each language's canary, at the start and after a fault.
//!
//! An evaluator that fails a canary leaves its groups, so that others take its work, and tries again until it passes.

use std::time::Duration;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::evaluator::Evaluator;

/// Between two rounds of canaries of an unfit evaluator.
const RETRY: Duration = Duration::from_secs(10);

/// What is known of it.
#[derive(Clone, Debug, PartialEq, Eq)]
enum State {
    Fit,
    /// Leave the groups, run the canaries until they pass.
    Unfit,
    /// End the process.
    Failed(String),
}

/// Fit, unfit or beyond repair.
#[derive(Debug)]
pub(crate) struct Fitness {
    state: watch::Sender<State>,
}

impl Default for Fitness {
    fn default() -> Self {
        Self {
            state: watch::Sender::new(State::Unfit),
        }
    }
}

impl Evaluator {
    /// Runs every canary until all pass; `false` when `stop` came first.
    pub(crate) async fn become_fit(&self, stop: &CancellationToken) -> bool {
        let trying = async {
            while let Err(why) = self.all_canaries().await {
                tracing::error!(why, "a canary failed; this evaluator takes no work");
                self.health.canary_failed(&why);
                tokio::time::sleep(RETRY).await;
            }
        };
        let fit = stop.run_until_cancelled(trying).await.is_some();
        if fit {
            self.health.canaries_passed();
            self.fitness.state.send_if_modified(|state| {
                let unfit = *state == State::Unfit;
                if unfit {
                    *state = State::Fit;
                }
                unfit
            });
        }
        fit
    }

    async fn all_canaries(&self) -> Result<(), String> {
        for language in self.served.ids() {
            let version = self.canary(language).await?;
            tracing::info!(language, version, "the canary works");
        }
        Ok(())
    }

    /// Compiles and runs the language's self-test in a slot; tells the toolchain's version.
    pub(crate) async fn canary(&self, language: &str) -> Result<String, String> {
        let (id, cancel) = (language.to_owned(), self.cancel.clone());
        let answer = self
            .slots
            .run(move |worker| worker.canary(&id, &cancel))
            .await;
        let failed = |error: String| format!("{language}: {error}");
        answer
            .map_err(|error| failed(error.to_string()))?
            .map_err(|fault| failed(fault.to_string()))
    }

    /// Takes no more work until the canaries pass again.
    pub(crate) fn become_unfit(&self, why: &str) {
        tracing::error!(why, "the canary fails after a fault; leaving the groups");
        self.health.canary_failed(why);
        self.fitness.state.send_if_modified(|state| {
            let fit = *state == State::Fit;
            if fit {
                *state = State::Unfit;
            }
            fit
        });
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
