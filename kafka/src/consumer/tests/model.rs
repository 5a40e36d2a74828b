//! Random lives of two processes over one partition, checked at every step.
//!
//! The processes keep the rules the core asks of its user, and nothing else: they start at random,
//! die at random, hand over in order or not, lose answers to commits, and finish what runs after they left.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::memory_log::{MemoryLog, Owner};
use crate::consumer::assignment::CommitLine;
use crate::consumer::metadata::HintState;
use crate::consumer::{Event, Token};

const RECORDS: i64 = 40;

#[derive(Clone, Copy, Debug)]
enum Step {
    /// Some records arrive.
    Fetch(usize),
    /// They arrive again.
    Refetch(i64),
    /// Starts one of those that may start.
    Start(usize),
    /// Completes one of those that run; also at a process that no longer owns the partition.
    Complete(usize, usize),
    /// Sends a commit, which the log stores or not.
    Send { stored: bool },
    /// The answer to the outstanding commit.
    Answer,
    /// The owner dies.
    Crash,
    /// The owner leaves in order; the other process takes over, or the same again.
    HandOver { to: usize },
    /// The owner is thrown out without a word.
    Lose { to: usize },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (1_usize..12).prop_map(Step::Fetch),
        1 => (0..RECORDS).prop_map(Step::Refetch),
        8 => any::<usize>().prop_map(Step::Start),
        6 => (0_usize..2, any::<usize>()).prop_map(|(process, nth)| Step::Complete(process, nth)),
        5 => prop::bool::weighted(0.8).prop_map(|stored| Step::Send { stored }),
        6 => Just(Step::Answer),
        1 => Just(Step::Crash),
        1 => (0_usize..2).prop_map(|to| Step::HandOver { to }),
        1 => (0_usize..2).prop_map(|to| Step::Lose { to }),
    ]
}

/// A process as its evaluator sees it.
struct Process {
    owner: Owner,
    /// What the core handed out and was not started, with its crashes; a fresh record has none.
    startable: Vec<(Token, Option<u32>)>,
    /// Starts asked for and not granted.
    requested: Vec<(Token, bool)>,
    running: Vec<(Token, bool)>,
    outstanding: Option<(Vec<CommitLine>, bool)>,
}

impl Process {
    fn new() -> Self {
        Self {
            owner: Owner::new(|config| config.ready_ahead = 3),
            startable: Vec::new(),
            requested: Vec::new(),
            running: Vec::new(),
            outstanding: None,
        }
    }

    fn forget(&mut self) {
        self.startable.clear();
        self.requested.clear();
    }
}

struct World {
    log: MemoryLog,
    offsets: BTreeSet<i64>,
    processes: [Process; 2],
    owner: usize,
    completed: BTreeSet<i64>,
    /// Offsets that were named alone in the log when an owner died.
    died_alone: BTreeSet<i64>,
}

impl World {
    fn new(gaps: BTreeSet<i64>) -> Self {
        let offsets: BTreeSet<i64> = (0..RECORDS)
            .filter(|offset| !gaps.contains(offset))
            .collect();
        let mut world = Self {
            log: MemoryLog::with(offsets.iter().copied()),
            offsets,
            processes: [Process::new(), Process::new()],
            owner: 0,
            completed: BTreeSet::new(),
            died_alone: BTreeSet::new(),
        };
        world.own(0);
        world
    }

    fn current(&mut self) -> &mut Process {
        &mut self.processes[self.owner]
    }

    fn own(&mut self, process: usize) {
        self.owner = process;
        self.processes[process].owner.assign(&self.log, 0);
    }

    fn take(&mut self, step: Step) {
        let owner = self.owner;
        match step {
            Step::Fetch(count) => self.processes[owner].owner.fetch_at_most(&self.log, count),
            Step::Refetch(from) => {
                let next = self.processes[owner].owner.status().next_offset;
                if next.is_some_and(|next| from <= next) {
                    self.processes[owner].owner.refetch(&self.log, from);
                }
            }
            Step::Start(nth) => self.start(nth),
            Step::Complete(process, nth) => self.complete(process, nth),
            Step::Send { stored } => self.send(stored),
            Step::Answer => self.answer(),
            Step::Crash => self.crash(),
            Step::HandOver { to } => self.hand_over(to),
            Step::Lose { to } => {
                self.answer();
                self.current().owner.lose();
                self.current().forget();
                self.note_deaths_alone();
                self.own(to);
            }
        }
        self.listen();
        self.check();
    }

    /// One start, under the evaluator's rules: alone from two crashes on, and nothing beside what runs alone.
    fn start(&mut self, nth: usize) {
        let process = self.current();
        let alone_here = |(_, alone): &(Token, bool)| *alone;
        if process.startable.is_empty()
            || process.running.iter().any(alone_here)
            || process.requested.iter().any(alone_here)
        {
            return;
        }
        let index = nth % process.startable.len();
        let (token, crashed) = process.startable[index];
        let alone = crashed.is_some_and(|crashed| crashed >= 2);
        if alone && !(process.running.is_empty() && process.requested.is_empty()) {
            return;
        }
        process.startable.remove(index);
        match crashed {
            None | Some(0) => {
                if process.owner.start(token) {
                    process.running.push((token, false));
                    self.check_start(token, None);
                }
            }
            Some(_) => {
                if process.owner.request(token, alone) {
                    process.requested.push((token, alone));
                }
            }
        }
    }

