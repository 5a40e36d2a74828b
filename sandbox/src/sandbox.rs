//! Opening the sandbox on this host, and making boxes.

use std::sync::Arc;

use crate::protection::Report;
use crate::{Cancel, Outcome, Program, Protection, SandboxConfig, SandboxError};

/// A host that was found fit to run untrusted programs; clones share it.
#[derive(Clone, Debug)]
pub struct Sandbox {
    report: Arc<Report>,
}

impl Sandbox {
    /// Tries every protection; refuses when one is missing that `config` does not waive.
    pub fn open(config: SandboxConfig) -> Result<Sandbox, SandboxError> {
        let report = Sandbox::doctor(&config);
        if !report.is_safe() {
            return Err(SandboxError::Unprotected(report));
        }
        Ok(Sandbox {
            report: Arc::new(report),
        })
    }

    /// Tries every protection and tells what it found.
    pub fn doctor(_config: &SandboxConfig) -> Report {
        Report {
            mode: String::new(),
            protections: Vec::new(),
        }
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
        Ok(SandboxBox {})
    }
}

/// One sandbox instance; runs at most one program tree at a time.
#[derive(Debug)]
pub struct SandboxBox {}

impl SandboxBox {
    /// Runs `program` to its end and blocks until nothing of it is left.
    ///
    /// `Err` is a fault of ours. After one, ask [`SandboxBox::is_damaged`] whether the box is still good.
    pub fn run(&mut self, _program: Program, _cancel: &Cancel) -> Result<Outcome, SandboxError> {
        Err(SandboxError::Damaged("not started".to_owned()))
    }

    /// Whether this box must be replaced by a new one.
    pub fn is_damaged(&self) -> bool {
        false
    }
}
