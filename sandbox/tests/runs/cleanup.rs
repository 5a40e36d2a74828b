//! Whatever ends a run, or us, nothing of it is left.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use rustix::process::{Pid, Signal, kill_process};
use sandbox::{Cancel, Capture, Ending, Program, Sandbox, SandboxConfig, SandboxError, Volume};

use crate::support::*;

/// Set in the environment of a copy of this binary that plays a part in a test.
const PART: &str = "TRIBUNAL_TEST_PART";
/// For what the kernel or a keeper does on its own time.
const PATIENCE: Duration = Duration::from_secs(10);

#[test]
fn daemons_are_killed_with_the_program() -> anyhow::Result<()> {
    let script = "import os, time\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n        \
                  print(os.getuid(), flush=True)\n        time.sleep(60)\n    os._exit(0)\nos.wait()\ntime.sleep(0.1)";
    let mut sandbox_box = new_box()?;
    let outcome = sandbox_box.run(python(script), &Cancel::new()?)?;
    assert_eq!(outcome.ending, Ending::Exited(0));
    assert!(outcome.wall < Duration::from_secs(30));
    assert_eq!(processes_of(stdout(&outcome).parse()?)?, []);
    Ok(())
}

#[test]
fn a_killed_keeper_is_our_fault_and_a_new_box_works() -> anyhow::Result<()> {
    let (started, starts) = std::io::pipe()?;
    let sleep = Program {
        stdout: Capture::Fd(starts.into()),
        ..shell("id -u; sleep 60")
    };
    let mut sandbox_box = new_box()?;
    let running = std::thread::spawn(move || {
        let result = sandbox_box.run(sleep, &Cancel::new()?);
        anyhow::Ok((result, sandbox_box))
    });
    let mut uid = String::new();
    BufReader::new(started).read_line(&mut uid)?;
    let uid = uid.trim().parse()?;
    kill_process(keeper_of(uid)?, Signal::KILL)?;
    let (result, mut sandbox_box) = running.join().map_err(|_| anyhow::anyhow!("panicked"))??;
    assert!(
        matches!(result, Err(SandboxError::Damaged(_))),
        "{result:?}"
    );
    assert_eq!(processes_of(uid)?, []);
    assert!(sandbox_box.is_damaged());
    let again = sandbox_box.run(shell(":"), &Cancel::new()?);
    assert!(matches!(again, Err(SandboxError::Damaged(_))), "{again:?}");
    assert_eq!(run(shell("exit 3"))?.ending, Ending::Exited(3));
    Ok(())
}

#[test]
fn a_dead_evaluator_leaves_nothing() -> anyhow::Result<()> {
    if plays("victim") {
        return play_victim(SandboxConfig::default());
    }
    let (mut victim, uid, output) =
        start_victim("cleanup::a_dead_evaluator_leaves_nothing", "victim")?;
    ensure!(!groups_of("tribunal", victim.id()).is_empty());
    victim.kill()?;
    victim.wait()?;
    // The program and its daemon hold the pipe: its end is theirs.
    ensure!(output.lines().next().is_none());
    eventually(|| Ok(everyone_of(uid)?.is_empty()))?;
    eventually(|| Ok(groups_of("tribunal", victim.id()).is_empty()))
}

#[test]
fn groups_of_the_dead_are_swept_at_the_next_start() -> anyhow::Result<()> {
    let config = |cgroup: String| SandboxConfig {
        cgroup,
        ..SandboxConfig::default()
    };
    if let Ok(cgroup) = std::env::var("TRIBUNAL_TEST_CGROUP") {
        return play_victim(config(cgroup));
    }
    let cgroup = format!("tribunal-test-{}", std::process::id());
    let (mut victim, uid, _output) = start_victim(
        "cleanup::groups_of_the_dead_are_swept_at_the_next_start",
        &cgroup,
    )?;
    let evaluator = Pid::from_child(&victim);
    // Neither may clean up after the other.
    let keeper = keeper_of(uid)?;
    kill_process(evaluator, Signal::STOP)?;
    kill_process(keeper, Signal::KILL)?;
    victim.kill()?;
    victim.wait()?;
    eventually(|| Ok(everyone_of(uid)?.is_empty()))?;
    ensure!(!groups_of(&cgroup, victim.id()).is_empty());
    drop(Sandbox::open(config(cgroup.clone()))?);
    ensure!(groups_of(&cgroup, victim.id()).is_empty());
    for dir in parents(&cgroup) {
        fs::remove_dir(dir)?;
    }
    Ok(())
}

#[test]
fn boxes_and_volumes_give_back_what_they_take() -> anyhow::Result<()> {
    if !plays("accountant") {
        let test = "cleanup::boxes_and_volumes_give_back_what_they_take";
        let output = copy_of_this_test(test, "accountant").output()?;
        ensure!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stdout)
        );
        return Ok(());
    }
    // The first ones start what stays: the thread that keeps volumes.
    use_everything()?;
    let before = (
        list("/proc/self/fd")?,
        list("/proc/self/task")?.len(),
        fs::read("/proc/self/mounts")?,
    );
    for _ in 0..3 {
        use_everything()?;
    }
    let after = (
        list("/proc/self/fd")?,
        list("/proc/self/task")?.len(),
        fs::read("/proc/self/mounts")?,
    );
    assert_eq!(before, after);
    assert_eq!(
        fs::read_to_string(format!("/proc/self/task/{}/children", std::process::id()))?,
        ""
    );
    assert_eq!(
        groups_of("tribunal", std::process::id()),
        Vec::<PathBuf>::new()
    );
    Ok(())
}

