//! Random days of a scheduler, beside the simplest description of what it promises.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use proptest::prelude::*;

use super::scheduler::{Entry, Scheduler};
use super::{LaneKind, Shares, User, Work};

const MILLISECOND: Duration = Duration::from_millis(1);
/// Largest cost of one piece of work here, in milliseconds.
const LARGEST: u32 = 400;

fn lane() -> impl Strategy<Value = LaneKind> {
    prop::sample::select(LaneKind::ALL.to_vec())
}

fn shares() -> impl Strategy<Value = Shares> {
    let weight = || 1_u32..10;
    (weight(), weight(), weight(), 0_u32..60).prop_map(
        |(interactive, overflow, bulk, reserved_percent)| Shares {
            interactive,
            overflow,
            bulk,
            reserved_percent,
        },
    )
}

fn work() -> impl Strategy<Value = Work> {
    (lane(), 0_u64..5, 1..LARGEST).prop_map(|(lane, user, cost)| Work {
        lane,
        user: User(user),
        cost: cost * MILLISECOND,
    })
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Enter(Work),
    EnterSuspect {
        accused: bool,
    },
    /// One of those that judge has judged, with what it really cost.
    Judge(usize, u32),
    /// One of those that publish is done.
    Finish(usize),
    /// One that waits or works goes away.
    GoAway(usize),
    Reshare(Shares),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => work().prop_map(Step::Enter),
        1 => any::<bool>().prop_map(|accused| Step::EnterSuspect { accused }),
        6 => (any::<usize>(), 0..3 * LARGEST).prop_map(|(nth, cost)| Step::Judge(nth, cost)),
        6 => any::<usize>().prop_map(Step::Finish),
        1 => any::<usize>().prop_map(Step::GoAway),
        1 => shares().prop_map(Step::Reshare),
    ]
}

/// What everybody is doing, by key.
#[derive(Debug, Default)]
struct Day {
    waiting: BTreeMap<u32, Entry>,
    judging: BTreeMap<u32, Entry>,
    publishing: BTreeSet<u32>,
    /// An accused that has judged is still alone.
    alone: Option<u32>,
    next_key: u32,
}

impl Day {
    fn nth(keys: impl ExactSizeIterator<Item = u32>, nth: usize) -> Option<u32> {
        let count = keys.len().max(1);
        let mut keys = keys;
        keys.nth(nth % count)
    }

    fn take(&mut self, scheduler: &mut Scheduler<u32>, shares: &mut Shares, step: Step) {
        match step {
            Step::Enter(work) => self.enter(scheduler, Entry::Ready(work)),
            Step::EnterSuspect { accused: true } => self.enter(scheduler, Entry::Accused),
            Step::EnterSuspect { accused: false } => self.enter(scheduler, Entry::Suspect),
            Step::Judge(nth, cost) => {
                let Some(key) = Self::nth(self.judging.keys().copied(), nth) else {
                    return;
                };
                scheduler.judged(key, cost * MILLISECOND);
                if self.judging[&key] != Entry::Accused {
                    self.judging.remove(&key);
                    self.publishing.insert(key);
                }
            }
            Step::Finish(nth) => {
                let done = Self::nth(self.publishing.iter().copied(), nth).or(self.alone);
                if let Some(key) = done {
                    self.leave(scheduler, key);
                }
            }
            Step::GoAway(nth) => {
                let all = self.waiting.keys().chain(self.judging.keys()).copied();
                let all: Vec<u32> = all.collect();
                if let Some(key) = Self::nth(all.into_iter(), nth) {
                    self.leave(scheduler, key);
                }
            }
            Step::Reshare(other) => {
                *shares = other;
                scheduler.set_shares(other);
            }
        }
    }

    fn enter(&mut self, scheduler: &mut Scheduler<u32>, entry: Entry) {
        self.next_key += 1;
        self.waiting.insert(self.next_key, entry);
        scheduler.enter(self.next_key, entry);
    }

    fn leave(&mut self, scheduler: &mut Scheduler<u32>, key: u32) {
        scheduler.leave(key);
        self.waiting.remove(&key);
        self.judging.remove(&key);
        self.publishing.remove(&key);
        self.alone = self.alone.filter(|&alone| alone != key);
    }

