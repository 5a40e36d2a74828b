//! Random days of a fleet: evaluators that share partitions, with the consumer core and the scheduler that they really have,
//! and programs that kill whoever runs them.
//!
//! What must hold is said plainly: every record is done in the end; only killers are convicted, and all of them; an accused
//! has its evaluator to itself; and nothing is committed as done that is not.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use kafka::consumer::{ByHand, PartitionId};
use kafka::{ClientConfig, ConsumerConfig, Event, Record, Token};
use proptest::prelude::*;
use schemas::topics;

use super::scheduler::{Entry, Scheduler};
use super::{LaneKind, Shares, User, Work};

const MACHINES: usize = 3;
const SLOTS: usize = 2;
/// In each partition.
const RECORDS: i64 = 10;
const TOPICS: [&str; 2] = [topics::SUBMISSIONS, topics::SUBMISSIONS_BULK];
const PARTITIONS: [PartitionId; 3] = [
    PartitionId {
        topic: 0,
        partition: 0,
    },
    PartitionId {
        topic: 0,
        partition: 1,
    },
    PartitionId {
        topic: 1,
        partition: 0,
    },
];

/// One record of the log.
type Name = (PartitionId, i64);

#[derive(Clone, Copy, Debug)]
enum Step {
    Fetch(usize),
    /// Whatever may start does.
    Start(usize),
    /// One that runs has been judged; a killer kills instead.
    Judge(usize, usize),
    /// A verdict is acknowledged.
    Finish(usize, usize),
    /// One that is held has its verdict, or its deadline has passed.
    Resolve(usize, usize),
    /// Commits, and hears of it or not.
    Commit(usize, bool),
    /// A partition changes hands, in order or not.
    Move {
        partition: usize,
        to: usize,
        clean: bool,
    },
    /// A power cut.
    Crash(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let machine = || 0..MACHINES;
    let nth = any::<usize>;
    let moved = (0..PARTITIONS.len(), machine(), any::<bool>());
    prop_oneof![
        3 => machine().prop_map(Step::Fetch),
        6 => machine().prop_map(Step::Start),
        6 => (machine(), nth()).prop_map(|(machine, nth)| Step::Judge(machine, nth)),
        6 => (machine(), nth()).prop_map(|(machine, nth)| Step::Finish(machine, nth)),
        3 => (machine(), nth()).prop_map(|(machine, nth)| Step::Resolve(machine, nth)),
        8 => (machine(), prop::bool::weighted(0.9)).prop_map(|(machine, heard)| Step::Commit(machine, heard)),
        2 => moved.prop_map(|(partition, to, clean)| Step::Move { partition, to, clean }),
        1 => machine().prop_map(Step::Crash),
    ]
}

/// How far one piece of work is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Held,
    Waiting,
    /// Asked for and not granted.
    Asking,
    /// Granted and not taken.
    Granted,
    Running,
    Publishing,
}

#[derive(Clone, Copy, Debug)]
struct Piece {
    token: Token,
    crashed: u32,
    phase: Phase,
}

impl Piece {
    fn name(&self) -> Name {
        (self.token.partition, self.token.offset)
    }

    fn is_alone(&self) -> bool {
        self.crashed >= 2
    }

    /// Whether it has a turn, so that others may have to wait.
    fn is_at_work(&self) -> bool {
        !matches!(self.phase, Phase::Held | Phase::Waiting)
    }

    fn entry(&self) -> Entry {
        match self.crashed {
            0 => Entry::Ready(Work {
                lane: [LaneKind::Interactive, LaneKind::Bulk]
                    [usize::from(self.token.partition.topic)],
                user: User(self.token.offset as u64 % 3),
                cost: Duration::from_millis(1),
            }),
            1 => Entry::Suspect,
            _ => Entry::Accused,
        }
    }
}

/// One evaluator.
struct Machine {
    core: ByHand,
    scheduler: Scheduler<u32>,
    pieces: BTreeMap<u32, Piece>,
    next_key: u32,
    positions: BTreeMap<PartitionId, i64>,
}

impl Machine {
    fn new() -> Self {
        let topics = TOPICS.map(str::to_owned).to_vec();
        let mut config = ConsumerConfig::new(ClientConfig::default(), "evaluators", topics);
        config.window = 64;
        config.ready_ahead = 2 * SLOTS;
        Self {
            core: ByHand::new(&config),
            scheduler: Scheduler::new(SLOTS, Shares::default()),
            pieces: BTreeMap::new(),
            next_key: 0,
            positions: BTreeMap::new(),
        }
    }

    fn nth(&self, phase: Phase, nth: usize) -> Option<(u32, Piece)> {
        let of_phase = |(_, piece): &(&u32, &Piece)| piece.phase == phase;
        let found: Vec<_> = self.pieces.iter().filter(of_phase).collect();
        let (key, piece) = *found.get(nth % found.len().max(1))?;
        Some((*key, *piece))
    }

