//! Whether this host has room for the processes that programs may have. What has none refuses programs their forks, and
//! then their runs count for nothing.

use std::fs;

use crate::cgroup::{self, Above, Room};
use crate::{SandboxConfig, user_limit};

/// Limits of the kernel, for all processes of the host.
const OF_THE_KERNEL: [&str; 2] = ["kernel.threads-max", "kernel.pid_max"];

/// Says which limits leave less than `processes` to all boxes together, and what to do.
pub fn crowding(config: &SandboxConfig, processes: u64) -> Vec<String> {
    let above = cgroup::discover(&config.cgroup)
        .ok()
        .and_then(|parents| Above::find(&parents).ok());
    let rooms = above.iter().flat_map(Above::rooms);
    let rooms = rooms.chain(user_limit::room()).chain(rooms_of_the_kernel());
    let narrow = rooms.filter(|room| room.processes < processes);
    narrow
        .map(|Room { limit, processes: left }| {
            format!("{limit} leaves {left} processes where {processes} may be needed: raise it, or run fewer slots")
        })
        .collect()
}

fn rooms_of_the_kernel() -> impl Iterator<Item = Room> {
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    // Running and all, as `2/345`.
    let all = load.split_whitespace().nth(3);
    let all = all.and_then(|counts| counts.split_once('/')?.1.parse::<u64>().ok());
    OF_THE_KERNEL.into_iter().filter_map(move |name| {
        let most = fs::read_to_string(format!("/proc/sys/{}", name.replacen('.', "/", 1))).ok()?;
        let most: u64 = most.trim().parse().ok()?;
        Some(Room {
            limit: name.to_owned(),
            processes: most.saturating_sub(all?),
        })
    })
}
