//! What all evaluations of one process share.

use std::time::Duration;

use judge::{Cancel, NearLimit, Worker};
use tokio_util::sync::CancellationToken;

use crate::breaker::Breaker;
use crate::fitness::Fitness;
use crate::health::Health;
use crate::holds::Holds;
use crate::intake::Overflowing;
use crate::languages::Served;
use crate::metrics::Metrics;
use crate::observe::Frontiers;
use crate::packages::Packages;
use crate::publish::{ProgressSender, Publisher};
use crate::schedule::{Costs, Turns};
use crate::slots::Slots;

/// The evaluator of this process. What it does with one record is in [`crate::evaluation`].
pub(crate) struct Evaluator {
    /// This host's name, for verdicts.
    pub(crate) host: String,
    /// The consumer group of each lane, by the lane's index; retry topics are lanes too.
    pub(crate) groups: Vec<String>,
    /// The retry topics, in order.
    pub(crate) retries: Vec<&'static str>,
    /// How long what runs may go on after a stop.
    pub(crate) grace: Duration,
    /// When a case is run again.
    pub(crate) near_limit: NearLimit,
    /// How long a submission waits for what is ours and away.
    pub(crate) patience: Duration,
    pub(crate) served: Served,
    pub(crate) packages: Packages,
    pub(crate) turns: Turns,
    /// Who waits and may be handed over.
    pub(crate) overflow: Overflowing,
    /// What judging costs, by problem.
    pub(crate) costs: Costs,
    pub(crate) slots: Slots<Worker>,
    pub(crate) holds: Holds,
    pub(crate) publisher: Publisher,
    pub(crate) breaker: Breaker,
    pub(crate) progress: ProgressSender,
    pub(crate) metrics: Metrics,
    pub(crate) frontiers: Frontiers,
    pub(crate) health: Health,
    pub(crate) fitness: Fitness,
    /// Ends every box when the grace is over.
    pub(crate) cancel: Cancel,
    /// Cancelled for the rest of the process when it meets a schema that it does not have, or a successor that the cluster
    /// refuses: it stays in its groups and starts nothing, because leaving them would only take the record to the next
    /// evaluator, and then to the next, until one record had stopped them all.
    pub(crate) intake: CancellationToken,
}

impl Evaluator {
    /// Starts nothing more for the rest of the process; `reason` is one of those of [`crate::health`].
    pub(crate) fn stop_intake(&self, reason: &'static str, why: &str) {
        self.health.stop_intake(reason, why);
        self.intake.cancel();
    }
}
