//! Two processes over one partition, and what must hold whatever becomes of them: checked at every step.
//!
//! The processes keep the rules the core asks of its user, and nothing else. What the model knows is plain: what was
//! completed, what ran when its process died, and what the log says.

use std::collections::{BTreeMap, BTreeSet};

use super::lives::{Answer, Step};
use super::memory_log::{MemoryLog, Owner};
use crate::consumer::assignment::CommitLine;
use crate::consumer::metadata::{HintState, Metadata};
use crate::consumer::{Event, PartitionStatus, Token};

pub(super) const RECORDS: i64 = 40;

/// A process as its evaluator sees it.
struct Process {
    owner: Owner,
    /// What the core handed out and was not started, with its crashes; a fresh record has none.
    startable: Vec<(Token, Option<u32>)>,
    /// Starts asked for and not granted.
    requested: Vec<Run>,
    running: Vec<Run>,
    /// Tokens of former assignments that were never started.
    stale: Vec<Token>,
    /// What ran elsewhere, or here before, when it took over.
    held: BTreeSet<i64>,
    outstanding: Option<Answer>,
}

/// One that runs or will.
#[derive(Clone, Copy)]
struct Run {
    token: Token,
    alone: bool,
    crashed: u32,
}

impl Process {
    fn new() -> Self {
        Self {
            owner: Owner::new(|config| config.ready_ahead = 3),
            startable: Vec::new(),
            requested: Vec::new(),
            running: Vec::new(),
            stale: Vec::new(),
            held: BTreeSet::new(),
            outstanding: None,
        }
    }

    fn forget(&mut self) {
        let startable = self.startable.drain(..).map(|(token, _)| token);
        self.stale.extend(startable);
        let requested = self.requested.drain(..).map(|run| run.token);
        self.stale.extend(requested);
    }

    /// The partition as it stands here; none if it is another's.
    fn partition(&self) -> Option<PartitionStatus> {
        self.owner.core.status().partitions.into_iter().next()
    }

    /// Whether the token is of the present assignment.
    fn is_current(&self, token: Token) -> bool {
        self.partition()
            .is_some_and(|partition| partition.epoch == token.epoch)
    }

    /// All of the partition that a token could change.
    fn standing(&self) -> Option<[i64; 6]> {
        let partition = self.partition()?;
        let counts = [
            partition.outstanding,
            partition.ready,
            partition.running,
            partition.suspects,
            partition.held,
        ];
        let [outstanding, ready, running, suspects, held] = counts.map(|count| count as i64);
        let frontier = partition.frontier.unwrap_or(-1);
        Some([frontier, outstanding, ready, running, suspects, held])
    }
}

pub(super) struct World {
    log: MemoryLog,
    offsets: BTreeSet<i64>,
    processes: [Process; 2],
    owner: usize,
    /// Commits of owners that are no longer count for nothing, as real clusters have it.
    fenced: bool,
    /// Commits that failed: without a fence they may come to the log later.
    late: Vec<Vec<CommitLine>>,
    completed: BTreeSet<i64>,
    /// Offsets that were named alone in the log when an owner died.
    died_alone: BTreeSet<i64>,
    /// How often an owner died while it ran the record.
    deaths: BTreeMap<i64, u32>,
}

impl World {
    pub(super) fn new(gaps: &BTreeSet<i64>, fenced: bool) -> Self {
        let offsets: BTreeSet<i64> = (0..RECORDS)
            .filter(|offset| !gaps.contains(offset))
            .collect();
        let mut world = Self {
            log: MemoryLog::with(offsets.iter().copied()),
            offsets,
            processes: [Process::new(), Process::new()],
            owner: 0,
            fenced,
            late: Vec::new(),
            completed: BTreeSet::new(),
            died_alone: BTreeSet::new(),
            deaths: BTreeMap::new(),
        };
        world.own(0);
        world
    }

    fn current(&mut self) -> &mut Process {
        &mut self.processes[self.owner]
    }

    /// What a successor would read.
    fn metadata(&self) -> Option<Metadata> {
        self.log.committed(0).map(|_| self.log.metadata())
    }

