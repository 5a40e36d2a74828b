//! Opening the sandbox on this host, and making boxes.

use std::sync::Arc;

use crate::cgroup::{self, Owner, Parents, Version};
use crate::error::Context;
use crate::probe::{self, CHECKS, Check};
use crate::protection::{Protection, ProtectionState, Report};
use crate::{SandboxBox, SandboxConfig, SandboxError};

/// A host that was found fit to run untrusted programs; clones share it.
#[derive(Clone, Debug)]
pub struct Sandbox {
    host: Arc<Host>,
    report: Arc<Report>,
}

/// What boxes need of their host.
#[derive(Debug)]
pub(crate) struct Host {
    pub(crate) parents: Parents,
    pub(crate) owner: Owner,
    pub(crate) config: SandboxConfig,
}

impl Sandbox {
    /// Tries every protection; refuses when one is missing that `config` does not waive.
    ///
    /// Also removes the control groups of dead evaluators.
    pub fn open(config: SandboxConfig) -> Result<Sandbox, SandboxError> {
        if let Some(name) = config.waived.iter().find(|name| !can_be_waived(name)) {
            return Err(SandboxError::Request(format!(
                "the configuration waives `{name}`, which is no protection that can be waived"
            )));
        }
        let (report, host) = examine(config);
        match host {
            Some(host) if report.is_safe() => {
                host.parents.sweep().context("sweep old control groups")?;
                Ok(Sandbox {
                    host: Arc::new(host),
                    report: Arc::new(report),
                })
            }
            _ => Err(SandboxError::Unprotected(report)),
        }
    }

    /// Tries every protection and tells what it found.
    pub fn doctor(config: &SandboxConfig) -> Report {
        examine(config.clone()).0
    }

    /// What was found at the start.
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// Every protection and its state.
    pub fn protections(&self) -> &[Protection] {
        &self.report.protections
    }

    /// Starts a box: slow (milliseconds), so keep it for many runs.
    pub fn new_box(&self) -> Result<SandboxBox, SandboxError> {
        SandboxBox::start(Arc::clone(&self.host))
    }
}

fn can_be_waived(name: &str) -> bool {
    CHECKS
        .iter()
        .any(|check| check.name == name && check.can_be_waived)
}

/// Opens the host as far as it goes.
fn examine(config: SandboxConfig) -> (Report, Option<Host>) {
    let waived = config.waived.clone();
    let parents = match require_root().and_then(|()| cgroup::discover(&config.cgroup)) {
        Ok(parents) => parents,
        Err(why) => return (nothing_works("none", &why), None),
    };
    let mode = match parents.version {
        Version::V1 { .. } => "root, cgroup v1",
        Version::V2 => "root, cgroup v2",
    };
    let owner = match Owner::current() {
        Ok(owner) => owner,
        Err(error) => return (nothing_works(mode, &error.to_string()), None),
    };
    let host = Arc::new(Host {
        parents,
        owner,
        config,
    });
    let evidence = SandboxBox::start(Arc::clone(&host)).and_then(|mut it| probe::gather(&mut it));
    let report = match evidence {
        Ok(evidence) => Report {
            mode: mode.to_owned(),
            protections: CHECKS
                .iter()
                .map(|check| check.judge((check.test)(&evidence), &waived))
                .collect(),
        },
        Err(error) => nothing_works(mode, &format!("no box works here: {error}")),
    };
    (report, Arc::into_inner(host))
}

impl Check {
    fn judge(&self, result: Result<(), String>, waived: &[String]) -> Protection {
        let is_waived = self.can_be_waived && waived.iter().any(|name| name == self.name);
        Protection {
            name: self.name,
            advice: self.advice,
            state: match result {
                Ok(()) => ProtectionState::Active,
                Err(why) if is_waived => ProtectionState::Waived(why),
                Err(why) => ProtectionState::Missing(why),
            },
        }
    }
}

fn nothing_works(mode: &str, why: &str) -> Report {
    let missing = |check: &Check| check.judge(Err(why.to_owned()), &[]);
    Report {
        mode: mode.to_owned(),
        protections: CHECKS.iter().map(missing).collect(),
    }
}

fn require_root() -> Result<(), String> {
    if rustix::process::geteuid().is_root() {
        return Ok(());
    }
    Err("the sandbox must be started as root (it gives programs users of their own)".to_owned())
}
