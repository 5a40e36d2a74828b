//! Submissions and their verdicts, as the database has them.

mod table;
mod watch;

use schemas::VerdictCode;
use serde::Serialize;
use store::{Database, Error, Row, Value};

pub use table::{line, table};
pub use watch::watch;

/// What to show. Every filter that is given must hold.
#[derive(Clone, Debug)]
pub struct Query {
    /// Only this problem.
    pub problem_id: Option<String>,
    /// Only this user.
    pub user_id: Option<String>,
    /// Only this submission.
    pub submission_id: Option<String>,
    /// Only what has this verdict now.
    pub verdict: Option<VerdictCode>,
    /// At most so many, the newest.
    pub limit: u32,
    /// Also the jury's part.
    pub jury: bool,
}

impl Default for Query {
    /// The fifty newest, without the jury's part.
    fn default() -> Self {
        Self {
            problem_id: None,
            user_id: None,
            submission_id: None,
            verdict: None,
            limit: 50,
            jury: false,
        }
    }
}

/// One submission and its verdict, if it has one. A judge error gives way to any real verdict.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Found {
    /// The submission.
    pub submission_id: String,
    /// Its tenant.
    pub tenant: String,
    /// Its contest, if any.
    pub contest_id: Option<String>,
    /// Who sent it.
    pub user_id: String,
    /// For which problem.
    pub problem_id: String,
    /// In which language.
    pub language: String,
    /// The broker's append time.
    pub accepted_at_ms: i64,
    /// The generation judged; none while it waits.
    pub generation: Option<i64>,
    /// The verdict; none while it waits.
    pub verdict: Option<String>,
    /// Points, in scoring packages.
    pub score: Option<f64>,
    /// When the judgement ended.
    pub judged_at_ms: Option<i64>,
    /// For everyone.
    pub public: Option<serde_json::Value>,
    /// For the jury; absent unless asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jury: Option<serde_json::Value>,
}

const SELECT: &str = "\
    SELECT s.submission_id, s.tenant, s.contest_id, s.user_id, s.problem_id, s.language, \
    s.accepted_at_ms, v.generation, v.verdict, v.score, v.judged_at_ms, v.public, v.jury \
    FROM submissions s LEFT JOIN current_verdicts v ON v.submission_id = s.submission_id";

/// Runs the query; oldest first, so that a terminal ends with the newest.
pub async fn query(database: &Database, query: &Query) -> Result<Vec<Found>, Error> {
    let filters = [
        ("s.problem_id", query.problem_id.clone()),
        ("s.user_id", query.user_id.clone()),
        ("s.submission_id", query.submission_id.clone()),
        (
            "v.verdict",
            query.verdict.map(|verdict| verdict.as_str().to_owned()),
        ),
    ];
    let mut conditions = vec!["1 = 1".to_owned()];
    let mut values: Vec<Value> = Vec::new();
    for (column, wanted) in filters {
        if let Some(wanted) = wanted {
            values.push(wanted.into());
            conditions.push(format!("{column} = ${}", values.len()));
        }
    }
    values.push(i64::from(query.limit).into());
    let sql = format!(
        "{SELECT} WHERE {} ORDER BY s.accepted_at_ms DESC, s.submission_id DESC LIMIT ${}",
        conditions.join(" AND "),
        values.len()
    );
    let rows = database.fetch(sql, values).await?;
    rows.iter()
        .rev()
        .map(|row| found(row, query.jury))
        .collect()
}

fn found(row: &Row, jury: bool) -> Result<Found, Error> {
    Ok(Found {
        submission_id: row.get("submission_id")?,
        tenant: row.get("tenant")?,
        contest_id: row.get("contest_id")?,
        user_id: row.get("user_id")?,
        problem_id: row.get("problem_id")?,
        language: row.get("language")?,
        accepted_at_ms: row.get("accepted_at_ms")?,
        generation: row.get("generation")?,
        verdict: row.get("verdict")?,
        score: row.get("score")?,
        judged_at_ms: row.get("judged_at_ms")?,
        public: part(row, "public")?,
        jury: if jury { part(row, "jury")? } else { None },
    })
}

fn part(row: &Row, column: &str) -> Result<Option<serde_json::Value>, Error> {
    let text: Option<String> = row.get(column)?;
    // Written by us as JSON; should it ever not be, its text is still worth showing.
    Ok(text.map(|text| serde_json::from_str(&text).unwrap_or(serde_json::Value::String(text))))
}
