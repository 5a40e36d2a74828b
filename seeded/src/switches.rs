//! Which bugs are on: for the whole process by a variable, for one thread by a test.

use std::cell::Cell;
use std::sync::OnceLock;

use super::{Bug, VARIABLE};

/// One bit for each bug.
type Bugs = u8;

thread_local! {
    static SOWN: Cell<Bugs> = const { Cell::new(0) };
}

/// Whether we have this bug.
#[must_use]
pub fn bug(bug: Bug) -> bool {
    static OF_PROCESS: OnceLock<Bugs> = OnceLock::new();
    let of_process = OF_PROCESS.get_or_init(|| named(&std::env::var(VARIABLE).unwrap_or_default()));
    (of_process | SOWN.get()) & bit(bug) != 0
}

/// Switches a bug on for all that this thread does, as long as the answer lives. Tests run beside each other in one process, so
/// there is no switch for all threads.
pub fn sow(bug: Bug) -> Sown {
    SOWN.set(SOWN.get() | bit(bug));
    Sown(bug)
}

/// A bug that is on.
#[must_use = "the bug is switched off when this is dropped"]
#[derive(Debug)]
pub struct Sown(Bug);

impl Drop for Sown {
    fn drop(&mut self) {
        SOWN.set(SOWN.get() & !bit(self.0));
    }
}

fn bit(bug: Bug) -> Bugs {
    1 << bug as u8
}

/// A name that nobody knows must not make a checker look as if it had found nothing.
fn named(names: &str) -> Bugs {
    let names = names
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty());
    names.fold(0, |bugs, name| match name.parse() {
        Ok(bug) => bugs | bit(bug),
        Err(error) => panic!("{VARIABLE}: {error}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bugs_are_named_with_commas_between_and_a_wrong_name_is_told() {
        assert_eq!(named(""), 0);
        let bugs = named("commit-highest, no-reconciler-rule");
        assert_eq!(bugs, bit(Bug::CommitHighest) | bit(Bug::NoReconcilerRule));
        let told = "bug-free".parse::<Bug>().err().unwrap_or_default();
        assert!(
            told.contains("`bug-free`") && told.contains("skip-epoch"),
            "{told}"
        );
    }

    #[test]
    fn a_bug_is_on_for_its_thread_until_its_guard_is_dropped() {
        let sown = sow(Bug::SkipEpoch);
        assert!(bug(Bug::SkipEpoch) && !bug(Bug::CommitHighest));
        let elsewhere = std::thread::spawn(|| bug(Bug::SkipEpoch)).join();
        assert!(elsewhere.is_ok_and(|on| !on));
        drop(sown);
        assert!(!bug(Bug::SkipEpoch));
    }
}
