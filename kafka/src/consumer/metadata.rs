//! What a commit says beside the offset: the codec of the offset's metadata.
//!
//! Base64 (the broker wants UTF-8) of: a magic byte that is also the version; flags; the frontier
//! it was written for; then, relative to it, the start horizon and the suspect horizon; the hints;
//! the done bits to the end. Worst case 32 + 120 × 8 + 2048 bytes, 4,054 characters: it fits the
//! broker's 4,096 by construction, so nothing is ever stripped.
//!
//! Reading never fails: what is unknown, damaged or written for another offset is ignored, and
//! ignoring it can repeat work, never skip it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use super::config::MAX_WINDOW;
use super::varint;

/// Hints one commit can carry.
pub(super) const MAX_HINTS: usize = 120;

/// Crashed attempts beyond this are not told apart.
pub(super) const MAX_CRASHED: u32 = 63;

/// The broker's default `offset.metadata.max.bytes`.
#[cfg(test)]
pub(super) const BROKER_LIMIT: usize = 4_096;

const MAGIC: u8 = 0xA1;
const CLEAN: u8 = 1;

/// All that a committed offset says about its partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Metadata {
    /// The committed offset this was written for.
    pub(super) frontier: i64,
    /// The writer left in order: beyond its hints, nothing ran.
    pub(super) clean: bool,
    /// No record at or beyond it was started.
    pub(super) horizon: i64,
    /// Records below it that are not done are suspects; one without a hint waits with one crash.
    pub(super) suspects_below: i64,
    /// In rising order of offsets.
    pub(super) hints: Vec<Hint>,
    /// Done bits above the frontier, as [`Ring::bits`](super::ring::Ring::bits) gives them.
    pub(super) done: Vec<u8>,
}

/// One record named in the metadata.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Hint {
    pub(super) offset: i64,
    /// Crashes it may have caused.
    pub(super) crashed: u32,
    pub(super) state: HintState,
    /// Absolute, ms since the epoch; 0 where nothing runs.
    pub(super) deadline_ms: i64,
}

/// What a named record was doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HintState {
    /// It ran, or an earlier owner still ran it.
    Running,
    /// It ran, and nothing beside it.
    Alone,
    /// A suspect that was not started.
    Waiting,
    /// It died alone and awaits its dead letter.
    Convicted,
}

impl HintState {
    fn code(self) -> u8 {
        match self {
            Self::Running => 0,
            Self::Alone => 1,
            Self::Waiting => 2,
            Self::Convicted => 3,
        }
    }

    fn from_code(code: u8) -> Self {
        match code & 3 {
            0 => Self::Running,
            1 => Self::Alone,
            2 => Self::Waiting,
            _ => Self::Convicted,
        }
    }

    fn has_deadline(self) -> bool {
        matches!(self, Self::Running | Self::Alone)
    }
}

impl Metadata {
    /// Writes at most [`MAX_HINTS`] hints; the caller has put first things first.
    pub(super) fn encode(&self) -> String {
        debug_assert!(self.hints.len() <= MAX_HINTS);
        debug_assert!(self.done.len() <= MAX_WINDOW / 8);
        let mut out = vec![MAGIC, if self.clean { CLEAN } else { 0 }];
        let above = |offset: i64| offset.saturating_sub(self.frontier).max(0) as u64;
        varint::put(&mut out, self.frontier as u64);
        varint::put(&mut out, above(self.horizon));
        varint::put(&mut out, above(self.suspects_below));
        self.put_hints(&mut out);
        out.extend(&self.done);
        STANDARD_NO_PAD.encode(out)
    }

    /// Reads what was committed at `frontier`; `None` is "nothing is known".
    pub(super) fn decode(text: &str, frontier: i64) -> Option<Self> {
        let bytes = STANDARD_NO_PAD.decode(text).ok()?;
        let (header, mut rest) = bytes.split_at_checked(2)?;
        if header[0] != MAGIC || header[1] & !CLEAN != 0 {
            return None;
        }
        // Written for another offset (someone reset the group): every bit of it would lie.
        if varint::take(&mut rest)? != u64::try_from(frontier).ok()? {
            return None;
        }
        let mut above = || Some(frontier + take_below(&mut rest, 4 * MAX_WINDOW as u64)?);
        let (horizon, suspects_below) = (above()?, above()?);
        let hints = take_hints(&mut rest, frontier)?;
        if rest.len() > MAX_WINDOW / 8 {
            return None;
        }
        Some(Self {
            frontier,
            clean: header[1] & CLEAN != 0,
            horizon,
            suspects_below,
            hints,
            done: rest.to_vec(),
        })
    }

    fn put_hints(&self, out: &mut Vec<u8>) {
        let timed = self.hints.iter().filter(|hint| hint.state.has_deadline());
        let earliest = timed.map(|hint| hint.deadline_ms).min().unwrap_or(0).max(0);
        varint::put(out, self.hints.len() as u64);
        varint::put(out, earliest as u64);
        let mut previous = self.frontier;
        for hint in &self.hints {
            varint::put(out, (hint.offset - previous) as u64);
            previous = hint.offset;
            out.push((hint.crashed.min(MAX_CRASHED) as u8) << 2 | hint.state.code());
            if hint.state.has_deadline() {
                let later = hint.deadline_ms.saturating_sub(earliest);
                varint::put(out, later.clamp(0, i64::from(u32::MAX)) as u64);
            }
        }
    }
}

