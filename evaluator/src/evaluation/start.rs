//! The right to start: a turn from the scheduler, and the consumer's leave.

use std::time::{Duration, SystemTime};

use schemas::topics;

use super::deadline::{self, LONGEST_EVALUATION};
use super::prepare::Prepared;
use super::{LeftUndone, Otherwise};
use crate::evaluator::Evaluator;
use crate::holds::Resolution;
use crate::intake::{Delivery, Waits};
use crate::publish::HandOn;
use crate::schedule::{self, Entry, LaneKind, Turn, User, Work};

/// From this many crashes on a record runs alone.
const ACCUSED_FROM: u32 = 2;

impl Evaluator {
    /// Returns when the former owner's deadline has passed without its verdict.
    pub(super) async fn wait_for_former_owner(
        &self,
        delivery: &Delivery,
        deadline: SystemTime,
    ) -> Result<(), Otherwise> {
        // Without an identity there is no verdict to look for; the record will be dead-lettered when its time comes.
        let identity = delivery.identity();
        let resolution = self
            .holds
            .wait(identity, delivery.record.timestamp_ms, deadline);
        match delivery.while_ours(resolution).await? {
            Resolution::VerdictSeen => Err(Otherwise::SeenElsewhere),
            Resolution::DeadlinePassed => Ok(()),
        }
    }

    /// Starts a fresh record when a slot is free.
    pub(super) async fn start_ready(
        &self,
        delivery: &Delivery,
        prepared: &Prepared,
    ) -> Result<Turn, Otherwise> {
        let cost = self.expected_cost(prepared);
        let problem_id = &prepared.submission.problem_id;
        let Waits::Here(mut place) = self.overflow.wait(delivery, problem_id, cost) else {
            return Err(self.to_overflow(delivery, prepared));
        };
        let work = Work {
            lane: LaneKind::of(&delivery.record, place.as_overflow),
            user: User::of(&prepared.submission),
            cost,
        };
        let turn = tokio::select! {
            biased;
            turn = delivery.while_ours(self.turns.take(Entry::Ready(work))) => turn?,
            () = place.called_away() => return Err(self.to_overflow(delivery, prepared)),
        };
        drop(place);
        let deadline = SystemTime::now() + prepared.bound;
        if delivery.lane.consumer.try_start(delivery.token, deadline) {
            Ok(turn)
        } else {
            Err(LeftUndone::NotOurs.into())
        }
    }

    /// Others may start it. The package goes along by digest: what the problem stands for may change on the way.
    fn to_overflow(&self, delivery: &Delivery, prepared: &Prepared) -> Otherwise {
        Otherwise::HandedOn(HandOn {
            topic: topics::SUBMISSIONS_OVERFLOW,
            passed: delivery.passed(),
            fault: None,
            package_digest: self.packages.digest_elsewhere(&prepared.resolved),
        })
    }

    fn expected_cost(&self, prepared: &Prepared) -> Duration {
        let limit = deadline::time_limit(&prepared.resolved);
        let prior = schedule::prior(&prepared.resolved.package, limit);
        let problem_id = &prepared.submission.problem_id;
        self.costs.expected(problem_id, prior)
    }

    /// Starts a suspect after the commit that names it; nothing of it is looked at before.
    pub(super) async fn start_suspect(
        &self,
        delivery: &Delivery,
        crashed: u32,
    ) -> Result<Turn, LeftUndone> {
        let alone = crashed >= ACCUSED_FROM;
        let entry = if alone {
            Entry::Accused
        } else {
            Entry::Suspect
        };
        let turn = delivery.while_ours(self.turns.take(entry)).await?;
        tracing::warn!(
            crashed,
            alone,
            "starting a record that may have killed an evaluator"
        );
        let deadline = SystemTime::now() + LONGEST_EVALUATION;
        let granted = delivery.lane.request_start(delivery.token, deadline, alone);
        if delivery.while_ours(granted).await? {
            Ok(turn)
        } else {
            Err(LeftUndone::NotOurs)
        }
    }
}
