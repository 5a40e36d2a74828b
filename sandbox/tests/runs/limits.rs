//! Every limit ends a run that passes it, for the whole tree, and no run that does not.

use std::sync::Arc;
use std::time::Duration;

use sandbox::{Cancel, Capture, Ending, Limits, Program, Volume};

use crate::support::*;

const SHORT: Duration = Duration::from_millis(300);
/// What reading a clock late may cost on a busy host.
fn slack() -> Duration {
    Duration::from_millis(150) * slower()
}

fn limited(program: Program, change: impl FnOnce(&mut Limits)) -> Program {
    let mut limits = LIMITS;
    change(&mut limits);
    Program { limits, ..program }
}

#[test]
fn a_spinning_program_meets_its_cpu_limit() -> anyhow::Result<()> {
    let spin = limited(shell("while :; do :; done"), |limits| limits.cpu = SHORT);
    let outcome = run(spin)?;
    assert_eq!(outcome.ending, Ending::CpuLimit);
    assert!(
        outcome.cpu >= SHORT && outcome.cpu < SHORT + slack(),
        "{:?}",
        outcome.cpu
    );
    Ok(())
}

#[test]
fn cpu_time_of_all_processes_counts_together() -> anyhow::Result<()> {
    let script = "for i in 1 2 3 4; do (while :; do :; done) & done; wait";
    let outcome = run(limited(shell(script), |limits| limits.cpu = SHORT))?;
    assert_eq!(outcome.ending, Ending::CpuLimit);
    assert!(outcome.cpu < SHORT + slack(), "{:?}", outcome.cpu);
    Ok(())
}

#[test]
fn cpu_time_of_children_that_were_waited_for_counts() -> anyhow::Result<()> {
    let script = "import os, time\n\
                  while True:\n    if os.fork() == 0:\n        end = time.process_time() + 0.05\n        \
                  while time.process_time() < end: pass\n        os._exit(0)\n    os.wait()\n";
    let outcome = run(limited(python(script), |limits| limits.cpu = SHORT))?;
    assert_eq!(outcome.ending, Ending::CpuLimit);
    Ok(())
}

#[test]
fn a_sleeping_program_meets_its_wall_limit_and_used_no_cpu() -> anyhow::Result<()> {
    let outcome = run(limited(shell("sleep 30"), |limits| limits.wall = SHORT))?;
    assert_eq!(outcome.ending, Ending::WallLimit);
    assert!(
        outcome.wall >= SHORT && outcome.wall < SHORT * 4 * slower(),
        "{:?}",
        outcome.wall
    );
    assert!(outcome.cpu < outcome.wall, "{:?}", outcome.cpu);
    Ok(())
}

#[test]
fn a_program_that_stops_itself_or_its_group_meets_its_wall_limit() -> anyhow::Result<()> {
    for target in ["$$", "0", "-1"] {
        let stop = shell(&format!("kill -STOP {target}; sleep 30"));
        let outcome = run(limited(stop, |limits| limits.wall = SHORT * 4))?;
        assert_eq!(outcome.ending, Ending::WallLimit, "kill -STOP {target}");
    }
    Ok(())
}

#[test]
fn clocks_of_an_honest_program_are_told() -> anyhow::Result<()> {
    let script = "import time\nwhile time.process_time() < 0.2: pass\ntime.sleep(0.2)";
    let outcome = run(python(script))?;
    assert_eq!(outcome.ending, Ending::Exited(0));
    assert!(
        outcome.cpu >= Duration::from_millis(200),
        "{:?}",
        outcome.cpu
    );
    // Sleeping is not working.
    let asleep = Duration::from_millis(190);
    assert!(outcome.cpu + asleep < outcome.wall, "{outcome:?}");
    Ok(())
}

#[test]
fn touching_too_much_memory_meets_the_memory_limit() -> anyhow::Result<()> {
    let touch = limited(python("x = bytearray(200 << 20)"), |limits| {
        limits.memory_bytes = 64 << 20
    });
    let outcome = run(touch)?;
    assert_eq!(outcome.ending, Ending::MemoryLimit);
    assert!(outcome.memory_peak_bytes <= 64 << 20);
    assert!(
        outcome.memory_peak_bytes > 32 << 20,
        "{}",
        outcome.memory_peak_bytes
    );
    Ok(())
}

#[test]
fn memory_of_a_child_counts_and_takes_the_whole_tree_down() -> anyhow::Result<()> {
    // The kernel picks the child; its parent would go on for ever.
    let script =
        "import os, time\nif os.fork() == 0:\n    x = bytearray(200 << 20)\ntime.sleep(30)";
    let outcome = run(limited(python(script), |limits| {
        limits.memory_bytes = 64 << 20
    }))?;
    assert_eq!(outcome.ending, Ending::MemoryLimit);
    assert!(outcome.wall < Duration::from_secs(10) * slower());
    Ok(())
}

