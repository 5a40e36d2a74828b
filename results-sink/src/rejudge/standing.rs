//! Whether a verdict counts at the moment it is recorded.

use std::collections::HashMap;

use store::{Error, Sharing, Transaction, Value};

use super::{LOCK, State};
use crate::placeholders;

/// Why a verdict does not count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// This rejudging is not decided yet.
    Shadow(String),
    /// Its rejudging was discarded.
    Discarded,
}

/// Of these (submission, generation), those that do not count. Decisions wait until the transaction ends.
pub(crate) async fn standings(
    transaction: &mut Transaction,
    keys: &[(String, i32)],
) -> Result<HashMap<(String, i32), Standing>, Error> {
    // The first judging of a submission is nobody's rejudging.
    let later = keys.iter().filter(|(_, generation)| *generation > 0);
    let ids: Vec<Value> = later.map(|(id, _)| id.as_str().into()).collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    transaction.lock(LOCK, Sharing::Shared).await?;
    let names = placeholders::list(1, ids.len());
    let sql = format!(
        "SELECT r.submission_id, r.generation, r.rejudging_id, g.state FROM rejudged r \
         JOIN rejudgings g ON g.rejudging_id = r.rejudging_id \
         WHERE g.state <> 'applied' AND r.submission_id IN ({names})"
    );
    let rows = transaction.fetch(sql, ids).await?;
    let standings = rows.iter().map(|row| {
        let key = (
            row.get("submission_id")?,
            row.get::<i64>("generation")? as i32,
        );
        let standing = match State::from_text(&row.get::<String>("state")?) {
            State::Shadow => Standing::Shadow(row.get("rejudging_id")?),
            State::Applied | State::Discarded => Standing::Discarded,
        };
        Ok((key, standing))
    });
    standings.collect()
}
