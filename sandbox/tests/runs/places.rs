//! Places that wait for a run: they come and go with their keeper, and losing one costs no run.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use anyhow::{Context, ensure};
use rustix::process::{Pid, PidfdFlags, Signal, kill_process, pidfd_open, pidfd_send_signal};
use sandbox::{Cancel, Capture, Ending, Program, Sandbox, SandboxBox, SandboxConfig, SandboxError};

use crate::cleanup::*;
use crate::support::*;

#[test]
fn a_place_whose_init_dies_while_it_waits_is_replaced() -> anyhow::Result<()> {
    let mut sandbox_box = new_box()?;
    let uid = user_of(&mut sandbox_box)?;
    let waiting = waiting_place(uid)?;
    let init = status(waiting, "PPid:").context("no init")?;
    kill_process(pid(init)?, Signal::KILL)?;
    eventually(|| Ok(status(waiting, "Uid:").is_none()))?;
    let outcome = sandbox_box.run(shell("exit 3"), &Cancel::new()?)?;
    assert_eq!(outcome.ending, Ending::Exited(3));
    assert!(!sandbox_box.is_damaged());
    Ok(())
}

#[test]
fn a_process_that_dies_while_it_waits_costs_one_run_at_most_and_not_the_box() -> anyhow::Result<()>
{
    let mut sandbox_box = new_box()?;
    let uid = user_of(&mut sandbox_box)?;
    let waiting = waiting_place(uid)?;
    kill_process(pid(waiting)?, Signal::KILL)?;
    // Its init finds out when it has a run to hand over, and that is a fault; or before, and then the place is replaced.
    if let Ok(outcome) = sandbox_box.run(shell("exit 3"), &Cancel::new()?) {
        assert_eq!(outcome.ending, Ending::Exited(3));
    }
    ensure!(!sandbox_box.is_damaged());
    let outcome = sandbox_box.run(shell("exit 3"), &Cancel::new()?)?;
    assert_eq!(outcome.ending, Ending::Exited(3));
    Ok(())
}

#[test]
fn an_evaluator_that_dies_between_two_runs_leaves_no_place() -> anyhow::Result<()> {
    if plays("idler") {
        return play_idler();
    }
    let test = "places::an_evaluator_that_dies_between_two_runs_leaves_no_place";
    let mut idler = copy_of_this_test(test, "idler")
        .stdout(Stdio::piped())
        .spawn()?;
    let mut output = BufReader::new(idler.stdout.take().context("no output")?);
    let mut line = String::new();
    while !line.starts_with("uid ") {
        line.clear();
        ensure!(output.read_line(&mut line)? > 0, "the idler ended");
    }
    let uid = line[4..].trim().parse()?;
    waiting_place(uid)?;
    idler.kill()?;
    idler.wait()?;
    eventually(|| Ok(everyone_of(uid)?.is_empty()))?;
    eventually(|| Ok(groups_of("tribunal", idler.id()).is_empty()))
}

/// Runs one program, tells its user, and does nothing until somebody kills us.
fn play_idler() -> anyhow::Result<()> {
    let config = SandboxConfig {
        uid_base: uid_base(),
        ..SandboxConfig::default()
    };
    let mut sandbox_box = Sandbox::open(config)?.new_box()?;
    let uid = user_of(&mut sandbox_box)?;
    // Not by the test harness, which would keep it.
    rustix::io::write(rustix::stdio::stdout(), format!("\nuid {uid}\n").as_bytes())?;
    loop {
        std::thread::park();
    }
}

/// The user of a box's programs.
fn user_of(sandbox_box: &mut SandboxBox) -> anyhow::Result<u32> {
    let outcome = sandbox_box.run(shell("id -u"), &Cancel::new()?)?;
    Ok(stdout(&outcome).parse()?)
}

/// The process that waits for the next program, once it does.
fn waiting_place(uid: u32) -> anyhow::Result<u32> {
    let mut found = None;
    eventually(|| {
        found = everyone_of(uid)?.first().copied();
        Ok(found.is_some())
    })?;
    found.context("no place waits")
}

fn pid(number: u32) -> anyhow::Result<Pid> {
    Pid::from_raw(i32::try_from(number)?).context("no process")
}

