//! What one sink does for all.

use std::future::Future;
use std::time::Duration;

use store::{Database, Leadership};
use tokio_util::sync::CancellationToken;

use crate::metrics::Metrics;

/// How often a sink that does not lead asks for it.
const ASK_AGAIN: Duration = Duration::from_secs(3);

/// Time between a failure and the next try.
const AFTER_FAILURE: Duration = Duration::from_secs(1);

/// Something that one sink at a time does.
pub(crate) trait Duty: Send + Sync {
    /// What it is called in the database and in logs.
    const NAME: &'static str;

    /// Does it until something is in the way. May be ended at any await, as by a death.
    fn perform(
        &self,
        leadership: &mut Leadership,
    ) -> impl Future<Output = anyhow::Result<()>> + Send;
}

/// Does it whenever this process leads, until told to stop.
pub(crate) async fn lead<D: Duty>(
    duty: D,
    database: Database,
    metrics: Metrics,
    stop: CancellationToken,
) {
    let again_and_again = async {
        loop {
            let wait = match term(&duty, &database).await {
                Ok(()) => ASK_AGAIN,
                Err(error) => {
                    metrics.duty_failed(D::NAME);
                    tracing::warn!(duty = D::NAME, "interrupted, trying again: {error:#}");
                    AFTER_FAILURE
                }
            };
            tokio::time::sleep(wait).await;
        }
    };
    stop.run_until_cancelled(again_and_again).await;
}

async fn term<D: Duty>(duty: &D, database: &Database) -> anyhow::Result<()> {
    let Some(mut leadership) = Leadership::take(database, D::NAME).await? else {
        return Ok(());
    };
    tracing::info!(duty = D::NAME, "leading");
    duty.perform(&mut leadership).await
}
