//! A time limit that the package gives, wherever it does.
//!
//! DOMjudge writes one to `.timelimit` or `domjudge-problem.ini`; packages in the wild have
//! several. They must agree.

use std::time::Duration;

use super::domjudge::{self, Setting};
use super::error::PackageError;
use super::fields::Fields;
use super::metadata;
use super::tree::Tree;

/// DOMjudge's file for the time limit, at the root: one number, seconds.
pub(super) const DOTFILE: &str = ".timelimit";

/// A day: longer than any case, short enough for every clock.
pub(super) const MAX_SECONDS: f64 = 86_400.0;
const MIN_SECONDS: f64 = 0.001;

pub(super) fn in_limits(limits: &mut Fields) -> Result<Option<Duration>, PackageError> {
    let seconds = limits.number("time_limit", MIN_SECONDS, MAX_SECONDS)?;
    Ok(seconds.map(Duration::from_secs_f64))
}

pub(super) fn resolution(limits: &mut Fields) -> Result<Option<Duration>, PackageError> {
    let seconds = limits.number("time_resolution", MIN_SECONDS, MAX_SECONDS)?;
    Ok(seconds.map(Duration::from_secs_f64))
}

/// The limit that all places agree on.
pub(super) fn given(
    tree: &Tree,
    in_problem_yaml: Option<Duration>,
) -> Result<Option<Duration>, PackageError> {
    let mut agreed = in_problem_yaml.map(|time| (metadata::FILE, time));
    let mut ini = domjudge::settings(tree)?;
    let dotfile = tree.text(DOTFILE)?.map(|value| Setting { line: 1, value });
    for (file, setting) in [
        (DOTFILE, dotfile),
        (
            domjudge::INI_FILE,
            ini.remove("timelimit").filter(is_filled_in),
        ),
    ] {
        let Some(setting) = setting else { continue };
        let time = seconds(file, &setting)?;
        match agreed {
            Some((other, earlier)) if earlier != time => {
                let problem = format!("time limit of {time:?} differs from {earlier:?} in {other}");
                return Err(PackageError::invalid(file, problem).at(setting.line));
            }
            _ => agreed = Some((file, time)),
        }
    }
    Ok(agreed.map(|(_, time)| time))
}

/// A key without a value says nothing; a file of its own without one is a slip.
fn is_filled_in(setting: &Setting) -> bool {
    !setting.value.trim().is_empty()
}

fn seconds(file: &str, setting: &Setting) -> Result<Duration, PackageError> {
    let text = setting.value.trim();
    let number = text.parse().ok();
    number
        .filter(|seconds: &f64| (MIN_SECONDS..=MAX_SECONDS).contains(seconds))
        .map(Duration::from_secs_f64)
        .ok_or_else(|| {
            let problem = format!("time limit {text:?} is no number of seconds");
            PackageError::invalid(file, problem).at(setting.line)
        })
}
