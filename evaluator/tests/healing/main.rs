//! Faults of ours, each really injected into a whole evaluator: none becomes a verdict about a program, readiness names it, and
//! work goes on by itself when it is mended.

mod disk;
mod groups;
mod languages;
mod packages;
mod storm;
#[path = "../support/mod.rs"]
mod support;

use schemas::Verdict;

/// `AC`, or `JE judge-fault`.
fn told(verdict: &Verdict) -> String {
    let reason = verdict.public.reason.as_ref();
    let reason = reason.map(|reason| format!(" {}", reason.code));
    format!("{:?}{}", verdict.verdict, reason.unwrap_or_default())
}