    /// What starts must be visible to whoever reads the log after a crash.
    fn check_start(&self, token: Token, granted_alone: Option<bool>) {
        let metadata = self.log.metadata();
        assert!(
            !metadata.clean,
            "{} started under a clean mark",
            token.offset
        );
        assert!(
            token.offset < metadata.horizon.max(metadata.suspects_below),
            "{} started beyond the horizon",
            token.offset
        );
        if let Some(alone) = granted_alone {
            let expected = if alone {
                HintState::Alone
            } else {
                HintState::Running
            };
            let hint = metadata
                .hints
                .iter()
                .find(|hint| hint.offset == token.offset);
            assert_eq!(
                hint.map(|hint| hint.state),
                Some(expected),
                "{} was granted unnamed",
                token.offset
            );
        }
    }

    fn complete(&mut self, process: usize, nth: usize) {
        let process = &mut self.processes[process];
        if process.running.is_empty() {
            return;
        }
        let (token, _) = process.running.remove(nth % process.running.len());
        self.completed.insert(token.offset);
        process.owner.core.complete(token);
    }

    fn send(&mut self, stored: bool) {
        let process = self.current();
        if process.outstanding.is_none()
            && let Some(lines) = process.owner.due()
        {
            if stored {
                self.log.store(&lines);
            }
            self.current().outstanding = Some((lines, stored));
        }
    }

    fn answer(&mut self) {
        let process = self.current();
        match process.outstanding.take() {
            Some((_, true)) => process.owner.acknowledge(),
            Some((_, false)) => process.owner.refuse(),
            None => {}
        }
        self.listen();
    }

    fn hand_over(&mut self, to: usize) {
        self.answer();
        let owner = self.owner;
        self.processes[owner].owner.leave(&mut self.log);
        self.processes[owner].forget();
        self.own(to);
    }

    fn crash(&mut self) {
        self.note_deaths_alone();
        self.processes[self.owner] = Process::new();
        self.own(1 - self.owner);
    }

    fn note_deaths_alone(&mut self) {
        if self.log.committed(0).is_some() {
            let hints = self.log.metadata().hints;
            let alone = hints.iter().filter(|hint| hint.state == HintState::Alone);
            self.died_alone.extend(alone.map(|hint| hint.offset));
        }
    }

    fn listen(&mut self) {
        for event in self.processes[self.owner].owner.events() {
            let process = &mut self.processes[self.owner];
            match event {
                Event::Ready { token, .. } => process.startable.push((token, None)),
                Event::Suspect { token, crashed, .. } => {
                    process.startable.push((token, Some(crashed.max(1))))
                }
                Event::Held { token, crashed, .. } => {
                    process.startable.push((token, Some(crashed)))
                }
                Event::Convicted { token, .. } => {
                    assert!(
                        self.died_alone.contains(&token.offset),
                        "bystander {} convicted",
                        token.offset
                    );
                    self.completed.insert(token.offset);
                    process.owner.core.complete(token);
                }
                Event::Granted { token } => {
                    let of = |(requested, _): &(Token, bool)| *requested == token;
                    let index = process
                        .requested
                        .iter()
                        .position(of)
                        .expect("granted what was asked for");
                    let (_, alone) = process.requested.remove(index);
                    if process.owner.start(token) {
                        process.running.push((token, alone));
                        self.check_start(token, Some(alone));
                    }
                }
                Event::Assigned { .. } | Event::Revoked { .. } => {}
                Event::Fatal(error) => panic!("{error}"),
            }
        }
    }

    /// I3: whatever the log says is done was completed, or was never there.
    fn check(&self) {
        if self.log.committed(0).is_none() {
            return;
        }
        let metadata = self.log.metadata();
        let done_bit = |offset: i64| {
            let bit = offset - metadata.frontier - 1;
            let byte = usize::try_from(bit / 8)
                .ok()
                .and_then(|index| metadata.done.get(index));
            bit >= 0 && byte.is_some_and(|byte| byte & (1 << (bit % 8)) != 0)
        };
        for &offset in &self.offsets {
            if offset < metadata.frontier || done_bit(offset) {
                assert!(self.completed.contains(&offset), "{offset} was lost");
            }
        }
    }

    /// A last, healthy owner finishes everything.
    fn finish(&mut self) {
        self.crash();
        let end = self.offsets.last().map_or(0, |last| last + 1);
        for _ in 0..40 * RECORDS {
            if self
                .log
                .committed(0)
                .is_some_and(|(offset, _)| offset == end)
            {
                break;
            }
            self.take(Step::Fetch(usize::MAX));
            self.take(Step::Send { stored: true });
            self.take(Step::Answer);
            self.take(Step::Start(0));
            self.take(Step::Complete(self.owner, 0));
        }
        assert_eq!(self.completed, self.offsets);
        assert_eq!(self.log.offset(), end);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]
    #[test]
    fn no_life_loses_a_record_convicts_a_bystander_or_starts_beyond_the_horizon(
        gaps in prop::collection::btree_set(0..RECORDS - 1, 0..10),
        steps in prop::collection::vec(step(), 1..150),
    ) {
        let mut world = World::new(gaps);
        for step in steps {
            world.take(step);
        }
        world.finish();
    }
}
