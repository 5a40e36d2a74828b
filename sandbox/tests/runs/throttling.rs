//! Quotas of the host stop a run and its clock goes on: that is told with the run.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, ensure};
use sandbox::{Cancel, Ending, Sandbox, SandboxConfig};

use crate::cleanup::{copy_of_this_test, eventually};
use crate::support::*;

/// Tells a copy of this binary which group to enter.
const GROUP: &str = "TRIBUNAL_TEST_QUOTA";
/// How often the quota is dealt out anew, in microseconds.
const PERIOD: u32 = 20_000;

#[test]
fn a_quota_above_the_run_is_told_by_how_long_it_stopped_it() -> anyhow::Result<()> {
    if let Some(group) = std::env::var_os(GROUP) {
        return spin_below(Path::new(&group));
    }
    let group = Group::with_quota()?;
    let test = "throttling::a_quota_above_the_run_is_told_by_how_long_it_stopped_it";
    let copy = copy_of_this_test(test, "throttled")
        .env(GROUP, &group.0)
        .status()?;
    ensure!(copy.success(), "the copy says why");
    Ok(())
}

/// Enters the group with all of this process, and has a program use what there is.
fn spin_below(group: &Path) -> anyhow::Result<()> {
    std::fs::write(group.join("cgroup.procs"), "0")?;
    let config = SandboxConfig {
        uid_base: uid_base(),
        ..SandboxConfig::default()
    };
    let mut spin = shell("while :; do :; done");
    spin.limits.cpu = Duration::from_millis(40) * slower();
    let mut sandbox_box = Sandbox::open(config)?.new_box()?;
    let outcome = sandbox_box.run(spin, &Cancel::new()?)?;
    assert_eq!(outcome.ending, Ending::CpuLimit);
    let seen = outcome.conditions;
    assert!(seen.throttled_periods > 0, "{seen:?}");
    assert!(!seen.throttled.is_zero(), "{seen:?}");
    Ok(())
}

/// A control group of this test's own that may use a twentieth of a core, less than it gets on any busy host.
struct Group(PathBuf);

impl Group {
    fn with_quota() -> anyhow::Result<Group> {
        let v1 = Path::new("/sys/fs/cgroup/cpu");
        let name = format!("tribunal-test-quota-{}", std::process::id());
        // A host that is slower as a whole needs a larger part of it to set a box up in time.
        let quota = (PERIOD / 20 * slower()).min(PERIOD / 2);
        if v1.join("cgroup.procs").exists() {
            let group = Group::make(v1.join(name))?;
            std::fs::write(group.0.join("cpu.cfs_period_us"), PERIOD.to_string())?;
            std::fs::write(group.0.join("cpu.cfs_quota_us"), quota.to_string())?;
            return Ok(group);
        }
        let above = divisible().context("no group here can hand a quota down")?;
        let group = Group::make(above.join(name))?;
        std::fs::write(group.0.join("cpu.max"), format!("{quota} {PERIOD}"))?;
        Ok(group)
    }

    fn make(path: PathBuf) -> anyhow::Result<Group> {
        std::fs::create_dir(&path).with_context(|| format!("cannot make {}", path.display()))?;
        Ok(Group(path))
    }
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
fn remove_all(group: &Path) {
    for entry in std::fs::read_dir(group).into_iter().flatten().flatten() {
        if entry.path().is_dir() {
            remove_all(&entry.path());
        }
    }
    let _ = std::fs::remove_dir(group);
}
