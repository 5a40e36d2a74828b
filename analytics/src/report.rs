//! What the facts of a group add up to.

mod table;

use clap::ValueEnum;
use serde::Serialize;
use store::{Database, Error, Row};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

pub use table::table;

const SQL: &str = include_str!("report/report.sql");

/// How long a time window is. Windows start at whole hours or days in UTC, and a submission lies in
/// the one of the broker's append time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Window {
    /// One hour.
    #[default]
    Hour,
    /// One day.
    Day,
    /// All time in one.
    All,
}

impl Window {
    fn length_ms(self) -> i64 {
        match self {
            Self::Hour => 3_600_000,
            Self::Day => 86_400_000,
            // Any time since 1970 lies in the first window of this length.
            Self::All => i64::MAX,
        }
    }
}

/// One problem in one language in one time window.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Line {
    /// The group whose facts these are.
    pub group_id: String,
    /// The problem.
    pub problem_id: String,
    /// The language.
    pub language: String,
    /// Start of the window, RFC 3339 in UTC.
    pub window_start: String,
    /// Distinct submissions.
    pub submissions: i64,
    /// Those that have a verdict.
    pub judged: i64,
    /// Those whose verdict is AC.
    pub accepted: i64,
    /// Submissions beyond the first of each source.
    pub duplicate_sources: i64,
    /// Distinct users who tried the problem.
    pub users_tried: i64,
    /// Those of them who solved it.
    pub users_solved: i64,
    /// `users_solved` ÷ `users_tried`.
    pub solve_rate: f64,
    /// Median time from a submission's append to its verdict's append.
    pub queue_age_p50_ms: Option<i64>,
    /// Its 95th percentile.
    pub queue_age_p95_ms: Option<i64>,
    /// Its maximum.
    pub queue_age_max_ms: Option<i64>,
}

/// Adds up what a group knows now, by problem, language and time window: one snapshot.
pub async fn report(
    database: &Database,
    group_id: &str,
    window: Window,
) -> Result<Vec<Line>, Error> {
    let values = vec![group_id.into(), window.length_ms().into()];
    let rows = database.fetch(SQL, values).await?;
    rows.iter().map(|row| line(row, group_id)).collect()
}

fn line(row: &Row, group_id: &str) -> Result<Line, Error> {
    let users_tried = row.get::<i64>("users_tried")?;
    let users_solved = row.get::<i64>("users_solved")?;
    Ok(Line {
        group_id: group_id.to_owned(),
        problem_id: row.get("problem_id")?,
        language: row.get("language")?,
        window_start: moment(row.get("window_start_ms")?),
        submissions: row.get("submissions")?,
        judged: row.get("judged")?,
        accepted: row.get("accepted")?,
        duplicate_sources: row.get("duplicate_sources")?,
        users_tried,
        users_solved,
        solve_rate: users_solved as f64 / users_tried.max(1) as f64,
        queue_age_p50_ms: row.get("queue_age_p50_ms")?,
        queue_age_p95_ms: row.get("queue_age_p95_ms")?,
        queue_age_max_ms: row.get("queue_age_max_ms")?,
    })
}

fn moment(ms: i64) -> String {
    OffsetDateTime::from_unix_timestamp(ms.div_euclid(1000))
        .ok()
        .and_then(|moment| moment.format(&Rfc3339).ok())
        .unwrap_or_default()
}
