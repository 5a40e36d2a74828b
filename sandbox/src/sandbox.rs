//! Opening the sandbox on this host, and making boxes.

use std::sync::Arc;

use crate::cgroup::{self, Above, Owner, Parents, Quotas, Version};
use crate::error::Context;
use crate::probe::{self, CHECKS, Check};
use crate::protection::{NOT_TRIED, Protection, ProtectionState, Report};
use crate::{Core, SandboxBox, SandboxConfig, SandboxError, user_namespace};

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
    pub(crate) quotas: Quotas,
    pub(crate) above: Above,
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
        SandboxBox::start(Arc::clone(&self.host), None)
    }

    /// As [`Sandbox::new_box`], with its programs on one processor; several boxes of a slot may share it.
    pub fn new_box_on(&self, core: &Core) -> Result<SandboxBox, SandboxError> {
        SandboxBox::start(Arc::clone(&self.host), Some(core.number()))
    }
}

fn can_be_waived(name: &str) -> bool {
    CHECKS
        .iter()
        .any(|check| check.name == name && check.can_be_waived)
}

/// Opens the host as far as it goes.
fn examine(mut config: SandboxConfig) -> (Report, Option<Host>) {
    let waived = config.waived.clone();
    if !rustix::process::geteuid().is_root() {
        let why = user_namespace::why_not();
        return (stuck_at(probe::PRIVILEGES, "none", &why), None);
    }
    config.uid_base = user_namespace::uid_base(config.uid_base);
    let place = user_namespace::place();
    let host = cgroup::discover(&config.cgroup).and_then(|parents| {
        let owner = Owner::current().map_err(|error| error.to_string())?;
        let quotas = Quotas::find(&parents)
            .map_err(|error| format!("cannot look for CPU quotas: {error}"))?;
        let above = Above::find(&parents)
            .map_err(|error| format!("cannot look for limits on processes: {error}"))?;
        Ok(Host {
            quotas,
            above,
            parents,
            owner,
            config,
        })
    });
    let host = match host {
        Ok(host) => Arc::new(host),
        Err(why) => return (stuck_at(probe::CONTROL_GROUPS, place, &why), None),
    };
    let mode = match host.parents.version {
        Version::V1 { .. } => format!("{place}, cgroup v1"),
        Version::V2 => format!("{place}, cgroup v2"),
    };
    let evidence =
        SandboxBox::start(Arc::clone(&host), None).and_then(|mut it| probe::gather(&mut it));
    let report = match evidence {
        Ok(evidence) => Report {
            mode,
            protections: CHECKS
                .iter()
                .map(|check| check.judge((check.test)(&evidence), &waived))
                .collect(),
        },
        Err(error) => stuck_at(probe::BOX, &mode, &error.to_string()),
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

/// A report that ends where the first thing failed: nothing after it counts as active.
fn stuck_at(name: &str, mode: &str, why: &str) -> Report {
    let mut result = Ok(());
    let mut protections = Vec::new();
    for check in CHECKS {
        if check.name == name {
            result = Err(why);
        }
        protections.push(check.judge(result.map_err(str::to_owned), &[]));
        result = result.map_err(|_| NOT_TRIED);
    }
    Report {
        mode: mode.to_owned(),
        protections,
    }
}
