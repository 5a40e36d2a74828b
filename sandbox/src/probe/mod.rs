//! Finds out what protects a program here, by trying: forked processes in a real box do what should be impossible.

mod checks;
mod inside;

use std::collections::HashMap;
use std::time::Duration;

pub(crate) use checks::{BOX, CHECKS, CONTROL_GROUPS, Check, Evidence, PRIVILEGES};
pub(crate) use inside::answer;

use crate::wire::Task;
use crate::{Cancel, Capture, Ending, Limits, Outcome, Program, SandboxBox, SandboxError, Stdin};

/// Looks around and tries system calls.
const LOOK: u8 = 0;
/// Touches more memory than it may.
const EAT: u8 = 1;
/// Forks as often as it can.
const FORK: u8 = 2;

/// Limits of all probes; small, so that passing them is quick.
const LIMITS: Limits = Limits {
    cpu: Duration::from_secs(5),
    wall: Duration::from_secs(10),
    memory_bytes: 16 << 20,
    processes: 8,
    file_size_bytes: 1 << 20,
    open_files: 16,
};

/// Runs all probes in a box.
pub(crate) fn gather(sandbox_box: &mut SandboxBox) -> Result<Evidence, SandboxError> {
    let look = probe(sandbox_box, LOOK)?;
    let found: HashMap<_, _> = String::from_utf8_lossy(&look.stdout)
        .lines()
        .filter_map(|line| line.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let eat = probe(sandbox_box, EAT)?;
    let fork = probe(sandbox_box, FORK)?;
    Ok(Evidence {
        uid: sandbox_box.uid(),
        found,
        cpu: look.cpu,
        swap_is_limited: sandbox_box.limits_swap(),
        memory_held: eat.ending == Ending::MemoryLimit,
        forked: match fork.ending {
            Ending::Exited(forked) => Some(forked),
            _ => None,
        },
    })
}

fn probe(sandbox_box: &mut SandboxBox, number: u8) -> Result<Outcome, SandboxError> {
    let program = Program {
        argv: Vec::new(),
        env: Vec::new(),
        cwd: "/tmp".into(),
        mounts: Vec::new(),
        stdin: Stdin::Null,
        stdout: Capture::Memory {
            cap_bytes: 64 << 10,
            fatal: true,
        },
        stderr: Capture::Null,
        limits: LIMITS,
    };
    sandbox_box.run_task(Task::Probe(number), program, &Cancel::new()?)
}
