//! Everything the core tells its user.

use std::time::SystemTime;

use super::{ConsumerError, PartitionId, Token};
use crate::Record;

/// What the consumer hands out. Closed: a user matches all of it.
#[derive(Debug)]
pub enum Event {
    /// A fresh record below an acknowledged start horizon: [`try_start`](super::Consumer::try_start) it when a slot is free.
    Ready {
        /// Its name.
        token: Token,
        /// The record.
        record: Record,
    },
    /// It may have killed an evaluator: start it only by [`request_start`](super::Consumer::request_start).
    Suspect {
        /// Its name.
        token: Token,
        /// The record.
        record: Record,
        /// Crashes it may have caused, at least 1. From 2 on it must run alone.
        crashed: u32,
    },
    /// It died while it ran alone: dead-letter it, then [`complete`](super::Consumer::complete) it. It cannot be started.
    Convicted {
        /// Its name.
        token: Token,
        /// The record.
        record: Record,
        /// Crashes it caused.
        crashed: u32,
    },
    /// It ran at the former owner, which left in order and may still finish it.
    ///
    /// Resolve it by [`complete`](super::Consumer::complete) when its verdict is seen, or start it at the deadline:
    /// with `crashed == 0` by [`try_start`](super::Consumer::try_start), else like a suspect by [`request_start`](super::Consumer::request_start).
    Held {
        /// Its name.
        token: Token,
        /// The record.
        record: Record,
        /// When the former owner will have given it up; absolute, copied unchanged from owner to owner.
        deadline: SystemTime,
        /// Crashes it may have caused before.
        crashed: u32,
    },
    /// The commit that names it is acknowledged: [`try_start`](super::Consumer::try_start) it now. For whoever reads that commit
    /// it runs already; if we leave in order before it is started, it is a suspect as before.
    Granted {
        /// Whose start was requested.
        token: Token,
    },
    /// We own the partition from here on.
    Assigned {
        /// Which one.
        partition: PartitionId,
        /// Names this assignment.
        epoch: u64,
    },
    /// We own it no longer. Tokens of this epoch can no longer start; what runs goes on.
    Revoked {
        /// Which one.
        partition: PartitionId,
        /// The assignment that ended.
        epoch: u64,
    },
    /// The consumer cannot go on by itself: stop, fix, start again.
    Fatal(ConsumerError),
}
