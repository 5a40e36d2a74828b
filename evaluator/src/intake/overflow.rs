//! Handing over to the overflow lane: who waits, and the looks around that decide who goes.
//!
//! The rule is [`Overflow`], one for each client lane. What was read from the overflow lane, was started or may have killed
//! an evaluator is never handed over.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use kafka::ConsumerStatus;
use schemas::topics;
use tokio::sync::oneshot;

use super::{Arrival, Delivery, Lane, backlog};
use crate::evaluator::Evaluator;
use crate::schedule::{Costs, Overflow, Room, Sight, Stay};

/// Between two looks around: short against the target time.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// A member that is given no partition of the overflow lane for so many looks has others to take from it.
const LOOKS_WITHOUT: u32 = 100;
/// Bulk fills a part of the overflow lane's room only, so that a rejudge never stands in the way of a contest's hot problem.
const BULK_PART: u32 = 4;

/// Everybody who waits for a slot and may be handed over.
pub(crate) struct Overflowing {
    /// Partitions of the overflow lane; who owns them all is alone.
    partitions: usize,
    lanes: HashMap<&'static str, Arc<Waiters>>,
}

/// Those of one lane.
struct Waiters(Mutex<State>);

struct State {
    rule: Overflow,
    waiting: HashMap<u64, Waiting>,
    next_ticket: u64,
}

struct Waiting {
    call: oneshot::Sender<()>,
    /// Lets the consumer hand out others although this one has not started.
    read_on: Box<dyn Fn() + Send>,
}

/// How a delivery waits.
pub(crate) enum Waits {
    /// It does not: it goes to the overflow lane.
    Elsewhere,
    /// Here, until a slot is free or the place is wanted.
    Here(Place),
}

/// A place among those who wait. Leave it (drop it) before the start: the consumer takes who waits for one that does not run.
pub(crate) struct Place {
    /// Whether it waits behind others of its lane.
    pub(crate) as_overflow: bool,
    held: Option<Held>,
}

struct Held {
    waiters: Arc<Waiters>,
    ticket: u64,
    called: oneshot::Receiver<()>,
}

impl Overflowing {
    /// `target` is how long what waits may take the slots before it is handed over; `partitions` those of the overflow lane.
    pub(crate) fn new(slots: usize, target: Duration, partitions: usize) -> Self {
        let capacity = target.saturating_mul(u32::try_from(slots).unwrap_or(u32::MAX));
        let lane = |topic, cost, endless_for_one| {
            let room = Room {
                cost,
                endless_for_one,
            };
            (topic, Arc::new(Waiters::new(Overflow::new(capacity, room))))
        };
        Self {
            partitions,
            lanes: HashMap::from([
                lane(topics::SUBMISSIONS, capacity, true),
                lane(topics::SUBMISSIONS_BULK, capacity / BULK_PART, false),
            ]),
        }
    }

    /// Nothing is ever handed over.
    pub(crate) fn never() -> Self {
        Self {
            partitions: 0,
            lanes: HashMap::new(),
        }
    }

    /// A record that is ready to start takes its place, or goes.
    pub(crate) fn wait(&self, delivery: &Delivery, problem_id: &str, cost: Duration) -> Waits {
        let lane = self.lanes.get(delivery.record.topic.as_str());
        match lane.filter(|_| delivery.arrival == Arrival::Ready) {
            Some(waiters) => {
                let (lane, token) = (Arc::clone(&delivery.lane), delivery.token);
                let read_on = Box::new(move || lane.consumer.postpone(token));
                Waiters::enter(waiters, problem_id, cost, read_on)
            }
            None => Waits::Here(Place {
                as_overflow: false,
                held: None,
            }),
        }
    }

    /// Whether submissions of this topic are handed over now.
    pub(crate) fn is_handing_over(&self, topic: &str) -> bool {
        let lane = self.lanes.get(topic);
        lane.is_some_and(|waiters| waiters.lock().rule.is_handing_over())
    }

    /// Whether this evaluator owns the whole overflow lane, or does not know yet.
    fn is_alone(&self, owned: usize, looks_without: u32) -> bool {
        owned >= self.partitions || (owned == 0 && looks_without < LOOKS_WITHOUT)
    }
}

impl Waiters {
    fn new(rule: Overflow) -> Self {
        Self(Mutex::new(State {
            rule,
            waiting: HashMap::new(),
            next_ticket: 0,
        }))
    }