#[test]
fn an_init_that_is_killed_under_its_program_is_our_fault() -> anyhow::Result<()> {
    let (started, starts) = std::io::pipe()?;
    let sleep = Program {
        stdout: Capture::Fd(starts.into()),
        ..shell("id -u; sleep 60")
    };
    let mut sandbox_box = new_box()?;
    let running = std::thread::spawn(move || anyhow::Ok(sandbox_box.run(sleep, &Cancel::new()?)));
    let mut uid = String::new();
    BufReader::new(started).read_line(&mut uid)?;
    let uid = uid.trim().parse()?;
    let program = processes_of(uid)?.into_iter().min().context("no program")?;
    let init = status(program, "PPid:").context("no init")?;
    kill_process(pid(init)?, Signal::KILL)?;
    let result = running.join().map_err(|_| anyhow::anyhow!("panicked"))??;
    ensure!(
        matches!(result, Err(SandboxError::Damaged(_))),
        "{result:?}"
    );
    assert_eq!(processes_of(uid)?, []);
    Ok(())
}

/// It shares the keeper's memory and may be killed in any step: preparing, waiting, beginning a run, watching it.
#[test]
fn whenever_an_init_is_killed_runs_are_right_or_our_fault() -> anyhow::Result<()> {
    let keeper = AtomicU32::new(0);
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let killer = scope.spawn(|| kill_inits(&keeper, &is_over));
        let runs = run_under_fire(&keeper);
        is_over.store(true, Ordering::Relaxed);
        let killed = killer.join().map_err(|_| anyhow::anyhow!("panicked"))??;
        let right = runs?;
        ensure!(right > 0 && killed > 0, "{right} right, {killed} killed");
        Ok(())
    })
}

/// Every second init of a keeper is killed, each a little later than the one before it.
fn kill_inits(keeper: &AtomicU32, is_over: &AtomicBool) -> anyhow::Result<u32> {
    let (mut last, mut seen, mut killed) = (0, 0u32, 0);
    while !is_over.load(Ordering::Relaxed) {
        let keeper = keeper.load(Ordering::Relaxed);
        let children = fs::read_to_string(format!("/proc/{keeper}/task/{keeper}/children"));
        let newest = children.unwrap_or_default();
        let newest = newest
            .split_whitespace()
            .last()
            .and_then(|pid| pid.parse().ok());
        let Some(init) = newest.filter(|&init| init != last) else {
            std::thread::yield_now();
            continue;
        };
        (last, seen) = (init, seen + 1);
        if seen.is_multiple_of(2) {
            killed += u32::from(kill_child(keeper, init, seen * 8)?);
        }
    }
    Ok(killed)
}

/// Kills a child of a keeper after so many turns of others, and nobody else who may have its number by then.
fn kill_child(keeper: u32, child: u32, turns: u32) -> anyhow::Result<bool> {
    let Ok(exactly) = pidfd_open(pid(child)?, PidfdFlags::empty()) else {
        return Ok(false);
    };
    if status(child, "PPid:") != Some(keeper) {
        return Ok(false);
    }
    (0..turns).for_each(|_| std::thread::yield_now());
    Ok(pidfd_send_signal(exactly, Signal::KILL).is_ok())
}

/// How many runs went well, in as many boxes as it took.
fn run_under_fire(keeper: &AtomicU32) -> anyhow::Result<u32> {
    let mut right = 0;
    let mut sandbox_box = None;
    for _ in 0..100 {
        let under_fire = match &mut sandbox_box {
            Some(under_fire) => under_fire,
            none => {
                keeper.store(0, Ordering::Relaxed);
                let mut new = new_box()?;
                let waiting = waiting_place(user_of(&mut new)?)?;
                let init = status(waiting, "PPid:").context("no init")?;
                let its_keeper = status(init, "PPid:").context("no keeper")?;
                keeper.store(its_keeper, Ordering::Relaxed);
                none.insert(new)
            }
        };
        match under_fire.run(shell("echo told; exit 3"), &Cancel::new()?) {
            Ok(outcome) => {
                assert_eq!(outcome.ending, Ending::Exited(3));
                assert_eq!(stdout(&outcome), "told");
                right += 1;
            }
            Err(SandboxError::Damaged(_)) => sandbox_box = None,
            Err(SandboxError::Io { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(right)
}
