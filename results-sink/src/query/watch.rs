//! Submissions and verdicts as they come.

use std::collections::HashMap;
use std::time::Duration;

use store::Database;
use tokio_util::sync::CancellationToken;

use super::{Found, Query, query};

const INTERVAL: Duration = Duration::from_millis(500);

/// Shows each submission when it appears and again when its verdict changes, until told to stop.
pub async fn watch(
    database: &Database,
    wanted: &Query,
    stop: &CancellationToken,
    mut show: impl FnMut(&Found) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut shown: HashMap<String, (Option<i64>, Option<String>)> = HashMap::new();
    loop {
        let found = query(database, wanted).await?;
        let mut seen = HashMap::new();
        for one in &found {
            let now = (one.generation, one.verdict.clone());
            if shown.get(&one.submission_id) != Some(&now) {
                show(one)?;
            }
            seen.insert(one.submission_id.clone(), now);
        }
        // Only what the limit lets us see can change before our eyes.
        shown = seen;
        if stop
            .run_until_cancelled(tokio::time::sleep(INTERVAL))
            .await
            .is_none()
        {
            return Ok(());
        }
    }
}
