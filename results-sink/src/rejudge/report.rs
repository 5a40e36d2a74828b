//! How far a rejudging is, and what it changed.

use schemas::topics;
use serde::Serialize;
use store::{Database, Error};

use super::Rejudging;

/// How far a rejudging is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Progress {
    /// Submissions to judge again.
    pub submissions: i64,
    /// Those whose record is on the bulk lane.
    pub published: i64,
    /// Those whose new verdict is recorded.
    pub judged: i64,
}

impl Progress {
    /// Whether every verdict is there.
    pub fn is_complete(&self) -> bool {
        self.judged == self.submissions
    }
}

/// One submission whose new verdict differs from the old one.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change {
    /// The submission.
    pub submission_id: String,
    /// For which problem.
    pub problem_id: String,
    /// Who sent it.
    pub user_id: String,
    /// The generation of the new verdict.
    pub generation: i64,
    /// The verdict that was current when the rejudging was decided.
    pub old_verdict: String,
    /// Its points.
    pub old_score: Option<f64>,
    /// The verdict of this rejudging.
    pub new_verdict: String,
    /// Its points.
    pub new_score: Option<f64>,
    /// Whether the old one stays: a judge error never replaces a real verdict.
    pub keeps_old: bool,
}

/// How many went from one verdict to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Count {
    /// The old verdict.
    pub old_verdict: String,
    /// The new one.
    pub new_verdict: String,
    /// Submissions.
    pub submissions: i64,
}

/// A rejudging at a glance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Which one, and what became of it.
    #[serde(flatten)]
    pub rejudging: Rejudging,
    /// Submissions whose new verdict is recorded.
    pub judged: i64,
    /// Those whose verdict or points differ.
    pub changed: i64,
    /// From which verdict to which, the changed and the unchanged.
    pub counts: Vec<Count>,
}

/// The rejudging of this name.
pub async fn find(database: &Database, rejudging_id: &str) -> Result<Option<Rejudging>, Error> {
    let sql = "SELECT rejudging_id, state, submissions, started_at_ms FROM rejudgings \
        WHERE rejudging_id = $1";
    let rows = database.fetch(sql, vec![rejudging_id.into()]).await?;
    rows.first().map(Rejudging::of_row).transpose()
}

/// How far it is.
pub async fn progress(database: &Database, rejudging_id: &str) -> Result<Progress, Error> {
    let sql = "SELECT COUNT(*) AS submissions, COUNT(o.sequence) AS due, \
        COUNT(v.submission_id) AS judged FROM rejudged r \
        LEFT JOIN outbox o ON o.topic = $2 AND o.submission_id = r.submission_id \
            AND o.generation = r.generation \
        LEFT JOIN verdicts v ON v.submission_id = r.submission_id AND v.generation = r.generation \
        WHERE r.rejudging_id = $1";
    let values = vec![rejudging_id.into(), topics::SUBMISSIONS_BULK.into()];
    let rows = database.fetch(sql, values).await?;
    let count = |name| rows.first().map_or(Ok(0), |row| row.get::<i64>(name));
    let submissions = count("submissions")?;
    Ok(Progress {
        submissions,
        published: submissions - count("due")?,
        judged: count("judged")?,
    })
}

/// Old and new verdict of each submission that has both.
const COMPARED: &str = "\
    FROM rejudged r \
    JOIN verdicts new ON new.submission_id = r.submission_id AND new.generation = r.generation \
    JOIN verdicts old ON old.submission_id = r.submission_id AND old.generation = r.old_generation \
    WHERE r.rejudging_id = $1";

const DIFFERS: &str = "(old.verdict <> new.verdict OR COALESCE(old.score <> new.score, \
    (old.score IS NULL) <> (new.score IS NULL)))";

/// Every change so far, by problem and submission.
pub async fn changes(database: &Database, rejudging_id: &str) -> Result<Vec<Change>, Error> {
    let sql = format!(
        "SELECT new.submission_id, new.problem_id, new.user_id, new.generation, \
         old.verdict AS old_verdict, old.score AS old_score, new.verdict AS new_verdict, \
         new.score AS new_score {COMPARED} AND {DIFFERS} \
         ORDER BY new.problem_id, new.submission_id"
    );
    let rows = database.fetch(sql, vec![rejudging_id.into()]).await?;
    let changes = rows.iter().map(|row| {
        let (old_verdict, new_verdict): (String, String) =
            (row.get("old_verdict")?, row.get("new_verdict")?);
        Ok(Change {
            submission_id: row.get("submission_id")?,
            problem_id: row.get("problem_id")?,
            user_id: row.get("user_id")?,
            generation: row.get("generation")?,
            keeps_old: new_verdict == "JE" && old_verdict != "JE",
            old_verdict,
            old_score: row.get("old_score")?,
            new_verdict,
            new_score: row.get("new_score")?,
        })
    });
    changes.collect()
}

/// It at a glance.
pub async fn report(database: &Database, rejudging: Rejudging) -> Result<Report, Error> {
    let sql = format!(
        "SELECT old.verdict AS old_verdict, new.verdict AS new_verdict, COUNT(*) AS submissions, \
         COUNT(CASE WHEN {DIFFERS} THEN 1 END) AS changed {COMPARED} \
         GROUP BY old.verdict, new.verdict ORDER BY old.verdict, new.verdict"
    );
    let values = vec![rejudging.id.as_str().into()];
    let (mut counts, mut judged, mut changed) = (Vec::new(), 0, 0);
    for row in &database.fetch(sql, values).await? {
        let submissions = row.get("submissions")?;
        judged += submissions;
        changed += row.get::<i64>("changed")?;
        counts.push(Count {
            old_verdict: row.get("old_verdict")?,
            new_verdict: row.get("new_verdict")?,
            submissions,
        });
    }
    Ok(Report {
        rejudging,
        judged,
        changed,
        counts,
    })
}
