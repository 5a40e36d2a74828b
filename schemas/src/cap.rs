//! Caps on what travels: a submission over its caps is refused, a verdict is cut to fit.
//!
//! A verdict must never be too large to publish, or its submission could not be finished. So every
//! list and text in it has a cap here, and the caps add up, at the longest Avro encoding of each
//! number, to less than [`MAX_VERDICT_BYTES`]. Worst cases: 512 cases × (141 + 113) B in the jury's
//! and the public part (127 KiB); runs of cases that ran again 64 × 42 B; messages of cases 32 + 16 KiB;
//! compiler logs 24 + 16 KiB; judge messages 16 KiB; groups 2 × 64 × 70 B; everything else below
//! 8 KiB. A property test holds it.

use crate::conditions::Conditions;
use crate::verdict::{GroupVerdict, Reason, TestVerdict, Verdict};

/// Bytes in any id, key, digest or language code.
pub const MAX_NAME_BYTES: usize = 128;
/// Bytes in a source file's name.
pub const MAX_FILE_NAME_BYTES: usize = 255;
/// Files in a submission.
pub const MAX_FILES: usize = 100;
/// Bytes in one source file.
pub const MAX_FILE_BYTES: usize = 256 << 10;
/// Bytes in all source files of a submission.
pub const MAX_SOURCE_BYTES: usize = 1 << 20;
/// Bytes in an encoded verdict.
pub const MAX_VERDICT_BYTES: usize = 256 << 10;
/// Cases listed in either part of a verdict; the rest is counted.
pub const MAX_TESTS: usize = 512;

const MAX_TEST_NAME_BYTES: usize = 48;
const MAX_GROUP_NAME_BYTES: usize = 24;
const MAX_GROUPS: usize = 64;
const JURY_TEXT_BYTES: usize = 32 << 10;
const JURY_LOG_BYTES: usize = 24 << 10;
const PUBLIC_TEXT_BYTES: usize = 16 << 10;
const MAX_MESSAGE_BYTES: usize = 2 << 10;
const MAX_JURY_MESSAGES: usize = 32;
const JURY_MESSAGES_BYTES: usize = 16 << 10;
const MAX_PROTECTIONS: usize = 32;
const MAX_PROTECTION_BYTES: usize = 48;
const MAX_RUNS_OF_A_CASE: usize = 8;
const MAX_RUNS: usize = 64;
/// More than a month in milliseconds, and never more than 5 bytes.
const MAX_TIME_MS: i64 = (1 << 34) - 1;
/// More memory than any host has; 7 bytes.
const MAX_MEMORY_BYTES: i64 = (1 << 48) - 1;
/// A day and a half in milliseconds, or as many switches; 4 bytes.
const MAX_CONDITION: i32 = (1 << 27) - 1;
/// 3 bytes.
const MAX_PASSES: i32 = (1 << 20) - 1;
const MAX_REASON_ARGS: usize = 8;
const MAX_REASON_BYTES: usize = 64;
const CUT: &str = "\n[cut]";

/// Cuts a verdict so that it encodes to at most [`MAX_VERDICT_BYTES`].
pub fn verdict(mut verdict: Verdict) -> Verdict {
    names(&mut verdict);
    let public = &mut verdict.public;
    reason(&mut public.reason);
    tests(&mut public.tests, PUBLIC_TEXT_BYTES);
    groups(&mut public.groups);
    text(&mut public.compile_log, PUBLIC_TEXT_BYTES);

    let jury = &mut verdict.jury;
    reason(&mut jury.reason);
    let omitted = tests(&mut jury.tests, JURY_TEXT_BYTES);
    jury.tests_omitted = jury.tests_omitted.saturating_add(omitted);
    groups(&mut jury.groups);
    text(&mut jury.compile_log, JURY_LOG_BYTES);
    jury.conditions = jury.conditions.map(conditions);
    texts(&mut jury.messages, MAX_JURY_MESSAGES, JURY_MESSAGES_BYTES);
    jury.protections.truncate(MAX_PROTECTIONS);
    for protection in &mut jury.protections {
        text(protection, MAX_PROTECTION_BYTES);
    }
    verdict
}

