//! What a campaign comes to: a report for people, a line for programs.

use std::fmt::Write as _;
use std::io::Write as _;

use serde::Serialize;

use super::checker::{Finding, Harm, Repeated};
use super::history::History;
use super::load::Sent;
use crate::Figure;

/// Findings of a kind that are shown one by one.
const SHOWN: usize = 20;

/// All there is to tell.
pub(super) struct Report {
    pub(super) seed: u64,
    pub(super) sent: Sent,
    pub(super) history: History,
    /// Why nothing came to rest, if so.
    pub(super) still_moving: Option<String>,
    pub(super) findings: Vec<Finding>,
    pub(super) repeated: Repeated,
    pub(super) divergences: usize,
}

/// The line, in the shape of all benchmarks, with fields of its own.
#[derive(Serialize)]
struct Line {
    #[serde(flatten)]
    figure: Figure,
    lost: usize,
    double: usize,
    wrong: usize,
    repeated: usize,
    repeated_bound: usize,
    kills: u32,
    seed: u64,
}

impl Report {
    /// Whether everything held.
    pub(super) fn holds(&self) -> bool {
        self.findings.is_empty() && self.still_moving.is_none() && self.history.stuck.is_empty()
    }

    fn count(&self, harm: Harm) -> usize {
        let of_kind = self.findings.iter().filter(|finding| finding.harm == harm);
        of_kind.count()
    }

    /// For people.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        let sent = &self.sent;
        let history = &self.history;
        let repeated = self.repeated;
        let _ = writeln!(
            text,
            "campaign: {} acknowledged, {} not acknowledged, {} killers planted; seed {}",
            sent.acknowledged,
            sent.refused,
            sent.killers.len(),
            self.seed
        );
        let faults = history.faults.iter();
        let faults = faults.map(|(fault, count)| format!("{count} × {fault}"));
        let _ = writeln!(text, "faults: {}", faults.collect::<Vec<_>>().join(", "));
        let _ = writeln!(
            text,
            "{} killed by us, {} evaluators by killers; ended by themselves and started again: {:?}",
            history.kills, history.planted_deaths, history.gave_up
        );
        let _ = writeln!(
            text,
            "repeated: {} published again, bound {}; {} times suspected with a killer or a killed; {} later verdicts differ",
            repeated.published, repeated.bound, repeated.suspected, self.divergences
        );
        if let Some(moving) = &self.still_moving {
            let _ = writeln!(text, "not at rest in time: {moving}");
        }
        for member in &history.stuck {
            let _ = writeln!(text, "{member} did not end when it was asked to");
        }
        self.findings_text(&mut text);
        text
    }

    fn findings_text(&self, text: &mut String) {
        for harm in [Harm::Lost, Harm::Double, Harm::Wrong] {
            let all = self.findings.iter().filter(|finding| finding.harm == harm);
            for finding in all.take(SHOWN) {
                let _ = writeln!(text, "{harm:?}: {}", finding.what);
            }
            let more = self.count(harm).saturating_sub(SHOWN);
            if more > 0 {
                let _ = writeln!(text, "{harm:?}: and {more} more");
            }
        }
        let verdict = if self.holds() { "held" } else { "BROKEN" };
        let _ = writeln!(text, "the guarantee {verdict}");
    }

    /// For programs if asked, else a sentence.
    pub(super) fn print(&self, json: bool) -> anyhow::Result<()> {
        let line = self.line();
        if !json {
            return line.figure.print(false);
        }
        let mut out = std::io::stdout().lock();
        serde_json::to_writer(&mut out, &line)?;
        writeln!(out)?;
        Ok(())
    }

    fn line(&self) -> Line {
        let (findings, acknowledged) = (self.findings.len() as f64, self.sent.acknowledged as f64);
        Line {
            figure: Figure {
                name: "campaign".to_owned(),
                value: findings,
                unit: "findings",
                baseline: acknowledged,
                ratio: findings / acknowledged.max(1.0),
                goal: "0 lost, 0 double, 0 wrong, repeated within its bound",
                ok: self.holds(),
            },
            lost: self.count(Harm::Lost),
            double: self.count(Harm::Double),
            wrong: self.count(Harm::Wrong),
            repeated: self.repeated.published,
            repeated_bound: self.repeated.bound,
            kills: self.history.kills,
            seed: self.seed,
        }
    }
}
