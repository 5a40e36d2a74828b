//! When a lane hands submissions over to the overflow lane, and which: a state machine without time, tasks or Kafka.
//!
//! It knows what waits for a slot. At regular looks it is told what it cannot see: what lies behind that, and whether the
//! overflow lane would help. It begins to hand over when all that waits is more than the slots can do within a target
//! time. From then on little may wait here, shared alike by the problems that wait, and one submission of each always: so
//! it is the hot problem that goes, and its neighbours stay. It ends when for a while nothing has had to go.
//!
//! Where the overflow lane is full, the whole fleet has more than it can do, and handing over helps nobody; except that
//! one problem may have most of the lane: it goes all the same, out of the way of those behind it.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

/// While it hands over, this part of what the slots can do within the target may wait here.
const KEPT_PART: u32 = 10;
/// It ends after so many looks without anything that had to go.
const CALM_LOOKS: u32 = 20;
/// A problem has most of the lane if it has more than half of so many that came last.
const CAME_LAST: usize = 32;

/// The rule for one lane. `ticket`s name submissions that wait.
#[derive(Debug)]
pub(crate) struct Overflow {
    /// What the slots can do within the target time.
    capacity: Duration,
    room: Room,
    came_last: VecDeque<Arc<str>>,
    waiting: BTreeMap<u64, (Arc<str>, Duration)>,
    problems: HashMap<Arc<str>, Load>,
    waiting_cost: Duration,
    sight: Sight,
    handing_over: Option<HandingOver>,
}

/// How much the overflow lane takes of this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Room {
    /// What may wait there here before it is no help any more.
    pub(crate) cost: Duration,
    /// Whether a problem that has most of this lane goes all the same.
    pub(crate) endless_for_one: bool,
}

/// Who may go now.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Outlet {
    Nobody,
    Only(Arc<str>),
    Everybody,
}

#[derive(Clone, Copy, Debug, Default)]
struct Load {
    count: usize,
    cost: Duration,
}

#[derive(Debug, Default)]
struct HandingOver {
    /// Problems of which something has had to go.
    hot: HashSet<Arc<str>>,
    gone_since_look: bool,
    calm_looks: u32,
}

/// What was seen around the lane.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sight {
    /// Submissions of the lane that are ours and do not wait for a slot yet.
    pub(crate) behind: usize,
    /// Expected cost of what waits in the overflow lane here; its partitions are filled alike, so the others have as much.
    pub(crate) overflow: Duration,
    /// Whether anybody else takes from the overflow lane.
    pub(crate) helpers: bool,
}

/// What becomes of a submission that would have to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stay {
    /// It waits in its lane.
    InItsLane,
    /// It waits here, but behind others of its lane: there is more of its problem than this evaluator can do.
    AsOverflow,
    /// It goes to the overflow lane.
    No,
}

impl Overflow {
    /// `capacity` is what the slots can do within the target time.
    pub(crate) fn new(capacity: Duration, room: Room) -> Self {
        Self {
            capacity,
            room,
            came_last: VecDeque::new(),
            waiting: BTreeMap::new(),
            problems: HashMap::new(),
            waiting_cost: Duration::ZERO,
            sight: Sight::default(),
            handing_over: None,
        }
    }

    /// A submission wants a slot. Unless it goes it waits, and leaves when it has got one.
    pub(crate) fn arrive(&mut self, ticket: u64, problem_id: &str, cost: Duration) -> Stay {
        let problem = self.name(problem_id);
        self.note_coming(&problem);
        let goes = self.may_go(&problem) && !self.may_stay(self.load(&problem), self.allowance());
        if let Some(handing_over) = &mut self.handing_over {
            if goes {
                handing_over.hot.insert(problem);
                handing_over.gone_since_look = true;
                return Stay::No;
            }
            let is_hot = handing_over.hot.contains(&problem);
            self.add(ticket, problem, cost);
            return if is_hot {
                Stay::AsOverflow
            } else {
                Stay::InItsLane
            };
        }
        self.add(ticket, problem, cost);
        Stay::InItsLane
    }

