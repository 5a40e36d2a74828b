//! A control group of the benchmark's own that may use a tenth of a core.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;

/// How often the quota is dealt out anew, and what it is, in microseconds.
const PERIOD: u32 = 100_000;
const QUOTA: u32 = PERIOD / 10;
const V1: &str = "/sys/fs/cgroup/cpu";
const V2: &str = "/sys/fs/cgroup";

/// The group; dropping it removes it. What is in it must have ended by then.
pub(super) struct Capped(PathBuf);

impl Capped {
    /// Below the root, which needs the right to write there.
    pub(super) fn make() -> anyhow::Result<Self> {
        let v1 = Path::new(V1).join("cgroup.procs").exists();
        let above = Path::new(if v1 { V1 } else { V2 });
        let group = above.join(format!("tribunal-bench-{}", std::process::id()));
        if !v1 {
            std::fs::write(above.join("cgroup.subtree_control"), "+cpu")
                .context("control groups have no processor time to hand down here")?;
        }
        std::fs::create_dir(&group)
            .with_context(|| format!("failed to make {}: run as root", group.display()))?;
        let group = Self(group);
        if v1 {
            group.write("cpu.cfs_period_us", &PERIOD.to_string())?;
            group.write("cpu.cfs_quota_us", &QUOTA.to_string())?;
        } else {
            group.write("cpu.max", &format!("{QUOTA} {PERIOD}"))?;
        }
        Ok(group)
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    fn write(&self, file: &str, text: &str) -> anyhow::Result<()> {
        let path = self.0.join(file);
        std::fs::write(&path, text).with_context(|| format!("failed to write {}", path.display()))
    }
}

/// Puts this process into the group, with all its threads to come.
pub(super) fn enter(group: &Path) -> anyhow::Result<()> {
    let procs = group.join("cgroup.procs");
    std::fs::write(&procs, "0").with_context(|| format!("failed to enter {}", group.display()))
}

impl Drop for Capped {
    fn drop(&mut self) {
        // Its last process was waited for; the kernel may take a moment longer to see it gone.
        for _ in 0..50 {
            if std::fs::remove_dir(&self.0).is_ok() {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}