/// Ids come from a checked submission and fit already; a foreign one must not break the bound.
fn names(verdict: &mut Verdict) {
    let jury = &mut verdict.jury;
    let always = [
        &mut verdict.tenant,
        &mut verdict.user_id,
        &mut verdict.problem_id,
        &mut verdict.language,
        &mut jury.host,
        &mut jury.toolchain,
        &mut jury.digests.source,
        &mut jury.digests.package,
        &mut jury.digests.toolchain,
    ];
    let sometimes = [
        verdict.contest_id.as_mut(),
        jury.origin.as_mut().map(|origin| &mut origin.topic),
    ];
    for name in always.into_iter().chain(sometimes.into_iter().flatten()) {
        text(name, MAX_NAME_BYTES);
    }
}

fn reason(reason: &mut Option<Reason>) {
    if let Some(reason) = reason {
        text(&mut reason.code, MAX_REASON_BYTES);
        reason.args.truncate(MAX_REASON_ARGS);
        for arg in &mut reason.args {
            text(arg, MAX_REASON_BYTES);
        }
    }
}

/// Caps the cases and returns how many were left out. Messages share one budget, first come first, and so do runs.
fn tests(tests: &mut Vec<TestVerdict>, mut budget: usize) -> i32 {
    let omitted = tests.len().saturating_sub(MAX_TESTS);
    tests.truncate(MAX_TESTS);
    let mut runs = MAX_RUNS;
    for test in tests {
        numbers(test);
        test.runs.truncate(MAX_RUNS_OF_A_CASE.min(runs));
        runs -= test.runs.len();
        if let Some(name) = &mut test.name {
            text(name, MAX_TEST_NAME_BYTES);
        }
        if let Some(group) = &mut test.group {
            text(group, MAX_GROUP_NAME_BYTES);
        }
        if let Some(message) = &mut test.message {
            text(message, MAX_MESSAGE_BYTES.min(budget));
            budget -= message.len();
        }
    }
    i32::try_from(omitted).unwrap_or(i32::MAX)
}

/// Nothing that was measured comes near these bounds; they keep the encoding short.
fn numbers(test: &mut TestVerdict) {
    test.passes = test.passes.clamp(0, MAX_PASSES);
    test.cpu_ms = test.cpu_ms.clamp(0, MAX_TIME_MS);
    test.wall_ms = test.wall_ms.clamp(0, MAX_TIME_MS);
    test.memory_bytes = test.memory_bytes.clamp(0, MAX_MEMORY_BYTES);
    test.conditions = test.conditions.map(conditions);
    for run in &mut test.runs {
        run.cpu_ms = run.cpu_ms.clamp(0, MAX_TIME_MS);
        run.wall_ms = run.wall_ms.clamp(0, MAX_TIME_MS);
        run.conditions = conditions(run.conditions);
    }
}

fn conditions(given: Conditions) -> Conditions {
    let capped = |number: i32| number.clamp(0, MAX_CONDITION);
    Conditions {
        ready_ms: capped(given.ready_ms),
        idle_ms: capped(given.idle_ms),
        voluntary_switches: capped(given.voluntary_switches),
        involuntary_switches: capped(given.involuntary_switches),
        throttled_periods: capped(given.throttled_periods),
        throttled_ms: capped(given.throttled_ms),
        stolen_ms: capped(given.stolen_ms),
    }
}

fn groups(groups: &mut Vec<GroupVerdict>) {
    groups.truncate(MAX_GROUPS);
    for group in groups {
        text(&mut group.name, MAX_GROUP_NAME_BYTES);
    }
}

fn texts(texts: &mut Vec<String>, count: usize, mut budget: usize) {
    texts.truncate(count);
    for each in texts {
        text(each, MAX_MESSAGE_BYTES.min(budget));
        budget -= each.len();
    }
}

/// Cuts a text at a character, and says so where there is room to.
fn text(text: &mut String, limit: usize) {
    if text.len() <= limit {
        return;
    }
    let note = if limit >= 10 * CUT.len() { CUT } else { "" };
    text.truncate(text.floor_char_boundary(limit - note.len()));
    text.push_str(note);
}
