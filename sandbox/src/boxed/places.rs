//! How a box comes to the places of its runs: asked for ahead, taken when a run comes, given back when it is over.

use std::io;
use std::time::Duration;

use super::{SandboxBox, failed, out_of_turn, receive};
use crate::SandboxError;
use crate::error::Context;
use crate::place::{Place, is_ready_within};
use crate::request::Prepared;
use crate::wire::{Answer, Expected, Request, Work};

/// How long a keeper may take to clear a place away and to prepare the next.
const PREPARING: Duration = Duration::from_secs(20);

impl SandboxBox {
    /// A place where the run has begun. One that came to harm while it waited is replaced, once.
    pub(super) fn begin(
        &mut self,
        prepared: &Prepared,
        needed: Expected,
    ) -> Result<(Place, Work), SandboxError> {
        let (place, work) = self.place(needed)?;
        match place.begin(prepared) {
            Ok(()) => return Ok((place, work)),
            Err(error) if error.kind() == io::ErrorKind::ArgumentListTooLong => {
                drop(place);
                self.give_back()?;
                let why = "arguments and environment are too long";
                return Err(SandboxError::Request(why.to_owned()));
            }
            Err(error) => tracing::warn!(%error, group = self.name, "a place for a run is lost"),
        }
        drop(place);
        self.give_back()?;
        self.ask_for_place(needed)?;
        let (mut place, work) = self.place(needed)?;
        match place.begin(prepared) {
            Ok(()) => Ok((place, work)),
            Err(error) => {
                let fault = place.fault();
                drop(place);
                self.give_back()?;
                match fault {
                    Some(fault) => Err(failed(fault.what, fault.errno)),
                    None => Err(error).context("begin a run"),
                }
            }
        }
    }

    /// The place that the keeper has prepared, with the limits that are needed. What could not be prepared ahead is
    /// asked for once more.
    fn place(&mut self, needed: Expected) -> Result<(Place, Work), SandboxError> {
        match self.expected {
            Some(expected) if expected.alone == needed.alone => {}
            Some(expected) => {
                drop(self.next_place(expected)?);
                self.give_back()?;
                self.ask_for_place(needed)?;
            }
            None => self.ask_for_place(needed)?,
        }
        let first = self.next_place(needed);
        match &first {
            Err(error @ SandboxError::Io { .. }) => {
                tracing::warn!(%error, group = self.name, "no place was prepared for a run");
                self.ask_for_place(needed)?;
                self.next_place(needed)
            }
            _ => first,
        }
    }

    fn next_place(&mut self, needed: Expected) -> Result<(Place, Work), SandboxError> {
        let channel = self.channel()?;
        if !is_ready_within(channel, PREPARING) {
            let why = "its keeper does not prepare a run";
            return Err(SandboxError::Damaged(why.to_owned()));
        }
        let (answer, fds) = receive(channel)?;
        let expected = self.expected.take();
        let (work, cpu_before) = match answer {
            Answer::Prepared { work, cpu_before } => (work, cpu_before),
            Answer::Failed { what, errno } => return Err(failed(what, errno)),
            Answer::Ready => return Err(out_of_turn()),
        };
        let place = Place::new(self.host.parents.version, fds, cpu_before).and_then(|place| {
            if expected != Some(needed) {
                let limited = place.group.limit(needed);
                limited.context("set the limits of a run")?;
            }
            Ok(place)
        });
        match place {
            Ok(place) => Ok((place, work)),
            Err(error) => self.give_back().and(Err(error)),
        }
    }

    pub(super) fn ask_for_place(&mut self, expected: Expected) -> Result<(), SandboxError> {
        self.ask(&Request::Prepare(expected))?;
        self.expected = Some(expected);
        Ok(())
    }

    /// Has the keeper clear away a place that is over.
    pub(super) fn give_back(&self) -> Result<(), SandboxError> {
        self.ask(&Request::Clear)
    }
}
