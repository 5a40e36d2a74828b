//! Commands that run to their end: what they said, and how they ended.

use std::process::Command;

use anyhow::Context;
use serde_json::Value;

/// A command that has ended.
#[derive(Debug)]
pub struct Finished {
    /// Its exit status; `None` if a signal ended it.
    pub status: Option<i32>,
    /// What it wrote to standard output.
    pub output: String,
    /// What it wrote to standard error.
    pub errors: String,
}

impl Finished {
    /// Runs it to its end.
    pub fn run(command: &mut Command) -> anyhow::Result<Self> {
        let done = command
            .output()
            .with_context(|| format!("failed to run {command:?}"))?;
        Ok(Self {
            status: done.status.code(),
            output: String::from_utf8_lossy(&done.stdout).into_owned(),
            errors: String::from_utf8_lossy(&done.stderr).into_owned(),
        })
    }

    /// Its output as JSON, one value a line.
    pub fn json(&self) -> anyhow::Result<Vec<Value>> {
        let parse = |line: &str| {
            serde_json::from_str(line).with_context(|| format!("not JSON: {line}\n{}", self.errors))
        };
        self.output.lines().map(parse).collect()
    }
}
