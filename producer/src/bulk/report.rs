//! What a bulk run says: a bar on a terminal, plain lines elsewhere, or one JSON object a line.

use std::io::{IsTerminal, stderr};

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;
use uuid::Uuid;

use crate::Accepted;
use crate::output::say;

/// Lines between two plain progress lines when the total is not known.
const PLAIN_STEP: u64 = 10_000;

/// How to say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    Human,
    Json,
}

/// What became of one line.
#[derive(Debug)]
pub(crate) enum LineResult {
    Accepted(Accepted),
    AlreadyAccepted(Uuid),
    Refused(String),
}

/// Says each result once, and counts.
pub(crate) struct Report {
    style: Style,
    bar: Option<ProgressBar>,
    total: Option<u64>,
    pub(crate) accepted: u64,
    pub(crate) already_accepted: u64,
    pub(crate) refused: u64,
}

impl Report {
    /// `total` is the number of lines, if it is known.
    pub(crate) fn new(style: Style, total: Option<u64>) -> Self {
        let bar = (style == Style::Human && stderr().is_terminal()).then(|| bar(total));
        Self {
            style,
            bar,
            total,
            accepted: 0,
            already_accepted: 0,
            refused: 0,
        }
    }

    pub(crate) fn line(&mut self, number: usize, result: &LineResult) {
        match result {
            LineResult::Accepted(_) => self.accepted += 1,
            LineResult::AlreadyAccepted(_) => self.already_accepted += 1,
            LineResult::Refused(_) => self.refused += 1,
        }
        match self.style {
            Style::Json => say(as_json(number, result)),
            Style::Human => self.human(number, result),
        }
    }

    fn human(&self, number: usize, result: &LineResult) {
        if let LineResult::Refused(why) = result {
            self.above_bar(&format!("line {number} refused: {why}"));
        }
        let done = self.done();
        match &self.bar {
            Some(bar) => bar.set_position(done),
            None if done.is_multiple_of(self.plain_step()) => say(match self.total {
                Some(total) => format!("{done} of {total} lines"),
                None => format!("{done} lines"),
            }),
            None => {}
        }
    }

    /// The last words: counts.
    pub(crate) fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        let Self {
            accepted,
            already_accepted,
            refused,
            ..
        } = self;
        say(match self.style {
            Style::Json => json!({
                "event": "summary",
                "accepted": accepted,
                "already_accepted": already_accepted,
                "refused": refused,
            })
            .to_string(),
            Style::Human => {
                format!(
                    "{accepted} accepted, {already_accepted} accepted before, {refused} refused"
                )
            }
        });
    }

    fn done(&self) -> u64 {
        self.accepted + self.already_accepted + self.refused
    }

    fn plain_step(&self) -> u64 {
        self.total.map_or(PLAIN_STEP, |total| (total / 10).max(1))
    }

    fn above_bar(&self, line: &str) {
        match &self.bar {
            Some(bar) => bar.println(line),
            None => say(line),
        }
    }
}

fn bar(total: Option<u64>) -> ProgressBar {
    let template = match total {
        Some(_) => "{bar:40} {human_pos}/{human_len} {per_sec} eta {eta}",
        None => "{spinner} {human_pos} lines {per_sec}",
    };
    let bar = total.map_or_else(ProgressBar::new_spinner, ProgressBar::new);
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

fn as_json(number: usize, result: &LineResult) -> serde_json::Value {
    match result {
        LineResult::Accepted(accepted) => json!({
            "event": "accepted",
            "line": number,
            "submission_id": accepted.submission_id,
            "topic": accepted.topic,
            "partition": accepted.partition,
            "offset": accepted.offset,
        }),
        LineResult::AlreadyAccepted(submission_id) => json!({
            "event": "already_accepted",
            "line": number,
            "submission_id": submission_id,
        }),
        LineResult::Refused(why) => json!({ "event": "refused", "line": number, "error": why }),
    }
}
