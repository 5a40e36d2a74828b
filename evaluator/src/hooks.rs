//! Test hooks: markers in a source file that make the evaluator die, or sleep in place of judging; and a variable that
//! makes retries quick.
//!
//! They exist only under the cargo feature `hooks`, which a release build refuses.

use std::time::Duration;

use crate::config::RetryTopic;
use judge::package::Package;
use judge::{Judgement, Source, Spent, Verdict};

/// Kills this process as soon as a slot has taken the submission.
const DIE: &str = "tribunal-hook: die";
/// Followed by milliseconds: sleeps that long in the slot and accepts.
const SLEEP: &str = "tribunal-hook: sleep ";

/// Milliseconds after which a retry topic is read, whatever its contract says.
const RETRY_DELAY_MS: &str = "TRIBUNAL_HOOK_RETRY_DELAY_MS";

/// The retry topics with the delay that the environment asks for.
pub(crate) fn with_delays(retries: Vec<RetryTopic>) -> Vec<RetryTopic> {
    let asked = std::env::var(RETRY_DELAY_MS).ok();
    let Some(delay) = asked.and_then(|text| text.parse().ok()) else {
        return retries;
    };
    let delay = Duration::from_millis(delay);
    let retries = retries.into_iter();
    retries.map(|retry| retry.with_delay(delay)).collect()
}

/// The judgement of a source that asks for a hook; `None` for any other.
pub(crate) fn instead_of_judging(source: &Source, package: &Package) -> Option<Judgement> {
    if source
        .files
        .iter()
        .any(|file| after(&file.content, DIE).is_some())
    {
        die();
    }
    let asked = source
        .files
        .iter()
        .find_map(|file| sleep_of(&file.content))?;
    std::thread::sleep(asked);
    Some(accepted(source, package, asked))
}

/// Nobody can catch this, like a kernel that runs out of memory.
fn die() {
    tracing::warn!("a test hook kills this process");
    let own = rustix::process::getpid();
    // An error would mean that we may not signal ourselves; the test would then see no death.
    let _ = rustix::process::kill_process(own, rustix::process::Signal::KILL);
}

fn sleep_of(content: &[u8]) -> Option<Duration> {
    let digits: String = after(content, SLEEP)?
        .iter()
        .map(|&byte| char::from(byte))
        .take_while(char::is_ascii_digit)
        .collect();
    Some(Duration::from_millis(digits.parse().ok()?))
}

fn after<'a>(content: &'a [u8], marker: &str) -> Option<&'a [u8]> {
    let found = content
        .windows(marker.len())
        .position(|window| window == marker.as_bytes())?;
    Some(&content[found + marker.len()..])
}

fn accepted(source: &Source, package: &Package, slept: Duration) -> Judgement {
    Judgement {
        verdict: Verdict::Accepted,
        reason: None,
        language: source.language.clone().unwrap_or_default(),
        score: None,
        cpu: Duration::ZERO,
        wall: slept,
        memory_bytes: 0,
        cases: Vec::new(),
        groups: Vec::new(),
        case_count: 0,
        compile_log: String::new(),
        compile_log_is_jury: false,
        source_digest: String::new(),
        package_digest: package.digest.clone(),
        toolchain: "hook".to_owned(),
        time_limit: Duration::ZERO,
        memory_limit_bytes: package.limits.memory_bytes,
        spent: Spent {
            run: slept,
            ..Spent::default()
        },
        protections: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sleep_marker_is_found_in_any_comment_and_needs_a_number() {
        let slept = sleep_of(b"int x; // tribunal-hook: sleep 250\n");
        assert_eq!(slept, Some(Duration::from_millis(250)));
        assert_eq!(sleep_of(b"# tribunal-hook: sleep soon"), None);
        assert_eq!(sleep_of(b"print(1)"), None);
    }
}
