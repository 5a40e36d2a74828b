//! What waits, by lane and by user: lanes share the slots by weight, the users of a lane share it alike.
//!
//! Both in expected CPU-seconds, by [`Fair`].

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;
use std::time::Duration;

use super::fair::Fair;
use super::{LaneKind, Shares, User, Work};

/// Even what is expected to cost nothing is charged, or one could have all turns.
const LEAST_COST: Duration = Duration::from_micros(100);

/// Waiting work of all lanes.
#[derive(Debug)]
pub(super) struct Lanes<K> {
    shares: Shares,
    lanes: Fair<LaneKind>,
    queues: HashMap<LaneKind, Queue<K>>,
    /// Where each waiting key is.
    places: HashMap<K, Place>,
    arrivals: u64,
}

#[derive(Clone, Copy, Debug)]
struct Place {
    work: Work,
    arrival: u64,
}

/// What waits in one lane.
#[derive(Debug)]
struct Queue<K> {
    users: Fair<User>,
    /// Of each user, in order of arrival.
    waiting: HashMap<User, BTreeMap<u64, K>>,
    length: usize,
    cost: Duration,
}

impl<K> Default for Queue<K> {
    fn default() -> Self {
        Self {
            users: Fair::new(),
            waiting: HashMap::new(),
            length: 0,
            cost: Duration::ZERO,
        }
    }
}

/// How much waits in a lane.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Waiting {
    /// Submissions.
    pub(crate) count: usize,
    /// Their expected cost.
    pub(crate) cost: Duration,
}

impl<K: Copy + Eq + Hash> Lanes<K> {
    pub(super) fn new(shares: Shares) -> Self {
        Self {
            shares,
            lanes: Fair::new(),
            queues: HashMap::new(),
            places: HashMap::new(),
            arrivals: 0,
        }
    }

    /// Other weights from here on. Who had more or less than its share until now is not called to account for it.
    pub(super) fn set_shares(&mut self, shares: Shares) {
        self.shares = shares;
        for lane in LaneKind::ALL {
            self.lanes.weigh(lane, shares.weight(lane));
        }
    }

    pub(super) fn push(&mut self, key: K, work: Work) {
        let work = Work {
            cost: work.cost.max(LEAST_COST),
            ..work
        };
        self.arrivals += 1;
        let arrival = self.arrivals;
        self.places.insert(key, Place { work, arrival });
        let queue = self.queues.entry(work.lane).or_default();
        queue.users.wait(work.user, 1);
        queue
            .waiting
            .entry(work.user)
            .or_default()
            .insert(arrival, key);
        queue.length += 1;
        queue.cost += work.cost;
        self.lanes.wait(work.lane, self.shares.weight(work.lane));
    }

    /// The next key of a lane that may start now. Its lane and its user are charged with what it is expected to cost.
    pub(super) fn pop(&mut self, may_start: impl Fn(LaneKind) -> bool) -> Option<(K, Work)> {
        let lane = self.lanes.in_turn().find(|&lane| may_start(lane))?;
        let key = self.queues.get(&lane)?.first()?;
        let work = self.places.get(&key)?.work;
        // While it still counts among those that wait: its service is part of what they share.
        self.charge(work, nanos(work.cost));
        self.remove(&key);
        Some((key, work))
    }

    /// Takes a waiting key out.
    pub(super) fn remove(&mut self, key: &K) -> Option<Work> {
        let Place { work, arrival } = self.places.remove(key)?;
        let queue = self.queues.get_mut(&work.lane)?;
        let of_user = queue.waiting.get_mut(&work.user)?;
        of_user.remove(&arrival);
        if of_user.is_empty() {
            queue.waiting.remove(&work.user);
            queue.users.rest(work.user);
        }
        queue.length -= 1;
        queue.cost = queue.cost.saturating_sub(work.cost);
        if queue.length == 0 {
            self.lanes.rest(work.lane);
        }
        Some(work)
    }

    /// What was started has cost this much and not what was expected.
    pub(super) fn correct(&mut self, work: Work, measured: Duration) {
        self.charge(work, nanos(measured) - nanos(work.cost));
    }

    pub(super) fn waiting(&self, lane: LaneKind) -> Waiting {
        let queue = self.queues.get(&lane);
        queue.map_or_else(Waiting::default, |queue| Waiting {
            count: queue.length,
            cost: queue.cost,
        })
    }

    fn charge(&mut self, work: Work, service: i64) {
        let weight = self.shares.weight(work.lane);
        self.lanes.charge(work.lane, service, weight);
        let queue = self.queues.entry(work.lane).or_default();
        queue.users.charge(work.user, service, 1);
    }
}

impl<K: Copy> Queue<K> {
    /// What starts next of this lane.
    fn first(&self) -> Option<K> {
        let user = self.users.in_turn().next()?;
        self.waiting.get(&user)?.values().next().copied()
    }
}

fn nanos(duration: Duration) -> i64 {
    i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX / 4)
}
