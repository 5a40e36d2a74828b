//! Applying a shadow rejudging, or discarding it.

use schemas::topics;
use store::{Database, Error, Sharing, Transaction, Value};

use super::report::{Progress, find, progress};
use super::{LOCK, Rejudging, State};
use crate::sink::now_ms;

/// What to do with a rejudging in the shadow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Let its verdicts count.
    Apply,
    /// Let them never count, and judge no more of it.
    Discard,
}

impl Decision {
    fn state(self) -> State {
        match self {
            Self::Apply => State::Applied,
            Self::Discard => State::Discarded,
        }
    }
}

/// Why nothing was decided.
#[derive(Debug, thiserror::Error)]
pub enum NotDecided {
    /// No rejudging has this name.
    #[error("no rejudging {0:?}: `tribunal rejudge` prints the name of each")]
    Unknown(String),
    /// Somebody decided otherwise before.
    #[error("rejudging {} was {} already, which is final", .0.id, .0.state.as_str())]
    DecidedOtherwise(Rejudging),
    /// Its report is not complete.
    #[error(
        "{} of {} submissions have no verdict of this rejudging yet: wait for them, or discard it",
        .0.submissions - .0.judged, .0.submissions
    )]
    NotJudged(Progress),
    /// The database.
    #[error(transparent)]
    Database(#[from] Error),
}

/// Decides, in one transaction: everyone sees all of its verdicts count, or none. Deciding the same again
/// changes nothing.
pub async fn decide(
    database: &Database,
    rejudging_id: &str,
    decision: Decision,
) -> Result<Rejudging, NotDecided> {
    let known = find(database, rejudging_id).await?;
    let known = known.ok_or_else(|| NotDecided::Unknown(rejudging_id.to_owned()))?;
    if decision == Decision::Apply && known.state == State::Shadow {
        // Verdicts are never taken back, so this stays true.
        let progress = progress(database, rejudging_id).await?;
        if progress.judged < progress.submissions {
            return Err(NotDecided::NotJudged(progress));
        }
    }
    let mut transaction = database.begin().await?;
    transaction.take_time().await?;
    transaction.lock(LOCK, Sharing::Exclusive).await?;
    let sql = "UPDATE rejudgings SET state = $2, decided_at_ms = $3 \
        WHERE rejudging_id = $1 AND state = 'shadow'";
    let values = vec![
        rejudging_id.into(),
        decision.state().as_str().into(),
        now_ms().into(),
    ];
    if transaction.execute(sql, values).await? == 1 {
        match decision {
            Decision::Apply => apply(&mut transaction, rejudging_id).await?,
            Decision::Discard => discard(&mut transaction, rejudging_id).await?,
        }
    }
    transaction.commit().await?;
    let now = find(database, rejudging_id).await?.unwrap_or(known);
    if now.state == decision.state() {
        Ok(now)
    } else {
        Err(NotDecided::DecidedOtherwise(now))
    }
}

async fn apply(transaction: &mut Transaction, rejudging_id: &str) -> Result<(), Error> {
    let id = || -> Vec<Value> { vec![rejudging_id.into()] };
    let count = "INSERT INTO verdict_counts (tenant, problem_id, verdict, judgements) \
        SELECT v.tenant, v.problem_id, v.verdict, COUNT(*) FROM verdicts v JOIN rejudged r \
        ON r.submission_id = v.submission_id AND r.generation = v.generation \
        WHERE r.rejudging_id = $1 GROUP BY v.tenant, v.problem_id, v.verdict \
        ORDER BY v.tenant, v.problem_id, v.verdict ON CONFLICT (tenant, problem_id, verdict) \
        DO UPDATE SET judgements = verdict_counts.judgements + excluded.judgements";
    transaction.execute(count, id()).await?;
    let release = "UPDATE outbox SET held_by = NULL WHERE held_by = $1";
    transaction.execute(release, id()).await?;
    transaction.notify().await
}

async fn discard(transaction: &mut Transaction, rejudging_id: &str) -> Result<(), Error> {
    let verdicts = "DELETE FROM outbox WHERE held_by = $1";
    transaction
        .execute(verdicts, vec![rejudging_id.into()])
        .await?;
    let unsent = "DELETE FROM outbox WHERE topic = $2 AND EXISTS (SELECT 1 FROM rejudged r \
        WHERE r.rejudging_id = $1 AND r.submission_id = outbox.submission_id \
        AND r.generation = outbox.generation)";
    let values = vec![rejudging_id.into(), topics::SUBMISSIONS_BULK.into()];
    transaction.execute(unsent, values).await?;
    Ok(())
}
