//! A program that takes as much CPU time as it is told to, with the arithmetic unit or with the memory; boxes to run it in.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, ensure};
use sandbox::{Cancel, Core, Outcome, Program, Sandbox, SandboxBox, SandboxConfig};

use crate::boxed;

/// `spinner cpu|memory ROUNDS`. Each step needs the result of the one before it; the second kind also a line of 32 MiB
/// that is in no near cache.
const SOURCE: &str = r#"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#define WORDS (1u << 23)
int main(int argc, char **argv) {
    uint64_t rounds = strtoull(argv[2], 0, 10), x = 88172645463325252u;
    if (argv[1][0] == 'c') {
        while (rounds--) { x ^= x << 13; x ^= x >> 7; x ^= x << 17; }
        return x == 0;
    }
    uint32_t *words = malloc(WORDS * sizeof *words), at = 1;
    memset(words, 1, WORDS * sizeof *words);
    while (rounds--) { at = (at * 1664525u + 1013904223u + words[at >> 9]); words[at >> 9] = at; }
    return at == 0;
}
"#;

/// What it is busy with.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Cpu,
    Memory,
}

impl Kind {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Kind::Cpu => "cpu",
            Kind::Memory => "memory",
        }
    }
}

/// The compiled program and the sandbox it runs in.
pub(crate) struct Workshop {
    folder: tempfile::TempDir,
    sandbox: Sandbox,
}

impl Workshop {
    pub(crate) fn open() -> anyhow::Result<Workshop> {
        let folder = tempfile::tempdir()?;
        let source = folder.path().join("spinner.c");
        std::fs::write(&source, SOURCE)?;
        let status = Command::new("gcc")
            .args(["-O1", "-static", "-o"])
            .arg(folder.path().join("spinner"))
            .arg(&source)
            .status()
            .context("failed to start gcc: install gcc and libc6-dev")?;
        ensure!(status.success(), "gcc could not link a static program");
        let sandbox = Sandbox::open(SandboxConfig::default())?;
        Ok(Workshop { folder, sandbox })
    }

    /// A box, kept on one processor if there is one.
    pub(crate) fn new_box(&self, core: Option<&Core>) -> anyhow::Result<SandboxBox> {
        Ok(match core {
            Some(core) => self.sandbox.new_box_on(core)?,
            None => self.sandbox.new_box()?,
        })
    }

    pub(crate) fn run(
        &self,
        sandbox_box: &mut SandboxBox,
        kind: Kind,
        rounds: u64,
        cpu: Duration,
    ) -> anyhow::Result<Outcome> {
        let program = program(self.folder.path(), kind, rounds, cpu);
        Ok(sandbox_box.run(program, &Cancel::new()?)?)
    }
}

fn program(folder: &Path, kind: Kind, rounds: u64, cpu: Duration) -> Program {
    let argv = vec![
        "/box/spinner".into(),
        kind.word().into(),
        rounds.to_string().into(),
    ];
    boxed::program(folder, argv, (cpu, Duration::from_secs(60)), 128 << 20)
}
