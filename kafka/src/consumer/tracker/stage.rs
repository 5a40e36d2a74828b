//! What one record that is not done is doing.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::super::metadata::{Hint, HintState};
use super::super::{Event, Token};
use crate::Record;

/// A record that is named to someone: to our user or in the metadata.
#[derive(Debug)]
pub(in crate::consumer) struct Entry {
    pub(super) stage: Stage,
    pub(super) custody: Custody,
    pub(super) timestamp_ms: Option<i64>,
}

/// Where the record itself is.
#[derive(Debug)]
pub(in crate::consumer) enum Custody {
    /// Not received yet; a hint says it exists.
    Awaited,
    /// Here.
    Kept(Record),
    /// At our user.
    Handed,
}

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::consumer) enum Stage {
    /// Handed out below the acknowledged horizon.
    Ready,
    /// Handed out, and its user waits for something before it starts.
    Postponed,
    /// Started, by us.
    Running {
        crashed: u32,
        alone: bool,
        deadline_ms: i64,
        /// Our user knows. A start that was granted and not taken never ran, if we leave in order.
        taken: bool,
    },
    /// Must be named by an acknowledged commit before it starts.
    Suspect { crashed: u32, wish: Option<Wish> },
    /// Started by a former owner, which left in order.
    Held { crashed: u32, deadline_ms: i64 },
    /// Died while it ran alone.
    Convicted { crashed: u32 },
}

/// A requested start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::consumer) struct Wish {
    pub(in crate::consumer) alone: bool,
    pub(in crate::consumer) deadline_ms: i64,
}

impl Entry {
    /// A record that went to our user at once.
    pub(super) fn handed(stage: Stage, timestamp_ms: Option<i64>) -> Self {
        Self {
            stage,
            custody: Custody::Handed,
            timestamp_ms,
        }
    }

    /// A record that a hint names.
    pub(super) fn awaited(stage: Stage) -> Self {
        Self {
            stage,
            custody: Custody::Awaited,
            timestamp_ms: None,
        }
    }

    /// Whether our user has the record.
    pub(super) fn is_handed(&self) -> bool {
        matches!(self.custody, Custody::Handed)
    }

    /// The record has come.
    pub(super) fn keep(&mut self, record: Record) {
        self.timestamp_ms = record.timestamp_ms;
        self.custody = Custody::Kept(record);
    }
}

impl Stage {
    /// How the record is announced.
    pub(super) fn introduce(self, token: Token, record: Record) -> Option<Event> {
        match self {
            Self::Suspect { crashed, .. } => Some(Event::Suspect {
                token,
                record,
                crashed,
            }),
            Self::Convicted { crashed } => Some(Event::Convicted {
                token,
                record,
                crashed,
            }),
            Self::Held {
                crashed,
                deadline_ms,
            } => {
                let deadline = UNIX_EPOCH + Duration::from_millis(deadline_ms.max(0) as u64);
                Some(Event::Held {
                    token,
                    record,
                    deadline,
                    crashed,
                })
            }
            Self::Ready | Self::Postponed | Self::Running { .. } => None,
        }
    }

    /// What a commit says of it; `named` if this commit grants its wish.
    ///
    /// A ready record has no hint, and neither has a suspect with one crash: below the horizons,
    /// having none says the same.
    pub(super) fn hint(self, offset: i64, named: bool) -> Option<Hint> {
        let hint = |state, crashed, deadline_ms| {
            Some(Hint {
                offset,
                crashed,
                state,
                deadline_ms,
            })
        };
        let running = |alone| {
            if alone {
                HintState::Alone
            } else {
                HintState::Running
            }
        };
        match self {
            Self::Ready | Self::Postponed => None,
            Self::Running {
                crashed,
                alone,
                deadline_ms,
                ..
            } => hint(running(alone), crashed, deadline_ms),
            Self::Suspect {
                crashed,
                wish: Some(wish),
            } if named => hint(running(wish.alone), crashed, wish.deadline_ms),
            Self::Suspect { crashed: 0 | 1, .. } => None,
            Self::Suspect { crashed, .. } => hint(HintState::Waiting, crashed, 0),
            // For whoever reads an unclean commit it may have run here; a clean one holds it again.
            Self::Held {
                crashed,
                deadline_ms,
            } => hint(HintState::Running, crashed, deadline_ms),
            Self::Convicted { crashed } => hint(HintState::Convicted, crashed, 0),
        }
    }

    /// Whether leaving out its hint would lose count of its crashes.
    pub(super) fn must_be_named(self) -> bool {
        match self {
            Self::Ready | Self::Postponed => false,
            Self::Running { crashed, alone, .. } => crashed > 0 || alone,
            Self::Suspect { crashed, .. } => crashed > 1,
            Self::Held { crashed, .. } => crashed > 0,
            Self::Convicted { .. } => true,
        }
    }
}

/// Milliseconds since the epoch, as hints carry them.
pub(in crate::consumer) fn to_ms(time: SystemTime) -> i64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| {
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    })
}