#[test]
fn files_in_memory_count_as_memory() -> anyhow::Result<()> {
    for dir in ["/tmp", "/dev/shm"] {
        let fill = shell(&format!("head -c 100M /dev/zero >{dir}/file"));
        let fill = limited(fill, |limits| {
            limits.memory_bytes = 32 << 20;
            limits.file_size_bytes = 1 << 30;
        });
        let outcome = run(fill)?;
        let full = matches!(outcome.ending, Ending::MemoryLimit | Ending::Exited(1));
        assert!(full, "{dir}: {:?}", outcome.ending);
        assert!(outcome.memory_peak_bytes <= 32 << 20);
    }
    Ok(())
}

#[test]
fn a_deep_stack_may_grow_up_to_the_memory_limit() -> anyhow::Result<()> {
    let source = "int down(int n) { volatile char room[4096]; room[0] = n; return n ? down(n - 1) + room[0] : 0; }\n\
                  int main(int c, char **v) { return down(atoi(v[1])) == -1; }";
    let main = compile(source)?;
    let deep = |levels: &str| {
        let mut program = main_of(&main);
        program.argv.push(levels.into());
        limited(program, |limits| limits.memory_bytes = 128 << 20)
    };
    assert_eq!(run(deep("20000"))?.ending, Ending::Exited(0));
    assert_eq!(run(deep("1000000"))?.ending, Ending::MemoryLimit);
    Ok(())
}

#[test]
fn memory_that_is_reserved_and_not_touched_costs_nothing() -> anyhow::Result<()> {
    let script = "import mmap\nm = mmap.mmap(-1, 1 << 30)\nprint(len(m))";
    let outcome = run(limited(python(script), |limits| {
        limits.memory_bytes = 64 << 20
    }))?;
    assert_eq!(stdout(&outcome), (1 << 30).to_string());
    assert!(
        outcome.memory_peak_bytes < 32 << 20,
        "{}",
        outcome.memory_peak_bytes
    );
    Ok(())
}

#[test]
fn input_pages_are_not_charged() -> anyhow::Result<()> {
    let input = tempfile::NamedTempFile::new()?;
    std::fs::write(input.path(), vec![7; 48 << 20])?;
    // Out of the page cache: the program would be the one to bring it in.
    let file = input.reopen()?;
    file.sync_all()?;
    rustix::fs::fadvise(&file, 0, None, rustix::fs::Advice::DontNeed)?;
    let read = Program {
        stdin: sandbox::Stdin::File(file),
        ..limited(shell("cat >/dev/null"), |limits| {
            limits.memory_bytes = 128 << 20
        })
    };
    let outcome = run(read)?;
    assert_eq!(outcome.ending, Ending::Exited(0));
    assert!(
        outcome.memory_peak_bytes < 16 << 20,
        "{}",
        outcome.memory_peak_bytes
    );
    Ok(())
}

#[test]
fn toolchain_pages_are_not_charged() -> anyhow::Result<()> {
    // More of the toolchain than the program may have of memory.
    let script = "import glob\nread = 0\nfor path in glob.glob('/usr/lib/gcc/*/*/cc1*'):\n    file = open(path, 'rb')\n    \
                  while part := file.read(1 << 16): read += len(part)\nprint(read > 16 << 20)";
    let outcome = run(limited(python(script), |limits| {
        limits.memory_bytes = 16 << 20
    }))?;
    assert_eq!(stdout(&outcome), "True", "{outcome:?}");
    assert!(outcome.memory_peak_bytes < 12 << 20, "{outcome:?}");
    Ok(())
}

#[test]
fn a_limit_of_zero_is_the_smallest_and_not_none() -> anyhow::Result<()> {
    type Change = fn(&mut Limits);
    let changes: [(&str, Change); 5] = [
        ("sleep 3", |limits| limits.wall = Duration::ZERO),
        ("exec python3 -c 'sum(range(10 ** 6))'", |limits| {
            limits.cpu = Duration::ZERO
        }),
        ("exit 0", |limits| limits.memory_bytes = 0),
        ("/usr/bin/id; exit 0", |limits| limits.processes = 0),
        ("exit 0", |limits| limits.open_files = 0),
    ];
    for (script, change) in changes {
        let result = run(limited(shell(script), change));
        // Either it ended the program, or there was none.
        assert!(
            !matches!(&result, Ok(outcome) if outcome.ending == Ending::Exited(0)),
            "{script}: {result:?}"
        );
    }
    Ok(())
}

#[test]
fn a_memory_limit_too_small_for_our_own_steps_costs_the_run_and_not_the_box() -> anyhow::Result<()>
{
    let mut sandbox_box = new_box()?;
    for memory_bytes in [0, 4 << 10, 64 << 10, 256 << 10, 1 << 20, 2 << 20] {
        let small = limited(shell("exit 3"), |limits| limits.memory_bytes = memory_bytes);
        let result = sandbox_box.run(small, &Cancel::new()?);
        if let Ok(outcome) = &result {
            let expected = [Ending::MemoryLimit, Ending::Exited(3)];
            assert!(
                expected.contains(&outcome.ending),
                "{memory_bytes}: {outcome:?}"
            );
        }
        assert!(!sandbox_box.is_damaged(), "{memory_bytes}: {result:?}");
        let usual = sandbox_box.run(shell("exit 3"), &Cancel::new()?)?;
        assert_eq!(usual.ending, Ending::Exited(3));
    }
    Ok(())
}