    /// It has a slot, or went away.
    pub(crate) fn leave(&mut self, ticket: u64) {
        let Some((problem, cost)) = self.waiting.remove(&ticket) else {
            return;
        };
        self.waiting_cost = self.waiting_cost.saturating_sub(cost);
        if let Some(load) = self.problems.get_mut(&problem) {
            load.count -= 1;
            load.cost = load.cost.saturating_sub(cost);
            if load.count == 0 {
                self.problems.remove(&problem);
            }
        }
    }

    /// Looks around. Returns those that wait and go now; they have left.
    pub(crate) fn look(&mut self, sight: Sight) -> Vec<u64> {
        self.sight = sight;
        let (backlog, may_help) = (self.backlog(), self.outlet() != Outlet::Nobody);
        match &mut self.handing_over {
            None if backlog > self.capacity && may_help => {
                self.handing_over = Some(HandingOver::default());
            }
            None => {}
            Some(handing_over) => {
                let calm = !handing_over.gone_since_look && backlog <= self.capacity / 2;
                handing_over.calm_looks = if calm { handing_over.calm_looks + 1 } else { 0 };
                handing_over.gone_since_look = false;
                if handing_over.calm_looks >= CALM_LOOKS || !sight.helpers {
                    self.handing_over = None;
                }
            }
        }
        if self.may_hand_over() {
            self.send_away()
        } else {
            Vec::new()
        }
    }

    /// Whether what comes may go, so that more should be read than can start here. Those who stay should not stand in the
    /// way of that.
    pub(crate) fn may_hand_over(&self) -> bool {
        self.handing_over.is_some() && self.outlet() != Outlet::Nobody
    }

    /// Whether it hands over now.
    pub(crate) fn is_handing_over(&self) -> bool {
        self.handing_over.is_some()
    }

    /// Whether nothing waits and nothing has to end: a look would change nothing.
    pub(crate) fn is_idle(&self) -> bool {
        self.waiting.is_empty() && self.handing_over.is_none()
    }

    /// What waits here and behind it, which should cost alike.
    fn backlog(&self) -> Duration {
        let count = u32::try_from(self.waiting.len()).unwrap_or(u32::MAX);
        let mean = self.waiting_cost.checked_div(count).unwrap_or_default();
        let behind = u32::try_from(self.sight.behind).unwrap_or(u32::MAX);
        self.waiting_cost
            .saturating_add(mean.saturating_mul(behind))
    }

    fn outlet(&self) -> Outlet {
        if !self.sight.helpers {
            Outlet::Nobody
        } else if self.sight.overflow < self.room.cost {
            Outlet::Everybody
        } else {
            let one = self.most_of_the_lane();
            let one = one.filter(|_| self.room.endless_for_one);
            one.map_or(Outlet::Nobody, Outlet::Only)
        }
    }

    fn may_go(&self, problem: &Arc<str>) -> bool {
        self.handing_over.is_some()
            && match self.outlet() {
                Outlet::Nobody => false,
                Outlet::Only(one) => one == *problem,
                Outlet::Everybody => true,
            }
    }

    fn note_coming(&mut self, problem: &Arc<str>) {
        self.came_last.push_back(Arc::clone(problem));
        if self.came_last.len() > CAME_LAST {
            self.came_last.pop_front();
        }
    }

    /// The problem that has more than half of what came last.
    fn most_of_the_lane(&self) -> Option<Arc<str>> {
        let mut candidate = (self.came_last.front()?, 0);
        for problem in &self.came_last {
            match candidate {
                (_, 0) => candidate = (problem, 1),
                (one, votes) if one == problem => candidate = (one, votes + 1),
                (one, votes) => candidate = (one, votes - 1),
            }
        }
        let (one, _) = candidate;
        let count = self.came_last.iter().filter(|&it| it == one).count();
        (2 * count > CAME_LAST).then(|| Arc::clone(one))
    }

    /// What of each problem may wait here. What waits in the overflow lane here has to be done here as well.
    fn allowance(&self) -> Duration {
        let kept = self.capacity / KEPT_PART;
        let problems = u32::try_from(self.problems.len().max(1)).unwrap_or(u32::MAX);
        kept.saturating_sub(self.sight.overflow) / problems
    }

    fn may_stay(&self, load: Load, allowance: Duration) -> bool {
        load.count == 0 || load.cost < allowance
    }

