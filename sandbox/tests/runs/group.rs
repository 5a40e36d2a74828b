//! Control groups of a test's own, above the boxes that it opens.

use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};

use crate::cleanup::eventually;

/// Removed when it is dropped.
pub(crate) struct Group(pub(crate) PathBuf);

impl Group {
    /// One in the hierarchy of this controller.
    pub(crate) fn of(controller: &str, name: &str) -> anyhow::Result<Group> {
        let name = format!("tribunal-test-{name}-{}", std::process::id());
        let v1 = Path::new("/sys/fs/cgroup").join(controller);
        let above = match v1.join("cgroup.procs").exists() {
            true => v1,
            false => divisible().context("no group here can hand limits down")?,
        };
        let path = above.join(name);
        std::fs::create_dir(&path).with_context(|| format!("cannot make {}", path.display()))?;
        Ok(Group(path))
    }

    pub(crate) fn set(&self, file: &str, value: &str) -> anyhow::Result<()> {
        set(&self.0, file, value)
    }
}

/// Moves all of this process into a group.
pub(crate) fn enter(group: &Path) -> anyhow::Result<()> {
    set(group, "cgroup.procs", "0")
}

pub(crate) fn set(group: &Path, file: &str, value: &str) -> anyhow::Result<()> {
    let path = group.join(file);
    ensure!(path.exists(), "{} is missing", path.display());
    std::fs::write(&path, value).with_context(|| format!("cannot write {}", path.display()))
}

impl Drop for Group {
    fn drop(&mut self) {
        // Its last process may just be leaving.
        let _ = eventually(|| {
            remove_all(&self.0);
            Ok(!self.0.exists())
        });
    }
}

/// The nearest group of version 2, from our own upwards, that lets its children have what a box needs, and quotas.
fn divisible() -> Option<PathBuf> {
    let top = Path::new("/sys/fs/cgroup");
    let membership = std::fs::read_to_string("/proc/self/cgroup").ok()?;
    let own = membership
        .lines()
        .find_map(|line| line.strip_prefix("0::/"))?;
    let groups = top.join(own);
    groups
        .ancestors()
        .take_while(|group| group.starts_with(top))
        .find(|group| {
            std::fs::write(group.join("cgroup.subtree_control"), "+cpu +memory +pids").is_ok()
        })
        .map(Path::to_owned)
}

/// A group with all below it; those with processes stay.
pub(crate) fn remove_all(group: &Path) {
    for entry in std::fs::read_dir(group).into_iter().flatten().flatten() {
        if entry.path().is_dir() {
            remove_all(&entry.path());
        }
    }
    let _ = std::fs::remove_dir(group);
}
