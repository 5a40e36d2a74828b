//! Who may start, and when: lanes by weight and users alike, in expected CPU-seconds; suspects few at a time, the accused alone.

mod costs;
mod fair;
#[cfg(all(test, feature = "hooks"))]
mod fleet;
mod lanes;
#[cfg(test)]
mod model;
mod overflow;
mod scheduler;
mod shares;
mod turns;
mod work;

pub(crate) use costs::{Costs, prior};
pub(crate) use lanes::Waiting;
pub(crate) use overflow::{Overflow, Room, Sight, Stay};
pub(crate) use scheduler::Entry;
pub use shares::Shares;
pub(crate) use turns::{Turn, Turns};
pub(crate) use work::{LaneKind, User, Work};
