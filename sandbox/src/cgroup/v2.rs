//! The files of cgroup v2.

use std::io;
use std::os::fd::BorrowedFd;
use std::time::Duration;

use super::{OutOfMemory, field, read_at, write_at};
use crate::wire::Expected;

/// CPU time in `usage_usec`; there without the cpu controller.
pub(super) const CPU_USAGE: &str = "cpu.stat";
/// Absent where swap is not accounted.
pub(super) const SWAP_LIMIT: &str = "memory.swap.max";

/// Hands the controllers we use down to the children of a group.
pub(super) fn delegate(dir: BorrowedFd<'_>) -> io::Result<()> {
    write_at(dir, "cgroup.subtree_control", "+memory +pids")
}

pub(super) fn limit(dir: BorrowedFd<'_>, limits: Expected) -> io::Result<()> {
    write_at(dir, "memory.max", &limits.memory_bytes.to_string())?;
    match write_at(dir, SWAP_LIMIT, "0") {
        // Absent where the host has no swap account; the protection `swap-off` decides whether that is safe.
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    write_at(dir, "memory.oom.group", "1")?;
    write_at(dir, "pids.max", &limits.processes.to_string())
}

pub(super) fn cpu(stat: &str) -> Option<Duration> {
    field(stat, "usage_usec").map(Duration::from_micros)
}

pub(super) fn out_of_memory(dir: BorrowedFd<'_>) -> io::Result<OutOfMemory> {
    let events = read_at(dir, "memory.events")?;
    let of = |key| field(&events, key).unwrap_or(0);
    Ok(OutOfMemory {
        kills: of("oom_kill"),
        limit_reached: of("oom") > 0,
    })
}

pub(super) fn memory_peak(dir: BorrowedFd<'_>) -> io::Result<u64> {
    let peak = read_at(dir, "memory.peak")?;
    let peak: u64 = peak.trim().parse().map_err(io::Error::other)?;
    let stat = read_at(dir, "memory.stat")?;
    let of = |key| field(&stat, key).unwrap_or(0);
    Ok(peak.saturating_sub(of("file").saturating_sub(of("shmem"))))
}
