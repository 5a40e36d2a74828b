//! Waiting for a verdict, with progress on the way.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use kafka::{ClientConfig, Record, Start, Tail, TailError};
use schemas::{DecodeError, Message, Progress, Verdict, codec, headers, topics};
use uuid::Uuid;

/// How far back a repeated request may find the verdict that its first one got.
const REPEATED_REQUEST: Duration = Duration::from_secs(3_600);

/// Why there is no verdict to show.
#[derive(Debug, thiserror::Error)]
pub enum WaitError {
    /// The topics cannot be read.
    #[error(transparent)]
    Tail(#[from] TailError),
    /// The verdict was written by a newer version.
    #[error(transparent)]
    Decode(#[from] DecodeError),
}

/// Reads `verdicts` and `progress`. Open it before sending, so that no verdict can come too early.
pub struct Waiter {
    tail: Tail,
}

impl Waiter {
    /// For a submission that is sent from now on.
    pub async fn for_new(config: &ClientConfig) -> Result<Self, WaitError> {
        Self::from(config, Start::End).await
    }

    /// For a submission that may have been sent, and judged, within the last hour.
    pub async fn for_repeated(config: &ClientConfig) -> Result<Self, WaitError> {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let since = now.saturating_sub(REPEATED_REQUEST).as_millis();
        let since = i64::try_from(since).unwrap_or(i64::MAX);
        Self::from(config, Start::Timestamp(since)).await
    }

    async fn from(config: &ClientConfig, start: Start) -> Result<Self, WaitError> {
        let topics = [topics::PROGRESS, topics::VERDICTS];
        Ok(Self {
            tail: Tail::open(config, &topics, start).await?,
        })
    }

    /// The first verdict of a submission's generation: the one that counts.
    pub async fn verdict(
        &mut self,
        submission_id: Uuid,
        generation: i32,
        mut progress: impl FnMut(&Progress),
    ) -> Result<Verdict, WaitError> {
        loop {
            let record = self.tail.next_record().await?;
            if headers::identity(&record.headers) != Some((submission_id, generation)) {
                continue;
            }
            if record.topic == topics::VERDICTS {
                if let Some(verdict) = decoded::<Verdict>(&record)? {
                    return Ok(verdict);
                }
            } else if let Ok(Some(step)) = decoded::<Progress>(&record) {
                progress(&step);
            }
        }
    }
}

/// A record that nobody can read is passed over: another one may follow.
fn decoded<T: Message>(record: &Record) -> Result<Option<T>, DecodeError> {
    match codec::decode(&record.payload) {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.is_poison() => {
            tracing::warn!(topic = record.topic, offset = record.offset, %error, "passed over");
            Ok(None)
        }
        Err(error) => Err(error),
    }
}
