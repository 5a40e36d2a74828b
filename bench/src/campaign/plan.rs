//! What goes wrong and when: all of it from the seed.
//!
//! The plan is repeated by its seed; how the processes answer to it is not, for their interleaving is the kernel's.

use std::time::Duration;

use super::chance::Chance;

/// A role of the product.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Role {
    Evaluator,
    Sink,
    Analytics,
}

/// A process that is there from beginning to end, started again whenever it has ended.
pub(super) type Resident = (Role, u32);

/// The residents of the issue: three evaluators, two sinks, one analytics.
pub(super) const RESIDENTS: [Resident; 6] = [
    (Role::Evaluator, 1),
    (Role::Evaluator, 2),
    (Role::Evaluator, 3),
    (Role::Sink, 1),
    (Role::Sink, 2),
    (Role::Analytics, 1),
];

/// How many brokers there are.
pub(super) const BROKERS: usize = 3;

/// A line between services and a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// To one of the brokers.
    Broker(usize),
    /// To PostgreSQL.
    Database,
}

/// What befalls a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// Everything comes later by so much.
    Delay { by: Duration },
    /// Connections stay and nothing passes.
    Stall,
    /// All connections are reset, and each new one.
    Refuse,
}

/// One thing that goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// SIGKILL; started again after a while.
    Kill { resident: Resident, down: Duration },
    /// SIGSTOP, and SIGCONT after a while.
    Freeze {
        resident: Resident,
        lasting: Duration,
    },
    /// SIGKILL of a broker.
    KillBroker { broker: usize, down: Duration },
    /// SIGSTOP of a broker.
    FreezeBroker { broker: usize, lasting: Duration },
    /// PostgreSQL stops as in a crash and comes back.
    RestartDatabase { down: Duration },
    /// One connection in `one_in` of the line is reset.
    Cut { line: Line, one_in: u64 },
    /// A line is in trouble for a while.
    Trouble {
        line: Line,
        trouble: Trouble,
        lasting: Duration,
    },
    /// A guest joins.
    Join(Role),
    /// The guest that is there longest is asked to leave.
    Leave,
    /// Submissions that kill their evaluators are sent.
    Plant { killers: usize },
}

/// A fault and its time from the beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Event {
    pub(super) at: Duration,
    pub(super) fault: Fault,
}

/// Everybody comes to work first.
const CALM: Duration = Duration::from_secs(4);
/// Members join and leave this often.
const GUESTS_EVERY: Duration = Duration::from_secs(3);

/// Everything that goes wrong in so many seconds, in order.
pub(super) fn plan(seed: u64, lasting: Duration) -> Vec<Event> {
    let mut events = Vec::new();
    let mut add = |at, fault| events.push(Event { at, fault });
    small_faults(&mut Chance::new(seed, "faults"), lasting, &mut add);
    broker_faults(&mut Chance::new(seed, "brokers"), lasting, &mut add);
    guests(&mut Chance::new(seed, "guests"), lasting, &mut add);
    killers(&mut Chance::new(seed, "killers"), lasting, &mut add);
    events.sort_by_key(|event| event.at);
    events
}

/// Processes, lines and the database, every other second or two.
fn small_faults(chance: &mut Chance, lasting: Duration, add: &mut impl FnMut(Duration, Fault)) {
    let mut at = CALM;
    while at < lasting {
        add(at, small_fault(chance));
        at += chance.between(1_500, 4_500);
    }
}

fn small_fault(chance: &mut Chance) -> Fault {
    let resident = *chance.pick(&RESIDENTS);
    let line = match chance.below(BROKERS as u64 + 1) {
        0 => Line::Database,
        number => Line::Broker(number as usize - 1),
    };
    match chance.below(100) {
        0..35 => Fault::Kill {
            resident,
            down: chance.between(0, 2_000),
        },
        // Some come back within their session time-out of six seconds, some do not.
        35..50 => Fault::Freeze {
            resident,
            lasting: chance.between(1_000, 11_000),
        },
        50..56 => Fault::RestartDatabase {
            down: chance.between(0, 4_000),
        },
        56..76 => Fault::Cut {
            line,
            one_in: 1 + chance.below(3),
        },
        _ => Fault::Trouble {
            line,
            trouble: trouble(chance),
            lasting: chance.between(500, 6_000),
        },
    }
}

