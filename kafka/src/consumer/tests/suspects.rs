//! Crashes and hand-offs: who is suspected, who is held, who is convicted, and who never is.

use super::memory_log::{DEADLINE_MS, MemoryLog, Owner, id};
use crate::consumer::Event;
use crate::consumer::metadata::MAX_HINTS;

/// An owner that started all it was given, and died.
fn crash_with_all_running(log: &mut MemoryLog) {
    let mut owner = Owner::of(log);
    for token in owner.ready() {
        assert!(owner.start(token));
    }
}

#[test]
fn after_a_crash_all_that_may_have_run_is_suspect_and_nothing_else() {
    let mut log = MemoryLog::with(0..60);
    let mut owner = Owner::of(&mut log);
    let tokens = owner.ready();
    owner.core.complete(tokens[1]);
    owner.commit(&mut log);
    let horizon = log.metadata().horizon;
    drop(owner);

    let mut owner = Owner::new(|config| config.ready_ahead = 60);
    owner.take_over(&mut log);
    let told = owner.told();
    for offset in (0..horizon).filter(|offset| *offset != 1) {
        assert!(
            told.contains(&format!("suspect {offset} crashed 1")),
            "{offset}"
        );
    }
    assert!(told.contains(&format!("ready {horizon}")));
    assert!(!told.iter().any(|word| word.starts_with("suspect 1 ")));
}

#[test]
fn after_a_clean_end_nothing_is_suspect() {
    let mut log = MemoryLog::with(0..3);
    let mut owner = Owner::of(&mut log);
    owner.ready();
    owner.leave(&mut log);
    assert_eq!(
        Owner::of(&mut log).told(),
        ["ready 0", "ready 1", "ready 2"]
    );
}

#[test]
fn a_suspect_starts_only_after_a_commit_that_names_it_is_acknowledged() {
    let mut log = MemoryLog::with(0..2);
    crash_with_all_running(&mut log);
    let mut owner = Owner::of(&mut log);
    assert_eq!(owner.told(), ["suspect 0 crashed 1", "suspect 1 crashed 1"]);
    let token = owner.token(0);
    assert!(!owner.start(token), "not without a commit");
    owner.request(token, false);
    assert!(log.metadata().hints.is_empty());

    let lines = owner.due_at_once().unwrap_or_default();
    log.store(&lines);
    assert!(owner.told().is_empty());
    assert_eq!(
        (
            log.metadata().hints[0].offset,
            log.metadata().hints[0].crashed
        ),
        (0, 1)
    );
    owner.acknowledge();
    assert_eq!(owner.told(), ["granted 0"]);
    assert_eq!(owner.status().running, 1);
}

#[test]
fn a_refused_grant_is_asked_for_again_and_a_revoked_one_is_forgotten() {
    let mut log = MemoryLog::with(0..1);
    crash_with_all_running(&mut log);
    let mut owner = Owner::of(&mut log);
    owner.told();
    owner.request(owner.token(0), true);
    assert!(owner.due_at_once().is_some());
    owner.refuse();
    assert!(owner.told().is_empty());
    owner.leave(&mut log);
    assert_eq!(
        Owner::of(&mut log).told(),
        ["suspect 0 crashed 1"],
        "it never ran"
    );
}

#[test]
fn a_start_that_nobody_took_holds_nothing_up_at_the_next_owner() {
    for granted_in_time in [true, false] {
        let mut log = MemoryLog::with(0..1);
        crash_with_all_running(&mut log);
        let mut owner = Owner::of(&mut log);
        owner.told();
        let token = owner.token(0);
        assert!(owner.request(token, false));
        let lines = owner.due_at_once().unwrap_or_default();
        log.store(&lines);
        if granted_in_time {
            owner.acknowledge();
            owner.leave(&mut log);
        } else {
            owner.core.leave(vec![id(0)]);
            owner.acknowledge();
            assert!(owner.told().is_empty(), "nothing starts any more");
            owner.leave(&mut log);
        }
        assert!(!owner.core.try_start(token, DEADLINE_MS));
        let next = Owner::of(&mut log).told();
        assert_eq!(next, ["suspect 0 crashed 1"], "it never ran");
    }
}

#[test]
fn a_suspect_that_only_waited_keeps_its_count_and_one_that_ran_gains_one() {
    let mut log = MemoryLog::with(0..2);
    crash_with_all_running(&mut log);
    for crashed in 1..4 {
        let mut owner = Owner::of(&mut log);
        let told = owner.told();
        assert_eq!(
            told,
            [
                format!("suspect 0 crashed {crashed}"),
                "suspect 1 crashed 1".to_owned()
            ]
        );
        owner.request(owner.token(0), false);
        owner.commit(&mut log);
    }
}