    fn own(&mut self, process: usize) {
        self.owner = process;
        let runs = |state| matches!(state, HintState::Running | HintState::Alone);
        let metadata = self.metadata().filter(|metadata| metadata.clean);
        let hints = metadata.map(|metadata| metadata.hints).unwrap_or_default();
        let held = hints.iter().filter(|hint| runs(hint.state));
        self.processes[process].held = held.map(|hint| hint.offset).collect();
        self.processes[process].owner.assign(&self.log, 0);
    }

    pub(super) fn take(&mut self, step: Step) {
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
            Step::Postpone(nth) => self.postpone(nth),
            Step::Complete(process, nth) => self.complete(process, nth),
            Step::UseStale(process, nth) => self.use_stale(process, nth),
            Step::Send(answer) => self.send(answer),
            Step::Answer => self.answer(),
            Step::ComeLate(nth) => self.come_late(nth),
            Step::Crash => self.crash(),
            Step::HandOver { to } => self.hand_over(to),
            Step::Lose { to } => self.lose(to),
        }
        self.listen();
        self.check();
    }

    /// One start, under the evaluator's rules: alone from two crashes on, and nothing beside what runs alone.
    fn start(&mut self, nth: usize) {
        let process = self.current();
        let alone_here = |run: &Run| run.alone;
        if process.startable.is_empty()
            || process.running.iter().any(alone_here)
            || process.requested.iter().any(alone_here)
        {
            return;
        }
        let index = nth % process.startable.len();
        let (token, crashes) = process.startable[index];
        let crashed = crashes.unwrap_or(0);
        let alone = crashed >= 2;
        if alone && !(process.running.is_empty() && process.requested.is_empty()) {
            return;
        }
        process.startable.remove(index);
        let run = Run {
            token,
            alone,
            crashed,
        };
        if crashed == 0 {
            if process.owner.start(token) {
                process.running.push(run);
                self.check_start(run);
            }
        } else if process.owner.request(token, alone) {
            process.requested.push(run);
        }
    }

    /// What runs and is no suspect goes back to those that may start.
    fn postpone(&mut self, nth: usize) {
        let process = self.current();
        if process.running.is_empty() {
            return;
        }
        let index = nth % process.running.len();
        let Run { token, crashed, .. } = process.running[index];
        process.owner.core.postpone(token);
        if crashed == 0 && process.is_current(token) {
            process.running.remove(index);
            process.startable.push((token, None));
        }
    }

    /// What starts must be visible to whoever reads the log after a crash.
    fn check_start(&self, run: Run) {
        let Some(metadata) = self.metadata().filter(|_| self.fenced) else {
            return;
        };
        let offset = run.token.offset;
        assert!(!metadata.clean, "{offset} started under a clean mark");
        assert!(
            offset < metadata.horizon.max(metadata.suspects_below),
            "{offset} started beyond the horizon"
        );
        if run.crashed > 0 {
            let expected = if run.alone {
                HintState::Alone
            } else {
                HintState::Running
            };
            let hint = metadata.hints.iter().find(|hint| hint.offset == offset);
            let named = hint.map(|hint| hint.state);
            assert_eq!(named, Some(expected), "{offset} was granted unnamed");
        }
    }

    fn complete(&mut self, process: usize, nth: usize) {
        let process = &mut self.processes[process];
        if process.running.is_empty() {
            return;
        }
        let index = nth % process.running.len();
        let token = process.running.remove(index).token;
        self.completed.insert(token.offset);
        let counts = process.is_current(token) || process.held.contains(&token.offset);
        let before = process.standing();
        process.owner.core.complete(token);
        if !counts {
            let after = process.standing();
            assert_eq!(before, after, "a token of a former assignment completed");
        }
    }

    /// Tries all that a token of a former assignment must not do.
    fn use_stale(&mut self, process: usize, nth: usize) {
        let process = &mut self.processes[process];
        if process.stale.is_empty() {
            return;
        }
        let token = process.stale[nth % process.stale.len()];
        let before = process.standing();
        process.owner.core.postpone(token);
        let started = process.owner.start(token) || process.owner.request(token, false);
        assert!(!started, "a token of a former assignment started");
        let after = process.standing();
        assert_eq!(before, after, "a token of a former assignment postponed");
    }

    fn send(&mut self, answer: Answer) {
        let process = self.current();
        if process.outstanding.is_none()
            && let Some(lines) = process.owner.due()
        {
            process.outstanding = Some(answer);
            if answer == Answer::Refused {
                self.late.push(lines);
            } else {
                self.log.store(&lines);
            }
        }
    }

    fn answer(&mut self) {
        let process = self.current();
        match process.outstanding.take() {
            Some(Answer::Acknowledged) => process.owner.acknowledge(),
            Some(Answer::Refused | Answer::Lost) => process.owner.refuse(),
            None => {}
        }
        self.listen();
    }

    /// A commit that was given up comes to the log after all, whoever owns the partition by now.
    fn come_late(&mut self, nth: usize) {
        if !self.fenced && !self.late.is_empty() {
            let lines = self.late.remove(nth % self.late.len());
            self.log.store(&lines);
        }
    }

    fn hand_over(&mut self, to: usize) {
        self.answer();
        let owner = self.owner;
        self.processes[owner].owner.leave(&mut self.log);
        self.processes[owner].forget();
        self.own(to);
    }

    fn lose(&mut self, to: usize) {
        self.answer();
        self.current().owner.lose();
        self.current().forget();
        self.note_deaths_alone();
        self.own(to);
    }

    fn crash(&mut self) {
        self.note_deaths_alone();
        let process = &self.processes[self.owner];
        let died = process.running.iter().map(|run| run.token);
        for token in died.filter(|&token| process.is_current(token)) {
            *self.deaths.entry(token.offset).or_default() += 1;
        }
        self.processes[self.owner] = Process::new();
        self.own(1 - self.owner);
    }

    fn note_deaths_alone(&mut self) {
        let hints = self.metadata().map(|metadata| metadata.hints);
        let hints = hints.unwrap_or_default();
        let alone = hints.iter().filter(|hint| hint.state == HintState::Alone);
        self.died_alone.extend(alone.map(|hint| hint.offset));
    }

    fn listen(&mut self) {
        for event in self.processes[self.owner].owner.events() {
            match event {
                Event::Ready { token, .. } => self.introduced(token, None),
                Event::Suspect { token, crashed, .. } => self.introduced(token, Some(crashed)),
                Event::Held { token, crashed, .. } => self.introduced(token, Some(crashed)),
                Event::Convicted { token, .. } => self.convicted(token),
                Event::Granted { token } => self.granted(token),
                Event::Assigned { .. } | Event::Revoked { .. } => {}
                Event::Fatal(error) => panic!("{error}"),
            }
        }
    }

    /// I4: no death is forgotten.
    fn introduced(&mut self, token: Token, crashed: Option<u32>) {
        let deaths = self.deaths.get(&token.offset).copied().unwrap_or_default();
        assert!(
            !self.fenced || crashed.unwrap_or(0) >= deaths,
            "{} died {deaths} times and is said to have died {crashed:?}",
            token.offset
        );
        self.current().startable.push((token, crashed));
    }

    fn convicted(&mut self, token: Token) {
        assert!(
            !self.fenced || self.died_alone.contains(&token.offset),
            "bystander {} convicted",
            token.offset
        );
        self.completed.insert(token.offset);
        self.current().owner.core.complete(token);
    }

    fn granted(&mut self, token: Token) {
        let requested = &mut self.current().requested;
        let asked_for = requested.iter().position(|run| run.token == token);
        let run = requested.remove(asked_for.expect("granted what was asked for"));
        if self.current().owner.start(token) {
            self.current().running.push(run);
            self.check_start(run);
        }
    }

    /// I3: whatever the log says is done was completed, or was never there.
    fn check(&self) {
        let Some(metadata) = self.metadata() else {
            return;
        };
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
    pub(super) fn finish(&mut self) {
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
            self.take(Step::Send(Answer::Acknowledged));
            self.take(Step::Answer);
            self.take(Step::Start(0));
            self.take(Step::Complete(self.owner, 0));
        }
        assert_eq!(self.completed, self.offsets);
        assert_eq!(self.log.offset(), end);
    }
}
