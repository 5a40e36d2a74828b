//! What a rejudging shows: a bar and a table for people, JSON lines for programs.

use std::collections::BTreeMap;
use std::io::IsTerminal;

use anyhow::Context;
use comfy_table::{Table, presets};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use results_sink::rejudge::{Change, Progress, Rejudging, Report, Selected, State};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::commands::{print_line, tell};

/// Where it all goes.
pub(super) enum Output {
    /// One object a line, each with its `kind`.
    Json,
    /// Redrawn in place while it runs.
    Terminal(Option<ProgressBar>),
    /// A line for each step.
    Plain,
}

impl Output {
    pub(super) fn new(json: bool) -> Self {
        if json {
            Self::Json
        } else if std::io::stderr().is_terminal() {
            Self::Terminal(None)
        } else {
            Self::Plain
        }
    }

    /// What a dry run would judge again.
    pub(super) fn selected(&self, selected: &[Selected]) -> anyhow::Result<()> {
        if matches!(self, Self::Json) {
            return selected.iter().try_for_each(|one| line("selected", one));
        }
        let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for one in selected {
            *counts.entry((&one.problem_id, &one.verdict)).or_default() += 1;
        }
        let rows = counts.iter().map(|((problem, verdict), count)| {
            [
                (*problem).to_owned(),
                (*verdict).to_owned(),
                count.to_string(),
            ]
        });
        print_table(["problem", "verdict", "submissions"], rows);
        print_line(&format!("{} would be judged again", selected.len()));
        Ok(())
    }

    /// The rejudging at hand.
    pub(super) fn begun(&self, rejudging: &Rejudging, is_new: bool) -> anyhow::Result<()> {
        if matches!(self, Self::Json) {
            return line(if is_new { "begun" } else { "known" }, rejudging);
        }
        let Rejudging {
            id, submissions, ..
        } = rejudging;
        print_line(&if is_new {
            format!("rejudging {id}: {submissions} submissions are judged again")
        } else {
            format!(
                "rejudging {id} of {submissions} submissions was begun by the same command before; --again begins another"
            )
        });
        Ok(())
    }

    /// How far it is.
    pub(super) fn progress(&mut self, progress: Progress) -> anyhow::Result<()> {
        let Progress {
            submissions,
            published,
            judged,
        } = progress;
        match self {
            Self::Json => return line("progress", &progress),
            Self::Terminal(bar) => {
                let bar = bar.get_or_insert_with(|| bar_of(submissions));
                bar.set_position(judged.unsigned_abs());
                bar.set_message(format!("{published} published"));
            }
            Self::Plain => {
                print_line(&format!(
                    "{published} of {submissions} published, {judged} judged"
                ));
            }
        }
        Ok(())
    }

    /// Leaves the terminal as it was.
    pub(super) fn end_of_progress(&mut self) {
        if let Self::Terminal(bar) = self
            && let Some(bar) = bar.take()
        {
            bar.finish_and_clear();
        }
    }

    /// Every submission whose verdict or points differ.
    pub(super) fn changes(&self, changes: &[Change]) -> anyhow::Result<()> {
        if matches!(self, Self::Json) {
            return changes.iter().try_for_each(|one| line("change", one));
        }
        if changes.is_empty() {
            return Ok(());
        }
        let rows = changes.iter().map(|one| {
            let note = if one.keeps_old { "  (stays)" } else { "" };
            [
                one.submission_id.clone(),
                one.problem_id.clone(),
                one.user_id.clone(),
                shown(&one.old_verdict, one.old_score) + note,
                shown(&one.new_verdict, one.new_score),
            ]
        });
        print_table(["submission", "problem", "user", "old", "new"], rows);
        Ok(())
    }

    /// The whole, and what can be done now.
    pub(super) fn summary(&self, report: &Report) -> anyhow::Result<()> {
        if matches!(self, Self::Json) {
            return line("summary", report);
        }
        let rows = report.counts.iter().map(|count| {
            [
                count.old_verdict.clone(),
                count.new_verdict.clone(),
                count.submissions.to_string(),
            ]
        });
        print_table(["old", "new", "submissions"], rows);
        let Rejudging {
            id, submissions, ..
        } = &report.rejudging;
        print_line(&format!(
            "rejudging {id}: {} of {submissions} judged, {} changed",
            report.judged, report.changed
        ));
        match report.rejudging.state {
            State::Applied => {}
            State::Discarded => print_line("it was discarded: none of this is current"),
            State::Shadow => tell(&format!(
                "nothing of this is current yet: `tribunal rejudge --apply {id}` makes it so, `--discard {id}` never will"
            )),
        }
        Ok(())
    }
}

fn bar_of(submissions: i64) -> ProgressBar {
    let target = ProgressDrawTarget::stderr();
    let bar = ProgressBar::with_draw_target(Some(submissions.unsigned_abs()), target);
    let style = ProgressStyle::with_template("{bar:40} {pos} of {len} judged, {msg}, {elapsed}");
    bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

fn shown(verdict: &str, score: Option<f64>) -> String {
    match score {
        Some(score) => format!("{verdict} {score}"),
        None => verdict.to_owned(),
    }
}

fn print_table<const COLUMNS: usize>(
    header: [&str; COLUMNS],
    rows: impl Iterator<Item = [String; COLUMNS]>,
) {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING);
    table.set_header(header);
    for row in rows {
        table.add_row(row);
    }
    print_line(&table.trim_fmt());
}

/// One JSON object on a line of its own, its kind first.
fn line(kind: &str, what: &impl Serialize) -> anyhow::Result<()> {
    let mut object = Map::new();
    object.insert("kind".to_owned(), Value::from(kind));
    if let Value::Object(fields) = serde_json::to_value(what).context("failed to write JSON")? {
        object.extend(fields);
    }
    print_line(&Value::Object(object).to_string());
    Ok(())
}
