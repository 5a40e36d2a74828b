//! The report for people to read.

use comfy_table::{CellAlignment, Table, presets};

use super::{Line, Window};

/// One row for each problem, language and window, and their sums.
pub fn table(lines: &[Line], window: Window) -> Table {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING);
    table.set_header([
        "problem",
        "language",
        "window\n(UTC)",
        "submissions",
        "judged",
        "accepted",
        "same\nsource",
        "solved\nby",
        "solve\nrate",
        "queue ms\np50",
        "\np95",
        "\nmax",
    ]);
    for line in lines {
        table.add_row(row(line, window));
    }
    table.add_row(sums(lines));
    for column in table.column_iter_mut().skip(3) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

fn row(line: &Line, window: Window) -> [String; 12] {
    let age = |ms: Option<i64>| ms.map_or_else(|| "–".into(), |ms| ms.to_string());
    [
        line.problem_id.clone(),
        line.language.clone(),
        shown(&line.window_start, window),
        line.submissions.to_string(),
        line.judged.to_string(),
        line.accepted.to_string(),
        line.duplicate_sources.to_string(),
        format!("{}/{}", line.users_solved, line.users_tried),
        format!("{:.0} %", line.solve_rate * 100.0),
        age(line.queue_age_p50_ms),
        age(line.queue_age_p95_ms),
        age(line.queue_age_max_ms),
    ]
}

/// As much of `2026-11-23T12:00:00Z` as the window's length lets vary.
fn shown(start: &str, window: Window) -> String {
    match window {
        Window::Hour => start.get(..16).unwrap_or(start).replace('T', " "),
        Window::Day => start.get(..10).unwrap_or(start).to_owned(),
        Window::All => "all".to_owned(),
    }
}

/// Users cannot be added up: the same one may stand in many lines.
fn sums(lines: &[Line]) -> [String; 12] {
    let sum = |field: fn(&Line) -> i64| lines.iter().map(field).sum::<i64>().to_string();
    let max = lines.iter().filter_map(|line| line.queue_age_max_ms).max();
    [
        "total".into(),
        String::new(),
        String::new(),
        sum(|line| line.submissions),
        sum(|line| line.judged),
        sum(|line| line.accepted),
        sum(|line| line.duplicate_sources),
        String::new(),
        String::new(),
        String::new(),
        String::new(),
        max.map_or_else(|| "–".into(), |ms| ms.to_string()),
    ]
}
