//! Records that are held back until their time has come.

use std::time::{Duration, Instant, SystemTime};

use super::memory_log::{MemoryLog, Owner, id};
use crate::consumer::tracker::to_ms;

const HOUR: Duration = Duration::from_secs(3_600);

fn delayed(log: &mut MemoryLog, delay: Duration) -> Owner {
    let mut owner = Owner::new(|config| config.delay = delay);
    owner.take_over(log);
    owner
}

/// Offsets 0 and 1 were appended long ago, the others now.
fn two_old_records_before(count: i64) -> MemoryLog {
    let mut log = MemoryLog::with(0..count);
    for offset in 2..count {
        log.stamp(offset, to_ms(SystemTime::now()));
    }
    log
}

#[test]
fn only_what_is_due_is_handed_out_and_what_waits_takes_no_credit() {
    let mut log = two_old_records_before(40);
    let mut owner = delayed(&mut log, HOUR);
    let tokens = owner.ready();
    let offsets: Vec<_> = tokens.iter().map(|token| token.offset).collect();
    assert_eq!(offsets, [0, 1]);
    for token in tokens {
        assert!(owner.start(token));
        owner.core.complete(token);
    }
    owner.core.hand_out_due();
    assert!(owner.told().is_empty(), "38 wait");
    owner.commit(&mut log);
    assert_eq!(log.offset(), 2, "and are not done");
}

#[test]
fn what_becomes_due_is_handed_out_when_the_thread_comes_round() {
    let mut log = MemoryLog::with(0..1);
    log.stamp(0, to_ms(SystemTime::now()));
    let mut owner = delayed(&mut log, Duration::from_millis(200));
    let give_up = Instant::now() + HOUR;
    while owner.told().is_empty() {
        assert!(Instant::now() < give_up);
        owner.core.hand_out_due();
    }
    let appended = owner.status().frontier_timestamp_ms.expect("handed out");
    assert!(to_ms(SystemTime::now()) >= appended + 200);
}

#[test]
fn one_partition_that_waits_holds_back_no_other() {
    let mut log = two_old_records_before(4);
    log.append(1, 0..2);
    log.stamp(0, to_ms(SystemTime::now()));
    let mut owner = Owner::new(|config| config.delay = HOUR);
    owner.assign(&log, 0);
    owner.assign(&log, 1);
    owner.fetch(&log);
    owner.commit(&mut log);
    let ready = owner.ready();
    let of_the_other = ready.iter().all(|token| token.partition == id(1));
    assert!(
        of_the_other && ready.len() == 2,
        "head of line by time: {ready:?}"
    );
}

#[test]
fn a_suspect_that_is_not_due_waits_too() {
    let mut log = two_old_records_before(4);
    let mut dead = delayed(&mut log, HOUR);
    for token in dead.ready() {
        assert!(dead.start(token));
    }
    drop(dead);
    let mut owner = delayed(&mut log, HOUR);
    assert_eq!(owner.told(), ["suspect 0 crashed 1", "suspect 1 crashed 1"]);
}

#[test]
fn what_waits_is_bounded_by_pausing_the_partition() {
    let mut log = two_old_records_before(60);
    let mut owner = Owner::new(|config| {
        config.delay = HOUR;
        config.buffer_records = 20;
    });
    owner.take_over(&mut log);
    assert_eq!(owner.core.turn_taps(), (vec![id(0)], Vec::new()));
}
