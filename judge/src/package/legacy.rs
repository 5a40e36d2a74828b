//! `problem.yaml` of the old format.

/// DOMjudge's file for the time limit, at the root: one number, seconds.
pub(super) const TIME_LIMIT_FILE: &str = ".timelimit";
