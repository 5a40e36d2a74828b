//! One membership in the groups, from joining to leaving.
//!
//! Each lane has a consumer and a task here that turns its events into deliveries; the evaluation of a delivery is a
//! task of its own. A membership ends in this order: nothing new starts, the consumers commit the clean mark and leave
//! (the next owner holds what still runs), what runs finishes within the grace, then the boxes are stopped.

pub(crate) mod backlog;
mod delivery;
mod lane;
mod overflow;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use kafka::consumer::PartitionId;
use kafka::{Consumer, ConsumerConfig, ConsumerError, Event, Record, Token};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tokio_util::task::{AbortOnDropHandle, TaskTracker};

pub(crate) use delivery::{Arrival, Delivery};
pub(crate) use lane::Lane;
pub(crate) use overflow::{Overflowing, Waits};

use crate::evaluator::Evaluator;

/// How long boxes may take to end once they are told to.
const AFTER_CANCEL: Duration = Duration::from_secs(5);

/// Joins the groups, works until `stop` or until this evaluator is unfit, and leaves in order.
pub(crate) async fn take_part(
    evaluator: &Arc<Evaluator>,
    configs: &[ConsumerConfig],
    stop: &CancellationToken,
) -> Result<(), ConsumerError> {
    let mut membership = Membership::join(evaluator, configs)?;
    let ended = tokio::select! {
        () = stop.cancelled() => Ok(()),
        () = evaluator.no_longer_fit() => Ok(()),
        failed = membership.failure() => Err(failed),
    };
    let hurry = stop.child_token();
    if ended.is_err() || evaluator.failure().is_some() {
        hurry.cancel();
    }
    membership.leave(evaluator, &hurry).await;
    ended
}

struct Membership {
    lanes: Vec<Arc<Lane>>,
    readers: JoinSet<Result<(), ConsumerError>>,
    evaluations: TaskTracker,
    /// The parent of every delivery's right to start.
    may_start: CancellationToken,
    /// Decides what is handed over.
    overflow: Option<AbortOnDropHandle<()>>,
}

impl Membership {
    fn join(evaluator: &Arc<Evaluator>, configs: &[ConsumerConfig]) -> Result<Self, ConsumerError> {
        let mut membership = Self {
            lanes: Vec::new(),
            readers: JoinSet::new(),
            evaluations: TaskTracker::new(),
            may_start: evaluator.intake.child_token(),
            overflow: None,
        };
        for (index, config) in configs.iter().enumerate() {
            let (consumer, events) = Consumer::start(config.clone())?;
            let lane = Arc::new(Lane::new(index, config.topics.concat(), consumer));
            membership.lanes.push(Arc::clone(&lane));
            let reader = Reader {
                evaluator: Arc::clone(evaluator),
                lane,
                evaluations: membership.evaluations.clone(),
                may_start: membership.may_start.clone(),
                assignments: HashMap::new(),
            };
            membership.readers.spawn(reader.read(events));
        }
        evaluator.health.joined(membership.lanes.clone());
        let watching = Arc::clone(evaluator).watch_overflow(membership.lanes.clone());
        membership.overflow = Some(AbortOnDropHandle::new(tokio::spawn(watching)));
        Ok(membership)
    }

    /// Resolves when a consumer cannot go on; a reader that ends in order is no failure.
    async fn failure(&mut self) -> ConsumerError {
        while let Some(ended) = self.readers.join_next().await {
            match ended {
                Ok(Ok(())) => {}
                Ok(Err(error)) => return error,
                Err(error) => {
                    return ConsumerError::Client {
                        group: "any".to_owned(),
                        cause: format!("the reader of its events ended: {error}"),
                    };
                }
            }
        }
        std::future::pending().await
    }

    async fn leave(mut self, evaluator: &Evaluator, hurry: &CancellationToken) {
        evaluator.health.leaving();
        self.may_start.cancel();
        let leaving = self.lanes.iter().cloned();
        let leaving = leaving.map(|lane| async move { lane.consumer.stop().await });
        leaving.collect::<JoinSet<()>>().join_all().await;
        self.readers.shutdown().await;
        self.evaluations.close();
        self.finish(evaluator, hurry).await;
        evaluator.health.left();
    }

    /// Lets what runs finish. Only the end of the process gives it a deadline: an evaluator that is merely unfit has
    /// time, and judgements end by their own limits.
    async fn finish(&self, evaluator: &Evaluator, hurry: &CancellationToken) {
        let grace_over = async {
            hurry.cancelled().await;
            tokio::time::sleep(evaluator.grace).await;
        };
        tokio::select! {
            () = self.evaluations.wait() => return,
            () = grace_over => {}
        }
        tracing::warn!(
            running = self.evaluations.len(),
            "the grace is over; stopping what still runs"
        );
        evaluator.cancel.cancel();
        if tokio::time::timeout(AFTER_CANCEL, self.evaluations.wait())
            .await
            .is_err()
        {
            // Only publishing waits without end. The log still has these records.
            tracing::error!(running = self.evaluations.len(), "leaving work undone");
        }
    }
}

/// Turns the events of one consumer into deliveries.
struct Reader {
    evaluator: Arc<Evaluator>,
    lane: Arc<Lane>,
    evaluations: TaskTracker,
    may_start: CancellationToken,
    /// The right to start of every assignment we hold.
    assignments: HashMap<(PartitionId, u64), CancellationToken>,
}

impl Reader {
    async fn read(mut self, mut events: mpsc::Receiver<Event>) -> Result<(), ConsumerError> {
        while let Some(event) = events.recv().await {
            match event {
                Event::Ready { token, record } => self.deliver(token, record, Arrival::Ready),
                Event::Suspect {
                    token,
                    record,
                    crashed,
                } => {
                    self.deliver(token, record, Arrival::Suspect { crashed });
                }
                Event::Held {
                    token,
                    record,
                    deadline,
                    crashed,
                } => {
                    self.deliver(token, record, Arrival::Held { deadline, crashed });
                }
                Event::Convicted {
                    token,
                    record,
                    crashed,
                } => {
                    self.deliver(token, record, Arrival::Convicted { crashed });
                }
                Event::Granted { token } => self.lane.granted(token),
                Event::Assigned { partition, epoch } => {
                    self.assignment(partition, epoch);
                    self.evaluator.health.assigned();
                }
                Event::Revoked { partition, epoch } => {
                    if let Some(may_start) = self.assignments.remove(&(partition, epoch)) {
                        may_start.cancel();
                    }
                }
                Event::Fatal(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn deliver(&mut self, token: Token, record: Record, arrival: Arrival) {
        let may_start = self.assignment(token.partition, token.epoch);
        let delivery = Delivery {
            lane: Arc::clone(&self.lane),
            token,
            record,
            arrival,
            may_start,
        };
        let evaluator = Arc::clone(&self.evaluator);
        self.evaluations
            .spawn(async move { evaluator.evaluate(delivery).await });
    }

    fn assignment(&mut self, partition: PartitionId, epoch: u64) -> CancellationToken {
        let may_start = self.assignments.entry((partition, epoch));
        may_start
            .or_insert_with(|| self.may_start.child_token())
            .clone()
    }
}
