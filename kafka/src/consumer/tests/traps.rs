//! One test for each way in which consumers like this one were seen to lose records, or to stop.

use super::memory_log::{MemoryLog, Owner, id};
use crate::consumer::Event;

#[test]
fn a_revoke_commits_the_frontier_and_not_the_highest_offset_seen() {
    let mut log = MemoryLog::with(0..6);
    let mut owner = Owner::of(&mut log);
    let tokens = owner.ready();
    for token in &tokens {
        assert!(owner.start(*token));
    }
    owner.core.complete(tokens[5]);
    owner.core.complete(tokens[0]);
    owner.leave(&mut log);
    assert_eq!(log.offset(), 1);
    assert_eq!(log.metadata().done, [0b1000]);
}

#[test]
fn a_late_completion_after_a_revoke_does_not_touch_the_next_assignment() {
    let mut log = MemoryLog::with(0..3);
    let mut owner = Owner::of(&mut log);
    let old = owner.ready();
    assert!(owner.start(old[0]));
    owner.lose();
    owner.take_over(&mut log);
    for token in old {
        owner.core.complete(token);
    }
    owner.commit(&mut log);
    assert_eq!(log.offset(), 0);
    assert_eq!(log.metadata().done, [0; 0]);
}

#[test]
fn a_stale_token_of_a_reused_offset_starts_and_completes_nothing() {
    let mut log = MemoryLog::with(0..3);
    let mut owner = Owner::of(&mut log);
    let old = owner.ready();
    owner.lose();
    // The topic was made anew: the same offsets are other records.
    let mut log = MemoryLog::with(0..3);
    owner.take_over(&mut log);
    let new = owner.ready();
    assert_ne!(old[0], new[0]);
    assert!(!owner.start(old[0]));
    owner.core.complete(old[0]);
    assert!(owner.start(new[0]));
    assert_eq!(owner.status().frontier, Some(0));
}

#[test]
fn a_token_revoked_before_its_start_no_longer_starts() {
    let mut log = MemoryLog::with(0..3);
    let mut owner = Owner::of(&mut log);
    let tokens = owner.ready();
    owner.core.close(&[id(0)]);
    assert!(!owner.start(tokens[0]));
    owner.core.revoke(&[id(0)]);
    assert!(!owner.start(tokens[0]));
}

#[test]
fn metadata_written_for_another_offset_is_not_applied_to_a_reset_one() {
    let mut log = MemoryLog::with(0..6);
    let mut owner = Owner::of(&mut log);
    let tokens = owner.ready();
    for token in &tokens[..3] {
        assert!(owner.start(*token));
        owner.core.complete(*token);
    }
    owner.core.complete(tokens[4]);
    owner.commit(&mut log);
    let text = log.committed(0).map(|(_, text)| text.to_owned());
    log.reset(0, &text.unwrap_or_default());
    let mut owner = Owner::of(&mut log);
    let offsets: Vec<i64> = owner.ready().iter().map(|token| token.offset).collect();
    assert_eq!(offsets, [0, 1, 2, 3, 4, 5]);
}

#[test]
fn pauses_are_derived_anew_and_end_with_their_assignment() {
    let mut log = MemoryLog::with(0..40);
    let mut owner = Owner::new(|config| config.buffer_records = 10);
    owner.take_over(&mut log);
    assert_eq!(owner.core.turn_taps(), (vec![id(0)], vec![]));
    assert_eq!(
        owner.core.turn_taps(),
        (vec![], vec![]),
        "paused once, not at every turn"
    );
    assert_eq!(owner.core.paused_of(&[id(0)]), [id(0)]);
    owner.leave(&mut log);
    owner.assign(&log, 0);
    assert!(owner.core.paused_of(&[id(0)]).is_empty());
    assert_eq!(
        owner.core.turn_taps(),
        (vec![], vec![]),
        "and never resumed when it is not paused"
    );
}

