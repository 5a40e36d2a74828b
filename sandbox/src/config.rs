//! What an operator may decide about the sandbox.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// Settings of a [`crate::Sandbox`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SandboxConfig {
    /// Name of the control group we create and keep everything in. Default `tribunal`.
    pub cgroup: String,
    /// User and group id of the first box; every box has its own, counted up from here. Default 1,900,000,000, which
    /// no distribution hands out. Evaluators that share a host do better with a range each.
    pub uid_base: u32,
    /// Host paths shown read-only inside every box, under the same path; absent ones are left out, symbolic links
    /// are shown as links. `/usr/local` is hidden unless it, or something below it, is listed.
    pub toolchain: Vec<PathBuf>,
    /// Names of protections to do without, see [`crate::Protection::name`]. Only those that say so can be waived.
    pub waived: Vec<String>,
}

/// What C, C++, Python and Java of a Debian or Ubuntu host need.
const TOOLCHAIN: [&str; 9] = [
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib32",
    "/lib64",
    "/etc/alternatives",
    "/etc/ld.so.cache",
    "/etc/java-17-openjdk",
];

impl Default for SandboxConfig {
    fn default() -> SandboxConfig {
        SandboxConfig {
            cgroup: "tribunal".to_owned(),
            uid_base: 1_900_000_000,
            toolchain: TOOLCHAIN.iter().map(PathBuf::from).collect(),
            waived: Vec::new(),
        }
    }
}