    fn set(&mut self, key: u32, phase: Phase) {
        if let Some(piece) = self.pieces.get_mut(&key) {
            piece.phase = phase;
        }
    }

    fn take_in(&mut self, token: Token, crashed: u32, phase: Phase) {
        self.next_key += 1;
        let piece = Piece {
            token,
            crashed,
            phase,
        };
        self.pieces.insert(self.next_key, piece);
        if phase == Phase::Waiting {
            self.scheduler.enter(self.next_key, piece.entry());
        }
    }

    fn drop_piece(&mut self, key: u32) {
        self.scheduler.leave(key);
        self.pieces.remove(&key);
    }

    /// What has not started is forgotten with its partition; what runs goes on.
    fn forget(&mut self, partition: PartitionId) {
        self.positions.remove(&partition);
        let gone = self.pieces.iter().filter(|(_, piece)| {
            piece.token.partition == partition
                && !matches!(piece.phase, Phase::Running | Phase::Publishing)
        });
        let gone: Vec<u32> = gone.map(|(key, _)| *key).collect();
        for key in gone {
            self.drop_piece(key);
        }
    }

    fn start(&mut self) {
        self.take_grant();
        while let Some(key) = self.scheduler.start_next() {
            let piece = self.pieces[&key];
            let (starts, phase) = match piece.crashed {
                0 => (self.core.try_start(piece.token), Phase::Running),
                _ => (
                    self.core.request_start(piece.token, piece.is_alone()),
                    Phase::Asking,
                ),
            };
            if starts {
                self.set(key, phase);
            } else {
                self.drop_piece(key);
            }
        }
    }

    fn granted(&mut self, token: Token) {
        let asked = self.pieces.iter().find(|(_, piece)| piece.token == token);
        let (&key, _) = asked.expect("granted what was asked for");
        self.set(key, Phase::Granted);
    }

    /// Starts one that was granted.
    fn take_grant(&mut self) {
        let Some((key, piece)) = self.nth(Phase::Granted, 0) else {
            return;
        };
        let at_work = self.pieces.values().filter(|piece| piece.is_at_work());
        assert!(
            !piece.is_alone() || at_work.count() == 1,
            "{piece:?} is not alone"
        );
        if self.core.try_start(piece.token) {
            self.set(key, Phase::Running);
        } else {
            self.drop_piece(key);
        }
    }

    fn has_one_alone(&self) -> bool {
        self.pieces
            .values()
            .any(|piece| piece.is_alone() && piece.is_at_work())
    }
}

struct Fleet {
    machines: [Machine; MACHINES],
    owners: BTreeMap<PartitionId, usize>,
    committed: BTreeMap<PartitionId, (i64, String)>,
    killers: BTreeSet<Name>,
    convicted: BTreeSet<Name>,
    done: BTreeSet<Name>,
}

impl Fleet {
    fn new(killers: BTreeSet<Name>) -> Self {
        let mut fleet = Self {
            machines: std::array::from_fn(|_| Machine::new()),
            owners: BTreeMap::new(),
            committed: BTreeMap::new(),
            killers,
            convicted: BTreeSet::new(),
            done: BTreeSet::new(),
        };
        for (index, partition) in PARTITIONS.into_iter().enumerate() {
            fleet.give(partition, index % MACHINES);
        }
        fleet
    }

