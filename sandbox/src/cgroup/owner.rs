//! Who a box's directory belongs to, so that only directories of the dead are swept.

use std::fmt;
use std::fs;
use std::io;
use std::str::FromStr;

use super::{Parents, children, read_at, remove_box};
use rustix::process::{Pid, Signal};

/// A process, told apart from later ones that get the same number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Owner {
    /// Inode of its pid namespace: containers on one host may share our directory and count pids alike.
    namespace: u64,
    pid: u32,
    /// In clock ticks since boot.
    started: u64,
}

impl Owner {
    /// This process.
    pub(crate) fn current() -> io::Result<Owner> {
        let pid = std::process::id();
        Ok(Owner {
            namespace: current_namespace()?,
            pid,
            started: started(pid)?,
        })
    }

    /// Name of the directory of its box number `index`.
    pub(crate) fn box_name(&self, index: u32) -> String {
        format!("{self}.{index}")
    }

    fn is_alive(&self) -> bool {
        started(self.pid).is_ok_and(|started| started == self.started)
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.namespace, self.pid, self.started)
    }
}

impl FromStr for Owner {
    type Err = ();

    /// Reads the owner off a directory's name.
    fn from_str(name: &str) -> Result<Owner, ()> {
        let mut parts = name
            .split('.')
            .map(|part| part.parse::<u64>().map_err(drop));
        let mut next = || parts.next().ok_or(())?;
        Ok(Owner {
            namespace: next()?,
            pid: u32::try_from(next()?).map_err(drop)?,
            started: next()?,
        })
    }
}

impl Parents {
    /// Removes what boxes of dead processes of this pid namespace left behind.
    pub(crate) fn sweep(&self) -> io::Result<()> {
        let here = current_namespace()?;
        for dir in &self.dirs {
            for name in children(dir)? {
                let dead = name
                    .parse::<Owner>()
                    .is_ok_and(|owner| owner.namespace == here && !owner.is_alive());
                if dead {
                    self.sweep_box(&name)?;
                }
            }
        }
        Ok(())
    }

    fn sweep_box(&self, name: &str) -> io::Result<()> {
        tracing::info!(
            group = name,
            "sweeping the control groups of a dead evaluator"
        );
        for dir in &self.dirs {
            let Ok(group) = super::open_at(dir, name, rustix::fs::OFlags::RDONLY) else {
                continue;
            };
            for run in children(&group)? {
                for pid in read_at(&group, &format!("{run}/cgroup.procs"))?.lines() {
                    if let Some(pid) = pid.parse().ok().and_then(Pid::from_raw) {
                        // It may have died on its own by now.
                        let _ = rustix::process::kill_process(pid, Signal::KILL);
                    }
                }
            }
        }
        remove_box(&self.dirs, name)
    }
}

fn current_namespace() -> io::Result<u64> {
    use std::os::unix::fs::MetadataExt;
    Ok(fs::metadata("/proc/self/ns/pid")?.ino())
}

/// The 22nd field of `stat`; the second may hold blanks and brackets.
fn started(pid: u32) -> io::Result<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    stat.rsplit_once(')')
        .and_then(|(_, rest)| rest.split_whitespace().nth(19)?.parse().ok())
        .ok_or_else(|| io::Error::other("cannot read the start of a process"))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failing test may say so with a panic")]
mod tests {
    use super::*;

    #[test]
    fn an_owner_is_read_back_from_the_name_of_a_box() {
        let owner = Owner::current().unwrap();
        assert_eq!(owner.box_name(3).parse(), Ok(owner.clone()));
        assert!(owner.is_alive());
        assert_eq!("process_api".parse::<Owner>(), Err(()));
    }

    #[test]
    fn a_later_process_with_the_same_number_is_not_the_owner() {
        let mut owner = Owner::current().unwrap();
        owner.started += 1;
        assert!(!owner.is_alive());
    }
}
