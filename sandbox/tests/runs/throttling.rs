//! Quotas of the host stop a run and its clock goes on: that is told with the run.

use std::path::Path;
use std::time::Duration;

use anyhow::ensure;
use sandbox::{Cancel, Ending, Sandbox, SandboxConfig};

use crate::cleanup::copy_of_this_test;
use crate::group::{Group, enter};
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
    let group = with_quota()?;
    let test = "throttling::a_quota_above_the_run_is_told_by_how_long_it_stopped_it";
    let copy = copy_of_this_test(test, "throttled")
        .env(GROUP, &group.0)
        .status()?;
    ensure!(copy.success(), "the copy says why");
    Ok(())
}

/// Enters the group with all of this process, and has a program use what there is.
fn spin_below(group: &Path) -> anyhow::Result<()> {
    enter(group)?;
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

/// A group that may use a twentieth of a core, less than it gets on any busy host.
fn with_quota() -> anyhow::Result<Group> {
    let group = Group::of("cpu", "quota")?;
    // A host that is slower as a whole needs a larger part of it to set a box up in time.
    let quota = (PERIOD / 20 * slower()).min(PERIOD / 2);
    if group.0.join("cpu.max").exists() {
        group.set("cpu.max", &format!("{quota} {PERIOD}"))?;
    } else {
        group.set("cpu.cfs_period_us", &PERIOD.to_string())?;
        group.set("cpu.cfs_quota_us", &quota.to_string())?;
    }
    Ok(group)
}
