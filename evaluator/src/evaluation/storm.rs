//! How a record meets the circuit breaker: before anything of it starts, and before it becomes a dead letter.

use super::LeftUndone;
use crate::breaker::{Burial, Pass};
use crate::evaluator::Evaluator;
use crate::intake::{Arrival, Delivery};

impl Evaluator {
    /// Waits while the breaker is open. What has crashes behind it or a former owner does not wait here: it has started, and
    /// there are few of them.
    pub(super) async fn pass(&self, delivery: &Delivery) -> Result<Pass<'_>, LeftUndone> {
        match delivery.arrival {
            Arrival::Ready => delivery.while_ours(self.breaker.pass()).await,
            Arrival::Suspect { .. } | Arrival::Held { .. } | Arrival::Convicted { .. } => {
                Ok(self.breaker.pass_at_once())
            }
        }
    }

    /// Whether it may become a dead letter now; else it is postponed, and waits for the breaker. A suspect cannot be started a
    /// second time, so it never waits.
    pub(super) fn may_be_buried(&self, delivery: &Delivery, pass: &mut Pass<'_>) -> bool {
        match pass.bury() {
            Burial::Granted => return true,
            Burial::Opened(why) => {
                tracing::error!(why, "the circuit breaker opens");
                self.metrics.breaker.openings.inc();
            }
            Burial::Refused => {}
        }
        if delivery.crashed() > 0 {
            return true;
        }
        delivery.postpone();
        false
    }
}
