//! Judging submissions again: decided in one transaction, published by the outbox, reported from the tables.
//!
//! A *rejudging* is one decision about a *selection* of submissions. Each of them gets its next generation; which
//! one is decided under a lock, so two rejudgings never share one. In the *shadow* the new verdicts are recorded
//! but count for nothing (no query, counter or `verdicts.latest` shows them) until the rejudging is applied.

mod begin;
mod decide;
mod report;
mod selection;
mod standing;

pub use begin::{Begun, Selected, begin, preview};
pub use decide::{Decision, NotDecided, decide};
pub use report::{Change, Count, Progress, Report, changes, find, progress, report};
pub use selection::Selection;
pub(crate) use standing::{Standing, standings};

use serde::Serialize;
use store::{Error, Row};

/// Decisions exclude each other; recording verdicts of later generations shares. So a verdict is either
/// recorded before a decision, which sees it, or after it, and then sees the decision.
const LOCK: &str = "rejudgings";

/// What became of a rejudging.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Its verdicts are recorded but do not count yet.
    Shadow,
    /// Its verdicts count.
    Applied,
    /// Its verdicts never will.
    Discarded,
}

impl State {
    fn as_str(self) -> &'static str {
        match self {
            Self::Shadow => "shadow",
            Self::Applied => "applied",
            Self::Discarded => "discarded",
        }
    }

    /// The table admits no others.
    fn from_text(text: &str) -> Self {
        match text {
            "shadow" => Self::Shadow,
            "applied" => Self::Applied,
            _ => Self::Discarded,
        }
    }
}

/// One rejudging, as recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rejudging {
    /// Its name on command lines.
    #[serde(rename = "rejudging")]
    pub id: String,
    /// What became of it.
    pub state: State,
    /// How many submissions it judges again.
    pub submissions: i64,
    /// When it was decided, ms since 1970 in UTC.
    pub started_at_ms: i64,
}

impl Rejudging {
    fn of_row(row: &Row) -> Result<Self, Error> {
        Ok(Self {
            id: row.get("rejudging_id")?,
            state: State::from_text(&row.get::<String>("state")?),
            submissions: row.get("submissions")?,
            started_at_ms: row.get("started_at_ms")?,
        })
    }
}
