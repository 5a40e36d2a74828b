//! State derived from a log, each record's effect recorded exactly once.
//!
//! **Theory.** A batch becomes one transaction: what the projection makes of the records, and the
//! compare-and-set of the next offset of every partition in it. So the state and the place in the log
//! never disagree, and reading starts from the database's offset, not from Kafka's. Every way to fail
//! leads back to that offset:
//! - the database is away: nothing was recorded; the same batch is tried again, with back-off;
//! - a commit was cut off: whether it counted shows in the offset, by the conflict of the next try;
//! - another instance recorded the same records: the conflict rolls us back, the offset is read again and
//!   what lies below it is dropped;
//! - the process dies: the next one starts at the offset.

mod follow;
mod pace;

use std::collections::HashMap;
use std::future::Future;

use kafka::{OffsetSource, ReaderConfig, Record, SourceError, TopicPartition};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::{Database, Error, Offsets, Transaction};
use follow::{Following, Interruption};
use pace::Backoff;

/// What one group makes of a log.
pub trait Projection: Send {
    /// What applying a batch came to, for [`Projection::recorded`].
    type Outcome: Send;

    /// Writes what the records say into the transaction, which may be rolled back and tried again.
    fn apply(
        &self,
        transaction: &mut Transaction,
        records: &[Record],
    ) -> impl Future<Output = Result<Self::Outcome, ApplyError>> + Send;

    /// Hears that the transaction was committed.
    fn recorded(&self, outcome: Self::Outcome, records: &[Record]);
}

/// Why a batch could not be applied.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// The database.
    #[error(transparent)]
    Database(#[from] Error),
    /// A fault of ours that no record may pay for: stop reading, stay behind, call somebody.
    #[error("{0}")]
    Halt(String),
}

/// Why a projection ended without being told to.
#[derive(Debug, thiserror::Error)]
pub enum ProjectionError {
    /// Going on would lose or falsify records.
    #[error("reading halted: {0}")]
    Halted(String),
}

/// How a projection runs.
#[derive(Clone, Debug)]
pub struct ProjectionConfig {
    /// The group, its topics and batches.
    pub reader: ReaderConfig,
    /// Records a second at most; none = as fast as it goes.
    pub max_rate: Option<u32>,
}

/// What a projection is doing, for readiness.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProjectionState {
    /// Not a member of its group yet.
    Starting,
    /// Reading and recording.
    Following,
    /// The database or the cluster does not answer; it keeps trying.
    Waiting(String),
    /// It stopped for good, for this reason.
    Halted(String),
}

impl ProjectionState {
    /// Why it does not record at present; nothing if it does.
    pub fn reasons(&self) -> Vec<String> {
        match self {
            Self::Following => Vec::new(),
            Self::Starting => vec!["joining its group".into()],
            Self::Waiting(reason) => vec![reason.clone()],
            Self::Halted(reason) => vec![format!("halted: {reason}")],
        }
    }
}

/// The next offsets of a group, as its database knows them.
#[derive(Clone, Debug)]
pub struct DatabaseOffsets {
    /// Where they are kept.
    pub database: Database,
    /// Whose they are.
    pub offsets: Offsets,
}

impl OffsetSource for DatabaseOffsets {
    async fn next_offsets(
        &self,
        _partitions: &[TopicPartition],
    ) -> Result<HashMap<TopicPartition, i64>, SourceError> {
        Ok(self.offsets.read(&self.database).await?)
    }
}

/// Connects, and keeps trying while the database is away; none if told to stop before that.
pub async fn connect_when_up(
    url: &str,
    state: &watch::Sender<ProjectionState>,
    stop: &CancellationToken,
) -> Result<Option<Database>, Error> {
    let mut backoff = Backoff::new();
    loop {
        match stop.run_until_cancelled(Database::connect(url)).await {
            None => return Ok(None),
            Some(Err(error)) if error.is_transient() => {
                tracing::warn!(error = %error, "waiting for the database");
                state.send_replace(ProjectionState::Waiting(error.to_string()));
                let wait = tokio::time::sleep(backoff.next_wait());
                if stop.run_until_cancelled(wait).await.is_none() {
                    return Ok(None);
                }
            }
            Some(connected) => return connected.map(Some),
        }
    }
}

/// Runs a projection until it is told to stop; the batch at hand is finished first.
pub async fn project<P: Projection>(
    database: Database,
    config: ProjectionConfig,
    projection: &P,
    state: &watch::Sender<ProjectionState>,
    stop: &CancellationToken,
) -> Result<(), ProjectionError> {
    let mut backoff = Backoff::new();
    let mut following = Following::new(database, &config, projection, state, stop);
    loop {
        match following.follow(&mut backoff).await {
            Ok(()) => return Ok(()),
            Err(Interruption::Passing(reason)) => {
                tracing::warn!(reason = %reason, "reading interrupted, trying again");
                state.send_replace(ProjectionState::Waiting(reason));
                let wait = tokio::time::sleep(backoff.next_wait());
                if stop.run_until_cancelled(wait).await.is_none() {
                    return Ok(());
                }
            }
            Err(Interruption::Lasting(reason)) => {
                tracing::error!(reason = %reason, "reading halted until this process is restarted");
                state.send_replace(ProjectionState::Halted(reason.clone()));
                stop.cancelled().await;
                return Err(ProjectionError::Halted(reason));
            }
        }
    }
}
