//! Reading and formatting without the heap, for processes that share the keeper's memory.

use std::ffi::CStr;
use std::fmt::Arguments;
use std::io::{self, Write};

use rustix::fs::{Mode, OFlags};

/// Longer than any text that is made here.
pub(super) type Line = [u8; 64];

/// A text, laid into `line`.
pub(super) fn c_text<'a>(line: &'a mut Line, text: Arguments<'_>) -> io::Result<&'a CStr> {
    line.fill(0);
    let room = line.len() - 1;
    (&mut line[..room]).write_fmt(text)?;
    CStr::from_bytes_until_nul(line).map_err(|_| io::ErrorKind::InvalidInput.into())
}

/// The beginning of a file of the kernel's, which answers with all of it at once.
pub(super) fn read<'a>(path: &CStr, buffer: &'a mut Line) -> io::Result<&'a str> {
    let file = rustix::fs::open(path, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())?;
    let length = rustix::io::read(file, &mut buffer[..])?;
    std::str::from_utf8(&buffer[..length]).map_err(|_| io::ErrorKind::InvalidData.into())
}
