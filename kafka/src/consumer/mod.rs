//! The consumer core: takes records of a group in any order of completion and loses none.

mod config;
mod error;
mod event;
mod status;
mod token;

use std::time::SystemTime;

use tokio::sync::mpsc;

pub use config::{ConsumerConfig, GroupProtocol, MAX_WINDOW};
pub use error::ConsumerError;
pub use event::Event;
pub use status::{ConsumerStatus, PartitionStatus};
pub use token::{PartitionId, Token};

/// Handle of a running consumer; clones share it, and the last one dropped stops it.
#[derive(Clone, Debug)]
pub struct Consumer {}

impl Consumer {
    /// Starts the polling thread and joins the group.
    pub fn start(config: ConsumerConfig) -> Result<(Self, mpsc::Receiver<Event>), ConsumerError> {
        config.check()?;
        let (_events, receiver) = mpsc::channel(config.ready_ahead);
        Ok((Self {}, receiver))
    }

    /// Marks a [`Event::Ready`] record, or a [`Event::Held`] one at its deadline, as running.
    ///
    /// `false`: its partition was revoked, drop it; another owner has it or will.
    pub fn try_start(&self, _token: Token, _deadline: SystemTime) -> bool {
        false
    }

    /// Asks to start a suspect; [`Event::Granted`] follows once a commit that names it is acknowledged.
    ///
    /// With `alone` the caller guarantees that nothing else runs in its process from the grant to the end.
    /// Forgotten without an answer if the partition is revoked.
    pub fn request_start(&self, _token: Token, _deadline: SystemTime, _alone: bool) {}

    /// Says that the record's successor is durable (a verdict, a copy elsewhere). Never fails: late and repeated calls change nothing.
    pub fn complete(&self, _token: Token) {}

    /// Hands out nothing more, commits the clean mark, leaves the group and ends the thread.
    ///
    /// What runs goes on; the next owner holds it until its deadline or its verdict.
    pub async fn stop(&self) {}

    /// A snapshot for metrics and health.
    pub fn status(&self) -> ConsumerStatus {
        ConsumerStatus::default()
    }
}