fn trouble(chance: &mut Chance) -> Trouble {
    match chance.below(4) {
        0 => Trouble::Stall,
        1 => Trouble::Refuse,
        _ => Trouble::Delay {
            by: chance.between(5, 250),
        },
    }
}

/// One broker at a time: the next only when the last has had time to catch up.
fn broker_faults(chance: &mut Chance, lasting: Duration, add: &mut impl FnMut(Duration, Fault)) {
    let mut at = CALM + chance.between(4_000, 14_000);
    while at < lasting {
        let broker = chance.below(BROKERS as u64) as usize;
        let fault = if chance.percent(60) {
            Fault::KillBroker {
                broker,
                down: chance.between(0, 5_000),
            }
        } else {
            Fault::FreezeBroker {
                broker,
                lasting: chance.between(2_000, 12_000),
            }
        };
        add(at, fault);
        at += chance.between(30_000, 50_000);
    }
}

/// One joins or leaves at every turn, and two are there at most.
fn guests(chance: &mut Chance, lasting: Duration, add: &mut impl FnMut(Duration, Fault)) {
    let mut at = CALM;
    let mut present = 0;
    while at < lasting {
        if present == 0 || (present == 1 && chance.percent(60)) {
            let roles = [
                Role::Evaluator,
                Role::Evaluator,
                Role::Sink,
                Role::Analytics,
            ];
            add(at, Fault::Join(*chance.pick(&roles)));
            present += 1;
        } else {
            add(at, Fault::Leave);
            present -= 1;
        }
        at += GUESTS_EVERY;
    }
}

/// Few: each ends three evaluators before it is convicted.
fn killers(chance: &mut Chance, lasting: Duration, add: &mut impl FnMut(Duration, Fault)) {
    let mut at = CALM + chance.between(4_000, 10_000);
    while at < lasting {
        let killers = 1 + chance.below(2) as usize;
        add(at, Fault::Plant { killers });
        at += chance.between(90_000, 150_000);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LASTING: Duration = Duration::from_secs(3_600);

    #[test]
    fn a_seed_repeats_its_plan_and_another_one_has_another() {
        assert_eq!(plan(7, LASTING), plan(7, LASTING));
        assert_ne!(plan(7, LASTING), plan(8, LASTING));
    }

    #[test]
    fn a_longer_campaign_begins_as_a_shorter_one_with_its_seed() {
        let short = plan(7, Duration::from_secs(60));
        assert_eq!(short, plan(7, LASTING)[..short.len()]);
    }

    #[test]
    fn everything_that_can_go_wrong_does_within_an_hour_and_in_order() {
        let events = plan(7, LASTING);
        assert!(events.is_sorted_by_key(|event| event.at));
        let some = |is: fn(&Fault) -> bool| events.iter().any(|event| is(&event.fault));
        for resident in RESIDENTS {
            let hit = |event: &Event| matches!(event.fault, Fault::Kill { resident: hit, .. } if hit == resident);
            assert!(events.iter().any(hit), "{resident:?}");
        }
        assert!(some(|fault| matches!(fault, Fault::Freeze { .. })));
        assert!(some(|fault| matches!(fault, Fault::KillBroker { .. })));
        assert!(some(|fault| matches!(fault, Fault::FreezeBroker { .. })));
        assert!(some(|fault| matches!(fault, Fault::RestartDatabase { .. })));
        assert!(some(|fault| matches!(
            fault,
            Fault::Cut {
                line: Line::Database,
                ..
            }
        )));
        for trouble in [Trouble::Stall, Trouble::Refuse] {
            let hit = |event: &Event| matches!(event.fault, Fault::Trouble { trouble: hit, .. } if hit == trouble);
            assert!(events.iter().any(hit), "{trouble:?}");
        }
        assert!(some(|fault| matches!(fault, Fault::Plant { .. })));
    }

    #[test]
    fn a_member_joins_or_leaves_every_three_seconds_and_none_leaves_who_has_not_joined() {
        let events = plan(7, LASTING);
        let guests = events
            .iter()
            .filter(|event| matches!(event.fault, Fault::Join(_) | Fault::Leave));
        let mut present = 0;
        for (turn, event) in guests.enumerate() {
            assert_eq!(event.at, CALM + GUESTS_EVERY * turn as u32);
            present += if event.fault == Fault::Leave { -1 } else { 1 };
            assert!((0..=2).contains(&present));
        }
    }
}
