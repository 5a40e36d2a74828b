//! The scheduler as something a task can wait on.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::Instant;

use super::scheduler::{Entry, Scheduler};
use super::{LaneKind, Shares, Waiting};

/// Hands out turns. A clone is the same scheduler.
#[derive(Clone, Debug)]
pub(crate) struct Turns {
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    scheduler: Scheduler<u64>,
    waiting: HashMap<u64, oneshot::Sender<()>>,
    next_ticket: u64,
}

impl Turns {
    pub(crate) fn new(slots: usize, shares: Shares) -> Self {
        Self {
            state: Arc::new(Mutex::new(State {
                scheduler: Scheduler::new(slots, shares),
                waiting: HashMap::new(),
                next_ticket: 0,
            })),
        }
    }

    /// Waits until it is this one's turn. Dropping the future gives the place in the queue away.
    pub(crate) async fn take(&self, entry: Entry) -> Turn {
        let (admit, admitted) = oneshot::channel();
        // Made before the wait, so that a cancelled wait leaves the queue.
        let mut turn = self.enqueue(entry, admit);
        // The sender lives in `waiting` until it has been used, so this cannot fail.
        let _ = admitted.await;
        turn.since = Instant::now();
        turn
    }

    /// Shares the slots out otherwise from here on.
    #[cfg_attr(
        not(test),
        expect(
            dead_code,
            reason = "for the commands of operators, which are read in a later step"
        )
    )]
    pub(crate) fn set_shares(&self, shares: Shares) {
        let mut state = self.lock();
        state.scheduler.set_shares(shares);
        state.admit();
    }

    /// What waits in a lane for a slot.
    pub(crate) fn waiting(&self, lane: LaneKind) -> Waiting {
        self.lock().scheduler.waiting(lane)
    }

    /// All slots.
    pub(crate) fn slots(&self) -> usize {
        self.lock().scheduler.slots()
    }

    /// Slots that judge now.
    pub(crate) fn slots_busy(&self) -> usize {
        self.lock().scheduler.slots_busy()
    }

    /// Suspects that wait or judge, the accused among them.
    pub(crate) fn suspects(&self) -> usize {
        self.lock().scheduler.suspects()
    }

    fn enqueue(&self, entry: Entry, admit: oneshot::Sender<()>) -> Turn {
        let mut state = self.lock();
        let ticket = state.next_ticket;
        state.next_ticket += 1;
        state.waiting.insert(ticket, admit);
        state.scheduler.enter(ticket, entry);
        state.admit();
        Turn {
            turns: self.clone(),
            ticket,
            since: Instant::now(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing panics between two halves of a change; going on beats stopping every slot.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn admit(&mut self) {
        while let Some(ticket) = self.scheduler.start_next() {
            if let Some(admit) = self.waiting.remove(&ticket) {
                // A receiver that is gone is being dropped: its `Turn` leaves by itself.
                let _ = admit.send(());
            }
        }
    }
}

/// A place in the queue, then the right to a slot, then to publish; dropped when the offset is done.
#[derive(Debug)]
pub(crate) struct Turn {
    turns: Turns,
    ticket: u64,
    /// When it was admitted.
    since: Instant,
}

impl Turn {
    /// Gives the slot back; what follows is publishing. Returns for how long it had the slot.
    pub(crate) fn judged(&self) -> Duration {
        let measured = self.since.elapsed();
        let mut state = self.turns.lock();
        state.scheduler.judged(self.ticket, measured);
        state.admit();
        measured
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut state = self.turns.lock();
        state.waiting.remove(&self.ticket);
        state.scheduler.leave(self.ticket);
        state.admit();
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use tokio::time::timeout;

    use super::super::{User, Work};
    use super::*;

    fn ready(lane: LaneKind) -> Entry {
        Entry::Ready(Work {
            lane,
            user: User(0),
            cost: Duration::from_secs(1),
        })
    }

    fn interactive() -> Entry {
        ready(LaneKind::Interactive)
    }

    /// Whether the future is still waiting once everything that can move has moved.
    async fn still_waits<T>(future: impl Future<Output = T>) -> bool {
        timeout(Duration::from_millis(1), future).await.is_err()
    }

    #[tokio::test(start_paused = true)]
    async fn a_turn_is_handed_on_when_its_holder_has_judged() {
        let turns = Turns::new(1, Shares::default());
        let first = turns.take(interactive()).await;
        let mut second = pin!(turns.take(interactive()));
        assert!(still_waits(&mut second).await);
        first.judged();
        let _second = second.await;
        assert_eq!(turns.slots_busy(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_that_is_given_up_leaves_the_queue() {
        let turns = Turns::new(1, Shares::default());
        let first = turns.take(interactive()).await;
        assert!(still_waits(turns.take(Entry::Accused)).await);
        drop(first);
        let _third = turns.take(interactive()).await;
        assert_eq!(turns.suspects(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn an_accused_has_the_evaluator_to_itself_until_its_turn_is_dropped() {
        let turns = Turns::new(4, Shares::default());
        let alone = turns.take(Entry::Accused).await;
        alone.judged();
        assert!(still_waits(turns.take(interactive())).await);
        drop(alone);
        let _ready = turns.take(interactive()).await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_turn_tells_for_how_long_it_had_its_slot() {
        let turns = Turns::new(1, Shares::default());
        let turn = turns.take(interactive()).await;
        tokio::time::advance(Duration::from_secs(3)).await;
        assert_eq!(turn.judged(), Duration::from_secs(3));
    }

    #[tokio::test(start_paused = true)]
    async fn what_waits_is_counted_and_other_shares_let_it_start_at_once() {
        let reserved_percent = 50;
        let turns = Turns::new(
            2,
            Shares {
                reserved_percent,
                ..Shares::default()
            },
        );
        let _first = turns.take(ready(LaneKind::Bulk)).await;
        let mut second = pin!(turns.take(ready(LaneKind::Bulk)));
        assert!(still_waits(&mut second).await);
        let waiting = turns.waiting(LaneKind::Bulk);
        assert_eq!((waiting.count, waiting.cost), (1, Duration::from_secs(1)));
        turns.set_shares(Shares {
            reserved_percent: 0,
            ..Shares::default()
        });
        let _second = second.await;
        assert_eq!(turns.slots_busy(), 2);
    }
}
