//! What the handle and the two threads share.
//!
//! A test compiles this file once more with loom's locks, so it takes what its threads share from [`threads`](super::threads).

use std::sync::PoisonError;
use std::time::{Duration, Instant};

use tokio::sync::watch;

use super::assignment::{Assignment, CommitLine};
use super::threads::{AtomicBool, AtomicU8, AtomicU64, Condvar, Mutex, MutexGuard, Ordering};
use super::{ConsumerConfig, ConsumerError, ConsumerStatus, Event, PartitionId};

/// One per consumer.
#[derive(Debug)]
pub(super) struct Shared {
    assignment: Mutex<Assignment>,
    /// The committer may have something to do.
    due: Condvar,
    /// A commit came back.
    returned: Condvar,
    /// No commits any more.
    closed: AtomicBool,
    /// A fatal error was told.
    failed: AtomicBool,
    /// The consumer group, for messages.
    pub(super) group_id: String,
    /// A member with a lasting name: its partitions wait for it while it is away.
    pub(super) is_static: bool,
    commit_interval: Duration,
    /// How long the polling thread waits for a record.
    pub(super) poll_timeout: Duration,
    /// How long a revoke waits for its commits.
    pub(super) revoke_timeout: Duration,
    order: AtomicU8,
    born: Instant,
    /// Milliseconds from birth to the polling thread's last turn.
    heartbeat: AtomicU64,
    stopped: watch::Sender<bool>,
}

/// What the polling thread is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// Go on.
    Run,
    /// Leave in order.
    Stop,
    /// Leave without a word, as a crash would.
    Abandon,
}

impl Shared {
    pub(super) fn new(config: &ConsumerConfig, assignment: Assignment) -> Self {
        Self {
            assignment: Mutex::new(assignment),
            due: Condvar::new(),
            returned: Condvar::new(),
            closed: AtomicBool::new(false),
            failed: AtomicBool::new(false),
            group_id: config.group_id.clone(),
            is_static: config.is_static(),
            commit_interval: config.commit_interval,
            poll_timeout: config.poll_timeout(),
            revoke_timeout: config.revoke_timeout,
            order: AtomicU8::new(Order::Run as u8),
            born: Instant::now(),
            heartbeat: AtomicU64::new(0),
            stopped: watch::Sender::new(false),
        }
    }

    /// The one lock. Never held while the client is called: its callbacks take it too.
    pub(super) fn lock(&self) -> MutexGuard<'_, Assignment> {
        self.assignment
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Wakes the committer if a commit is due.
    pub(super) fn wake_committer(&self) {
        if self.lock().is_due(Instant::now()) {
            self.due.notify_one();
        }
    }

    /// Waits for the next commit to send; `None` is the end.
    pub(super) fn next_commit(&self) -> Option<Vec<CommitLine>> {
        let mut assignment = self.lock();
        while !self.closed.load(Ordering::Acquire) {
            if let Some(lines) = assignment.due_commit(Instant::now()) {
                return Some(lines);
            }
            // Partitions that have nothing to say leave without a commit that could come back.
            if assignment.is_settled() {
                self.returned.notify_all();
            }
            let woken = self.due.wait_timeout(assignment, self.commit_interval);
            assignment = woken.unwrap_or_else(PoisonError::into_inner).0;
        }
        None
    }

    /// The commit came back.
    pub(super) fn commit_returned(&self, stored: bool) {
        self.lock().commit_returned(Instant::now(), stored);
        self.returned.notify_all();
    }

    /// Writes the last commit of these partitions, with the clean mark if we still own them, and forgets them.
    pub(super) fn let_go(&self, ids: &[PartitionId], ours: bool) {
        if ids.is_empty() {
            return;
        }
        let told_at = Instant::now();
        let in_order = ours && self.ordered() != Order::Abandon;
        if in_order {
            self.lock().leave(ids.to_vec());
        } else {
            self.lock().close(ids);
        }
        let settled = self.settle();
        if settled && in_order {
            self.lock().note_hand_off(told_at.elapsed());
        }
        if !settled {
            tracing::warn!(group = %self.group_id, "left partitions before their commits were acknowledged");
        }
        self.lock().revoke(ids);
        tracing::info!(group = %self.group_id, partitions = ids.len(), in_order, "partitions revoked");
    }

    /// Waits until no commit is outstanding and none of those that must come; `false` if that takes too long.
    fn settle(&self) -> bool {
        self.due.notify_one();
        let give_up = Instant::now() + self.revoke_timeout;
        let mut assignment = self.lock();
        while !assignment.is_settled() && !self.closed.load(Ordering::Acquire) {
            let left = give_up.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            let woken = self.returned.wait_timeout(assignment, left);
            assignment = woken.unwrap_or_else(PoisonError::into_inner).0;
        }
        assignment.is_settled()
    }

    /// Ends the committer.
    pub(super) fn close_commits(&self) {
        self.closed.store(true, Ordering::Release);
        // Under the lock, so that a committer between its look and its wait cannot miss it.
        let _assignment = self.lock();
        self.due.notify_all();
    }

    /// Tells the polling thread to end; the first order stands.
    pub(super) fn order(&self, order: Order) {
        let run = Order::Run as u8;
        let _ = self
            .order
            .compare_exchange(run, order as u8, Ordering::AcqRel, Ordering::Acquire);
    }

    /// What the polling thread is to do.
    pub(super) fn ordered(&self) -> Order {
        match self.order.load(Ordering::Acquire) {
            order if order == Order::Run as u8 => Order::Run,
            order if order == Order::Stop as u8 => Order::Stop,
            _ => Order::Abandon,
        }
    }

    /// The polling thread has come round.
    pub(super) fn beat(&self) {
        self.heartbeat
            .store(self.born.elapsed().as_millis() as u64, Ordering::Relaxed);
    }

    /// Polling and committing are over, or not waited for any longer.
    pub(super) fn mark_stopped(&self) {
        self.stopped.send_replace(true);
    }

    /// Waits for [`Self::mark_stopped`].
    pub(super) async fn wait_stopped(&self) {
        // The sender lives in `self`, so the wait cannot end in an error.
        let _ = self.stopped.subscribe().wait_for(|stopped| *stopped).await;
    }

    /// Tells our user, once, that we cannot go on. The client may repeat itself for as long as it lives.
    pub(super) fn fail(&self, error: ConsumerError) {
        if !self.failed.swap(true, Ordering::AcqRel) {
            tracing::error!(group = %self.group_id, %error, "the consumer cannot go on");
            self.lock().announce(Event::Fatal(error));
        }
    }

    /// See [`Consumer::status`](super::Consumer::status).
    pub(super) fn status(&self) -> ConsumerStatus {
        let last = Duration::from_millis(self.heartbeat.load(Ordering::Relaxed));
        ConsumerStatus {
            heartbeat_age: self.born.elapsed().saturating_sub(last),
            stopped: *self.stopped.borrow(),
            ..self.lock().status()
        }
    }
}
