//! Who may start, and when: lanes by weight, suspects few at a time, the accused alone.

mod lanes;
mod scheduler;
mod turns;

pub(crate) use scheduler::Entry;
pub(crate) use turns::{Turn, Turns};
