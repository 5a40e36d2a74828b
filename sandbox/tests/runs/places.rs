//! Places that wait for a run: they come and go with their keeper, and losing one costs no run.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use anyhow::{Context, ensure};
use rustix::process::{Pid, Signal, kill_process};
use sandbox::{Cancel, Ending, Sandbox, SandboxBox, SandboxConfig};

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
