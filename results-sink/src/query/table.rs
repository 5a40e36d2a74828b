//! Submissions for people to read.

use comfy_table::{CellAlignment, Table, presets};
use time::OffsetDateTime;
use time::macros::format_description;

use super::Found;

/// One row a submission.
pub fn table(found: &[Found]) -> Table {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING);
    table.set_header([
        "submission",
        "problem",
        "user",
        "language",
        "accepted (UTC)",
        "verdict",
        "score",
        "cpu ms",
        "memory KiB",
        "tests",
    ]);
    for one in found {
        table.add_row(row(one));
    }
    for numeric in [6, 7, 8, 9] {
        if let Some(column) = table.column_mut(numeric) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

/// One submission on a line of its own.
pub fn line(found: &Found) -> String {
    let [
        submission,
        problem,
        user,
        language,
        accepted,
        verdict,
        score,
        ..,
    ] = row(found);
    let verdict = format!("{verdict} {score}");
    let verdict = verdict.trim_end();
    format!("{accepted}  {submission}  {problem:<20} {user:<12} {language:<10} {verdict}")
}

/// The cells of one submission, in the table's order.
fn row(found: &Found) -> [String; 10] {
    let number = |field: &str| {
        found
            .public
            .as_ref()
            .and_then(|public| public.get(field))
            .and_then(|value| value.as_i64())
    };
    let shown = |number: Option<i64>| number.map(|number| number.to_string()).unwrap_or_default();
    let tests = match (number("tests_passed"), number("tests_total")) {
        (Some(passed), Some(total)) => format!("{passed}/{total}"),
        _ => String::new(),
    };
    [
        found.submission_id.clone(),
        found.problem_id.clone(),
        found.user_id.clone(),
        found.language.clone(),
        moment(found.accepted_at_ms),
        found.verdict.clone().unwrap_or_else(|| "waiting".into()),
        found.score.map(points).unwrap_or_default(),
        shown(number("cpu_ms")),
        shown(number("memory_bytes").map(|bytes| bytes / 1024)),
        tests,
    ]
}

/// Three decimals are enough to look at.
fn points(score: f64) -> String {
    ((score * 1000.0).round() / 1000.0).to_string()
}

fn moment(ms: i64) -> String {
    let format = format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");
    OffsetDateTime::from_unix_timestamp(ms.div_euclid(1000))
        .ok()
        .and_then(|moment| moment.format(format).ok())
        .unwrap_or_default()
}
