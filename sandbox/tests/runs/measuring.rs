//! What is told of a run beside its times: switches, waiting, and on which core.

use std::time::Duration;

use sandbox::{Cancel, Core, Ending, Limits, Outcome, Program};

use crate::support::*;

/// Gives its core away 200 times, then sleeps for 50 ms in one piece.
fn switcher() -> String {
    format!(
        "import time\nfor _ in range(200): time.sleep({})\ntime.sleep(0.05)\n",
        nap()
    )
}

/// How long it takes in seconds that a sleep is not over before the core was given away.
fn nap() -> f64 {
    0.0005 * f64::from(slower())
}

fn with(program: Program, change: impl FnOnce(&mut Limits)) -> Program {
    let mut limits = LIMITS;
    change(&mut limits);
    Program { limits, ..program }
}

fn voluntary(outcome: &Outcome) -> u64 {
    outcome.conditions.voluntary_switches
}

#[test]
fn a_program_that_sleeps_gives_its_core_away_each_time_and_is_idle() -> anyhow::Result<()> {
    let outcome = run(python(&switcher()))?;
    assert_eq!(outcome.ending, Ending::Exited(0));
    assert!(voluntary(&outcome) >= 200, "{:?}", outcome.conditions);
    let idle = outcome.conditions.idle;
    assert!(idle >= Duration::from_millis(50), "{idle:?}");
    Ok(())
}

#[test]
fn a_program_that_computes_is_not_idle_and_switches_by_force_only() -> anyhow::Result<()> {
    let outcome = run(with(shell("while :; do :; done"), |limits| {
        limits.cpu = Duration::from_millis(300);
    }))?;
    assert_eq!(outcome.ending, Ending::CpuLimit);
    let seen = outcome.conditions;
    // What the host took away is told apart: there is nothing left to be idle in but the end of the run.
    assert!(
        seen.idle < outcome.wall / 2,
        "{seen:?} in {:?}",
        outcome.wall
    );
    assert!(seen.voluntary_switches < 50, "{seen:?}");
    Ok(())
}

#[test]
fn switches_of_children_count_whether_their_parent_waits_for_them_or_not() -> anyhow::Result<()> {
    let child = format!(
        "import os, sys\nif os.fork() == 0:\n    exec({:?})\n    os._exit(0)\n",
        switcher()
    );
    let waited_for = run(python(&format!("{child}os.wait()\n")))?;
    assert!(voluntary(&waited_for) >= 200, "{waited_for:?}");
    // The parent goes first, and the child, still at work, is killed with the run.
    let orphan = format!(
        "import os, time\nr, w = os.pipe()\nif os.fork() == 0:\n    \
         for _ in range(200): time.sleep({})\n    os.write(w, b'x')\n    time.sleep(60)\nos.read(r, 1)\n",
        nap()
    );
    let orphaned = run(python(&orphan))?;
    assert_eq!(orphaned.ending, Ending::Exited(0));
    assert!(voluntary(&orphaned) >= 200, "{orphaned:?}");
    Ok(())
}

#[test]
fn switches_of_threads_count() -> anyhow::Result<()> {
    let script = format!(
        "import threading\nthreads = [threading.Thread(target=exec, args=({:?},)) for _ in range(4)]\n\
         for one in threads: one.start()\nfor one in threads: one.join()\n",
        switcher()
    );
    let outcome = run(python(&script))?;
    assert!(voluntary(&outcome) >= 800, "{:?}", outcome.conditions);
    Ok(())
}

#[test]
fn what_a_run_used_is_known_also_when_a_limit_ended_it() -> anyhow::Result<()> {
    let forever = "#include <unistd.h>\nint main(void) { for (;;) usleep(1000); }\n";
    let outcome = run(with(main_of(&compile(forever)?), |limits| {
        limits.wall = Duration::from_millis(600) * slower();
    }))?;
    assert_eq!(outcome.ending, Ending::WallLimit);
    assert!(voluntary(&outcome) >= 20, "{:?}", outcome.conditions);
    assert!(
        outcome.conditions.idle > Duration::from_millis(100),
        "{:?}",
        outcome.conditions
    );
    Ok(())
}

#[test]
fn a_program_that_waits_for_a_core_is_ready_and_not_idle() -> anyhow::Result<()> {
    // Two boxes on one core: what one gets the other waits for.
    let Some(core) = Core::lease()? else {
        anyhow::bail!("no core is free")
    };
    let spin = || {
        with(shell("while :; do :; done"), |limits| {
            limits.cpu = Duration::from_millis(300) * slower();
        })
    };
    let run = || -> anyhow::Result<Outcome> {
        let mut sandbox_box = sandbox().new_box_on(&core)?;
        Ok(sandbox_box.run(spin(), &Cancel::new()?)?)
    };
    let (one, other) = std::thread::scope(|scope| {
        let other = scope.spawn(run);
        (run(), other.join())
    });
    let other = other.map_err(|_| anyhow::anyhow!("it panicked"))??;
    let waited = one?.conditions.ready.max(other.conditions.ready);
    assert!(waited >= Duration::from_millis(100), "{waited:?}");
    Ok(())
}

#[test]
fn a_box_on_a_core_stays_there() -> anyhow::Result<()> {
    let Some(core) = Core::lease()? else {
        anyhow::bail!("no core is free")
    };
    let script = "import os\nprint(sorted(os.sched_getaffinity(0)))\n\
                  try:\n    os.sched_setaffinity(0, range(64))\nexcept PermissionError:\n    print('stays')\n";
    let mut sandbox_box = sandbox().new_box_on(&core)?;
    let outcome = sandbox_box.run(python(script), &Cancel::new()?)?;
    assert_eq!(stdout(&outcome), format!("[{}]\nstays", core.number()));
    Ok(())
}

#[test]
fn programs_rank_below_their_supervisors_and_cannot_rise() -> anyhow::Result<()> {
    let script = "import os\nprint(os.getpriority(os.PRIO_PROCESS, 0))\n\
                  try:\n    os.nice(-1)\nexcept OSError:\n    print('stays')\n";
    let printed = stdout(&run(python(script))?);
    let (nice, rest) = printed.split_once('\n').unwrap_or_default();
    assert!(nice.parse::<i32>()? >= 0, "{printed}");
    assert_eq!(rest, "stays");
    Ok(())
}
