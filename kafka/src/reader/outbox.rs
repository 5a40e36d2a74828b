//! Events on their way to the caller, and what to do while it is busy.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;

use super::ReaderEvent;

/// Pausing throws away what was fetched ahead, so a short wait goes without it.
const PATIENCE: Duration = Duration::from_secs(1);

/// How the caller keeps up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flow {
    /// Everything is handed over: read on.
    Clear,
    /// The caller is busy: hold its partitions, but go on polling.
    Held,
    /// The caller is gone.
    Closed,
}

/// Undelivered events, oldest first.
pub(super) struct Outbox {
    waiting: VecDeque<ReaderEvent>,
    sender: mpsc::Sender<ReaderEvent>,
    runtime: Handle,
    blocked_since: Option<Instant>,
}

impl Outbox {
    pub(super) fn new(sender: mpsc::Sender<ReaderEvent>, runtime: Handle) -> Self {
        Self {
            waiting: VecDeque::new(),
            sender,
            runtime,
            blocked_since: None,
        }
    }

    pub(super) fn push(&mut self, event: ReaderEvent) {
        self.waiting.push_back(event);
    }

    /// Hands over what there is. Waits a little while the caller is busy, and no longer once it
    /// has been busy for [`PATIENCE`].
    pub(super) fn deliver(&mut self, patience_step: Duration) -> Flow {
        while let Some(event) = self.waiting.pop_front() {
            let Err(refused) = self.sender.try_send(event) else {
                self.blocked_since = None;
                continue;
            };
            match refused {
                TrySendError::Closed(_) => return Flow::Closed,
                TrySendError::Full(event) => self.waiting.push_front(event),
            }
            let blocked_since = *self.blocked_since.get_or_insert_with(Instant::now);
            if blocked_since.elapsed() >= PATIENCE {
                return Flow::Held;
            }
            self.wait_for_room(patience_step);
        }
        Flow::Clear
    }

    /// The last word: waits for the caller until it takes it or goes.
    pub(super) fn deliver_last(&mut self, still_wanted: impl Fn() -> bool, step: Duration) {
        while !self.waiting.is_empty() && still_wanted() {
            self.wait_for_room(step);
            if self.deliver(step) == Flow::Closed {
                return;
            }
        }
    }

    fn wait_for_room(&self, at_most: Duration) {
        self.runtime.block_on(async {
            let _ = tokio::time::timeout(at_most, self.sender.reserve()).await;
        });
    }
}