#[test]
fn a_fork_bomb_is_held_and_leaves_nothing() -> anyhow::Result<()> {
    let bomb = limited(shell("f() { f | f & }; f; while :; do :; done"), |limits| {
        limits.processes = 16;
        limits.wall = SHORT * 4;
        limits.cpu = SHORT;
    });
    let mut sandbox_box = new_box()?;
    let outcome = sandbox_box.run(bomb, &Cancel::new()?)?;
    let ended = matches!(
        outcome.ending,
        Ending::CpuLimit | Ending::WallLimit | Ending::Exited(_)
    );
    assert!(ended, "{:?}", outcome.ending);
    assert!(!sandbox_box.is_damaged());
    assert_eq!(
        sandbox_box.run(shell(":"), &Cancel::new()?)?.ending,
        Ending::Exited(0)
    );
    Ok(())
}

#[test]
fn no_more_processes_than_allowed_are_alive_at_once() -> anyhow::Result<()> {
    let script = "import os, time\nn = 0\ntry:\n    while True:\n        if os.fork() == 0: time.sleep(30)\n        \
                  n += 1\nexcept OSError: print(n)";
    let outcome = run(limited(python(script), |limits| limits.processes = 10))?;
    assert_eq!(stdout(&outcome), "9");
    Ok(())
}

#[test]
fn a_flood_of_output_meets_its_cap() -> anyhow::Result<()> {
    for flood in ["cat /dev/zero", "cat /dev/zero >&2"] {
        let outcome = run(Program {
            stdout: capture(1000),
            stderr: capture(1000),
            ..shell(flood)
        })?;
        assert_eq!(outcome.ending, Ending::OutputLimit, "{flood}");
        assert_eq!(outcome.stdout.len() + outcome.stderr.len(), 1000);
    }
    Ok(())
}

#[test]
fn output_of_exactly_the_cap_is_no_flood() -> anyhow::Result<()> {
    let outcome = run(Program {
        stdout: capture(1000),
        ..shell("head -c 1000 /dev/zero")
    })?;
    assert_eq!(outcome.ending, Ending::Exited(0));
    assert_eq!(outcome.stdout.len(), 1000);
    Ok(())
}

#[test]
fn output_past_a_cap_that_is_not_fatal_is_dropped() -> anyhow::Result<()> {
    let outcome = run(Program {
        stderr: Capture::Memory {
            cap_bytes: 10,
            fatal: false,
        },
        ..shell("head -c 1000000 /dev/zero >&2; exit 3")
    })?;
    assert_eq!(outcome.ending, Ending::Exited(3));
    assert_eq!(outcome.stderr.len(), 10);
    Ok(())
}

#[test]
fn a_file_that_grows_too_large_ends_the_run() -> anyhow::Result<()> {
    let volume = Arc::new(Volume::new(64 << 20, 16)?);
    let write = Program {
        mounts: vec![mount(&volume, "/w", true)],
        ..limited(
            program(["/usr/bin/head", "-c", "3M", "/dev/zero"]),
            |limits| {
                limits.file_size_bytes = 1 << 20;
            },
        )
    };
    let mut script = write;
    script.argv = ["/bin/sh", "-c", "exec head -c 3M /dev/zero >/w/file"]
        .map(Into::into)
        .to_vec();
    let outcome = run(script)?;
    assert_eq!(outcome.ending, Ending::OutputLimit);
    assert_eq!(volume.read("file", 1 << 30)?.len(), 1 << 20);
    Ok(())
}

#[test]
fn a_program_cannot_open_more_files_than_allowed() -> anyhow::Result<()> {
    let script = "n = 3\nkeep = []\ntry:\n    while True: keep.append(open('/dev/null')); n += 1\n\
                  except OSError: print(n)";
    let outcome = run(limited(python(script), |limits| limits.open_files = 40))?;
    assert_eq!(stdout(&outcome), "40");
    Ok(())
}

#[test]
fn a_cancel_ends_a_run_at_once() -> anyhow::Result<()> {
    let cancel = Cancel::new()?;
    let (started, starts) = std::io::pipe()?;
    let announce = Program {
        stdout: Capture::Fd(starts.into()),
        ..shell("echo started; sleep 30")
    };
    let running = std::thread::spawn({
        let cancel = cancel.clone();
        move || -> anyhow::Result<_> { Ok(new_box()?.run(announce, &cancel)?) }
    });
    let mut line = [0; 8];
    std::io::Read::read_exact(&mut { started }, &mut line)?;
    let asked = std::time::Instant::now();
    cancel.cancel();
    let outcome = running.join().map_err(|_| anyhow::anyhow!("panicked"))??;
    assert_eq!(outcome.ending, Ending::Cancelled);
    assert!(
        asked.elapsed() < Duration::from_secs(2) * slower(),
        "{:?}",
        asked.elapsed()
    );
    // It stays thrown: what has not started ends as well.
    assert_eq!(
        new_box()?.run(shell("sleep 30"), &cancel)?.ending,
        Ending::Cancelled
    );
    Ok(())
}
