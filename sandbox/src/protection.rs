//! The protections a host gives us, as data: what `doctor` prints and what a verdict carries.

use std::fmt;

use serde::Serialize;

/// One thing that keeps programs apart from the host and from each other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Protection {
    /// Stable name, as used in the configuration and in verdicts.
    pub name: &'static str,
    /// Whether it works here.
    pub state: ProtectionState,
    /// What it is good for, and what to do when it is missing.
    pub advice: &'static str,
}

/// Whether a protection works; found out by trying, not by asking.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "state", content = "reason")]
pub enum ProtectionState {
    /// Tried, and it held.
    Active,
    /// It does not work here, for this reason.
    Missing(String),
    /// It does not work here, for this reason, and the configuration says to go on without it.
    Waived(String),
}

/// All protections of a host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// How we confine, for instance `root, cgroup v1`.
    pub mode: String,
    /// Every protection, in a fixed order.
    pub protections: Vec<Protection>,
}

impl Report {
    /// Whether programs may run here.
    pub fn is_safe(&self) -> bool {
        !self
            .protections
            .iter()
            .any(|one| matches!(one.state, ProtectionState::Missing(_)))
    }

    /// Names of the active protections, for verdicts.
    pub fn active(&self) -> Vec<&'static str> {
        self.protections
            .iter()
            .filter(|one| one.state == ProtectionState::Active)
            .map(|one| one.name)
            .collect()
    }
}

/// Why a protection is missing that comes after a more basic one.
pub(crate) const NOT_TRIED: &str = "not tried";

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "mode: {}", self.mode)?;
        for one in &self.protections {
            match &one.state {
                ProtectionState::Active => writeln!(f, "  active   {}", one.name)?,
                ProtectionState::Waived(why) => writeln!(f, "  waived   {}: {why}", one.name)?,
                ProtectionState::Missing(why) => {
                    writeln!(f, "  missing  {}: {why}", one.name)?;
                    if why != NOT_TRIED {
                        writeln!(f, "           {}", one.advice)?;
                    }
                }
            }
        }
        Ok(())
    }
}