    fn give(&mut self, partition: PartitionId, to: usize) {
        self.owners.insert(partition, to);
        let committed = self.committed.get(&partition);
        let committed = committed.map(|(offset, metadata)| (*offset, metadata.as_str()));
        let start = self.machines[to].core.assign(partition, committed);
        self.machines[to].positions.insert(partition, start);
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Fetch(machine) => self.fetch(machine),
            Step::Start(machine) => self.machines[machine].start(),
            Step::Judge(machine, nth) => self.judge(machine, nth),
            Step::Finish(machine, nth) => self.finish_one(machine, nth),
            Step::Resolve(machine, nth) => self.resolve(machine, nth),
            Step::Commit(machine, heard) => self.commit(machine, heard),
            Step::Move {
                partition,
                to,
                clean,
            } => self.change_hands(PARTITIONS[partition], to, clean),
            // A power cut while one runs alone looks like its doing.
            Step::Crash(machine) if self.machines[machine].has_one_alone() => {}
            Step::Crash(machine) => self.die(machine),
        }
        for machine in 0..MACHINES {
            self.listen(machine);
        }
        self.check();
    }

    fn fetch(&mut self, machine: usize) {
        let machine = &mut self.machines[machine];
        for (&partition, position) in &mut machine.positions {
            for offset in *position..RECORDS {
                machine.core.receive(partition, record(partition, offset));
            }
            *position = RECORDS;
        }
    }

    fn judge(&mut self, machine: usize, nth: usize) {
        let Some((key, piece)) = self.machines[machine].nth(Phase::Running, nth) else {
            return;
        };
        if self.killers.contains(&piece.name()) {
            return self.die(machine);
        }
        self.machines[machine].scheduler.judged(key, Duration::ZERO);
        self.machines[machine].set(key, Phase::Publishing);
    }

    fn finish_one(&mut self, machine: usize, nth: usize) {
        if let Some((key, piece)) = self.machines[machine].nth(Phase::Publishing, nth) {
            self.done.insert(piece.name());
            self.machines[machine].core.complete(piece.token);
            self.machines[machine].drop_piece(key);
        }
    }

    fn resolve(&mut self, machine: usize, nth: usize) {
        let Some((key, piece)) = self.machines[machine].nth(Phase::Held, nth) else {
            return;
        };
        let machine = &mut self.machines[machine];
        if self.done.contains(&piece.name()) {
            machine.core.complete(piece.token);
            machine.pieces.remove(&key);
        } else {
            machine.set(key, Phase::Waiting);
            machine.scheduler.enter(key, piece.entry());
        }
    }

    /// The log stores it in any case.
    fn commit(&mut self, machine: usize, heard: bool) {
        let core = &mut self.machines[machine].core;
        if let Some(lines) = core.commit() {
            for (partition, offset, metadata) in lines {
                self.committed.insert(partition, (offset, metadata));
            }
            core.answer(heard);
        }
    }

    fn change_hands(&mut self, partition: PartitionId, to: usize, clean: bool) {
        let from = self.owners[&partition];
        // One that is thrown out while one runs alone looks dead of it.
        if from == to || (!clean && self.machines[from].has_one_alone()) {
            return;
        }
        if clean {
            self.machines[from].core.leave(partition);
            while !self.machines[from].core.is_settled() {
                self.commit(from, true);
            }
            self.listen(from);
        }
        self.machines[from].core.revoke(partition);
        self.machines[from].forget(partition);
        self.give(partition, to);
    }

    fn die(&mut self, machine: usize) {
        self.machines[machine] = Machine::new();
        let orphans = self.owners.iter().filter(|(_, owner)| **owner == machine);
        let orphans: Vec<PartitionId> = orphans.map(|(partition, _)| *partition).collect();
        for partition in orphans {
            self.give(partition, (machine + 1) % MACHINES);
        }
    }

    fn listen(&mut self, machine: usize) {
        for event in self.machines[machine].core.events() {
            let machine = &mut self.machines[machine];
            match event {
                Event::Ready { token, .. } => machine.take_in(token, 0, Phase::Waiting),
                Event::Suspect { token, crashed, .. } => {
                    machine.take_in(token, crashed, Phase::Waiting)
                }
                Event::Held { token, crashed, .. } => machine.take_in(token, crashed, Phase::Held),
                Event::Convicted { token, .. } => {
                    let name = (token.partition, token.offset);
                    assert!(self.killers.contains(&name), "bystander {name:?} convicted");
                    self.convicted.insert(name);
                    self.done.insert(name);
                    machine.core.complete(token);
                }
                Event::Granted { token } => machine.granted(token),
                Event::Assigned { .. } | Event::Revoked { .. } => {}
                Event::Fatal(error) => panic!("{error}"),
            }
        }
    }

    fn check(&self) {
        for (&partition, (frontier, _)) in &self.committed {
            for offset in 0..*frontier {
                assert!(
                    self.done.contains(&(partition, offset)),
                    "{offset} of {partition:?} was lost"
                );
            }
        }
    }

    fn is_over(&self) -> bool {
        let at_its_end = |partition| {
            let committed = self.committed.get(partition);
            committed.is_some_and(|(offset, _)| *offset == RECORDS)
        };
        PARTITIONS.iter().all(at_its_end)
    }

    /// From here on nothing happens but what the programs do.
    fn end(&mut self) {
        for _ in 0..100 * RECORDS {
            for machine in 0..MACHINES {
                for step in [
                    Step::Fetch(machine),
                    Step::Resolve(machine, 0),
                    Step::Start(machine),
                    Step::Commit(machine, true),
                    Step::Judge(machine, 0),
                    Step::Finish(machine, 0),
                ] {
                    self.take(step);
                }
            }
            if self.is_over() {
                break;
            }
        }
        assert!(self.is_over(), "it does not end: {:?}", self.committed);
        assert_eq!(self.convicted, self.killers);
        assert_eq!(self.done.len(), PARTITIONS.len() * RECORDS as usize);
    }
}

fn record(partition: PartitionId, offset: i64) -> Record {
    Record {
        topic: TOPICS[usize::from(partition.topic)].to_owned(),
        partition: partition.partition,
        offset,
        timestamp_ms: None,
        key: None,
        payload: Vec::new(),
        headers: Vec::new(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]
    #[test]
    fn a_fleet_that_is_killed_and_reshuffled_judges_everything_and_convicts_its_killers_alone(
        killers in prop::collection::btree_set((prop::sample::select(PARTITIONS.to_vec()), 0..RECORDS), 0..4),
        steps in prop::collection::vec(step(), 1..250),
    ) {
        let mut fleet = Fleet::new(killers);
        for step in steps {
            fleet.take(step);
        }
        fleet.end();
    }
}
