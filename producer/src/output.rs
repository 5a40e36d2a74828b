//! Lines on standard output.

use std::io::Write;

/// Writes one line. A reader that went away (`| head`) does not undo what was accepted, so it is no
/// error either.
pub(crate) fn say(line: impl std::fmt::Display) {
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}
