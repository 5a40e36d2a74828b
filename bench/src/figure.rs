//! One measured figure and its goal.

use std::io::Write;
use std::time::Duration;

use serde::Serialize;

/// A value beside the baseline it is a ratio of.
#[derive(Clone, Debug, Serialize)]
pub struct Figure {
    /// What was measured.
    pub name: String,
    /// The measured value.
    pub value: f64,
    /// Unit of value and baseline.
    pub unit: &'static str,
    /// Measured in the same run, or the goal's own absolute figure.
    pub baseline: f64,
    /// Value ÷ baseline.
    pub ratio: f64,
    /// The goal in words.
    pub goal: &'static str,
    /// Whether the goal was reached.
    pub ok: bool,
}

impl Figure {
    /// A figure for which less is better: reached when `value ÷ baseline` is at most `limit`.
    pub fn at_most(
        name: &str,
        value: Duration,
        baseline: Duration,
        limit: f64,
        goal: &'static str,
    ) -> Self {
        let (value, baseline) = (value.as_secs_f64() * 1e3, baseline.as_secs_f64() * 1e3);
        let ratio = value / baseline;
        Self {
            name: name.to_owned(),
            value,
            unit: "ms",
            baseline,
            ratio,
            goal,
            ok: ratio <= limit,
        }
    }

    /// A figure for which more is better: reached when `value ÷ baseline` is at least `limit`.
    pub fn at_least(
        name: &str,
        value: f64,
        baseline: f64,
        unit: &'static str,
        limit: f64,
        goal: &'static str,
    ) -> Self {
        let ratio = value / baseline;
        Self {
            name: name.to_owned(),
            value,
            unit,
            baseline,
            ratio,
            goal,
            ok: ratio >= limit,
        }
    }

    /// Memory, for which less is better; the baseline is the goal's own figure.
    pub fn bytes_at_most(name: &str, bytes: u64, most: u64, goal: &'static str) -> Self {
        let (value, baseline) = (bytes as f64 / 1e6, most as f64 / 1e6);
        Self {
            name: name.to_owned(),
            value,
            unit: "MB",
            baseline,
            ratio: value / baseline,
            goal,
            ok: bytes <= most,
        }
    }

    /// A count of what should never happen, over how often it could have.
    pub fn none_of(name: &str, count: u32, all: u32, goal: &'static str) -> Self {
        Self {
            name: name.to_owned(),
            value: count.into(),
            unit: "runs",
            baseline: all.into(),
            ratio: f64::from(count) / f64::from(all),
            goal,
            ok: count == 0,
        }
    }

    /// Writes the figure to standard output, as a JSON line or as a sentence.
    pub fn print(&self, json: bool) -> anyhow::Result<()> {
        let mut out = std::io::stdout().lock();
        if json {
            serde_json::to_writer(&mut out, self)?;
            writeln!(out)?;
        } else {
            let verdict = if self.ok { "reached" } else { "missed" };
            writeln!(
                out,
                "{}: {:.3} {unit} over {:.3} {unit} = {:.2} (goal {}: {verdict})",
                self.name,
                self.value,
                self.baseline,
                self.ratio,
                self.goal,
                unit = self.unit,
            )?;
        }
        Ok(())
    }
}