#[test]
fn a_death_while_alone_convicts_and_stays_until_the_dead_letter_is_written() {
    let mut log = MemoryLog::with(0..2);
    crash_with_all_running(&mut log);
    let mut owner = Owner::of(&mut log);
    owner.told();
    owner.request(owner.token(0), true);
    owner.commit(&mut log);
    drop(owner);

    // Convicted, whether its owner dies or leaves before it has written the dead letter.
    let expected = ["convicted 0 crashed 2", "suspect 1 crashed 1"];
    assert_eq!(Owner::of(&mut log).told(), expected);
    let mut owner = Owner::of(&mut log);
    assert_eq!(owner.told(), expected);
    assert!(!owner.start(owner.token(0)));
    owner.leave(&mut log);
    let mut owner = Owner::of(&mut log);
    assert_eq!(owner.told(), expected);
    owner.core.complete(owner.token(0));
    owner.commit(&mut log);
    assert_eq!(log.offset(), 1);
}

/// One evaluator's life under the rule of two crashes. Returns false if it died of the killer.
fn live(owner: &mut Owner, log: &mut MemoryLog, killer: i64, convicted: &mut Vec<i64>) -> bool {
    let mut alone = Vec::new();
    for _ in 0..20 {
        let mut running = Vec::new();
        for event in owner.events() {
            match event {
                Event::Ready { token, .. } if owner.start(token) => running.push(token),
                Event::Suspect {
                    token, crashed: 1, ..
                } => assert!(owner.request(token, false)),
                Event::Suspect { token, .. } => alone.push(token),
                Event::Granted { token } if owner.start(token) => running.push(token),
                Event::Convicted { token, .. } => {
                    convicted.push(token.offset);
                    owner.core.complete(token);
                }
                _ => {}
            }
        }
        if running.iter().any(|token| token.offset == killer) {
            return false;
        }
        if running.is_empty()
            && let Some(token) = alone.pop()
        {
            owner.request(token, true);
        }
        for token in running {
            owner.core.complete(token);
        }
        owner.commit(log);
    }
    true
}

#[test]
fn a_killer_is_convicted_within_four_lives_and_its_eight_neighbours_never_are() {
    for killer in 0..9 {
        let mut log = MemoryLog::with(0..9);
        let mut convicted = Vec::new();
        let mut deaths = 0;
        loop {
            let mut owner = Owner::new(|config| config.ready_ahead = 9);
            owner.take_over(&mut log);
            if live(&mut owner, &mut log, killer, &mut convicted) {
                break;
            }
            deaths += 1;
            assert!(deaths <= 3, "{deaths} deaths");
        }
        assert_eq!(convicted, [killer]);
        assert_eq!(log.offset(), 9, "the partition moves on");
    }
}

#[test]
fn a_crash_of_the_crash_recovery_counts_nothing_twice() {
    let mut log = MemoryLog::with(0..2);
    crash_with_all_running(&mut log);
    let mut second = Owner::new(|_| {});
    second.assign(&log, 0);
    second.fetch(&log);
    assert!(second.due_at_once().is_some(), "sent, never stored");
    drop(second);
    assert_eq!(
        Owner::of(&mut log).told(),
        ["suspect 0 crashed 1", "suspect 1 crashed 1"]
    );
}

#[test]
fn an_owner_that_dies_right_after_a_clean_takeover_has_started_nothing_unseen() {
    let mut log = MemoryLog::with(0..2);
    let mut first = Owner::of(&mut log);
    first.leave(&mut log);
    let mut second = Owner::new(|_| {});
    second.assign(&log, 0);
    second.fetch(&log);
    // The log still says clean: whatever started now would look as if it never had.
    assert!(second.told().is_empty());
    let lines = second.due_at_once().unwrap_or_default();
    log.store(&lines);
    second.acknowledge();
    assert_eq!(second.told(), ["ready 0", "ready 1"]);
    drop(second);
    assert_eq!(
        Owner::of(&mut log).told(),
        ["suspect 0 crashed 1", "suspect 1 crashed 1"]
    );
}

#[test]
fn a_hand_off_holds_what_runs_until_its_unchanged_deadline() {
    let mut log = MemoryLog::with(0..2);
    let mut owner = Owner::of(&mut log);
    let tokens = owner.ready();
    assert!(owner.start(tokens[0]));
    owner.leave(&mut log);
    for _ in 0..3 {
        let mut owner = Owner::of(&mut log);
        let deadlines: Vec<i64> = log
            .metadata()
            .hints
            .iter()
            .map(|hint| hint.deadline_ms)
            .collect();
        assert_eq!(deadlines, [DEADLINE_MS]);
        assert_eq!(owner.told(), ["held 0 crashed 0", "ready 1"]);
        owner.leave(&mut log);
    }
    let mut owner = Owner::of(&mut log);
    owner.told();
    assert!(
        owner.start(owner.token(0)),
        "at its deadline it starts like a fresh one"
    );
    owner.core.complete(owner.token(0));
    owner.commit(&mut log);
    assert_eq!(log.offset(), 1);
}

