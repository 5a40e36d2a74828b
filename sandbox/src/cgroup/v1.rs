//! The files of cgroup v1.

use std::io;
use std::os::fd::BorrowedFd;
use std::time::Duration;

use super::{OutOfMemory, field, read_at, write_at};
use crate::wire::Expected;

/// CPU time in nanoseconds.
pub(super) const CPU_USAGE: &str = "cpuacct.usage";
const MEMORY_LIMIT: &str = "memory.limit_in_bytes";
/// Where a process with one thread writes itself in. Not `cgroup.procs`: for that the kernel first keeps all forks of the
/// host waiting, and now and then waits itself, for up to 20 ms.
pub(super) const DOOR: &str = "tasks";
/// Memory and swap together; absent where swap is not accounted.
pub(super) const SWAP_LIMIT: &str = "memory.memsw.limit_in_bytes";

/// What one charge may ask for, and fail on with that much still free: two huge pages.
const LARGEST_CHARGE: u64 = 4 << 20;

/// Settings of our own directory, inherited by every group below it.
pub(super) fn prepare(memory: BorrowedFd<'_>) -> io::Result<()> {
    write_at(memory, "memory.swappiness", "0")
}

pub(super) fn limit(
    memory: BorrowedFd<'_>,
    pids: BorrowedFd<'_>,
    limits: Expected,
) -> io::Result<()> {
    let bytes = limits.memory_bytes.to_string();
    match write_at(memory, MEMORY_LIMIT, &bytes) {
        // The kernel wants the limit with swap to be the higher one at any time: to raise both it goes first.
        Err(error) if error.raw_os_error() == Some(libc::EINVAL) => {
            write_at(memory, SWAP_LIMIT, &bytes)?;
            write_at(memory, MEMORY_LIMIT, &bytes)?;
        }
        Err(error) => return Err(error),
        // Memory and swap together may be no more: nothing can be swapped out. Absent where the host has no swap
        // account; the protection `swap-off` decides whether that is safe.
        Ok(()) => match write_at(memory, SWAP_LIMIT, &bytes) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        },
    }
    write_at(pids, "pids.max", &limits.processes.to_string())
}

pub(super) fn cpu(usage: &str) -> Option<Duration> {
    usage.trim().parse().ok().map(Duration::from_nanos)
}

pub(super) fn out_of_memory(memory: BorrowedFd<'_>) -> io::Result<OutOfMemory> {
    let kills = field(&read_at(memory, "memory.oom_control")?, "oom_kill").unwrap_or(0);
    // Not by `failcnt`: with a swap limit it stays 0, and the other counter is not kept by every kernel.
    let limit_reached = kills > 0
        && number(memory, "memory.max_usage_in_bytes")? + LARGEST_CHARGE
            >= number(memory, MEMORY_LIMIT)?;
    Ok(OutOfMemory {
        kills,
        limit_reached,
    })
}

pub(super) fn memory_peak(memory: BorrowedFd<'_>) -> io::Result<u64> {
    let peak = number(memory, "memory.max_usage_in_bytes")?;
    let stat = read_at(memory, "memory.stat")?;
    let of = |key| field(&stat, key).unwrap_or(0);
    Ok(peak.saturating_sub(of("cache").saturating_sub(of("shmem"))))
}

fn number(dir: BorrowedFd<'_>, name: &str) -> io::Result<u64> {
    let text = read_at(dir, name)?;
    text.trim().parse().map_err(io::Error::other)
}
