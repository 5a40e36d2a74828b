//! Who of several is served next, so that each gets service in proportion to its weight.
//!
//! Each of them has an account: the service it was given, divided by its weight. The lowest account among those that
//! wait is served next and charged for it. `now` is the account of somebody who has always had just its share; it moves
//! on with all service given, so whoever has to wait is in front of everybody in the end, however many come.
//! Who comes, or comes again, begins at `now` if its account is lower: nobody saves up service while it wants none.

use std::collections::{BTreeSet, HashMap};
use std::hash::Hash;

/// Accounts of those who share something. Service is counted in nanoseconds.
#[derive(Debug)]
pub(super) struct Fair<M> {
    accounts: HashMap<M, Account>,
    /// Those who wait, in the order of their turns: account, then who has waited longest.
    waiting: BTreeSet<(i64, u64, M)>,
    /// Those who do not wait and had more than their share; forgotten when `now` has reached them.
    resting: BTreeSet<(i64, M)>,
    /// The weights of those who wait.
    weight_waiting: i64,
    now: i64,
    arrivals: u64,
}

#[derive(Clone, Copy, Debug)]
struct Account {
    charged: i64,
    weight: i64,
    /// When it began to wait; `None` while it rests.
    since: Option<u64>,
}

impl<M: Copy + Ord + Hash> Fair<M> {
    pub(super) fn new() -> Self {
        Self {
            accounts: HashMap::new(),
            waiting: BTreeSet::new(),
            resting: BTreeSet::new(),
            weight_waiting: 0,
            now: 0,
            arrivals: 0,
        }
    }

    /// It wants service from here on.
    pub(super) fn wait(&mut self, member: M, weight: u32) {
        let account = self.accounts.get(&member).copied();
        if account.is_some_and(|account| account.since.is_some()) {
            return;
        }
        let charged = account.map_or(self.now, |account| account.charged.max(self.now));
        if let Some(account) = account {
            self.resting.remove(&(account.charged, member));
        }
        self.arrivals += 1;
        let account = Account {
            charged,
            weight: i64::from(weight.max(1)),
            since: Some(self.arrivals),
        };
        self.accounts.insert(member, account);
        self.waiting.insert((charged, self.arrivals, member));
        self.weight_waiting += account.weight;
    }

    /// It wants none any more, for now.
    pub(super) fn rest(&mut self, member: M) {
        let Some(account) = self.accounts.get_mut(&member) else {
            return;
        };
        if let Some(since) = account.since.take() {
            self.waiting.remove(&(account.charged, since, member));
            self.resting.insert((account.charged, member));
            self.weight_waiting -= account.weight;
            self.forget_settled();
        }
    }

    /// Its weight from here on.
    pub(super) fn weigh(&mut self, member: M, weight: u32) {
        if let Some(account) = self.accounts.get_mut(&member) {
            let weight = i64::from(weight.max(1));
            if account.since.is_some() {
                self.weight_waiting += weight - account.weight;
            }
            account.weight = weight;
        }
    }

    /// Those who wait, in the order of their turns.
    pub(super) fn in_turn(&self) -> impl Iterator<Item = M> + '_ {
        self.waiting.iter().map(|&(_, _, member)| member)
    }

    /// It was given this much more service; less than nothing takes back what was charged too much. `weight` is for one
    /// that was forgotten meanwhile.
    pub(super) fn charge(&mut self, member: M, service: i64, weight: u32) {
        self.now += service / self.weight_waiting.max(i64::from(weight.max(1)));
        let now = self.now;
        let account = self.accounts.entry(member).or_insert(Account {
            charged: now,
            weight: i64::from(weight.max(1)),
            since: None,
        });
        let before = account.charged;
        account.charged += service / account.weight;
        match account.since {
            Some(since) => {
                self.waiting.remove(&(before, since, member));
                self.waiting.insert((account.charged, since, member));
            }
            None => {
                self.resting.remove(&(before, member));
                self.resting.insert((account.charged, member));
            }
        }
        self.forget_settled();
    }

    fn forget_settled(&mut self) {
        while let Some(&(charged, member)) = self.resting.first() {
            if charged > self.now {
                return;
            }
            self.resting.pop_first();
            self.accounts.remove(&member);
        }
    }

    /// Those with an account.
    #[cfg(test)]
    pub(super) fn known(&self) -> usize {
        self.accounts.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn served(fair: &mut Fair<char>, count: usize, service: i64) -> String {
        let mut turns = String::new();
        for _ in 0..count {
            let Some(member) = fair.in_turn().next() else {
                break;
            };
            fair.charge(member, service, 1);
            turns.push(member);
        }
        turns
    }

    #[test]
    fn turns_are_by_weight_and_interleaved() {
        let mut fair = Fair::new();
        fair.wait('a', 3);
        fair.wait('b', 1);
        assert_eq!(served(&mut fair, 8, 60), "abaaabaa");
    }

    #[test]
    fn who_was_away_has_saved_up_nothing() {
        let mut fair = Fair::new();
        fair.wait('a', 1);
        assert_eq!(served(&mut fair, 9, 10), "aaaaaaaaa");
        fair.wait('b', 1);
        assert_eq!(served(&mut fair, 4, 10), "abab");
    }

    #[test]
    fn who_had_more_than_its_share_cannot_shed_that_by_going_away() {
        let mut fair = Fair::new();
        fair.wait('a', 1);
        fair.wait('b', 1);
        fair.charge('a', 40, 1);
        fair.rest('a');
        fair.wait('a', 1);
        assert_eq!(served(&mut fair, 6, 10), "bbbbba");
    }

    #[test]
    fn newcomers_without_end_do_not_keep_one_waiting_for_ever() {
        let mut fair = Fair::new();
        fair.wait(0_u32, 1);
        fair.wait(1_000, 1);
        fair.charge(0, 100, 1);
        fair.rest(1_000);
        let mut turns = 0;
        for newcomer in 1..1_000 {
            fair.wait(newcomer, 1);
            let Some(next) = fair.in_turn().next() else {
                break;
            };
            if next == 0 {
                break;
            }
            turns += 1;
            fair.charge(next, 10, 1);
            fair.rest(next);
        }
        assert!(turns < 40, "it waited {turns} turns");
    }

    #[test]
    fn accounts_of_the_past_are_forgotten() {
        let mut fair = Fair::new();
        for member in 0..10_000_u32 {
            fair.wait(member, 1);
            fair.charge(member, 10, 1);
            fair.rest(member);
        }
        assert!(fair.known() < 10, "{} accounts", fair.known());
    }
}