#[test]
fn a_paused_partition_is_resumed_when_half_of_its_buffer_is_free() {
    let mut log = MemoryLog::with(0..20);
    let mut owner = Owner::new(|config| config.buffer_records = 10);
    owner.take_over(&mut log);
    assert_eq!(owner.core.turn_taps(), (vec![id(0)], vec![]));
    let mut started = 0;
    while owner.core.turn_taps().1.is_empty() {
        for token in owner.ready() {
            assert!(owner.start(token));
            started += 1;
        }
        owner.commit(&mut log);
    }
    assert!(started >= 8 && owner.status().queued < 5);
}

#[test]
fn a_refetch_is_dropped_whether_done_running_or_waiting() {
    let mut log = MemoryLog::with(0..12);
    let mut owner = Owner::of(&mut log);
    let tokens = owner.ready();
    assert!(owner.start(tokens[0]));
    owner.core.complete(tokens[1]);
    owner.told();
    owner.refetch(&log, 0);
    assert!(owner.told().is_empty());
    assert_eq!(owner.core.status().refetched, 12);
    assert_eq!(owner.status().outstanding, 11);
}

#[test]
fn offsets_missing_from_the_log_are_done() {
    let mut log = MemoryLog::with([0, 3, 4, 9]);
    let mut owner = Owner::of(&mut log);
    for token in owner.ready() {
        owner.core.complete(token);
    }
    owner.commit(&mut log);
    assert_eq!(log.offset(), 10);
}

#[test]
fn a_suspect_that_was_compacted_away_does_not_hold_the_frontier() {
    let mut log = MemoryLog::with(0..3);
    let mut owner = Owner::of(&mut log);
    let tokens = owner.ready();
    assert!(owner.start(tokens[0]));
    owner.leave(&mut log);
    let mut compacted = MemoryLog::with([2]);
    let (offset, text) = log.committed(0).unwrap_or_default();
    compacted.reset(offset, text);
    let mut owner = Owner::of(&mut compacted);
    for token in owner.ready() {
        owner.core.complete(token);
    }
    owner.commit(&mut compacted);
    assert_eq!(compacted.offset(), 3);
}

#[test]
fn tombstones_are_handed_out() {
    let mut log = MemoryLog::default();
    log.write(0, 0, Vec::new());
    let mut owner = Owner::of(&mut log);
    assert_eq!(owner.told(), ["ready 0"]);
}

#[test]
fn new_metadata_is_committed_at_an_unmoved_frontier() {
    let mut log = MemoryLog::with(0..3);
    let mut owner = Owner::of(&mut log);
    let tokens = owner.ready();
    owner.core.complete(tokens[2]);
    owner.commit(&mut log);
    assert_eq!((log.offset(), log.metadata().done), (0, vec![0b10]));
    owner.core.complete(tokens[1]);
    owner.commit(&mut log);
    assert_eq!((log.offset(), log.metadata().done), (0, vec![0b11]));
}

#[test]
fn a_full_window_parks_what_comes_and_goes_on_when_the_frontier_moves() {
    let mut log = MemoryLog::with(0..200);
    let mut owner = Owner::new(|config| config.ready_ahead = 500);
    owner.take_over(&mut log);
    let first = owner.ready();
    assert_eq!(first.len(), 64);
    assert_eq!(owner.core.turn_taps().0, [id(0)]);
    for token in &first[1..] {
        owner.core.complete(*token);
    }
    assert!(owner.told().is_empty());
    owner.core.complete(first[0]);
    owner.commit(&mut log);
    assert_eq!(owner.ready().len(), 64);
    assert_eq!(log.offset(), 64);
}

#[test]
fn a_gap_wider_than_the_window_waits_for_the_frontier() {
    let mut log = MemoryLog::with([0, 1, 5_000]);
    let mut owner = Owner::of(&mut log);
    let tokens = owner.ready();
    assert_eq!(tokens.len(), 2);
    owner.core.complete(tokens[1]);
    owner.core.complete(tokens[0]);
    owner.commit(&mut log);
    assert_eq!(log.offset(), 5_000);
    assert_eq!(owner.told(), ["ready 5000"]);
}

