//! How many processes the groups above the runs allow, and whether one of them refused a run any.
//!
//! A run's own limit refusing a fork is the program's doing, a limit above it doing so is the host's. Before Linux 6.11,
//! and on v1 ever since, `pids.events` counts in the group of whoever wanted to fork, whichever limit refused it: then it was
//! our limit if the group was full. Since then it counts where the limit is.

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};

use rustix::fs::OFlags;

use super::{Parents, Version, ancestors, field, open_at, read_at};

const LIMIT: &str = "pids.max";
const COUNT: &str = "pids.current";
const PEAK: &str = "pids.peak";
const REFUSALS: &str = "pids.events";
/// Refusals by the limit of this very group, where the kernel tells them apart.
const OWN_REFUSALS: &str = "pids.events.local";

/// The groups above all runs that could limit processes when the host was opened.
#[derive(Debug)]
pub(crate) struct Above {
    groups: Vec<OwnedFd>,
    /// Those that count what they themselves refuse, and had a limit.
    refusals: Vec<OwnedFd>,
}

/// A limit on processes, and how many more it allows.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Room {
    pub(crate) limit: String,
    pub(crate) processes: u64,
}

impl Above {
    /// Looks from where the runs are upwards.
    pub(crate) fn find(parents: &Parents) -> io::Result<Above> {
        let lowest = match parents.version {
            Version::V1 { pids, .. } => &parents.dirs[pids],
            Version::V2 => &parents.dirs[0],
        };
        let groups: Vec<OwnedFd> = ancestors(lowest.try_clone()?).collect();
        let limited = groups.iter().filter(|group| limit(group.as_fd()).is_some());
        let refusals = limited
            .filter_map(|group| open_at(group, OWN_REFUSALS, OFlags::RDONLY).ok())
            .collect();
        Ok(Above { groups, refusals })
    }

    /// How many forks they have refused up to now.
    pub(crate) fn refusals(&self) -> u64 {
        let count = |file: &OwnedFd| {
            let mut buffer = [0; 64];
            let length = rustix::io::pread(file, &mut buffer, 0).ok()?;
            field(&String::from_utf8_lossy(&buffer[..length]), "max")
        };
        self.refusals.iter().filter_map(count).sum()
    }

    /// What each of them leaves.
    pub(crate) fn rooms(&self) -> impl Iterator<Item = Room> {
        self.groups.iter().filter_map(|group| {
            let left = limit(group.as_fd())?.saturating_sub(number(group.as_fd(), COUNT)?);
            Some(Room {
                limit: format!("pids.max of the control group {}", path(group)),
                processes: left,
            })
        })
    }
}

/// Whether a group was refused a fork though it was not full itself.
pub(super) fn was_refused_from_above(group: BorrowedFd<'_>) -> io::Result<bool> {
    if !was_refused(group)? {
        return Ok(false);
    }
    let full = limit(group);
    // Kernels before 6.0 do not tell the peak; then it was our limit, as it nearly always is.
    Ok(peak(group)
        .zip(full)
        .is_some_and(|(peak, full)| peak < full))
}

/// The most processes that a group held at a time, itself and below.
pub(super) fn peak(group: BorrowedFd<'_>) -> Option<u64> {
    number(group, PEAK)
}

/// Whether counts of earlier runs would be taken for those of one that may have so many processes.
pub(super) fn is_worn(group: BorrowedFd<'_>, processes: u32) -> io::Result<bool> {
    let was_full = peak(group).is_some_and(|peak| peak >= processes.into());
    Ok(was_full || was_refused(group)?)
}

fn was_refused(group: BorrowedFd<'_>) -> io::Result<bool> {
    Ok(field(&read_at(group, REFUSALS)?, "max").is_some_and(|refusals| refusals > 0))
}

/// None where there is no limit, or `max`.
fn limit(group: BorrowedFd<'_>) -> Option<u64> {
    number(group, LIMIT)
}

fn number(group: BorrowedFd<'_>, file: &str) -> Option<u64> {
    read_at(group, file).ok()?.trim().parse().ok()
}

fn path(group: &OwnedFd) -> String {
    let link = std::fs::read_link(format!("/proc/self/fd/{}", group.as_raw_fd()));
    link.map_or_else(|_| "above".to_owned(), |path| path.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A group as the kernel shows it, as long as its directory is there.
    fn group(files: &[(&str, &str)]) -> io::Result<(OwnedFd, tempfile::TempDir)> {
        let dir = tempfile::tempdir()?;
        for (name, content) in files {
            std::fs::write(dir.path().join(name), content)?;
        }
        Ok((std::fs::File::open(dir.path())?.into(), dir))
    }

    fn counts(limit: &str, peak: &str, refusals: &str) -> io::Result<(OwnedFd, tempfile::TempDir)> {
        let events = format!("max {refusals}\n");
        group(&[(LIMIT, limit), (PEAK, peak), (REFUSALS, &events)])
    }

    #[test]
    fn a_fork_refused_in_a_group_that_was_never_full_was_refused_above() -> io::Result<()> {
        for (limit, peak, refusals, expected) in [
            ("8\n", "5\n", "1", true),
            ("8\n", "8\n", "1", false),
            ("8\n", "5\n", "0", false),
            ("8\n", "8\n", "0", false),
        ] {
            let (group, _shown) = counts(limit, peak, refusals)?;
            assert_eq!(was_refused_from_above(group.as_fd())?, expected);
        }
        // A kernel that does not tell the peak.
        let events = (REFUSALS, "max 1\n");
        let (group, _shown) = group(&[(LIMIT, "8\n"), events])?;
        assert!(!was_refused_from_above(group.as_fd())?);
        Ok(())
    }

    #[test]
    fn a_group_is_worn_when_a_later_run_could_not_tell_its_counts_from_its_own() -> io::Result<()> {
        let is_worn = |peak, refusals, processes| {
            let (group, _shown) = counts("8\n", peak, refusals)?;
            is_worn(group.as_fd(), processes)
        };
        assert!(!is_worn("3\n", "0", 4)?);
        assert!(is_worn("4\n", "0", 4)?);
        assert!(is_worn("3\n", "1", 4)?);
        Ok(())
    }

    #[test]
    fn groups_above_tell_what_they_leave_and_what_they_refused() -> io::Result<()> {
        let own = (OWN_REFUSALS, "max 3\n");
        let (limited, _shown) = group(&[(LIMIT, "9\n"), (COUNT, "4\n"), own])?;
        let (open, _shown_too) = group(&[(LIMIT, "max\n"), (COUNT, "4\n")])?;
        let refusals = vec![open_at(&limited, OWN_REFUSALS, OFlags::RDONLY)?];
        let above = Above {
            groups: vec![limited, open],
            refusals,
        };
        assert_eq!(above.refusals(), 3);
        let rooms: Vec<_> = above.rooms().map(|room| room.processes).collect();
        assert_eq!(rooms, [5]);
        Ok(())
    }
}
