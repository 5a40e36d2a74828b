//! The consumer core: hands out the records of a group, takes completions in any order, loses none.
//!
//! **Theory.** One OS thread ([`poll`]) owns the client. It polls with a short time-out and never
//! blocks on our user; the client's callbacks ([`group`]) run on it too. A second one ([`committer`]) does
//! nothing but commit. All state is in one [`assignment`] behind one lock: the epoch check of a completion,
//! its bit, and the frontier computed from it are one critical section, and the lock is never held while the
//! client is called. Handle calls work on that state directly; events go out over a bounded channel
//! that is only written when it has room, so that nobody ever waits for anybody.
//!
//! **Commits** are explicit lists of the current assignment, one outstanding at a time, sent when
//! something changed: at once if a start waits for one, else every [`ConsumerConfig::commit_interval`].
//! The offset is the frontier, the lowest offset not done; the metadata ([`metadata`]) says what is done
//! beyond it, how far starts may go, what runs, and whether its writer left in order. All are facts
//! about the log: a commit that comes late or is lost repeats work and never skips any.
//! Not `store_offsets`: librdkafka skips a partition whose offset did not move, metadata or not.
//!
//! **Starts.** A fresh record starts only below an acknowledged horizon, a suspect only after an
//! acknowledged commit names it ([`tracker`]). So whoever reads the log after a crash knows a superset of what ran.
//!
//! **Delay.** A consumer may hold every record back for the same time after its time stamp. The head of a partition is then
//! always the next to become due; the polling thread looks at it each time it comes round.
//!
//! **Hand-off.** A revoke closes its partitions to starts, waits for the outstanding commit, writes a
//! clean one, lets go. Nothing is drained: what runs goes on, and the next owner holds it until its deadline.
//! Tokens of the old epoch then do nothing, but for one case: a completion of a record that this process holds for itself.

mod assignment;
#[cfg(feature = "hooks")]
mod by_hand;
mod committer;
mod config;
mod error;
mod event;
mod group;
mod metadata;
mod poll;
mod ring;
mod shared;
mod status;
#[cfg(test)]
mod tests;
mod threads;
mod token;
mod tracker;
mod varint;

use std::fmt;
use std::sync::Arc;
use std::thread;
use std::time::SystemTime;

use rdkafka::consumer::Consumer as _;
use tokio::sync::mpsc;

use assignment::Assignment;
#[cfg(feature = "hooks")]
pub use by_hand::ByHand;
pub use config::{ConsumerConfig, MAX_WINDOW};
pub use error::ConsumerError;
pub use event::Event;
use group::{Callbacks, Client};
use shared::{Order, Shared};
pub use status::{ConsumerStatus, PartitionStatus};
pub use token::{PartitionId, Token};
use tracker::{Wish, to_ms};

/// Handle of a running consumer; clones share it, and the last one dropped stops it.
#[derive(Clone)]
pub struct Consumer(Arc<Handle>);

struct Handle(Arc<Shared>);

impl Consumer {
    /// Starts the polling thread and joins the group.
    pub fn start(config: ConsumerConfig) -> Result<(Self, mpsc::Receiver<Event>), ConsumerError> {
        config.check()?;
        let failed = |cause: String| ConsumerError::Start {
            group: config.group_id.clone(),
            cause,
        };
        let (events, receiver) = mpsc::channel(config.events_capacity());
        let assignment = Assignment::new(&config, events);
        let shared = Arc::new(Shared::new(&config, assignment));
        let client: Client = config
            .client_settings()
            .create_with_context(Callbacks(Arc::clone(&shared)))
            .map_err(|error| failed(error.to_string()))?;
        let topics: Vec<&str> = config.topics.iter().map(String::as_str).collect();
        client
            .subscribe(&topics)
            .map_err(|error| failed(error.to_string()))?;
        let thread_shared = Arc::clone(&shared);
        thread::Builder::new()
            .name(format!("kafka {}", config.group_id))
            .spawn(move || poll::run(&thread_shared, client))
            .map_err(|error| failed(error.to_string()))?;
        Ok((Self(Arc::new(Handle(shared))), receiver))
    }

    /// Marks a [`Event::Ready`] record, a [`Event::Held`] one without crashes at its deadline, or a [`Event::Granted`] one as running.
    ///
    /// `false`: its partition was revoked, drop it; another owner has it or will.
    #[must_use]
    pub fn try_start(&self, token: Token, deadline: SystemTime) -> bool {
        self.shared().lock().try_start(token, to_ms(deadline))
    }

    /// Says that a record, ready or running, does not run now: its user waits for something.
    ///
    /// It makes room for others to be handed out, and a next owner may start it at once. [`Self::try_start`] starts it
    /// again. For a record that has crashes nothing changes.
    pub fn postpone(&self, token: Token) {
        self.shared().lock().postpone(token);
    }

    /// Asks to start a suspect, or a held record at its deadline; [`Event::Granted`] follows once a
    /// commit that names it is acknowledged.
    ///
    /// With `alone` the caller guarantees that nothing else runs in its process from the grant to the end.
    /// `false`: its partition was revoked, or what ran here before has completed it; drop it. Once asked for, a start is
    /// forgotten without an answer if the partition is revoked.
    #[must_use]
    pub fn request_start(&self, token: Token, deadline: SystemTime, alone: bool) -> bool {
        let deadline_ms = to_ms(deadline);
        self.shared()
            .lock()
            .request_start(token, Wish { alone, deadline_ms })
    }

    /// Says that the record's successor is durable (a verdict, a copy elsewhere).
    ///
    /// Late and repeated calls change nothing. A call for a partition revoked meanwhile counts only
    /// if this consumer owns it again and holds the record.
    pub fn complete(&self, token: Token) {
        self.shared().lock().complete(token);
    }

    /// Hands out nothing more, commits the clean mark, leaves the group, and returns when the thread has ended.
    ///
    /// What runs goes on; the next owner holds it until its deadline or its verdict. The wait is bounded, also
    /// while the cluster is away, by twice [`ConsumerConfig::revoke_timeout`] and five seconds to leave the group.
    pub async fn stop(&self) {
        self.shared().order(Order::Stop);
        self.shared().wait_stopped().await;
    }

    /// Ends like a crash, for tests: no clean mark, no last commit.
    #[doc(hidden)]
    pub async fn abandon(&self) {
        self.shared().order(Order::Abandon);
        self.shared().wait_stopped().await;
    }

    /// A snapshot for metrics and health.
    pub fn status(&self) -> ConsumerStatus {
        self.shared().status()
    }

    fn shared(&self) -> &Shared {
        &self.0.0
    }
}

impl fmt::Debug for Consumer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let group_id = &self.shared().group_id;
        formatter
            .debug_struct("Consumer")
            .field("group_id", group_id)
            .finish_non_exhaustive()
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.0.order(Order::Stop);
    }
}
