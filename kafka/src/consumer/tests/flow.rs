//! What goes out when: horizon, credits, turns, and when a commit is due.

use std::collections::VecDeque;

use super::memory_log::{DEADLINE_MS, MemoryLog, Owner, id};
use crate::consumer::metadata::HintState;

#[test]
fn nothing_is_handed_out_before_the_first_commit_is_acknowledged() {
    let mut log = MemoryLog::with(0..3);
    let mut owner = Owner::new(|_| {});
    owner.assign(&log, 0);
    owner.fetch(&log);
    let lines = owner.due_at_once().unwrap_or_default();
    assert!(owner.told().is_empty());
    log.store(&lines);
    assert!(log.metadata().horizon >= 3 && !log.metadata().clean);
    owner.acknowledge();
    assert_eq!(owner.told(), ["ready 0", "ready 1", "ready 2"]);
}

#[test]
fn no_more_than_the_credits_are_out_and_each_start_brings_the_next() {
    let mut log = MemoryLog::with(0..30);
    let mut owner = Owner::of(&mut log);
    let tokens = owner.ready();
    assert_eq!(tokens.len(), 8);
    assert!(owner.start(tokens[3]));
    assert_eq!(owner.ready().len(), 1);
    owner.core.complete(tokens[4]);
    assert_eq!(owner.ready().len(), 1);
}

#[test]
fn a_record_beyond_the_horizon_asks_for_a_commit_at_once() {
    let mut log = MemoryLog::with(0..40);
    let mut owner = Owner::of(&mut log);
    let mut commits = 0;
    let mut started = 0;
    while started < 40 {
        for token in owner.ready() {
            assert!(token.offset < log.metadata().horizon);
            assert!(owner.start(token));
            started += 1;
        }
        if let Some(lines) = owner.due_at_once() {
            log.store(&lines);
            owner.acknowledge();
            commits += 1;
        }
    }
    assert!((1..=4).contains(&commits), "{commits}");
}

#[test]
fn the_horizon_keeps_ahead_of_a_quick_partition_so_that_nothing_waits() {
    let mut log = MemoryLog::with(0..4_000);
    let mut owner = Owner::new(|config| {
        config.window = 1_024;
        config.buffer_records = 100_000;
    });
    owner.take_over(&mut log);
    let mut waited = 0;
    let mut ready = VecDeque::new();
    for turn in 0..30 {
        // Between two commits a hundred records are started and done.
        for _ in 0..100 {
            ready.extend(owner.ready());
            match ready.pop_front() {
                Some(token) => {
                    assert!(owner.start(token));
                    owner.core.complete(token);
                }
                None if turn > 3 => waited += 1,
                None => {}
            }
        }
        owner.commit(&mut log);
    }
    assert_eq!(waited, 0);
}

#[test]
fn an_idle_partition_has_its_horizon_ahead_so_that_a_new_record_starts_without_a_commit() {
    let mut log = MemoryLog::with(0..1);
    let mut owner = Owner::of(&mut log);
    for token in owner.ready() {
        assert!(owner.start(token));
        owner.core.complete(token);
    }
    owner.commit(&mut log);
    log.append(0, 1..2);
    owner.fetch(&log);
    assert_eq!(owner.told(), ["ready 1"]);
}

#[test]
fn an_idle_partition_commits_nothing() {
    let mut log = MemoryLog::with(0..2);
    let mut owner = Owner::of(&mut log);
    owner.commit(&mut log);
    assert_eq!(owner.due(), None);
}

#[test]
fn a_change_waits_for_the_interval_unless_something_waits_for_it() {
    let mut log = MemoryLog::with(0..2);
    let mut owner = Owner::of(&mut log);
    let tokens = owner.ready();
    owner.due();
    owner.core.complete(tokens[0]);
    assert!(owner.due().is_some());
    owner.acknowledge();
    owner.core.complete(tokens[1]);
    assert_eq!(owner.due_at_once(), None);
    assert!(owner.due().is_some());
}

#[test]
fn partitions_take_turns() {
    let mut log = MemoryLog::default();
    for partition in 0..3 {
        log.append(partition, 0..10);
    }
    let mut owner = Owner::new(|_| {});
    for partition in 0..3 {
        owner.assign(&log, partition);
    }
    owner.fetch(&log);
    owner.commit(&mut log);
    let partitions: Vec<i32> = owner
        .ready()
        .iter()
        .map(|token| token.partition.partition)
        .collect();
    assert_eq!(partitions, [0, 1, 2, 0, 1, 2, 0, 1]);
}

#[test]
fn running_records_are_named_with_their_deadline() {
    let mut log = MemoryLog::with(0..3);
    let mut owner = Owner::of(&mut log);
    let tokens = owner.ready();
    assert!(owner.start(tokens[1]));
    owner.core.complete(tokens[0]);
    owner.commit(&mut log);
    let hints = log.metadata().hints;
    assert_eq!(hints.len(), 1);
    assert_eq!(
        (hints[0].offset, hints[0].crashed, hints[0].deadline_ms),
        (1, 0, DEADLINE_MS)
    );
    assert_eq!(hints[0].state, HintState::Running);
}

#[test]
fn a_postponed_record_makes_room_for_others_and_is_nobodys_hint() {
    let mut log = MemoryLog::with(0..3);
    let mut owner = Owner::new(|config| config.ready_ahead = 1);
    owner.take_over(&mut log);
    let [first] = owner.ready()[..] else {
        panic!("one credit")
    };
    owner.core.postpone(first);
    let [second] = owner.ready()[..] else {
        panic!("its credit is free")
    };
    assert!(owner.start(second));
    owner.core.postpone(second);
    owner.leave(&mut log);
    let mut next = Owner::of(&mut log);
    assert_eq!(
        next.told(),
        ["ready 0", "ready 1", "ready 2"],
        "neither held nor suspected"
    );
}

#[test]
fn a_postponed_record_can_be_started_and_completed() {
    let mut log = MemoryLog::with(0..1);
    let mut owner = Owner::of(&mut log);
    let token = owner.ready()[0];
    owner.core.postpone(token);
    assert!(owner.start(token));
    owner.core.postpone(token);
    assert!(owner.start(token));
    owner.core.complete(token);
    owner.commit(&mut log);
    assert_eq!(log.offset(), 1);
    assert_eq!(owner.status().ready, 0);
}

#[test]
fn the_status_tells_a_partition_as_it_is() {
    let mut log = MemoryLog::with(0..20);
    let mut owner = Owner::of(&mut log);
    let tokens = owner.ready();
    assert!(owner.start(tokens[2]));
    owner.core.complete(tokens[0]);
    owner.core.note_end(id(0), 20);
    let status = owner.status();
    assert_eq!(status.topic, "submissions");
    assert_eq!(
        (status.frontier, status.next_offset, status.end_offset),
        (Some(1), Some(20), Some(20))
    );
    assert_eq!(
        (status.running, status.ready, status.outstanding),
        (1, 8, 19)
    );
    assert_eq!(status.queued, 10);
    assert_eq!(status.frontier_timestamp_ms, Some(1_001));
}
