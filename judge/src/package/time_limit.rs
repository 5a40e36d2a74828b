//! A time limit that the package gives, wherever it does.
//!
//! DOMjudge writes one to `.timelimit` or `domjudge-problem.ini`; packages in the wild have
//! several. They must agree.

use std::time::Duration;

use super::error::PackageError;
use super::fields::Fields;
use super::metadata;
use super::tree::Tree;

/// DOMjudge's file for the time limit, at the root: one number, seconds.
pub(super) const DOTFILE: &str = ".timelimit";
const INI_FILE: &str = "domjudge-problem.ini";

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
    for (file, text) in [(DOTFILE, tree.text(DOTFILE)?), (INI_FILE, ini_value(tree)?)] {
        let Some(text) = text else { continue };
        let time = seconds(file, &text)?;
        match agreed {
            Some((other, earlier)) if earlier != time => {
                return Err(PackageError::invalid(
                    file,
                    format!("time limit of {time:?} differs from {earlier:?} in {other}"),
                ));
            }
            _ => agreed = Some((file, time)),
        }
    }
    Ok(agreed.map(|(_, time)| time))
}

pub(super) fn check_multiple(limit: Duration, resolution: Duration) -> Result<(), PackageError> {
    if limit.as_nanos().is_multiple_of(resolution.as_nanos()) {
        return Ok(());
    }
    Err(PackageError::invalid(
        metadata::FILE,
        format!("limits.time_limit of {limit:?} is no multiple of time_resolution {resolution:?}"),
    ))
}

fn ini_value(tree: &Tree) -> Result<Option<String>, PackageError> {
    let text = tree.text(INI_FILE)?.unwrap_or_default();
    Ok(text.lines().find_map(|line| {
        let (key, value) = line.split_once('=')?;
        let value = value.trim().trim_matches(['"', '\'']);
        (key.trim() == "timelimit").then(|| value.to_owned())
    }))
}

fn seconds(file: &str, text: &str) -> Result<Duration, PackageError> {
    let number = text.trim().parse().ok();
    number
        .filter(|seconds: &f64| (MIN_SECONDS..=MAX_SECONDS).contains(seconds))
        .map(Duration::from_secs_f64)
        .ok_or_else(|| {
            PackageError::invalid(
                file,
                format!("time limit {:?} is no number of seconds", text.trim()),
            )
        })
}