    fn send_away(&mut self) -> Vec<u64> {
        let allowance = self.allowance();
        let mut staying: HashMap<&str, Load> = HashMap::new();
        let mut going = Vec::new();
        for (&ticket, (problem, cost)) in &self.waiting {
            let load = staying.entry(problem).or_default();
            if !self.may_go(problem) || self.may_stay(*load, allowance) {
                load.count += 1;
                load.cost += *cost;
            } else {
                going.push((ticket, Arc::clone(problem)));
            }
        }
        for (ticket, problem) in &going {
            self.leave(*ticket);
            if let Some(handing_over) = &mut self.handing_over {
                handing_over.hot.insert(Arc::clone(problem));
                handing_over.gone_since_look = true;
            }
        }
        going.into_iter().map(|(ticket, _)| ticket).collect()
    }

    fn add(&mut self, ticket: u64, problem: Arc<str>, cost: Duration) {
        let load = self.problems.entry(Arc::clone(&problem)).or_default();
        load.count += 1;
        load.cost += cost;
        self.waiting_cost += cost;
        self.waiting.insert(ticket, (problem, cost));
    }

    fn load(&self, problem: &str) -> Load {
        self.problems.get(problem).copied().unwrap_or_default()
    }

    /// One copy of each name.
    fn name(&self, problem_id: &str) -> Arc<str> {
        let known = self.problems.get_key_value(problem_id);
        known.map_or_else(|| problem_id.into(), |(name, _)| Arc::clone(name))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const COST: Duration = Duration::from_millis(50);
    const SLOTS: u32 = 8;
    /// What eight slots do within a second: 160 submissions.
    const CAPACITY: Duration = Duration::from_secs(8);
    const HELP: Sight = Sight {
        behind: 0,
        overflow: Duration::ZERO,
        helpers: true,
    };

    const ROOM: Room = Room {
        cost: CAPACITY,
        endless_for_one: false,
    };

    fn with_waiting(count: u64) -> Overflow {
        let mut overflow = Overflow::new(CAPACITY, ROOM);
        for ticket in 0..count {
            assert_eq!(overflow.arrive(ticket, "hot", COST), Stay::InItsLane);
        }
        overflow
    }

    #[test]
    fn what_the_slots_can_do_within_the_target_stays() {
        let mut overflow = with_waiting(160);
        assert_eq!(overflow.look(HELP), [0; 0]);
        assert!(!overflow.is_handing_over());
    }

    #[test]
    fn of_more_than_that_all_but_a_tenth_goes_the_newest_first() {
        let mut overflow = with_waiting(161);
        let gone = overflow.look(HELP);
        assert_eq!(gone, (16..161).collect::<Vec<_>>());
        assert_eq!(overflow.arrive(161, "hot", COST), Stay::No);
        overflow.leave(0);
        assert_eq!(overflow.arrive(162, "hot", COST), Stay::AsOverflow);
    }

    #[test]
    fn what_lies_behind_counts_as_well() {
        let mut overflow = with_waiting(16);
        let sight = Sight {
            behind: 145,
            ..HELP
        };
        overflow.look(sight);
        assert!(overflow.is_handing_over());
    }

    #[test]
    fn the_neighbours_of_a_hot_problem_stay_in_their_lane() {
        let mut overflow = with_waiting(161);
        assert_eq!(overflow.arrive(200, "calm", COST), Stay::InItsLane);
        let gone = overflow.look(HELP);
        assert!(!gone.contains(&200) && gone.len() == 153, "{gone:?}");
        assert_eq!(overflow.arrive(201, "another", COST), Stay::InItsLane);
    }

    #[test]
    fn nothing_goes_where_nobody_helps() {
        let full = Sight {
            overflow: CAPACITY,
            ..HELP
        };
        let alone = Sight {
            helpers: false,
            ..HELP
        };
        for sight in [full, alone] {
            let mut overflow = with_waiting(1_000);
            assert_eq!(overflow.look(sight), [0; 0]);
            assert_eq!(overflow.arrive(1_000, "hot", COST), Stay::InItsLane);
        }
        let mut overflow = with_waiting(1_000);
        overflow.look(HELP);
        overflow.look(full);
        assert_ne!(overflow.arrive(1_000, "hot", COST), Stay::No, "no room now");
        overflow.look(HELP);
        assert_eq!(overflow.arrive(1_001, "hot", COST), Stay::No);
        overflow.look(alone);
        assert!(!overflow.is_handing_over(), "the others have left");
    }

    #[test]
    fn one_problem_that_has_most_of_the_lane_goes_though_overflow_is_full() {
        let full = Sight {
            overflow: CAPACITY,
            ..HELP
        };
        let endless_for_one = true;
        let room = Room {
            endless_for_one,
            ..ROOM
        };
        let mut overflow = Overflow::new(CAPACITY, room);
        for ticket in 0..1_000 {
            let problem = if ticket % 3 == 0 { "calm" } else { "hot" };
            overflow.arrive(ticket, problem, COST);
        }
        let gone = overflow.look(full);
        assert_eq!(gone.len(), 665, "all that are hot but one");
        assert_eq!(overflow.arrive(2_000, "calm", COST), Stay::InItsLane);
        assert_eq!(overflow.arrive(2_001, "hot", COST), Stay::No);
    }

    #[test]
    fn what_waits_in_overflow_here_leaves_less_to_keep() {
        let mut overflow = with_waiting(161);
        let busy = Sight {
            overflow: CAPACITY / 10,
            ..HELP
        };
        assert_eq!(overflow.look(busy).len(), 160, "one of each problem stays");
    }

    #[test]
    fn it_ends_when_for_a_while_nothing_had_to_go() {
        let mut overflow = with_waiting(161);
        overflow.look(HELP);
        for ticket in 0..16 {
            overflow.leave(ticket);
        }
        for _ in 0..CALM_LOOKS {
            assert!(overflow.is_handing_over());
            overflow.look(HELP);
        }
        overflow.look(HELP);
        assert!(overflow.is_idle());
    }

    /// One evaluator that is given `arrivals` of a problem between two looks, and does what its slots can.
    fn live(overflow: &mut Overflow, looks: &[u32], done_each: u32) -> (usize, usize) {
        let (mut queue, mut ticket, mut gone, mut changes) = (VecDeque::new(), 0, 0, 0);
        for &arrivals in looks {
            for _ in 0..arrivals {
                ticket += 1;
                match overflow.arrive(ticket, "hot", COST) {
                    Stay::No => gone += 1,
                    _ => queue.push_back(ticket),
                }
            }
            for ticket in queue.drain(..queue.len().min(done_each as usize)) {
                overflow.leave(ticket);
            }
            let before = overflow.is_handing_over();
            let sent: HashSet<u64> = overflow.look(HELP).into_iter().collect();
            gone += sent.len();
            queue.retain(|ticket| !sent.contains(ticket));
            changes += usize::from(before != overflow.is_handing_over());
        }
        (gone, changes)
    }

    proptest! {
        /// Bursts of up to two looks' worth, but never more in all than the slots can do.
        #[test]
        fn steady_load_below_capacity_never_takes_the_extra_hop(
            looks in prop::collection::vec(0_u32..33, 50..300),
        ) {
            let done_each = 16;
            let mut credit = 0_i64;
            let looks: Vec<u32> = looks.into_iter().map(|wanted| {
                credit = (credit + i64::from(done_each)).min(128);
                let given = i64::from(wanted).min(credit);
                credit -= given;
                given as u32
            }).collect();
            let mut overflow = Overflow::new(CAPACITY, ROOM);
            prop_assert_eq!(live(&mut overflow, &looks, done_each), (0, 0));
        }

        #[test]
        fn under_steady_overload_all_that_exceeds_goes_and_it_changes_its_mind_once(
            arrivals in 20_u32..120,
        ) {
            let done_each = 16;
            let mut overflow = Overflow::new(CAPACITY, ROOM);
            let looks = vec![arrivals; 100];
            let (gone, changes) = live(&mut overflow, &looks, done_each);
            prop_assert_eq!(changes, 1);
            let exceeding = 100 * (arrivals - done_each) as usize;
            let kept = (CAPACITY.as_millis() / COST.as_millis()) as usize / KEPT_PART as usize;
            prop_assert!(gone <= exceeding && gone + kept + SLOTS as usize >= exceeding, "{gone} of {exceeding}");
        }
    }
}
