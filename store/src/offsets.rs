//! Consumer offsets, kept beside the state they belong to (invariant I5).

use std::collections::HashMap;

use kafka::TopicPartition;
use seeded::Bug;

use crate::{Database, Error, Transaction, Value};

/// Another instance of the group recorded this part of the log meanwhile.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("group {group_id} is not at offset {expected:?} of {partition}: another instance moved it")]
pub struct OffsetConflict {
    /// The group whose offset it is.
    pub group_id: String,
    /// The partition.
    pub partition: TopicPartition,
    /// What this instance thought the next offset was.
    pub expected: Option<i64>,
}

/// One step through a partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// The partition.
    pub partition: TopicPartition,
    /// The next offset as last read from the database; none if the group never read the partition.
    pub expected: Option<i64>,
    /// The next offset once the caller's transaction is committed.
    pub next: i64,
}

const FIRST_OFFSET: &str = "\
    INSERT INTO consumer_offsets (group_id, topic, partition, next_offset) VALUES ($1, $2, $3, $4) \
    ON CONFLICT DO NOTHING";

const NEXT_OFFSET: &str = "\
    UPDATE consumer_offsets SET next_offset = $4 \
    WHERE group_id = $1 AND topic = $2 AND partition = $3 AND next_offset = $5";

/// What must never be sent: it moves an offset wherever it is.
const ANY_OFFSET: &str = "\
    INSERT INTO consumer_offsets (group_id, topic, partition, next_offset) VALUES ($1, $2, $3, $4) \
    ON CONFLICT (group_id, topic, partition) DO UPDATE SET next_offset = excluded.next_offset";

/// The offsets of one group.
#[derive(Clone, Debug)]
pub struct Offsets {
    group_id: String,
}

impl Offsets {
    /// The offsets of a group.
    pub fn of_group(group_id: impl Into<String>) -> Self {
        Self {
            group_id: group_id.into(),
        }
    }

    /// Forgets where every group is, because the log that was read is gone and another one begins.
    pub async fn forget_all(database: &Database) -> Result<(), Error> {
        let mut transaction = database.begin().await?;
        transaction
            .execute("DELETE FROM consumer_offsets", Vec::new())
            .await?;
        transaction.commit().await
    }

    /// Every next offset of the group.
    pub async fn read(&self, database: &Database) -> Result<HashMap<TopicPartition, i64>, Error> {
        let rows = database
            .fetch(
                "SELECT topic, partition, next_offset FROM consumer_offsets WHERE group_id = $1",
                vec![self.group_id.as_str().into()],
            )
            .await?;
        rows.iter()
            .map(|row| {
                let partition = row.get::<i64>("partition")? as i32;
                let topic = row.get::<String>("topic")?;
                Ok((
                    TopicPartition::new(topic, partition),
                    row.get("next_offset")?,
                ))
            })
            .collect()
    }

    /// Moves one offset inside the caller's transaction, if it is still where the caller read it.
    pub async fn advance(&self, transaction: &mut Transaction, span: &Span) -> Result<(), Error> {
        let mut values: Vec<Value> = vec![
            self.group_id.as_str().into(),
            span.partition.topic.as_str().into(),
            span.partition.partition.into(),
            span.next.into(),
        ];
        if seeded::bug(Bug::NoCompareAndSet) {
            return transaction.execute(ANY_OFFSET, values).await.map(drop);
        }
        // PostgreSQL makes a second writer wait here for the first and look again, so a zombie
        // sees the moved offset however the two interleave.
        let moved = match span.expected {
            None => transaction.execute(FIRST_OFFSET, values).await?,
            Some(expected) => {
                values.push(expected.into());
                transaction.execute(NEXT_OFFSET, values).await?
            }
        };
        if moved == 1 {
            return Ok(());
        }
        Err(Error::OffsetConflict(OffsetConflict {
            group_id: self.group_id.clone(),
            partition: span.partition.clone(),
            expected: span.expected,
        }))
    }
}
