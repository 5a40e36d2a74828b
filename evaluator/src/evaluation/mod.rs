//! One submission's way through the evaluator, from its record to its offset being done.
//!
//! Each record has a task of its own that reads top to bottom: wait while a former owner may still have it, start,
//! prepare, judge, publish, complete. A suspect starts before anything of it is looked at; anything else is prepared
//! first, because its package tells how long it may run, and because what cannot be judged needs no slot.
//!
//! What is ours and away for now (the problem's package, the language's toolchain) is waited for, with patience and without
//! a slot; then the record moves to a retry topic.
//!
//! There are four fates. The program was judged: a verdict, whatever it did. It goes on elsewhere: a copy on a successor
//! topic. Nobody can judge it: a copy on the dead-letter topic, and a judge error if we know whose it is. It is not ours
//! to finish, or not now: it is left undone, and the log still has it. The last one completes no offset; the others do,
//! after the delivery reports (I2).

mod deadline;
mod fate;
mod judging;
mod prepare;
mod retry;
mod start;
mod storm;
mod waiting;

use tracing::Instrument;

pub(crate) use deadline::LONGEST_EVALUATION;
pub(crate) use fate::{GivenUp, LeftUndone, Otherwise};

use crate::evaluator::Evaluator;
use crate::intake::{Arrival, Delivery};
use crate::schedule::Turn;
use prepare::Prepared;
use schemas::Verdict;

impl Evaluator {
    /// Takes one record all the way.
    pub(crate) async fn evaluate(&self, delivery: Delivery) {
        let span = delivery.span();
        self.take_all_the_way(&delivery).instrument(span).await;
    }

    async fn take_all_the_way(&self, delivery: &Delivery) {
        match self.find_its_end(delivery).await {
            Ok(()) => delivery.lane.consumer.complete(delivery.token),
            Err(why) => tracing::info!(%why, "left undone"),
        }
    }

    /// Returns `Ok` when the record has a durable successor, or needs none.
    async fn find_its_end(&self, delivery: &Delivery) -> Result<(), LeftUndone> {
        let mut pass = self.pass(delivery).await?;
        // Held until the offset is done: an accused is alone until then.
        let mut turn = None;
        loop {
            let given_up = match self.judge_delivery(delivery, &mut turn).await {
                Ok(verdict) => {
                    self.publish_verdict(delivery, &verdict).await?;
                    pass.judged();
                    return Ok(());
                }
                Err(Otherwise::SeenElsewhere) => return Ok(()),
                Err(Otherwise::HandedOn(hand_on)) => return self.hand_on(delivery, &hand_on).await,
                Err(Otherwise::LeftUndone(why)) => return Err(why),
                Err(Otherwise::GivenUp(given_up)) => given_up,
            };
            if let Some(hand_on) = self.next_retry(delivery, &given_up) {
                return self.hand_on(delivery, &hand_on).await;
            }
            if self.may_be_buried(delivery, &mut pass) {
                return self.publish_given_up(delivery, given_up).await;
            }
            // When its turn comes, what it lacked may be there.
            turn = None;
            pass = delivery.while_ours(self.breaker.pass()).await?;
        }
    }

    async fn judge_delivery(
        &self,
        delivery: &Delivery,
        turn: &mut Option<Turn>,
    ) -> Result<Verdict, Otherwise> {
        if delivery.may_start.is_cancelled() {
            return Err(LeftUndone::NotOurs.into());
        }
        let crashed = match delivery.arrival {
            Arrival::Ready => 0,
            Arrival::Suspect { crashed } => crashed,
            Arrival::Held { deadline, crashed } => {
                self.wait_for_former_owner(delivery, deadline).await?;
                crashed
            }
            Arrival::Convicted { crashed } => return Err(self.convicted(delivery, crashed).into()),
        };
        if crashed > 0 {
            *turn = Some(self.start_suspect(delivery, crashed).await?);
        }
        let prepared = self.prepare(delivery).await?;
        self.wait_for_language(delivery, &prepared).await?;
        if turn.is_none() {
            *turn = Some(self.start_ready(delivery, &prepared).await?);
        }
        self.judge_when_it_works(delivery, &prepared, turn).await
    }

    /// Judges what has started, again whenever its language was broken and works again.
    async fn judge_when_it_works(
        &self,
        delivery: &Delivery,
        prepared: &Prepared,
        turn: &mut Option<Turn>,
    ) -> Result<Verdict, Otherwise> {
        loop {
            let judged = self.judge(delivery, prepared).await;
            let measured = turn.as_ref().map(Turn::judged);
            if let Some(verdict) = judged? {
                if let Some(measured) = measured {
                    let problem_id = &prepared.submission.problem_id;
                    self.costs.note(problem_id, measured);
                }
                return Ok(verdict);
            }
            // The slot is for others meanwhile.
            *turn = None;
            delivery.postpone();
            self.wait_for_language(delivery, prepared).await?;
            *turn = Some(self.start_ready(delivery, prepared).await?);
        }
    }
}