    fn enter(
        waiters: &Arc<Self>,
        problem_id: &str,
        cost: Duration,
        read_on: Box<dyn Fn() + Send>,
    ) -> Waits {
        let mut state = waiters.lock();
        state.next_ticket += 1;
        let ticket = state.next_ticket;
        let stay = state.rule.arrive(ticket, problem_id, cost);
        if stay == Stay::No {
            return Waits::Elsewhere;
        }
        if state.rule.may_hand_over() {
            read_on();
        }
        let (call, called) = oneshot::channel();
        state.waiting.insert(ticket, Waiting { call, read_on });
        Waits::Here(Place {
            as_overflow: stay == Stay::AsOverflow,
            held: Some(Held {
                waiters: Arc::clone(waiters),
                ticket,
                called,
            }),
        })
    }

    fn look(&self, sight: Sight) {
        let mut state = self.lock();
        let was = state.rule.is_handing_over();
        for ticket in state.rule.look(sight) {
            if let Some(waiting) = state.waiting.remove(&ticket) {
                // One that has just got its slot hears nothing of it.
                let _ = waiting.call.send(());
            }
        }
        if state.rule.may_hand_over() {
            state
                .waiting
                .values()
                .for_each(|waiting| (waiting.read_on)());
        }
        let is = state.rule.is_handing_over();
        if is != was {
            tracing::info!(handing_over = is, ?sight, "overflow");
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing panics between two halves of a change; going on beats stopping the lane.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// Returns when it has to go to the overflow lane.
    pub(crate) async fn called_away(&mut self) {
        if let Some(held) = &mut self.held
            && (&mut held.called).await.is_ok()
        {
            return;
        }
        std::future::pending().await
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut state = self.waiters.lock();
        state.waiting.remove(&self.ticket);
        state.rule.leave(self.ticket);
    }
}

impl Evaluator {
    /// Looks around again and again, for as long as this evaluator is a member.
    pub(super) async fn watch_overflow(self: Arc<Self>, lanes: Vec<Arc<Lane>>) {
        let mut looks_without = 0;
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            let Some(overflow) = lanes
                .iter()
                .find(|it| it.topic == topics::SUBMISSIONS_OVERFLOW)
            else {
                return;
            };
            if self
                .overflow
                .lanes
                .values()
                .all(|lane| lane.lock().rule.is_idle())
            {
                continue;
            }
            let there = overflow.consumer.status();
            let owned = there.partitions.len();
            looks_without = if owned == 0 { looks_without + 1 } else { 0 };
            for lane in &lanes {
                if let Some(waiters) = self.overflow.lanes.get(lane.topic.as_str()) {
                    waiters.look(Sight {
                        behind: behind(&lane.consumer.status()),
                        overflow: not_started(&there, &self.costs),
                        helpers: !self.overflow.is_alone(owned, looks_without),
                    });
                }
            }
        }
    }
}

/// Records that are the consumer's and were not handed out.
fn behind(status: &ConsumerStatus) -> usize {
    backlog::queued(status) + backlog::on_log(status)
}

/// What should cost what was received and has not started.
fn not_started(status: &ConsumerStatus, costs: &Costs) -> Duration {
    let count = u32::try_from(backlog::not_started(status)).unwrap_or(u32::MAX);
    costs.mean().saturating_mul(count)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[test]
    fn who_owns_the_whole_overflow_lane_is_alone_and_who_owns_none_of_it_finds_out() {
        let overflowing = Overflowing::new(8, Duration::from_secs(1), 24);
        assert!(overflowing.is_alone(24, 0));
        assert!(!overflowing.is_alone(12, 0));
        assert!(
            overflowing.is_alone(0, 1),
            "perhaps it has only just joined"
        );
        assert!(!overflowing.is_alone(0, LOOKS_WITHOUT));
    }

    #[tokio::test]
    async fn those_who_have_to_go_are_called_and_a_place_that_is_left_counts_no_longer() {
        let second = Duration::from_secs(1);
        let room = Room {
            cost: 2 * second,
            endless_for_one: false,
        };
        let waiters = Arc::new(Waiters::new(Overflow::new(2 * second, room)));
        let read_on = Arc::new(AtomicU32::new(0));
        let enter = || {
            let read_on = Arc::clone(&read_on);
            let read_on = Box::new(move || _ = read_on.fetch_add(1, Ordering::Relaxed));
            Waiters::enter(&waiters, "hot", second, read_on)
        };
        let (Waits::Here(first), Waits::Here(mut second), Waits::Here(third)) =
            (enter(), enter(), enter())
        else {
            panic!("nothing goes before a look");
        };
        drop(third);
        let sight = Sight {
            behind: 9,
            helpers: true,
            ..Sight::default()
        };
        waiters.look(sight);
        second.called_away().await;
        assert_eq!(read_on.load(Ordering::Relaxed), 1, "for the one that stays");
        drop(second);
        assert!(matches!(enter(), Waits::Elsewhere));
        drop(first);
        assert!(matches!(enter(), Waits::Here(place) if place.as_overflow));
    }
}
