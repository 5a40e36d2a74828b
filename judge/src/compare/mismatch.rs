//! The first difference between an output and its answer, told to the jury in a few lines.

use std::fmt;

/// How many bytes of a token are shown.
const SHOWN_BYTES: usize = 64;
/// How many of them lie before the difference.
const SHOWN_BEFORE: usize = 24;

/// In what way the output is wrong.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Difference {
    /// Whitespace differs, and the flags say that it matters.
    Whitespace,
    /// The output ends where the answer has a token.
    OutputEnds,
    /// The output goes on where the answer ends.
    TrailingOutput,
    /// The answer has a number here, the output something else.
    NotANumber,
    /// Both are numbers, and too far from each other.
    TooFar {
        /// The absolute difference.
        by: f64,
    },
    /// The tokens differ as strings.
    Token,
}

/// Where and how an output differs from its answer. For the jury only: it quotes the answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Mismatch {
    /// In what way.
    pub difference: Difference,
    /// Byte offset in the answer file.
    pub answer_offset: usize,
    /// Byte offset in the output.
    pub output_offset: usize,
    message: String,
}

/// A text, an offset in it, and the bytes there that matter.
type Place<'a> = (&'a [u8], usize, &'a [u8]);

impl Mismatch {
    pub(super) fn new(difference: Difference, answer: Place<'_>, output: Place<'_>) -> Self {
        let (expected, got) = quote_both(answer.2, output.2);
        let what = match difference {
            Difference::Whitespace => {
                format!("whitespace differs: expected {expected}, got {got}")
            }
            Difference::OutputEnds => format!("output ends, expected {expected}"),
            Difference::TrailingOutput => format!("trailing output: {got}"),
            Difference::NotANumber => format!("expected the number {expected}, got {got}"),
            Difference::TooFar { by } => {
                format!("too far: expected {expected}, got {got}, difference {by:e}")
            }
            Difference::Token => format!("expected {expected}, got {got}"),
        };
        let (line, answer_line) = (line(output), line(answer));
        Self {
            difference,
            answer_offset: answer.1,
            output_offset: output.1,
            message: format!("line {line} of the output, line {answer_line} of the answer: {what}"),
        }
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Mismatch {}

fn line((text, offset, _): Place<'_>) -> usize {
    text[..offset].iter().filter(|&&b| b == b'\n').count() + 1
}

/// Quotes two tokens, long ones only around the first byte in which they differ.
fn quote_both(expected: &[u8], got: &[u8]) -> (String, String) {
    let same = expected.iter().zip(got).take_while(|(a, b)| a == b).count();
    let longest = expected.len().max(got.len());
    let start = if longest > SHOWN_BYTES {
        same.saturating_sub(SHOWN_BEFORE)
    } else {
        0
    };
    (quote(expected, start), quote(got, start))
}

fn quote(token: &[u8], start: usize) -> String {
    if token.is_empty() {
        return "nothing".to_owned();
    }
    let start = start.min(token.len());
    let end = token.len().min(start + SHOWN_BYTES);
    let (before, after) = (
        if start > 0 { "…" } else { "" },
        if end < token.len() { "…" } else { "" },
    );
    format!("{before}\"{}\"{after}", token[start..end].escape_ascii())
}
