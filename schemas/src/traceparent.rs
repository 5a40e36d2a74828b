//! The W3C trace context header, by hand: it needs no tracing system to carry one.

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

/// A `traceparent`, version 00: which trace a record belongs to, and who handed it on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceParent {
    /// The trace; never zero.
    pub trace_id: u128,
    /// The step that caused this record; never zero.
    pub parent_id: u64,
    /// Bit 0: the trace is sampled.
    pub flags: u8,
}

/// Not a `traceparent` of version 00.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a traceparent (00-<32 hex digits>-<16 hex digits>-<2 hex digits>)")]
pub struct InvalidTraceParent;

impl TraceParent {
    /// Starts a sampled trace.
    pub fn start() -> Self {
        Self {
            trace_id: Uuid::new_v4().as_u128(),
            parent_id: random_parent(),
            flags: 1,
        }
    }

    /// The next step of the same trace.
    pub fn child(self) -> Self {
        Self {
            parent_id: random_parent(),
            ..self
        }
    }
}

/// The half of a random UUID without its version and variant bits at the top; never zero.
fn random_parent() -> u64 {
    (Uuid::new_v4().as_u64_pair().1 << 2) | 1
}

impl fmt::Display for TraceParent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "00-{:032x}-{:016x}-{:02x}",
            self.trace_id, self.parent_id, self.flags
        )
    }
}

impl FromStr for TraceParent {
    type Err = InvalidTraceParent;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parts: Vec<&str> = text.split('-').collect();
        let ["00", trace, parent, flags] = parts[..] else {
            return Err(InvalidTraceParent);
        };
        let hex = |digits: &str, length: usize| {
            let lower = digits
                .bytes()
                .all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
            (lower && digits.len() == length)
                .then(|| u128::from_str_radix(digits, 16).ok())
                .flatten()
                .ok_or(InvalidTraceParent)
        };
        let parsed = Self {
            trace_id: hex(trace, 32)?,
            parent_id: hex(parent, 16)? as u64,
            flags: hex(flags, 2)? as u8,
        };
        if parsed.trace_id == 0 || parsed.parent_id == 0 {
            return Err(InvalidTraceParent);
        }
        Ok(parsed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_traceparent_survives_the_way_through_its_text() {
        let text = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        let parsed: TraceParent = text.parse().expect("the example of the specification");
        assert_eq!(parsed.to_string(), text);
        let started = TraceParent::start();
        assert_eq!(started.to_string().parse(), Ok(started));
        let child = started.child();
        assert_eq!(child.trace_id, started.trace_id);
        assert_ne!(child.parent_id, started.parent_id);
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e473+-00f067aa0ba902b7-01",
        ] {
            assert_eq!(
                text.parse::<TraceParent>(),
                Err(InvalidTraceParent),
                "{text}"
            );
        }
    }
}