#[test]
fn a_partition_never_committed_starts_where_its_log_does_and_commits_nothing_before() {
    let mut log = MemoryLog::default();
    let mut owner = Owner::new(|_| {});
    owner.assign(&log, 0);
    assert_eq!(owner.due(), None);
    log.append(0, 700..702);
    owner.fetch(&log);
    owner.commit(&mut log);
    assert_eq!(log.offset(), 700);
    assert_eq!(owner.told(), ["ready 700", "ready 701"]);
}

#[test]
fn out_of_order_completions_survive_a_restart() {
    let mut log = MemoryLog::with(0..6);
    let mut owner = Owner::of(&mut log);
    let tokens = owner.ready();
    for token in [1, 3, 4] {
        owner.core.complete(tokens[token]);
    }
    owner.leave(&mut log);
    let mut owner = Owner::of(&mut log);
    assert_eq!(owner.told(), ["ready 0", "ready 2", "ready 5"]);
}

#[test]
fn a_refused_commit_is_repeated_until_it_is_acknowledged() {
    let mut log = MemoryLog::with(0..2);
    let mut owner = Owner::of(&mut log);
    let tokens = owner.ready();
    owner.core.complete(tokens[0]);
    assert!(owner.due().is_some());
    assert_eq!(owner.due(), None, "one commit at a time");
    owner.refuse();
    assert_eq!(owner.core.status().commit_failures, 1);
    owner.commit(&mut log);
    assert_eq!(log.offset(), 1);
}

#[test]
fn an_answer_to_a_commit_of_a_former_assignment_unlocks_nothing() {
    let log = MemoryLog::with(0..2);
    let mut owner = Owner::new(|_| {});
    owner.assign(&log, 0);
    owner.fetch(&log);
    assert!(owner.due().is_some());
    owner.lose();
    owner.assign(&log, 0);
    owner.fetch(&log);
    owner.acknowledge();
    assert!(owner.told().is_empty());
}

#[test]
fn a_full_event_channel_delays_events_and_loses_none() {
    let mut log = MemoryLog::with(0..2);
    let mut owner = Owner::of(&mut log);
    for _ in 0..500 {
        owner.leave(&mut log);
        owner.assign(&log, 0);
    }
    let assigned = |event: &Event| matches!(event, Event::Assigned { .. });
    assert_eq!(
        owner
            .events()
            .iter()
            .filter(|event| assigned(event))
            .count(),
        501
    );
}

#[test]
fn a_clean_commit_waits_for_the_outstanding_one_and_is_tried_again() {
    let mut log = MemoryLog::with(0..2);
    let mut owner = Owner::of(&mut log);
    let tokens = owner.ready();
    owner.core.complete(tokens[0]);
    assert!(owner.due().is_some());
    owner.core.leave(vec![id(0)]);
    assert_eq!(
        owner.due(),
        None,
        "the outstanding one could land after it and unsay it"
    );
    owner.refuse();
    assert!(owner.due().is_some());
    owner.refuse();
    assert!(!owner.core.is_settled());
    assert_eq!(owner.due_at_once(), None, "not in a tight loop");
    let lines = owner.due().unwrap_or_default();
    log.store(&lines);
    owner.acknowledge();
    assert!(owner.core.is_settled());
    assert!(log.metadata().clean);
    assert_eq!(log.offset(), 1);
}

#[test]
fn a_clean_commit_that_is_never_stored_does_not_hold_up_the_revoke() {
    let mut log = MemoryLog::with(0..2);
    let mut owner = Owner::of(&mut log);
    owner.core.leave(vec![id(0)]);
    while owner.due().is_some() {
        owner.refuse();
    }
    assert!(owner.core.is_settled());
}

#[test]
fn a_failed_commit_is_not_repeated_in_a_tight_loop() {
    let log = MemoryLog::with(0..2);
    let mut owner = Owner::new(|_| {});
    owner.assign(&log, 0);
    owner.fetch(&log);
    assert!(owner.due_at_once().is_some());
    owner.refuse();
    assert_eq!(owner.due_at_once(), None);
    assert!(owner.due().is_some());
}
