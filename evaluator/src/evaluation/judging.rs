//! Judging in a slot, again after a fault of ours, and asking after a fault whether this host still works.

use std::sync::Arc;
use std::time::Duration;

use judge::{Fault, Judgement};
use schemas::Verdict;

use super::prepare::Prepared;
use super::{GivenUp, LeftUndone, Otherwise};
use crate::evaluator::Evaluator;
use crate::fitness::CanaryFailure;
use crate::intake::Delivery;
use crate::metrics::Phase;
use crate::publish::{JudgeErrorCause, verdict};
use crate::slots::SlotError;

/// How long each further try here waits, in the slot; when none is left, the record moves to a retry topic.
const PAUSES: [Duration; 2] = [Duration::from_millis(200), Duration::from_secs(1)];

/// What came of one try.
enum Tried {
    Judged(Box<Judgement>),
    /// Trying again here cannot help.
    Hopeless(JudgeErrorCause, String),
    /// It may work the next time, if this host still works.
    Failed(String),
    Cancelled,
}

impl Evaluator {
    /// The verdict on a program that has started, whatever it does; none if its language broke here meanwhile.
    pub(super) async fn judge(
        &self,
        delivery: &Delivery,
        prepared: &Prepared,
    ) -> Result<Option<Verdict>, Otherwise> {
        self.note_wait(delivery, prepared);
        let mut attempt = delivery.attempts_before();
        let mut history = Vec::new();
        let mut pauses = PAUSES.into_iter();
        let cause = loop {
            attempt += 1;
            match self.try_judge(delivery, prepared).await {
                Tried::Judged(judgement) => {
                    self.metrics.judging.spent(&judgement);
                    let provenance = self.provenance(delivery, attempt);
                    let package = &prepared.resolved.package;
                    return Ok(Some(verdict::of_judgement(
                        &prepared.submission,
                        package,
                        &judgement,
                        provenance,
                    )));
                }
                Tried::Hopeless(cause, detail) => {
                    history = vec![detail];
                    break cause;
                }
                Tried::Failed(detail) => {
                    tracing::error!(attempt, error = detail, "judging failed");
                    self.metrics.judging.faults.inc();
                    history.push(format!("attempt {attempt}: {detail}"));
                    if !self.still_works(delivery, prepared).await? {
                        return Ok(None);
                    }
                }
                Tried::Cancelled => return Err(LeftUndone::Cancelled.into()),
            }
            match pauses.next() {
                Some(pause) => tokio::time::sleep(pause).await,
                None => break JudgeErrorCause::Fault,
            }
        };
        Err(Otherwise::GivenUp(GivenUp {
            cause,
            history,
            submission: Some(Box::new(prepared.submission.clone())),
            attempt,
        }))
    }

    /// It has its slot: what did it wait for?
    fn note_wait(&self, delivery: &Delivery, prepared: &Prepared) {
        let judging = &self.metrics.judging;
        judging.took(Phase::Package, prepared.package_took);
        if let Some(appended_ms) = delivery.record.timestamp_ms {
            let waited_ms = u64::try_from(crate::clock::now_ms() - appended_ms).unwrap_or(0);
            let waited = Duration::from_millis(waited_ms);
            judging.took(Phase::Queue, waited.saturating_sub(prepared.package_took));
        }
    }

    async fn try_judge(&self, delivery: &Delivery, prepared: &Prepared) -> Tried {
        let package = Arc::clone(&prepared.resolved.package);
        let (source, options) = (Arc::clone(&prepared.source), prepared.options.clone());
        let (cancel, span) = (self.cancel.clone(), tracing::Span::current());
        let mut progress = self.progress.of(&prepared.submission, &delivery.record);
        self.metrics.judging.attempts.inc();
        let timer = self.metrics.judging.seconds.start_timer();
        let judged = self.slots.run_unless_spoiled(move |worker| {
            let _entered = span.entered();
            progress.taken();
            #[cfg(feature = "hooks")]
            if let Some(judgement) = crate::hooks::instead_of_judging(&source, &package) {
                return Ok(judgement);
            }
            worker.judge(&package, &source, &options, &cancel, &mut |step| {
                progress.step(step)
            })
        });
        let tried = tried(judged.await);
        timer.observe_duration();
        tried
    }

    /// After a fault: does the language still work here? An error if nothing does.
    async fn still_works(
        &self,
        delivery: &Delivery,
        prepared: &Prepared,
    ) -> Result<bool, LeftUndone> {
        match self.examine(&prepared.submission.language).await {
            Ok(()) => Ok(true),
            Err(CanaryFailure::Language(_)) => Ok(false),
            Err(CanaryFailure::Host(why)) => {
                // Before we leave: the next owner, perhaps ourselves, need not wait for a judgement that does not go on.
                delivery.postpone();
                self.become_unfit(&why);
                Err(LeftUndone::Unfit(why))
            }
        }
    }
}

fn tried(judged: Result<Result<Judgement, Fault>, SlotError>) -> Tried {
    match judged {
        Ok(Ok(judgement)) => Tried::Judged(Box::new(judgement)),
        Ok(Err(Fault::Cancelled)) => Tried::Cancelled,
        Ok(Err(fault @ (Fault::Package { .. } | Fault::NoTimeLimit { .. }))) => {
            Tried::Hopeless(JudgeErrorCause::BrokenPackage, fault.to_string())
        }
        Ok(Err(fault)) => Tried::Failed(fault.with_advice()),
        Err(error) => Tried::Failed(error.to_string()),
    }
}