    /// Whatever may start has started; each start was allowed.
    fn start_all(&mut self, scheduler: &mut Scheduler<u32>, slots: usize, shares: Shares) {
        while let Some(key) = scheduler.start_next() {
            let entry = self.waiting.remove(&key).expect("only what waits starts");
            assert!(self.alone.is_none(), "{key} started beside an accused");
            if entry == Entry::Accused {
                assert!(self.judging.is_empty() && self.publishing.is_empty());
                self.alone = Some(key);
            }
            self.judging.insert(key, entry);
        }
        assert!(self.judging.len() <= slots);
        assert_eq!(scheduler.slots_busy(), self.judging.len());
        assert!(
            self.judging.len() == slots || !self.something_may_start(slots, shares),
            "an idle slot while something may start: {self:?}"
        );
    }

    /// The rules of starting, said plainly.
    fn something_may_start(&self, slots: usize, shares: Shares) -> bool {
        let count = |entries: &BTreeMap<u32, Entry>, wanted: fn(&Entry) -> bool| {
            entries.values().filter(|entry| wanted(entry)).count()
        };
        let accused = |entry: &Entry| *entry == Entry::Accused;
        let suspect = |entry: &Entry| *entry == Entry::Suspect;
        let bulk =
            |entry: &Entry| matches!(entry, Entry::Ready(work) if work.lane == LaneKind::Bulk);
        let other =
            |entry: &Entry| matches!(entry, Entry::Ready(work) if work.lane != LaneKind::Bulk);
        if self.alone.is_some() {
            return false;
        }
        if count(&self.waiting, accused) > 0 {
            return self.judging.is_empty() && self.publishing.is_empty();
        }
        let suspect_may = count(&self.judging, suspect) < (slots / 4).max(1);
        let bulk_may = count(&self.judging, bulk) < shares.bulk_slots(slots);
        (suspect_may && count(&self.waiting, suspect) > 0)
            || (bulk_may && count(&self.waiting, bulk) > 0)
            || count(&self.waiting, other) > 0
    }
}

