//! Random lives of two processes: they start at random, die at random, hand over in order or not, lose answers to commits, and
//! finish what runs after they left. And the same lives with a bug, which the model must notice.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, TestError, TestRng, TestRunner};
use seeded::Bug;

use super::model::{RECORDS, World};

#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    /// Some records arrive.
    Fetch(usize),
    /// They arrive again.
    Refetch(i64),
    /// Starts one of those that may start.
    Start(usize),
    /// One that runs must wait for something.
    Postpone(usize),
    /// Completes one of those that run; also at a process that no longer owns the partition.
    Complete(usize, usize),
    /// Does all that it can with a token of a former assignment.
    UseStale(usize, usize),
    /// Sends a commit, with what will become of it.
    Send(Answer),
    /// The answer to the outstanding commit.
    Answer,
    /// A commit that was given up comes late.
    ComeLate(usize),
    /// The owner dies.
    Crash,
    /// The owner leaves in order; the other process takes over, or the same again.
    HandOver { to: usize },
    /// The owner is thrown out without a word.
    Lose { to: usize },
}

/// What becomes of a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Acknowledged,
    /// It was stored, but its sender hears of a failure.
    Lost,
    Refused,
}

fn step() -> impl Strategy<Value = Step> {
    let process = || 0_usize..2;
    let answer = prop_oneof![
        8 => Just(Answer::Acknowledged),
        1 => Just(Answer::Lost),
        1 => Just(Answer::Refused),
    ];
    prop_oneof![
        3 => (1_usize..12).prop_map(Step::Fetch),
        1 => (0..RECORDS).prop_map(Step::Refetch),
        8 => any::<usize>().prop_map(Step::Start),
        1 => any::<usize>().prop_map(Step::Postpone),
        6 => (process(), any::<usize>()).prop_map(|(process, nth)| Step::Complete(process, nth)),
        1 => (process(), any::<usize>()).prop_map(|(process, nth)| Step::UseStale(process, nth)),
        5 => answer.prop_map(Step::Send),
        6 => Just(Step::Answer),
        1 => any::<usize>().prop_map(Step::ComeLate),
        1 => Just(Step::Crash),
        1 => process().prop_map(|to| Step::HandOver { to }),
        1 => process().prop_map(|to| Step::Lose { to }),
    ]
}

/// Offsets that are missing from the log, and what happens.
fn life() -> impl Strategy<Value = (BTreeSet<i64>, Vec<Step>)> {
    let gaps = prop::collection::btree_set(0..RECORDS - 1, 0..10);
    (gaps, prop::collection::vec(step(), 1..150))
}

fn live(gaps: &BTreeSet<i64>, steps: Vec<Step>, fenced: bool) {
    let mut world = World::new(gaps, fenced);
    for step in steps {
        world.take(step);
    }
    world.finish();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]
    #[test]
    fn no_life_loses_a_record_forgets_a_death_convicts_a_bystander_or_starts_beyond_the_horizon((gaps, steps) in life()) {
        live(&gaps, steps, true);
    }

    #[test]
    fn a_commit_that_comes_late_loses_no_record((gaps, steps) in life()) {
        live(&gaps, steps, false);
    }
}

/// What the model finds in lives with this bug.
fn found(bug: Bug) -> String {
    let _sown = seeded::sow(bug);
    let config = ProptestConfig {
        cases: 256,
        max_shrink_iters: 0,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let random = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(config, random);
    let lived = runner.run(&life(), |(gaps, steps)| {
        live(&gaps, steps, true);
        Ok(())
    });
    match lived {
        Ok(()) => "nothing".to_owned(),
        Err(TestError::Fail(reason, _)) => reason.to_string(),
        Err(TestError::Abort(reason)) => panic!("{reason}"),
    }
}

#[test]
fn a_commit_of_the_highest_offset_seen_is_found() {
    let found = found(Bug::CommitHighest);
    assert!(found.contains("was lost"), "{found}");
}

#[test]
fn a_token_whose_epoch_nobody_checks_is_found() {
    let found = found(Bug::SkipEpoch);
    assert!(found.contains("of a former assignment"), "{found}");
}

#[test]
fn a_missing_start_horizon_is_found() {
    let found = found(Bug::NoStartHorizon);
    assert!(found.contains("died 1 times"), "{found}");
}
