//! The limit on processes of one user (`ulimit -u`). It refuses forks and leaves no trace of that in any account.
//!
//! Each box has a user of its own, so as root of the host the limit holds for each box by itself. In a user namespace it
//! holds for everything that the user who made it has anywhere, boxes included.

use std::fs;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::cgroup::{PLACES, Room};
use crate::{SandboxError, boxed::failed, user_namespace};

/// How users look that have no name in a user namespace.
const NOBODY: &str = "65534";
const ADVICE: &str = "the limit on processes of a user (`ulimit -Hu`)";

/// Takes as much as we may have, for this process and all that it forks.
pub(crate) fn raise() {
    let maximum = getrlimit(Resource::Nproc).maximum;
    let all = Rlimit {
        current: maximum,
        maximum,
    };
    // Nobody may be refused what is theirs already.
    let _ = setrlimit(Resource::Nproc, all);
}

/// Refuses a run that could not have its processes.
pub(crate) fn allow(processes: u32) -> Result<(), SandboxError> {
    match getrlimit(Resource::Nproc).maximum {
        // The process that waits in the next place is the same user's.
        Some(most) if most < u64::from(processes) + PLACES as u64 => Err(failed(
            format!("give a program {processes} processes: {ADVICE} is {most}"),
            libc::EAGAIN,
        )),
        _ => Ok(()),
    }
}

/// What it leaves to everything that we run; `None` where it holds for each box by itself, or not at all.
pub(crate) fn room() -> Option<Room> {
    if !user_namespace::is_inside() {
        return None;
    }
    let most = getrlimit(Resource::Nproc).maximum?;
    Some(Room {
        limit: ADVICE.to_owned(),
        processes: most.saturating_sub(tasks()),
    })
}

/// Whether a run that had `peak` processes at a time may have been refused one more: nobody counts that.
pub(crate) fn was_in_the_way(peak: Option<u64>) -> bool {
    let left = room().map(|room| room.processes);
    left.zip(peak).is_some_and(|(left, peak)| left <= peak)
}

/// Processes and threads of the user who made our namespace, and of all users in it.
fn tasks() -> u64 {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let statuses = entries.filter_map(|entry| fs::read_to_string(entry.path().join("status")).ok());
    let field = |status: &str, key: &str| -> Option<String> {
        let line = status.lines().find_map(|line| line.strip_prefix(key))?;
        Some(line.split_whitespace().next()?.to_owned())
    };
    let threads = |status: String| -> Option<u64> {
        let user = field(&status, "Uid:")?;
        (user != NOBODY).then(|| field(&status, "Threads:")?.parse().ok())?
    };
    statuses.filter_map(threads).sum()
}
