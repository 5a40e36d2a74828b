//! Many submissions from one file: parse, send with a bounded number in flight, note what is
//! accepted, and go on from there when repeated.
//!
//! The order that makes a repeat safe: send → delivery report → journal written and synced → said.
//! A crash between report and journal sends that line again under the same id, which is harmless.

mod input;
mod journal;
mod line;
mod report;
mod run;

pub(crate) use input::Input;
pub(crate) use journal::Journal;
pub(crate) use line::Parser;
pub(crate) use report::{LineResult, Report, Style};
pub(crate) use run::{InFlight, Run};
