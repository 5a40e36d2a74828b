//! Forks that leave behind what only the evaluator needs.
//!
//! The keeper is the evaluator's executable, and the libraries by which that computes and talks to the network come with
//! it. Nobody calls them here, but every fork would copy their mappings, and every exit take them apart again.

use std::fs;
use std::io;

use crate::sys;

/// How the names of such libraries begin. Any other may be needed, if only to unwind a panic.
const OF_THE_EVALUATOR: [&str; 4] = ["libcrypto.", "libm.", "libssl.", "libz."];

/// Mappings that no init needs.
pub(super) struct Ballast(Vec<(usize, usize)>);

impl Ballast {
    /// Looks for it; the host's `/proc` must still be there.
    pub(super) fn find() -> io::Result<Ballast> {
        let maps = fs::read_to_string("/proc/self/maps")?;
        Ok(Ballast(maps.lines().filter_map(ballast).collect()))
    }

    /// Keeps it out of every fork from now on. Saves time, so it may fail.
    pub(super) fn leave_behind(&mut self) {
        for (start, length) in self.0.drain(..) {
            sys::keep_out_of_forks(start, length);
        }
    }
}

/// Start and length, if this line of `/proc/self/maps` is about ballast.
fn ballast(line: &str) -> Option<(usize, usize)> {
    let mut words = line.split_ascii_whitespace();
    let (start, end) = words.next()?.split_once('-')?;
    let (_, name) = words.nth(4)?.rsplit_once('/')?;
    if !OF_THE_EVALUATOR.iter().any(|begin| name.starts_with(begin)) {
        return None;
    }
    let start = usize::from_str_radix(start, 16).ok()?;
    let end = usize::from_str_radix(end, 16).ok()?;
    Some((start, end.checked_sub(start)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libraries_of_the_evaluator_stay_behind_and_all_else_comes_along() {
        let library =
            |name| format!("7f0000001000-7f0000003000 r-xp 00000000 08:01 42    /usr/lib/{name}");
        assert_eq!(
            ballast(&library("libcrypto.so.3")),
            Some((0x7f00_0000_1000, 0x2000))
        );
        assert_eq!(
            ballast(&library("libz.so.1.2.13")),
            Some((0x7f00_0000_1000, 0x2000))
        );
        for needed in ["libc.so.6", "libgcc_s.so.1", "ld-linux-x86-64.so.2"] {
            assert_eq!(ballast(&library(needed)), None);
        }
        assert_eq!(
            ballast("7f0000001000-7f0000003000 rw-p 00000000 00:00 0"),
            None
        );
        assert_eq!(
            ballast("7ffe49adf000-7ffe49b00000 rw-p 00000000 00:00 0    [stack]"),
            None
        );
    }
}
