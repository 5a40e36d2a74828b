//! Processors that slots have for themselves, and who goes first on them.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::sync::{Mutex, PoisonError};

use rustix::process::Pid;
use rustix::thread::CpuSet;

/// How supervisors rank, where we may raise anything: above what runs in boxes, so that a limit is seen when it is
/// passed and not when the program has had its turn.
const SUPERVISOR_NICE: i32 = -10;
/// How programs rank where supervisors could not be raised.
const LOWERED_NICE: i32 = 5;

/// A processor of this host that nobody else in this process was given; given back when dropped.
#[derive(Debug)]
pub struct Core {
    number: usize,
}

static TAKEN: Mutex<BTreeSet<usize>> = Mutex::new(BTreeSet::new());

impl Core {
    /// Takes one that is free, first those that share their hardware with no other; `None` if all are taken.
    pub fn lease() -> io::Result<Option<Core>> {
        let all = usable()?;
        let mut taken = TAKEN.lock().unwrap_or_else(PoisonError::into_inner);
        let free = all.into_iter().find(|number| !taken.contains(number));
        Ok(free.map(|number| {
            taken.insert(number);
            Core { number }
        }))
    }

    /// How many this process may use.
    pub fn count() -> io::Result<usize> {
        Ok(usable()?.len())
    }

    /// Its number, as the kernel counts.
    pub fn number(&self) -> usize {
        self.number
    }
}

impl Drop for Core {
    fn drop(&mut self) {
        TAKEN
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&self.number);
    }
}

/// Keeps a process, and all that it will start, on one processor.
pub(crate) fn pin(process: Pid, core: usize) -> io::Result<()> {
    let mut only = CpuSet::new();
    only.set(core);
    Ok(rustix::thread::sched_setaffinity(Some(process), &only)?)
}

/// Lets the calling thread, and whatever it starts, go before programs in boxes; tells whether it was allowed to.
///
/// For threads that call [`crate::SandboxBox::run`]. Where it is not allowed, programs are ranked lower instead.
pub fn outrank_boxes() -> bool {
    rustix::process::setpriority_process(None, SUPERVISOR_NICE).is_ok()
}

/// Ranks the calling process as a program: `raised` is whether its supervisors were.
pub(crate) fn rank_as_program(raised: bool) -> io::Result<()> {
    let nice = if raised { 0 } else { LOWERED_NICE };
    Ok(rustix::process::setpriority_process(None, nice)?)
}

/// Every processor that this process may use: one of each group that shares hardware before the others.
fn usable() -> io::Result<Vec<usize>> {
    let allowed = rustix::thread::sched_getaffinity(None)?;
    let allowed = (0..CpuSet::MAX_CPU).filter(|&core| allowed.is_set(core));
    let siblings = |core| {
        let path = format!("/sys/devices/system/cpu/cpu{core}/topology/thread_siblings_list");
        fs::read_to_string(path).unwrap_or_default()
    };
    Ok(apart_first(allowed.map(|core| (core, siblings(core)))))
}

/// From processors with the names of the hardware they share.
fn apart_first(processors: impl Iterator<Item = (usize, String)>) -> Vec<usize> {
    let mut seen = BTreeSet::new();
    let (mut first, mut second) = (Vec::new(), Vec::new());
    for (core, shared) in processors {
        if shared.is_empty() || seen.insert(shared) {
            first.push(core);
        } else {
            second.push(core);
        }
    }
    first.append(&mut second);
    first
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hardware_threads_of_one_core_are_given_out_last() {
        let shared = |core| (core, format!("{},{}", core % 3, core % 3 + 3));
        assert_eq!(apart_first((0..6).map(shared)), [0, 1, 2, 3, 4, 5]);
        let neighbours = |core: usize| (core, (core / 2).to_string());
        assert_eq!(apart_first((0..6).map(neighbours)), [0, 2, 4, 1, 3, 5]);
        let unknown = |core| (core, String::new());
        assert_eq!(apart_first((0..3).map(unknown)), [0, 1, 2]);
    }

    #[test]
    fn a_core_is_given_to_one_slot_at_a_time() -> io::Result<()> {
        let mut leases = Vec::new();
        while let Some(core) = Core::lease()? {
            leases.push(core);
        }
        assert_eq!(leases.len(), Core::count()?);
        let last = leases.pop().map(|core| core.number());
        assert_eq!(Core::lease()?.map(|core| core.number()), last);
        Ok(())
    }
}
