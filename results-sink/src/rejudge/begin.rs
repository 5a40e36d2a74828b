//! Deciding to judge again.

use schemas::topics;
use serde::Serialize;
use store::{Database, Error, Sharing, Transaction, Value};
use uuid::Uuid;

use super::{LOCK, Rejudging, Selection, State};
use crate::sink::now_ms;

/// One submission that would be judged again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Selected {
    /// The submission.
    pub submission_id: String,
    /// For which problem.
    pub problem_id: String,
    /// The generation whose verdict it has now.
    pub generation: i64,
    /// That verdict.
    pub verdict: String,
}

/// What came of beginning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Begun {
    /// Decided now.
    New(Rejudging),
    /// This selection was rejudged before; nothing was decided.
    Known(Rejudging),
    /// No submission that has a verdict matches.
    NothingSelected,
}

/// What [`begin`] would select, oldest first.
pub async fn preview(database: &Database, selection: &Selection) -> Result<Vec<Selected>, Error> {
    let (conditions, values) = selection.conditions(1);
    let sql = format!(
        "SELECT s.submission_id, s.problem_id, v.generation, v.verdict FROM submissions s \
         JOIN current_verdicts v ON v.submission_id = s.submission_id WHERE {conditions} \
         ORDER BY s.accepted_at_ms, s.submission_id"
    );
    let rows = database.fetch(sql, values).await?;
    let selected = rows.iter().map(|row| {
        Ok(Selected {
            submission_id: row.get("submission_id")?,
            problem_id: row.get("problem_id")?,
            generation: row.get("generation")?,
            verdict: row.get("verdict")?,
        })
    });
    selected.collect()
}

/// Decides to judge every selected submission again, each with its next generation, in one transaction; the outbox
/// publishes them. A selection that was rejudged before is not rejudged twice, unless `again`: so a
/// command that died may simply be repeated.
pub async fn begin(
    database: &Database,
    selection: &Selection,
    shadow: bool,
    again: bool,
) -> Result<Begun, Error> {
    let mut transaction = database.begin().await?;
    transaction.take_time().await?;
    transaction.lock(LOCK, Sharing::Exclusive).await?;
    let text = selection.text(shadow);
    let number = match latest(&mut transaction, &text).await? {
        Some((known, _)) if !again => {
            transaction.rollback().await?;
            return Ok(Begun::Known(known));
        }
        Some((_, number)) => number + 1,
        None => 1,
    };
    let rejudging = Rejudging {
        id: new_id(),
        state: if shadow {
            State::Shadow
        } else {
            State::Applied
        },
        submissions: 0,
        started_at_ms: now_ms(),
    };
    let submissions = select(&mut transaction, &rejudging.id, selection).await?;
    if submissions == 0 {
        transaction.rollback().await?;
        return Ok(Begun::NothingSelected);
    }
    let rejudging = Rejudging {
        submissions,
        ..rejudging
    };
    enter(&mut transaction, &rejudging, text, number).await?;
    transaction.commit().await?;
    Ok(Begun::New(rejudging))
}

/// Short enough to be typed, long enough to be the only one.
fn new_id() -> String {
    let mut id = Uuid::new_v4().simple().to_string();
    id.truncate(12);
    id
}

async fn latest(
    transaction: &mut Transaction,
    selection: &str,
) -> Result<Option<(Rejudging, i64)>, Error> {
    let sql = "SELECT rejudging_id, number, state, submissions, started_at_ms FROM rejudgings \
        WHERE selection = $1 ORDER BY number DESC LIMIT 1";
    let rows = transaction.fetch(sql, vec![selection.into()]).await?;
    let latest = rows
        .first()
        .map(|row| Ok((Rejudging::of_row(row)?, row.get("number")?)));
    latest.transpose()
}

/// Gives every selected submission its next generation: above all that were asked for, judged or decided.
async fn select(
    transaction: &mut Transaction,
    rejudging_id: &str,
    selection: &Selection,
) -> Result<i64, Error> {
    let (conditions, more) = selection.conditions(2);
    let sql = format!(
        "INSERT INTO rejudged (submission_id, generation, rejudging_id, old_generation) \
         SELECT s.submission_id, 1 + (SELECT MAX(known.generation) FROM ( \
             SELECT generation FROM judgements WHERE submission_id = s.submission_id \
             UNION ALL SELECT generation FROM verdicts WHERE submission_id = s.submission_id \
             UNION ALL SELECT generation FROM rejudged WHERE submission_id = s.submission_id \
         ) known), $1, v.generation \
         FROM submissions s JOIN current_verdicts v ON v.submission_id = s.submission_id \
         WHERE {conditions} RETURNING submission_id"
    );
    let mut values: Vec<Value> = vec![rejudging_id.into()];
    values.extend(more);
    Ok(transaction.fetch(sql, values).await?.len() as i64)
}

async fn enter(
    transaction: &mut Transaction,
    rejudging: &Rejudging,
    selection: String,
    number: i64,
) -> Result<(), Error> {
    let row: [Value; 6] = [
        rejudging.id.as_str().into(),
        selection.into(),
        number.into(),
        rejudging.state.as_str().into(),
        rejudging.submissions.into(),
        rejudging.started_at_ms.into(),
    ];
    let insert = "INSERT INTO rejudgings (rejudging_id, selection, number, state, submissions, \
        started_at_ms)";
    transaction.insert(insert, vec![row], "").await?;
    let due = "INSERT INTO outbox (topic, submission_id, generation, due_since_ms) \
        SELECT $2, submission_id, generation, $3 FROM rejudged WHERE rejudging_id = $1 \
        ORDER BY submission_id";
    let values = vec![
        rejudging.id.as_str().into(),
        topics::SUBMISSIONS_BULK.into(),
        rejudging.started_at_ms.into(),
    ];
    transaction.execute(due, values).await?;
    transaction.notify().await
}
