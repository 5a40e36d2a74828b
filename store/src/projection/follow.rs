//! One reader's life: read a batch, record it, go on.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use kafka::{Batch, LogReader, ReaderError, ReaderEvent, Record, TopicPartition};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::pace::{Backoff, Pace};
use super::{ApplyError, DatabaseOffsets, Projection, ProjectionConfig, ProjectionState};
use crate::{Database, Error, Offsets, Span};

/// Why reading stopped.
pub(super) enum Interruption {
    /// Trying again may well help.
    Passing(String),
    /// Somebody must do something first.
    Lasting(String),
}

impl From<Error> for Interruption {
    fn from(error: Error) -> Self {
        if error.is_transient() {
            return Self::Passing(error.to_string());
        }
        Self::Lasting(error.to_string())
    }
}

impl From<ReaderError> for Interruption {
    fn from(error: ReaderError) -> Self {
        if error.is_transient() {
            return Self::Passing(error.to_string());
        }
        Self::Lasting(error.to_string())
    }
}

impl From<ApplyError> for Interruption {
    fn from(error: ApplyError) -> Self {
        match error {
            ApplyError::Database(error) => error.into(),
            ApplyError::Halt(reason) => Self::Lasting(reason),
        }
    }
}

pub(super) struct Following<'a, P> {
    source: DatabaseOffsets,
    config: &'a ProjectionConfig,
    projection: &'a P,
    state: &'a watch::Sender<ProjectionState>,
    stop: &'a CancellationToken,
    /// The next offset of each partition of ours, as last seen in the database.
    positions: BTreeMap<TopicPartition, Option<i64>>,
}

impl<'a, P: Projection> Following<'a, P> {
    pub(super) fn new(
        database: Database,
        config: &'a ProjectionConfig,
        projection: &'a P,
        state: &'a watch::Sender<ProjectionState>,
        stop: &'a CancellationToken,
    ) -> Self {
        let offsets = Offsets::of_group(config.reader.group_id.clone());
        let source = DatabaseOffsets { database, offsets };
        Self {
            source,
            config,
            projection,
            state,
            stop,
            positions: BTreeMap::new(),
        }
    }

    /// Joins the group and follows its log until told to stop, or until something is in the way.
    pub(super) async fn follow(&mut self, backoff: &mut Backoff) -> Result<(), Interruption> {
        // Joining without a database would only disturb the group's other members.
        self.source.offsets.read(&self.source.database).await?;
        self.positions.clear();
        let mut reader = LogReader::start(self.config.reader.clone(), self.source.clone())?;
        let ended = self.read(&mut reader, backoff).await;
        reader.stop().await;
        ended
    }

    async fn read(
        &mut self,
        reader: &mut LogReader,
        backoff: &mut Backoff,
    ) -> Result<(), Interruption> {
        let mut pace = Pace::new(self.config.max_rate, Instant::now());
        while let Some(event) = self.stop.run_until_cancelled(reader.next()).await {
            match event {
                Some(ReaderEvent::Assigned(positions)) => self.assigned(positions),
                Some(ReaderEvent::Revoked(partitions)) => {
                    tracing::info!(partitions = partitions.len(), "partitions revoked");
                    self.positions
                        .retain(|partition, _| !partitions.contains(partition));
                }
                Some(ReaderEvent::Batch(batch)) => {
                    let (size, next) = (batch.records.len(), batch.next_offsets());
                    if !self.record(batch, backoff).await? {
                        break;
                    }
                    reader.commit_advisory(next);
                    self.rest(pace.wait_after(size, Instant::now())).await;
                }
                Some(ReaderEvent::Fatal(error)) => return Err(error.into()),
                None => return Err(Interruption::Passing("the reader's thread ended".into())),
            }
        }
        Ok(())
    }

    fn assigned(&mut self, positions: BTreeMap<TopicPartition, Option<i64>>) {
        tracing::info!(partitions = positions.len(), "partitions assigned");
        self.positions.extend(positions);
        self.state.send_replace(ProjectionState::Following);
    }

    /// Records a batch, however often it takes; false if told to stop before that.
    async fn record(&mut self, batch: Batch, backoff: &mut Backoff) -> Result<bool, Interruption> {
        let mut records = batch.records;
        loop {
            records.retain(|record| self.is_new(record));
            let failure = match self.attempt(&records).await {
                Ok(()) => break,
                Err(ApplyError::Database(Error::OffsetConflict(conflict))) => {
                    tracing::info!(conflict = %conflict, "reading the offsets again");
                    match self.refresh().await {
                        Ok(true) => continue,
                        Ok(false) => {
                            return Err(Interruption::Passing("an offset was set back".into()));
                        }
                        Err(error) => error.into(),
                    }
                }
                Err(error) => error.into(),
            };
            let Interruption::Passing(reason) = failure else {
                return Err(failure);
            };
            tracing::warn!(reason = %reason, "batch not recorded, trying again");
            self.state.send_replace(ProjectionState::Waiting(reason));
            if !self.rest(backoff.next_wait()).await {
                return Ok(false);
            }
        }
        self.state.send_replace(ProjectionState::Following);
        backoff.reset();
        Ok(true)
    }

    /// Waits; false if told to stop meanwhile.
    async fn rest(&self, wait: Duration) -> bool {
        self.stop
            .run_until_cancelled(tokio::time::sleep(wait))
            .await
            .is_some()
    }

    /// Whether nobody has recorded it yet, as far as we know.
    fn is_new(&self, record: &Record) -> bool {
        match self.positions.get(&TopicPartition::of(record)) {
            Some(Some(next)) => record.offset >= *next,
            // Handed out before a revoke, or from a partition never read: the database will tell.
            Some(None) | None => true,
        }
    }

    /// One transaction: offsets first, so that a zombie fails before it writes anything.
    async fn attempt(&mut self, records: &[Record]) -> Result<(), ApplyError> {
        if records.is_empty() {
            return Ok(());
        }
        let next_offsets = next_offsets(records);
        let mut transaction = self.source.database.begin().await?;
        for (partition, &next) in &next_offsets {
            let expected = self.positions.get(partition).copied().flatten();
            let span = Span {
                partition: partition.clone(),
                expected,
                next,
            };
            self.source.offsets.advance(&mut transaction, &span).await?;
        }
        let outcome = self.projection.apply(&mut transaction, records).await?;
        transaction.commit().await?;
        self.projection.recorded(outcome, records);
        self.positions.extend(
            next_offsets
                .into_iter()
                .map(|(partition, next)| (partition, Some(next))),
        );
        Ok(())
    }

    /// Learns how far others have come; false if an offset went backwards, which somebody did on
    /// purpose and only a new reader can follow.
    async fn refresh(&mut self) -> Result<bool, Error> {
        let known = self.source.offsets.read(&self.source.database).await?;
        let mut forwards = true;
        for (partition, position) in &mut self.positions {
            let now = known.get(partition).copied();
            forwards &= now >= *position;
            *position = now;
        }
        Ok(forwards)
    }
}

/// Where each partition goes on once these records are recorded.
fn next_offsets(records: &[Record]) -> BTreeMap<TopicPartition, i64> {
    let ends = records
        .iter()
        .map(|record| (TopicPartition::of(record), record.offset + 1));
    ends.collect()
}
