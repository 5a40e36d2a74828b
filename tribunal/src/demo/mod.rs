//! The demonstration: every jury submission of some packages through the whole pipeline, and what came of it.

mod display;
mod jury;
mod table;
mod watch;

pub(crate) use display::Display;
pub(crate) use jury::{JuryEntry, collect};
pub(crate) use table::{Tally, render};
pub(crate) use watch::watch;
