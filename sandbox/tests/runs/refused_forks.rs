//! A fork that the program's own limit refuses is its own doing; one that the host refuses is ours.

use std::io::ErrorKind;
use std::path::PathBuf;

use anyhow::ensure;
use rustix::process::{Resource, Rlimit, setrlimit};
use sandbox::{
    Cancel, Ending, Program, Sandbox, SandboxBox, SandboxConfig, SandboxError, crowding,
};

use crate::cleanup::{copy_of_this_test, parents, plays};
use crate::group::{remove_all, set};
use crate::support::*;

/// Has so many children at once; 1 if it cannot.
fn family(children: u32) -> Program {
    python(&format!(
        "import os, sys\nfor child in range({children}):\n    try:\n        if os.fork() == 0:\n            \
         import time\n            time.sleep(60)\n    except BlockingIOError:\n        sys.exit(1)\n"
    ))
}

fn run_in(sandbox_box: &mut SandboxBox, program: Program) -> Result<Ending, SandboxError> {
    Ok(sandbox_box.run(program, &Cancel::new()?)?.ending)
}

/// Whether it is a refused fork, and this limit is named.
fn is_refused_by(result: &Result<Ending, SandboxError>, limit: &str) -> bool {
    matches!(result, Err(error @ SandboxError::Io { cause, .. })
        if cause.kind() == ErrorKind::WouldBlock && error.to_string().contains(limit))
}

/// Where everything of a sandbox is kept whose configuration says so; removed in the end.
struct Kept(SandboxConfig);

impl Kept {
    fn under(name: &str) -> Kept {
        Kept(SandboxConfig {
            uid_base: uid_base(),
            cgroup: format!("tribunal-test-{name}-{}", std::process::id()),
            ..SandboxConfig::default()
        })
    }

    /// The group in which processes are counted.
    fn directory(&self) -> anyhow::Result<PathBuf> {
        let mut found = parents(&self.0.cgroup).into_iter();
        let counting = found.find(|dir| dir.join("pids.max").exists());
        counting.ok_or_else(|| anyhow::anyhow!("no group counts processes"))
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        parents(&self.0.cgroup)
            .iter()
            .for_each(|dir| remove_all(dir));
    }
}

#[test]
fn a_fork_that_a_group_above_refuses_is_our_fault_and_its_own_limit_the_programs()
-> anyhow::Result<()> {
    let kept = Kept::under("above");
    let mut sandbox_box = Sandbox::open(kept.0.clone())?.new_box()?;
    let directory = kept.directory()?;
    // More often than there are places: nothing of a refusal may stick to one.
    for _ in 0..3 {
        set(&directory, "pids.max", "24")?;
        let refused = run_in(&mut sandbox_box, family(40));
        ensure!(is_refused_by(&refused, &kept.0.cgroup), "{refused:?}");
        ensure!(!sandbox_box.is_damaged());
        assert_eq!(run_in(&mut sandbox_box, family(3))?, Ending::Exited(0));
        assert_eq!(
            run_in(&mut sandbox_box, shell("exit 7"))?,
            Ending::Exited(7)
        );
        let mut alone = family(40);
        alone.limits.processes = 8;
        assert_eq!(run_in(&mut sandbox_box, alone)?, Ending::Exited(1));
        set(&directory, "pids.max", "max")?;
        assert_eq!(run_in(&mut sandbox_box, family(40))?, Ending::Exited(0));
    }
    Ok(())
}

#[test]
fn groups_that_leave_too_little_room_are_named_with_what_to_do() -> anyhow::Result<()> {
    let kept = Kept::under("room");
    let sandbox_box = Sandbox::open(kept.0.clone())?.new_box()?;
    let told = |processes| crowding(&kept.0, processes).join("\n");
    let group = format!("{} leaves ", kept.0.cgroup);
    ensure!(!told(64).contains(&group), "{}", told(64));
    set(&kept.directory()?, "pids.max", "63")?;
    ensure!(told(64).contains(&group), "{}", told(64));
    ensure!(told(64).contains("raise it, or run fewer slots"));
    ensure!(!told(16).contains(&group), "{}", told(16));
    drop(sandbox_box);
    Ok(())
}

#[test]
fn a_limit_on_the_processes_of_users_is_raised_or_our_fault() -> anyhow::Result<()> {
    if !plays("limited") {
        let test = "refused_forks::a_limit_on_the_processes_of_users_is_raised_or_our_fault";
        let copy = copy_of_this_test(test, "limited").status()?;
        ensure!(copy.success(), "the copy says why");
        return Ok(());
    }
    let limit = |current, maximum| {
        let limit = Rlimit {
            current: Some(current),
            maximum: Some(maximum),
        };
        setrlimit(Resource::Nproc, limit)
    };
    // In a user namespace it holds for us too, who are many threads.
    let most = 60;
    if !is_rootless() {
        limit(10, most)?;
    }
    let mut sandbox_box = new_box()?;
    let within = |children| {
        let mut program = family(children);
        program.limits.processes = 50;
        program
    };
    assert_eq!(run_in(&mut sandbox_box, within(40))?, Ending::Exited(0));
    limit(most, most)?;
    let refused = run_in(&mut sandbox_box, family(5));
    ensure!(is_refused_by(&refused, "ulimit -Hu"), "{refused:?}");
    ensure!(!sandbox_box.is_damaged());
    assert_eq!(run_in(&mut sandbox_box, within(5))?, Ending::Exited(0));
    Ok(())
}
