//! What processes have used besides CPU time, as the kernel tells whoever buries them.

use std::ffi::CStr;
use std::time::Duration;

use super::heapless;
use crate::sys;

/// Of one process, or of all that a run has left behind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Usage {
    /// How long the first process was ready to run and had no core.
    pub(crate) ready: Duration,
    pub(crate) voluntary_switches: u64,
    pub(crate) involuntary_switches: u64,
    /// What all processes have written to anything, if somebody asked for it.
    pub(crate) written_bytes: u64,
}

impl Usage {
    /// Of the calling process, up to now, with what the kernel has said of it.
    pub(super) fn own(used: libc::rusage) -> Usage {
        Usage {
            ready: ready(c"/proc/self/schedstat"),
            ..Usage::from(used)
        }
    }

    /// What came after `before`.
    pub(crate) fn since(self, before: Usage) -> Usage {
        let switches = |after: u64, before| after.saturating_sub(before);
        Usage {
            ready: self.ready.saturating_sub(before.ready),
            voluntary_switches: switches(self.voluntary_switches, before.voluntary_switches),
            involuntary_switches: switches(self.involuntary_switches, before.involuntary_switches),
            written_bytes: self.written_bytes,
        }
    }

    fn add_switches(&mut self, other: Usage) {
        self.voluntary_switches += other.voluntary_switches;
        self.involuntary_switches += other.involuntary_switches;
    }
}

impl From<libc::rusage> for Usage {
    fn from(usage: libc::rusage) -> Usage {
        Usage {
            ready: Duration::ZERO,
            voluntary_switches: usage.ru_nvcsw.unsigned_abs(),
            involuntary_switches: usage.ru_nivcsw.unsigned_abs(),
            written_bytes: 0,
        }
    }
}

/// How the program ended, and what the whole tree had used.
pub(super) struct Burial {
    pub(super) status: i32,
    pub(super) at: Duration,
    pub(super) usage: Usage,
}

/// Waits for the program's end, kills what it has left, and buries all of it.
///
/// A process that its parent waited for is counted with the parent, every orphan comes to us. Only a child of a parent
/// that ignores its children's end is counted by nobody.
pub(super) fn bury(program: i32, counts_writes: bool) -> Burial {
    let mut usage = Usage::default();
    let (status, at) = loop {
        let Some(dead) = next_dead() else {
            // It cannot happen while the program has not been waited for.
            sys::exit(1);
        };
        let at = sys::clock();
        if dead == program {
            // Only as long as it is not buried.
            let mut line = [0; _];
            let path = heapless::c_text(&mut line, format_args!("/proc/{dead}/schedstat"));
            usage.ready = path.map_or(Duration::ZERO, ready);
        }
        if let Ok((status, its)) = sys::bury(dead) {
            usage.add_switches(its.into());
            if dead == program {
                break (status, at);
            }
        }
    };
    // Whatever the program has left is a child of ours now. A kill would look at every process of the host.
    if sys::has_children() && sys::kill_all() {
        while let Some(dead) = next_dead() {
            if let Ok((_, its)) = sys::bury(dead) {
                usage.add_switches(its.into());
            }
        }
    }
    if counts_writes {
        usage.written_bytes = written();
    }
    Burial { status, at, usage }
}

/// What this process and all that it has buried have written; nothing where the kernel does not count.
fn written() -> u64 {
    let mut buffer = [0; _];
    // The second line, of numbers that are short enough.
    let account = heapless::read(c"/proc/self/io", &mut buffer).unwrap_or_default();
    let bytes = account
        .lines()
        .find_map(|line| line.strip_prefix("wchar: "));
    bytes.and_then(|bytes| bytes.parse().ok()).unwrap_or(0)
}

/// Waits until a child is dead; `None` when there is none left.
fn next_dead() -> Option<i32> {
    loop {
        match sys::wait_for_dead() {
            Ok(pid) => return Some(pid),
            Err(error) if error.raw_os_error() == Some(libc::EINTR) => {}
            Err(_) => return None,
        }
    }
}

/// The second number: nanoseconds on a run queue. A kernel that does not keep it tells nothing.
fn ready(path: &CStr) -> Duration {
    let mut buffer = [0; _];
    let text = heapless::read(path, &mut buffer).unwrap_or_default();
    let nanos = text.split_ascii_whitespace().nth(1);
    Duration::from_nanos(nanos.and_then(|nanos| nanos.parse().ok()).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_process_did_before_it_was_the_program_does_not_count() {
        let usage = |ready_ms, voluntary_switches, involuntary_switches| Usage {
            ready: Duration::from_millis(ready_ms),
            voluntary_switches,
            involuntary_switches,
            written_bytes: 0,
        };
        assert_eq!(usage(9, 8, 7).since(usage(1, 2, 3)), usage(8, 6, 4));
        // The program's own parent may have buried it.
        assert_eq!(usage(0, 0, 0).since(usage(1, 2, 3)), Usage::default());
    }
}
