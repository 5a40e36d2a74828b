//! The default output validator, in-process: token by token, in one pass over both texts.
//!
//! Tokens are maximal runs of bytes that are not ASCII whitespace. A jury token that is a decimal
//! number is compared as one where a tolerance is set; every other by its bytes. No token is copied.

mod flags;
mod float;
mod mismatch;

pub use flags::{Flags, FlagsError};
pub use mismatch::{Difference, Mismatch};

pub(crate) use float::parse_float;

/// Compares a program's output with the answer file.
///
/// # Errors
/// The first difference, when the output is wrong.
pub fn default_validator(answer: &[u8], output: &[u8], flags: &Flags) -> Result<(), Mismatch> {
    // Equal bytes are right under every flag, and are what an accepted program usually gives.
    if answer == output {
        return Ok(());
    }
    let mut texts = Texts {
        answer: Cursor::new(answer),
        output: Cursor::new(output),
    };
    loop {
        texts.skip_whitespace(flags.space_change_sensitive)?;
        let Some(expected) = texts.answer.peek_token() else {
            break;
        };
        let Some(got) = texts.output.peek_token() else {
            return Err(texts.mismatch(Difference::OutputEnds, expected, b""));
        };
        if let Some(difference) = token_difference(expected, got, flags) {
            return Err(texts.mismatch(difference, expected, got));
        }
        texts.answer.position += expected.len();
        texts.output.position += got.len();
    }
    match texts.output.peek_token() {
        Some(got) => Err(texts.mismatch(Difference::TrailingOutput, b"", got)),
        None => Ok(()),
    }
}

/// How a token differs from what the answer has in its place; `None` when it is right.
fn token_difference(expected: &[u8], got: &[u8], flags: &Flags) -> Option<Difference> {
    // Also right for numbers, and saves reading most of them.
    if expected == got {
        return None;
    }
    if flags.has_tolerance()
        && let Some(answer) = parse_float(expected)
    {
        let Some(value) = parse_float(got) else {
            return Some(Difference::NotANumber);
        };
        return (!flags.tolerates(answer, value)).then_some(Difference::TooFar {
            by: (value - answer).abs(),
        });
    }
    let same = !flags.case_sensitive && expected.eq_ignore_ascii_case(got);
    (!same).then_some(Difference::Token)
}

struct Texts<'a> {
    answer: Cursor<'a>,
    output: Cursor<'a>,
}

impl Texts<'_> {
    fn skip_whitespace(&mut self, sensitive: bool) -> Result<(), Mismatch> {
        if !sensitive {
            self.answer.skip_whitespace();
            self.output.skip_whitespace();
            return Ok(());
        }
        while let Some(space) = self.answer.peek_space() {
            if self.output.peek() != Some(space) {
                let got = self.output.peek_slice();
                return Err(self.mismatch(Difference::Whitespace, &[space], got));
            }
            self.answer.position += 1;
            self.output.position += 1;
        }
        if self.output.peek_space().is_some() {
            let (expected, got) = (self.answer.peek_slice(), self.output.peek_slice());
            return Err(self.mismatch(Difference::Whitespace, expected, got));
        }
        Ok(())
    }

    fn mismatch(&self, difference: Difference, expected: &[u8], got: &[u8]) -> Mismatch {
        Mismatch::new(
            difference,
            (self.answer.text, self.answer.position, expected),
            (self.output.text, self.output.position, got),
        )
    }
}

#[derive(Clone, Copy)]
struct Cursor<'a> {
    text: &'a [u8],
    position: usize,
}

impl<'a> Cursor<'a> {
    fn new(text: &'a [u8]) -> Self {
        Self { text, position: 0 }
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.position).copied()
    }

    fn peek_space(&self) -> Option<u8> {
        self.peek().filter(|&byte| is_space(byte))
    }

    /// The next byte as a slice, empty at the end.
    fn peek_slice(&self) -> &'a [u8] {
        let end = self.text.len().min(self.position + 1);
        &self.text[self.position..end]
    }

    fn skip_whitespace(&mut self) {
        while self.peek_space().is_some() {
            self.position += 1;
        }
    }

    fn peek_token(&self) -> Option<&'a [u8]> {
        let rest = &self.text[self.position..];
        let length = rest.iter().position(|&b| is_space(b)).unwrap_or(rest.len());
        (length > 0).then(|| &rest[..length])
    }
}

/// C's `isspace`; Rust's ASCII whitespace lacks the vertical tab.
fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t'..=b'\r')
}

#[cfg(test)]
mod tests;
