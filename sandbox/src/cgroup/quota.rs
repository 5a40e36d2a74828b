//! CPU quotas above the runs: of a container, a service or a user, whoever set them. They stop a run and its clock goes on.

use std::fs;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;
use std::time::Duration;

use rustix::fs::{Mode, OFlags};

use super::discover::cgroup_mounts;
use super::{Parents, Version, ancestors, field, open_at, read_at};

const STAT: &str = "cpu.stat";

/// How often, and for how long, quotas have stopped what is under them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Throttling {
    pub(crate) periods: u64,
    pub(crate) time: Duration,
}

/// The accounts of all quotas that hold for the runs of a host, as they were when it was opened.
#[derive(Debug)]
pub(crate) struct Quotas {
    stats: Vec<OwnedFd>,
}

impl Quotas {
    /// Looks from where the runs are upwards.
    pub(crate) fn find(parents: &Parents) -> io::Result<Quotas> {
        let groups = lowest_group(parents)?.into_iter().flat_map(ancestors);
        let stats = groups
            .filter(|group| has_quota(group.as_fd()))
            .filter_map(|group| open_at(group, STAT, OFlags::RDONLY).ok())
            .collect();
        Ok(Quotas { stats })
    }

    /// What they have done up to now, added up.
    pub(crate) fn throttling(&self) -> io::Result<Throttling> {
        let mut sum = Throttling::default();
        for stat in &self.stats {
            let mut buffer = [0; 1024];
            let length = rustix::io::pread(stat, &mut buffer, 0)?;
            let text = String::from_utf8_lossy(&buffer[..length]);
            let one = throttling(&text);
            sum.periods += one.periods;
            sum.time += one.time;
        }
        Ok(sum)
    }
}

/// The group next above the runs in the hierarchy whose quotas hold for them; none if there is no such hierarchy.
fn lowest_group(parents: &Parents) -> io::Result<Option<OwnedFd>> {
    let ours = match parents.version {
        Version::V1 { cpuacct, .. } => &parents.dirs[cpuacct],
        Version::V2 => &parents.dirs[0],
    };
    if open_at(ours, STAT, OFlags::RDONLY).is_ok() {
        return Ok(Some(ours.try_clone()?));
    }
    // v1 with a cpu controller apart: programs stay in the group that they were forked in, which is ours.
    let mounts = fs::read_to_string("/proc/self/mountinfo")?;
    let mounts = cgroup_mounts(&mounts);
    let is_cpu = |name: &String| name == "cpu";
    let Some(mount) = mounts
        .iter()
        .rfind(|mount| mount.kind == "cgroup" && mount.controllers.iter().any(is_cpu))
    else {
        return Ok(None);
    };
    let membership = fs::read_to_string("/proc/thread-self/cgroup")?;
    let path = membership.lines().find_map(|line| {
        let (controllers, path) = line.split_once(':')?.1.split_once(':')?;
        controllers
            .split(',')
            .any(|name| name == "cpu")
            .then_some(path)
    });
    let below_root = path.and_then(|path| Path::new(path).strip_prefix(&mount.root).ok());
    let group = mount.point.join(below_root.unwrap_or(Path::new("")));
    Ok(open_dir(rustix::fs::CWD, &group).ok())
}

fn has_quota(group: BorrowedFd<'_>) -> bool {
    let v1 = || read_at(group, "cpu.cfs_quota_us").is_ok_and(|quota| !quota.starts_with('-'));
    read_at(group, "cpu.max").map_or_else(|_| v1(), |quota| !quota.starts_with("max"))
}

fn throttling(stat: &str) -> Throttling {
    let v1 = field(stat, "throttled_time").map(Duration::from_nanos);
    let v2 = field(stat, "throttled_usec").map(Duration::from_micros);
    Throttling {
        periods: field(stat, "nr_throttled").unwrap_or(0),
        time: v1.or(v2).unwrap_or_default(),
    }
}

fn open_dir<P: rustix::path::Arg>(from: impl AsFd, path: P) -> io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    Ok(rustix::fs::openat(from, path, flags, Mode::empty())?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_versions_say_how_often_and_how_long_a_quota_stopped_its_group() {
        let v1 = "nr_periods 9\nnr_throttled 3\nthrottled_time 2000000\n";
        let v2 = "usage_usec 7\nnr_periods 9\nnr_throttled 3\nthrottled_usec 2000\n";
        let expected = Throttling {
            periods: 3,
            time: Duration::from_millis(2),
        };
        assert_eq!(throttling(v1), expected);
        assert_eq!(throttling(v2), expected);
    }
}
