//! Where this process may make control groups.

use std::fs;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags};

use super::{Parents, Version, make_dir, read_at, v1, v2, write_at};

/// Where processes of ours go that are in the way: v2 allows none in a group that has limited children.
const ASIDE: &str = "supervisor";

/// Finds the hierarchies and makes our directory `name` in them; says in words what is missing.
pub(crate) fn discover(name: &str) -> Result<Parents, String> {
    let mounts = fs::read_to_string("/proc/self/mountinfo")
        .map_err(|error| format!("cannot read the mount table: {error}"))?;
    let mounts = cgroup_mounts(&mounts);
    // The last, because it lies on top of others at the same place.
    let v1 = |controller: &str| {
        mounts
            .iter()
            .rfind(|one| one.kind == "cgroup" && one.controllers.iter().any(|it| it == controller))
            .map(|one| one.point.clone())
    };
    if let Some(memory) = v1("memory") {
        let pids = v1("pids").ok_or("no pids controller is mounted")?;
        let cpuacct = v1("cpuacct").ok_or("no cpuacct controller is mounted")?;
        return open_v1(name, [memory, pids, cpuacct]);
    }
    let unified = mounts
        .iter()
        .rfind(|one| one.kind == "cgroup2")
        .ok_or("no control groups are mounted")?;
    open_v2(name, unified)
}

fn open_v1(name: &str, points: [PathBuf; 3]) -> Result<Parents, String> {
    let mut distinct: Vec<&PathBuf> = Vec::new();
    let mut index = |point| {
        distinct
            .iter()
            .position(|one| *one == point)
            .unwrap_or_else(|| {
                distinct.push(point);
                distinct.len() - 1
            })
    };
    let version = Version::V1 {
        memory: index(&points[0]),
        pids: index(&points[1]),
        cpuacct: index(&points[2]),
    };
    let mut dirs = Vec::new();
    for point in distinct {
        dirs.push(own_dir(point, name)?);
    }
    let Version::V1 { memory, .. } = version else {
        return Err("no v1 hierarchy".to_owned());
    };
    v1::prepare(dirs[memory].as_fd())
        .map_err(|error| format!("cannot turn swapping off: {error}"))?;
    Ok(Parents { version, dirs })
}

/// Ours goes into the group we are in, or else into the nearest one above it that can be divided: in a terminal's
/// group, say, there are processes of others, which are not ours to move.
fn open_v2(name: &str, mount: &CgroupMount) -> Result<Parents, String> {
    let mut base =
        own_group(mount).map_err(|error| format!("cannot find our own control group: {error}"))?;
    let mut reasons = Vec::new();
    loop {
        let is_top = base == mount.point;
        let Err(why) = divide(&base, is_top) else {
            break;
        };
        reasons.push(why);
        if is_top {
            return Err(reasons.join("; "));
        }
        base.pop();
    }
    let own = own_dir(&base, name)?;
    v2::delegate(own.as_fd()).map_err(|error| format!("cannot hand controllers down: {error}"))?;
    Ok(Parents {
        version: Version::V2,
        dirs: vec![own],
    })
}

/// Lets children of the group `base` have limits.
fn divide(base: &Path, is_top: bool) -> Result<(), String> {
    let dir = open_dir(base)?;
    let controllers = read_at(&dir, "cgroup.controllers").unwrap_or_default();
    for needed in ["memory", "pids"] {
        if !controllers.split_whitespace().any(|one| one == needed) {
            return Err(format!(
                "controller {needed} is not available in {}",
                base.display()
            ));
        }
    }
    v2::delegate(dir.as_fd())
        .or_else(|error| match error.raw_os_error() {
            Some(libc::EBUSY) => step_aside(&dir, is_top).and_then(|()| v2::delegate(dir.as_fd())),
            _ => Err(error),
        })
        .map_err(|error| {
            format!(
                "cannot hand controllers down from {}: {error}",
                base.display()
            )
        })
}

/// The directory of the group we are in, or of the one we were in before we stepped aside.
fn own_group(mount: &CgroupMount) -> io::Result<PathBuf> {
    let membership = fs::read_to_string("/proc/self/cgroup")?;
    let path = membership
        .lines()
        .find_map(|line| line.strip_prefix("0::"))
        .ok_or(io::ErrorKind::NotFound)?;
    // A container may be shown the host's groups, and not be let into them.
    let below_root = Path::new(path)
        .strip_prefix(&mount.root)
        .map_err(|_| io::Error::other(format!("it is not below {}", mount.point.display())))?;
    let group = mount.point.join(below_root);
    Ok(match group.file_name() {
        Some(last) if last == ASIDE => group.parent().unwrap_or(&group).to_owned(),
        _ => group,
    })
}

/// Moves this process out of `base`, if it is alone there; at the top, which is our container, all, for they are ours.
///
/// There another evaluator may be doing the same and have moved us already.
fn step_aside(base: &OwnedFd, is_top: bool) -> io::Result<()> {
    let inside = read_at(base, "cgroup.procs")?;
    if !is_top && inside.trim() != std::process::id().to_string() {
        return Err(io::ErrorKind::ResourceBusy.into());
    }
    let aside = make_dir(base, ASIDE)?;
    for pid in inside.lines() {
        // It may have ended meanwhile; whether all are out shows when controllers are handed down.
        let _ = write_at(&aside, "cgroup.procs", pid);
    }
    Ok(())
}

fn own_dir(point: &Path, name: &str) -> Result<OwnedFd, String> {
    make_dir(open_dir(point)?, name)
        .map_err(|error| format!("cannot make {}: {error}", point.join(name).display()))
}

fn open_dir(path: &Path) -> Result<OwnedFd, String> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    rustix::fs::open(path, flags, Mode::empty())
        .map_err(|error| format!("cannot open {}: {error}", path.display()))
}

/// A line of the mount table that is a control group hierarchy.
#[derive(Debug, PartialEq)]
pub(super) struct CgroupMount {
    pub(super) kind: String,
    /// Which part of the hierarchy is shown.
    pub(super) root: PathBuf,
    pub(super) point: PathBuf,
    pub(super) controllers: Vec<String>,
}

pub(super) fn cgroup_mounts(table: &str) -> Vec<CgroupMount> {
    let mount = |line: &str| {
        let (place, kind) = line.split_once(" - ")?;
        let mut place = place.split(' ').skip(3);
        let mut kind = kind.split(' ');
        let found = CgroupMount {
            root: place.next()?.into(),
            point: place.next()?.into(),
            kind: kind.next()?.to_owned(),
            controllers: kind.nth(1)?.split(',').map(str::to_owned).collect(),
        };
        found.kind.starts_with("cgroup").then_some(found)
    };
    table.lines().filter_map(mount).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hierarchies_are_found_in_a_mount_table() {
        let table = "22 27 0:21 / /proc rw,relatime - proc proc rw\n\
                     33 31 0:30 /docker/ab /sys/fs/cgroup/cpu,cpuacct ro - cgroup cgroup rw,cpu,cpuacct\n\
                     41 31 0:38 / /sys/fs/cgroup/unified rw shared:9 - cgroup2 cgroup2 rw\n";
        let found = cgroup_mounts(table);
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].root, Path::new("/docker/ab"));
        assert_eq!(found[0].point, Path::new("/sys/fs/cgroup/cpu,cpuacct"));
        assert!(found[0].controllers.contains(&"cpuacct".to_owned()));
        assert_eq!(found[1].kind, "cgroup2");
    }
}