fn use_everything() -> anyhow::Result<()> {
    let volume = std::sync::Arc::new(Volume::new(1 << 20, 8)?);
    volume.write("file", b"x", 0o644)?;
    let mut sandbox_box = new_box()?;
    for script in [
        "cat /w/file",
        "sleep 60 & exit 1",
        "kill -9 $$",
        "while :; do :; done",
    ] {
        let mut program = Program {
            mounts: vec![mount(&volume, "/w", true)],
            ..shell(script)
        };
        program.limits.cpu = Duration::from_millis(20);
        sandbox_box.run(program, &Cancel::new()?)?;
    }
    Ok(())
}

/// Runs a program with a daemon, both holding our standard output, until somebody kills us.
fn play_victim(config: SandboxConfig) -> anyhow::Result<()> {
    let sandbox = Sandbox::open(SandboxConfig {
        uid_base: uid_base(),
        ..config
    })?;
    let announce = Program {
        stdout: Capture::Fd(rustix::io::dup(rustix::stdio::stdout())?),
        ..shell("(setsid sleep 60 &); echo; echo uid $(id -u); sleep 60")
    };
    sandbox.new_box()?.run(announce, &Cancel::new()?)?;
    Ok(())
}

/// Starts a copy of this binary that plays the victim; returns it with the user of its program and its output.
fn start_victim(
    test: &str,
    part: &str,
) -> anyhow::Result<(Child, u32, BufReader<std::process::ChildStdout>)> {
    let mut command = copy_of_this_test(test, part);
    command.env("TRIBUNAL_TEST_CGROUP", part);
    let mut victim = command.stdout(Stdio::piped()).spawn()?;
    let mut output = BufReader::new(victim.stdout.take().context("no output")?);
    let mut line = String::new();
    while !line.starts_with("uid ") {
        line.clear();
        ensure!(output.read_line(&mut line)? > 0, "the victim ended");
    }
    Ok((victim, line[4..].trim().parse()?, output))
}

pub(crate) fn copy_of_this_test(test: &str, part: &str) -> Command {
    let mut command = Command::new("/proc/self/exe");
    command
        .args(["--exact", test, "--nocapture"])
        .env(PART, part);
    // Should this test fail, its copy has nobody to wait for.
    // SAFETY: prctl is one system call and touches no memory.
    unsafe {
        command.pre_exec(|| {
            Ok(rustix::process::set_parent_process_death_signal(Some(
                Signal::KILL,
            ))?)
        });
    }
    command
}

pub(crate) fn plays(part: &str) -> bool {
    std::env::var(PART).is_ok_and(|played| played == part)
}

pub(crate) fn processes_of(uid: u32) -> anyhow::Result<Vec<u32>> {
    // One that waits for a program is ours, and has the user of the box already.
    let waits = |pid: &u32| {
        let command = fs::read_to_string(format!("/proc/{pid}/cmdline"));
        command.is_ok_and(|command| command.starts_with("tribunal-box"))
    };
    let mut everyone = everyone_of(uid)?;
    everyone.retain(|pid| !waits(pid));
    Ok(everyone)
}

/// Programs of a box, and what waits for the next.
pub(crate) fn everyone_of(uid: u32) -> anyhow::Result<Vec<u32>> {
    let pids = list("/proc")?
        .into_iter()
        .filter_map(|name| name.parse().ok());
    Ok(pids
        .filter(|&pid| status(pid, "Uid:").is_some_and(|it| it == uid))
        .collect())
}

/// The keeper: above the program stands init, and above init the keeper.
fn keeper_of(uid: u32) -> anyhow::Result<Pid> {
    let programs = processes_of(uid)?;
    let top = programs.into_iter().min().context("no program")?;
    let keeper = status(top, "PPid:")
        .and_then(|init| status(init, "PPid:"))
        .context("no keeper")?;
    let name = fs::read_to_string(format!("/proc/{keeper}/cmdline"))?;
    ensure!(name.starts_with("tribunal-box"), "{name}");
    Pid::from_raw(i32::try_from(keeper)?).context("no keeper")
}

pub(crate) fn status(pid: u32, key: &str) -> Option<u32> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(key))?;
    line.split_whitespace().next()?.parse().ok()
}

/// Control groups of the boxes of a process.
pub(crate) fn groups_of(cgroup: &str, pid: u32) -> Vec<PathBuf> {
    let infix = format!(".{pid}.");
    let below = parents(cgroup)
        .into_iter()
        .filter_map(|dir| fs::read_dir(dir).ok());
    let entries = below.flatten().flatten().map(|entry| entry.path());
    entries
        .filter(|path| path.to_string_lossy().contains(&infix))
        .collect()
}

/// Our directory in every hierarchy of version 1, and in the group of version 2 that it is in.
pub(crate) fn parents(cgroup: &str) -> Vec<PathBuf> {
    let membership = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    let own = membership
        .lines()
        .find_map(|line| line.strip_prefix("0::/"));
    let above = Path::new(own.unwrap_or_default()).ancestors();
    ["memory", "pids", "cpuacct", "cpu,cpuacct"]
        .map(Path::new)
        .into_iter()
        .chain(above)
        .map(|hierarchy| Path::new("/sys/fs/cgroup").join(hierarchy).join(cgroup))
        .filter(|dir| dir.is_dir())
        .collect()
}

fn list(dir: &str) -> anyhow::Result<Vec<String>> {
    let names =
        fs::read_dir(dir)?.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
    let mut names = names.collect::<anyhow::Result<Vec<_>>>()?;
    names.sort();
    Ok(names)
}

/// Waits for what others bring about.
pub(crate) fn eventually(mut holds: impl FnMut() -> anyhow::Result<bool>) -> anyhow::Result<()> {
    let until = Instant::now() + PATIENCE;
    while !holds()? {
        ensure!(Instant::now() < until, "it did not come about");
        std::thread::yield_now();
    }
    Ok(())
}