fn take_hints(rest: &mut &[u8], frontier: i64) -> Option<Vec<Hint>> {
    let count = take_below(rest, MAX_HINTS as u64 + 1)?;
    let earliest = i64::try_from(varint::take(rest)?).ok()?;
    let end = frontier + MAX_WINDOW as i64;
    let mut offset = frontier;
    let mut hints = Vec::new();
    for _ in 0..count {
        offset += take_below(rest, MAX_WINDOW as u64)?;
        if offset >= end {
            return None;
        }
        let (byte, after) = rest.split_first()?;
        *rest = after;
        let state = HintState::from_code(*byte);
        let deadline_ms = if state.has_deadline() {
            earliest.checked_add(take_below(rest, 1 << 32)?)?
        } else {
            0
        };
        hints.push(Hint {
            offset,
            crashed: u32::from(byte >> 2),
            state,
            deadline_ms,
        });
    }
    Some(hints)
}

fn take_below(rest: &mut &[u8], limit: u64) -> Option<i64> {
    varint::take(rest)
        .filter(|value| *value < limit)
        .map(|value| value as i64)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn hint() -> impl Strategy<Value = (i64, u32, u8, i64)> {
        (
            0..MAX_WINDOW as i64,
            0..=MAX_CRASHED,
            0_u8..4,
            1_700_000_000_000_i64..1_900_000_000_000,
        )
    }

    prop_compose! {
        fn metadata()(
            frontier in 0..i64::MAX / 2,
            clean: bool,
            horizon in 0_i64..MAX_WINDOW as i64,
            suspects in 0_i64..MAX_WINDOW as i64,
            mut hints in prop::collection::vec(hint(), 0..MAX_HINTS),
            mut done in prop::collection::vec(any::<u8>(), 0..=MAX_WINDOW / 8),
        ) -> Metadata {
            hints.sort_by_key(|hint| hint.0);
            hints.dedup_by_key(|hint| hint.0);
            while done.last() == Some(&0) { done.pop(); }
            // Deadlines lie within 49 days of each other, as the format says.
            let earliest = hints.first().map_or(0, |hint| hint.3);
            let hints = hints.into_iter().map(|(offset, crashed, code, deadline)| {
                let state = HintState::from_code(code);
                let deadline_ms = if state.has_deadline() { earliest + deadline % (1 << 31) } else { 0 };
                Hint { offset: frontier + offset, crashed, state, deadline_ms }
            }).collect();
            Metadata { frontier, clean, horizon: frontier + horizon, suspects_below: frontier + suspects, hints, done }
        }
    }

    proptest! {
        #[test]
        fn metadata_comes_back_and_always_fits_the_broker(metadata in metadata()) {
            let text = metadata.encode();
            prop_assert!(text.len() <= BROKER_LIMIT, "{}", text.len());
            prop_assert_eq!(Metadata::decode(&text, metadata.frontier), Some(metadata));
        }

        #[test]
        fn damaged_metadata_never_panics(text in "[A-Za-z0-9+/]{0,80}", frontier in 0_i64..100) {
            let _ = Metadata::decode(&text, frontier);
            let _ = Metadata::decode(&format!("oQAA{text}"), 0);
        }
    }

    fn plain(frontier: i64) -> Metadata {
        Metadata {
            frontier,
            clean: true,
            horizon: frontier + 16,
            suspects_below: frontier,
            hints: Vec::new(),
            done: vec![2],
        }
    }

    #[test]
    fn the_fullest_metadata_fits_the_broker() {
        let frontier = i64::MAX / 2;
        let hints = (0..MAX_HINTS as i64).map(|index| Hint {
            offset: frontier + 136 * index,
            crashed: MAX_CRASHED,
            state: HintState::Alone,
            deadline_ms: if index == 0 { 1 } else { i64::MAX },
        });
        let full = Metadata {
            horizon: frontier + 3 * MAX_WINDOW as i64,
            suspects_below: frontier + 3 * MAX_WINDOW as i64,
            hints: hints.collect(),
            done: vec![0xff; MAX_WINDOW / 8],
            ..plain(frontier)
        };
        assert!(full.encode().len() <= BROKER_LIMIT);
    }

    #[test]
    fn metadata_of_another_offset_is_ignored() {
        let text = plain(40).encode();
        assert!(Metadata::decode(&text, 40).is_some());
        assert_eq!(Metadata::decode(&text, 0), None);
        assert_eq!(Metadata::decode(&text, 41), None);
    }

    #[test]
    fn metadata_of_other_writers_is_ignored() {
        let mut newer = STANDARD_NO_PAD.decode(plain(40).encode()).expect("base64");
        newer[0] = 0xA2;
        let newer = STANDARD_NO_PAD.encode(newer);
        for text in ["", "{\"by\":\"hand\"}", "AAAA", "oQ", newer.as_str()] {
            assert_eq!(Metadata::decode(text, 40), None, "{text}");
        }
    }
}
