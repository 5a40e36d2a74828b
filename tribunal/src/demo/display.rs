//! Live progress: a bar for the whole and a line for each running judgement in a terminal, plain lines elsewhere.

use std::collections::HashMap;
use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use schemas::{Progress, ProgressState, Verdict};
use uuid::Uuid;

use crate::commands::print_line;

/// How often the clock in the display moves.
const TICK: Duration = Duration::from_millis(200);

/// Shows what is going on, one way or the other.
pub(crate) enum Display {
    /// Redrawn in place.
    Terminal {
        /// Owns the lines.
        lines: MultiProgress,
        /// All submissions.
        total: ProgressBar,
        /// One line for each judgement that runs.
        running: HashMap<Uuid, ProgressBar>,
    },
    /// One line for each verdict.
    Plain {
        /// Verdicts so far.
        done: usize,
        /// Verdicts to come in all.
        total: usize,
    },
}

impl Display {
    /// The way that fits standard output.
    pub(crate) fn new(total: usize) -> Self {
        if std::io::stdout().is_terminal() {
            let lines = MultiProgress::with_draw_target(ProgressDrawTarget::stdout());
            let bar = lines.add(ProgressBar::new(total as u64));
            // The first verdict takes seconds: the sandbox is probed and every language tried.
            bar.enable_steady_tick(TICK);
            bar.set_style(style("{bar:40.cyan/blue} {pos}/{len} judged, {elapsed}"));
            Self::Terminal {
                lines,
                total: bar,
                running: HashMap::new(),
            }
        } else {
            Self::Plain { done: 0, total }
        }
    }

    /// A judgement took a step.
    pub(crate) fn progress(&mut self, label: &str, progress: &Progress) {
        let Self::Terminal { lines, running, .. } = self else {
            return;
        };
        let line = running.entry(progress.submission_id).or_insert_with(|| {
            let line = lines.add(ProgressBar::new_spinner());
            line.set_style(style("  {msg}"));
            line
        });
        let doing = match progress.state {
            ProgressState::Compiling => "compiling".to_owned(),
            ProgressState::Running => {
                format!("case {}/{}", progress.tests_done, progress.tests_total)
            }
            ProgressState::Taken | ProgressState::Unknown => "taken".to_owned(),
        };
        line.set_message(format!("{label}: {doing}"));
    }

    /// A judgement ended.
    pub(crate) fn verdict(&mut self, label: &str, verdict: &Verdict, agrees: bool) {
        let code = verdict.verdict.as_str();
        match self {
            Self::Terminal { total, running, .. } => {
                if let Some(line) = running.remove(&verdict.submission_id) {
                    line.finish_and_clear();
                }
                total.inc(1);
            }
            Self::Plain { done, total } => {
                *done += 1;
                let note = if agrees { "" } else { "  (not expected)" };
                print_line(&format!("[{done}/{total}] {label}: {code}{note}"));
            }
        }
    }

    /// Clears what was drawn in place.
    pub(crate) fn finish(self) {
        if let Self::Terminal { lines, total, .. } = self {
            total.finish_and_clear();
            // Lines that cannot be cleared have been scrolled away.
            let _ = lines.clear();
        }
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