proptest! {
    #[test]
    fn no_slot_is_idle_while_something_may_start_and_nothing_else_starts(
        slots in 1_usize..9,
        mut shares in shares(),
        steps in prop::collection::vec(step(), 1..200),
    ) {
        let mut scheduler = Scheduler::new(slots, shares);
        let mut day = Day::default();
        for step in steps {
            day.take(&mut scheduler, &mut shares, step);
            day.start_all(&mut scheduler, slots, shares);
            for lane in LaneKind::ALL {
                let of_lane = |entry: &&Entry| matches!(entry, Entry::Ready(work) if work.lane == lane);
                let count = day.waiting.values().filter(of_lane).count();
                prop_assert_eq!(scheduler.waiting(lane).count, count);
            }
        }
    }

    #[test]
    fn lanes_that_always_wait_get_cpu_seconds_by_their_weights_though_expectations_are_wrong(
        shares in shares().prop_map(|shares| Shares { reserved_percent: 0, ..shares }),
        costs in prop::collection::vec((1..LARGEST, 1..LARGEST), 600..900),
        slots in 1_usize..9,
    ) {
        let mut busy = Busy::new(slots, shares);
        let mut given = BTreeMap::new();
        for (expected, real) in costs {
            let real = real * MILLISECOND;
            let (_, work) = busy.next(expected * MILLISECOND, real);
            *given.entry(work.lane).or_insert(Duration::ZERO) += real;
        }
        let all: Duration = given.values().sum();
        let weights = shares.interactive + shares.overflow + shares.bulk;
        // What is on its way, and the last turn of each.
        let slack = (slots as u32 + 4) * LARGEST * MILLISECOND;
        for lane in LaneKind::ALL {
            let due = all * shares.weight(lane) / weights;
            let got = given.get(&lane).copied().unwrap_or_default();
            prop_assert!(got + slack >= due && got <= due + slack, "{lane:?}: {got:?} of {due:?}");
        }
    }

    #[test]
    fn users_of_a_lane_that_always_wait_get_the_same(
        costs in prop::collection::vec(1..LARGEST, 300..500),
        users in 2_u64..8,
    ) {
        let mut scheduler = Scheduler::new(1, Shares::default());
        let mut given = vec![Duration::ZERO; users as usize];
        let mut owners = BTreeMap::new();
        let mut key = 0;
        let mut enter = |scheduler: &mut Scheduler<u32>, owners: &mut BTreeMap<u32, (u64, Duration)>, user, cost| {
            key += 1;
            owners.insert(key, (user, cost));
            scheduler.enter(key, Entry::Ready(Work { lane: LaneKind::Bulk, user: User(user), cost }));
        };
        for user in 0..users {
            enter(&mut scheduler, &mut owners, user, MILLISECOND);
        }
        for cost in costs {
            let started = scheduler.start_next().expect("something always waits");
            let (user, had) = owners[&started];
            given[user as usize] += had;
            enter(&mut scheduler, &mut owners, user, cost * MILLISECOND);
            scheduler.judged(started, had);
            scheduler.leave(started);
        }
        let (least, most) = (given.iter().min(), given.iter().max());
        let apart = *most.expect("users") - *least.expect("users");
        prop_assert!(apart <= 2 * LARGEST * MILLISECOND, "{given:?}");
    }

    /// However much waits in other lanes and from other users: between its coming and its start others get a bounded amount.
    #[test]
    fn nobody_starves(
        shares in shares(),
        own in work(),
        before in prop::collection::vec(work(), 0..200),
        costs in prop::collection::vec(1..LARGEST, 64),
    ) {
        let mut busy = Busy::new(1, shares);
        for work in before {
            busy.enter(work);
        }
        for cost in &costs {
            busy.next(*cost * MILLISECOND, *cost * MILLISECOND);
        }
        let mine = Work { user: User(99), ..own };
        let key = busy.enter(mine);
        let weights = shares.interactive + shares.overflow + shares.bulk;
        // Its lane has this share, and its user one in seven of the lane: the five of `before`, the one of `Busy`, and itself.
        let bound = 2 * 7 * LARGEST * MILLISECOND * (weights / shares.weight(own.lane) + 1);
        let mut others = Duration::ZERO;
        for cost in costs.iter().cycle() {
            let cost = *cost * MILLISECOND;
            let (started, _) = busy.next(cost, cost);
            if started == key {
                break;
            }
            others += cost;
            prop_assert!(others <= bound, "{others:?} went to others; bound {bound:?}");
        }
    }
}

/// A scheduler whose lanes all have work waiting, of one user each, at any time.
struct Busy {
    scheduler: Scheduler<u32>,
    works: BTreeMap<u32, Work>,
    /// Each with what it really costs.
    running: VecDeque<(u32, Duration)>,
    slots: usize,
    next_key: u32,
}

impl Busy {
    fn new(slots: usize, shares: Shares) -> Self {
        let mut busy = Self {
            scheduler: Scheduler::new(slots, shares),
            works: BTreeMap::new(),
            running: VecDeque::new(),
            slots,
            next_key: 0,
        };
        for lane in LaneKind::ALL {
            for _ in 0..=slots {
                busy.enter_in(lane, MILLISECOND);
            }
        }
        busy
    }

    fn enter(&mut self, work: Work) -> u32 {
        self.next_key += 1;
        self.works.insert(self.next_key, work);
        self.scheduler.enter(self.next_key, Entry::Ready(work));
        self.next_key
    }

    fn enter_in(&mut self, lane: LaneKind, cost: Duration) {
        let user = User(7);
        self.enter(Work { lane, user, cost });
    }

    /// One more starts, as soon as the one that runs for longest has ended; another of its lane takes its place in the queue.
    fn next(&mut self, expected: Duration, real: Duration) -> (u32, Work) {
        if self.running.len() == self.slots
            && let Some((first, cost)) = self.running.pop_front()
        {
            self.scheduler.judged(first, cost);
            self.scheduler.leave(first);
        }
        let key = self.scheduler.start_next().expect("something always waits");
        self.running.push_back((key, real));
        let work = self.works[&key];
        self.enter_in(work.lane, expected);
        (key, work)
    }
}