#[test]
fn attempts_survive_hand_offs() {
    let mut log = MemoryLog::with(0..3);
    crash_with_all_running(&mut log);
    let mut owner = Owner::of(&mut log);
    owner.told();
    owner.start_suspect(&mut log, 0, false);
    owner.leave(&mut log);
    let mut owner = Owner::of(&mut log);
    assert_eq!(
        owner.told(),
        [
            "held 0 crashed 1",
            "suspect 1 crashed 1",
            "suspect 2 crashed 1"
        ]
    );
    // What was held may have run here: one more.
    drop(owner);
    let mut owner = Owner::of(&mut log);
    assert_eq!(
        owner.told(),
        [
            "suspect 0 crashed 2",
            "suspect 1 crashed 1",
            "suspect 2 crashed 1"
        ]
    );
    owner.leave(&mut log);
    assert_eq!(Owner::of(&mut log).told()[0], "suspect 0 crashed 2");
}

#[test]
fn a_held_record_with_crashes_needs_a_grant() {
    let mut log = MemoryLog::with(0..1);
    crash_with_all_running(&mut log);
    let mut owner = Owner::of(&mut log);
    owner.told();
    owner.start_suspect(&mut log, 0, false);
    owner.leave(&mut log);
    let mut owner = Owner::of(&mut log);
    owner.told();
    assert!(!owner.start(owner.token(0)));
    owner.request(owner.token(0), false);
    owner.commit(&mut log);
    assert_eq!(owner.told(), ["granted 0"]);
}

#[test]
fn there_is_nothing_to_start_of_a_held_record_that_was_completed_where_it_ran_before() {
    let mut log = MemoryLog::with(0..1);
    crash_with_all_running(&mut log);
    let mut owner = Owner::of(&mut log);
    owner.told();
    let before = owner.token(0);
    owner.start_suspect(&mut log, 0, false);
    owner.leave(&mut log);
    owner.take_over(&mut log);
    assert_eq!(owner.told(), ["granted 0", "held 0 crashed 1"]);
    owner.core.complete(before);
    assert!(!owner.request(owner.token(0), false));
}

#[test]
fn the_death_of_the_next_owner_does_not_convict_what_ran_alone_at_the_former() {
    let mut log = MemoryLog::with(0..1);
    crash_with_all_running(&mut log);
    let mut owner = Owner::of(&mut log);
    owner.told();
    owner.start_suspect(&mut log, 0, true);
    owner.leave(&mut log);
    let mut next = Owner::of(&mut log);
    assert_eq!(next.told(), ["held 0 crashed 1"]);
    drop(next);
    assert_eq!(Owner::of(&mut log).told(), ["suspect 0 crashed 2"]);
}

#[test]
fn a_completion_of_an_old_epoch_resolves_a_record_held_for_it() {
    for fetched in [false, true] {
        let mut log = MemoryLog::with(0..2);
        let mut owner = Owner::of(&mut log);
        let tokens = owner.ready();
        assert!(owner.start(tokens[0]));
        owner.leave(&mut log);
        owner.assign(&log, 0);
        if fetched {
            owner.fetch(&log);
        }
        owner.core.complete(tokens[0]);
        owner.core.complete(tokens[1]);
        owner.fetch(&log);
        owner.commit(&mut log);
        assert_eq!(log.offset(), 1);
        assert_eq!(owner.told(), ["ready 1"]);
    }
}

#[test]
fn more_wishes_than_a_commit_can_name_are_granted_in_turns() {
    let mut log = MemoryLog::with(0..300);
    let many = |config: &mut crate::consumer::ConsumerConfig| {
        config.window = 512;
        config.ready_ahead = 300;
    };
    let mut owner = Owner::new(many);
    owner.take_over(&mut log);
    assert_eq!(owner.ready().len(), 300);
    drop(owner);

    let mut owner = Owner::new(many);
    owner.take_over(&mut log);
    assert_eq!(owner.told().len(), 300);
    for offset in 0..300 {
        owner.request(owner.token(offset), false);
    }
    let mut granted = 0;
    while granted < 300 {
        let lines = owner.due_at_once().unwrap_or_default();
        log.store(&lines);
        owner.acknowledge();
        for event in owner.events() {
            if let Event::Granted { token } = event {
                granted += 1;
                owner.core.complete(token);
            }
        }
        assert!(log.metadata().hints.len() <= MAX_HINTS);
    }
    owner.commit(&mut log);
    assert_eq!(log.offset(), 300);
}

#[test]
fn a_lost_partition_commits_nothing_and_its_records_become_suspects() {
    let mut log = MemoryLog::with(0..2);
    let mut owner = Owner::of(&mut log);
    let tokens = owner.ready();
    assert!(owner.start(tokens[0]));
    owner.core.complete(tokens[1]);
    owner.lose();
    assert_eq!(owner.due(), None);
    assert_eq!(
        Owner::of(&mut log).told(),
        ["suspect 0 crashed 1", "suspect 1 crashed 1"]
    );
}
