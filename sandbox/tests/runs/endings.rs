//! How a run ends is told right, and its streams carry what they should.

use std::io::{Read, Seek, SeekFrom, Write};
use std::time::Duration;

use sandbox::{Cancel, Capture, Ending, Program, SandboxError, Stdin};

use crate::support::*;

#[test]
fn an_exit_status_is_told() -> anyhow::Result<()> {
    for status in [0, 42, 255] {
        let outcome = run(shell(&format!("exit {status}")))?;
        assert_eq!(outcome.ending, Ending::Exited(status));
    }
    Ok(())
}

#[test]
fn a_signal_is_told() -> anyhow::Result<()> {
    for (name, number) in [
        ("SEGV", 11),
        ("ABRT", 6),
        ("KILL", 9),
        ("TERM", 15),
        ("FPE", 8),
    ] {
        let outcome = run(shell(&format!("kill -{name} $$")))?;
        assert_eq!(outcome.ending, Ending::Signaled(number), "{name}");
    }
    Ok(())
}

#[test]
fn a_file_that_cannot_be_executed_is_told_apart_from_a_fault_of_ours() -> anyhow::Result<()> {
    let mut sandbox_box = new_box()?;
    for (path, errno) in [
        ("/no/such/file", libc::ENOENT),
        ("/etc/passwd", libc::EACCES),
        ("/tmp", libc::EACCES),
    ] {
        let outcome = sandbox_box.run(program([path]), &Cancel::new()?)?;
        assert_eq!(outcome.ending, Ending::ExecFailed(errno), "{path}");
    }
    let volume = std::sync::Arc::new(sandbox::Volume::new(1 << 20, 8)?);
    volume.write("main", b"neither ELF nor script", 0o755)?;
    let outcome = sandbox_box.run(main_of(&volume), &Cancel::new()?)?;
    assert_eq!(outcome.ending, Ending::ExecFailed(libc::ENOEXEC));
    Ok(())
}

#[test]
fn a_run_that_cannot_be_described_is_refused_and_the_box_stays_good() -> anyhow::Result<()> {
    let mut sandbox_box = new_box()?;
    let relative = sandbox_box.run(program(["true"]), &Cancel::new()?);
    assert!(matches!(relative, Err(SandboxError::Request(_))));
    let mut endless = program(["/bin/true"]);
    endless.argv.push("x".repeat(1 << 20).into());
    let endless = sandbox_box.run(endless, &Cancel::new()?);
    assert!(matches!(endless, Err(SandboxError::Request(_))));
    assert!(!sandbox_box.is_damaged());
    let outcome = sandbox_box.run(program(["/bin/true"]), &Cancel::new()?)?;
    assert_eq!(outcome.ending, Ending::Exited(0));
    Ok(())
}

#[test]
fn input_is_read_from_its_start_every_time() -> anyhow::Result<()> {
    let mut input = tempfile::tempfile()?;
    input.write_all(b"one\ntwo\n")?;
    let mut sandbox_box = new_box()?;
    for _ in 0..2 {
        let cat = Program {
            stdin: Stdin::File(input.try_clone()?),
            ..program(["/bin/cat"])
        };
        let outcome = sandbox_box.run(cat, &Cancel::new()?)?;
        assert_eq!(outcome.stdout, b"one\ntwo\n");
    }
    assert_eq!(input.stream_position()?, 8);
    Ok(())
}

#[test]
fn both_output_streams_are_kept_apart_and_whole() -> anyhow::Result<()> {
    let outcome = run(shell("head -c 300000 /dev/zero; echo trouble >&2"))?;
    assert_eq!(outcome.stdout.len(), 300_000);
    assert_eq!(outcome.stderr, b"trouble\n");
    Ok(())
}

#[test]
fn output_can_go_to_a_descriptor_of_the_caller() -> anyhow::Result<()> {
    let mut file = tempfile::tempfile()?;
    let echo = Program {
        stdout: Capture::Fd(file.try_clone()?.into()),
        ..shell("echo hello")
    };
    assert!(run(echo)?.stdout.is_empty());
    let mut written = String::new();
    file.seek(SeekFrom::Start(0))?;
    file.read_to_string(&mut written)?;
    assert_eq!(written, "hello\n");
    Ok(())
}

#[test]
fn the_standard_streams_can_be_opened_by_name() -> anyhow::Result<()> {
    let mut input = tempfile::tempfile()?;
    input.write_all(b"by name\n")?;
    // As files of a judge's cache are: readable by all.
    use std::os::unix::fs::PermissionsExt;
    input.set_permissions(std::fs::Permissions::from_mode(0o644))?;
    let cat = Program {
        stdin: Stdin::File(input),
        ..shell("cat /dev/stdin >/dev/stdout; echo error >/dev/stderr")
    };
    let outcome = run(cat)?;
    assert_eq!(outcome.stdout, b"by name\n");
    assert_eq!(outcome.stderr, b"error\n");
    Ok(())
}

#[test]
fn two_programs_can_talk_over_pipes() -> anyhow::Result<()> {
    let (from_first, to_second) = std::io::pipe()?;
    let (from_second, to_first) = std::io::pipe()?;
    let first = Program {
        stdin: Stdin::Fd(from_second.into()),
        stdout: Capture::Fd(to_second.into()),
        ..shell("echo ping; read answer; test \"$answer\" = pong")
    };
    let second = Program {
        stdin: Stdin::Fd(from_first.into()),
        stdout: Capture::Fd(to_first.into()),
        ..shell("read question; test \"$question\" = ping && echo pong; cat")
    };
    let first = std::thread::spawn(|| run(first));
    // It ends because it sees the end of its input, which is when the first is gone.
    assert_eq!(run(second)?.ending, Ending::Exited(0));
    let first = first.join().map_err(|_| anyhow::anyhow!("panicked"))??;
    assert_eq!(first.ending, Ending::Exited(0));
    Ok(())
}

#[test]
fn one_box_runs_one_program_after_the_other() -> anyhow::Result<()> {
    let mut sandbox_box = new_box()?;
    for number in 0..20 {
        let outcome = sandbox_box.run(shell(&format!("echo {number}")), &Cancel::new()?)?;
        assert_eq!(stdout(&outcome), number.to_string());
    }
    Ok(())
}

#[test]
fn the_null_device_is_the_default_input() -> anyhow::Result<()> {
    let outcome = run(shell("cat; readlink /proc/self/fd/0"))?;
    assert_eq!(stdout(&outcome), "/dev/null");
    Ok(())
}

#[test]
fn of_two_runs_that_wait_for_each_other_it_is_known_which_ended_first() -> anyhow::Result<()> {
    let (read, write) = rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC)?;
    let mut last = shell("read line; exit 1");
    last.stdin = Stdin::Fd(read);
    let (last, first) = std::thread::scope(|scope| -> anyhow::Result<_> {
        let last = scope.spawn(|| run(last));
        let first = run(shell("exit 2"))?;
        // Only now the other one sees the end of its input.
        drop(write);
        let last = last.join().map_err(|_| anyhow::anyhow!("it panicked"))??;
        Ok((last, first))
    })?;
    assert_eq!(first.ending, Ending::Exited(2));
    assert_eq!(last.ending, Ending::Exited(1));
    assert!(first.ended < last.ended);
    Ok(())
}

#[test]
fn the_meter_shows_the_time_of_a_run_that_goes_on() -> anyhow::Result<()> {
    let mut sandbox_box = new_box()?;
    let meter = sandbox_box.cpu_meter();
    let cancel = Cancel::new()?;
    let outcome = std::thread::scope(|scope| {
        let running = scope.spawn(|| sandbox_box.run(shell("while :; do :; done"), &cancel));
        while meter.used() < Duration::from_millis(20) {
            std::thread::yield_now();
        }
        cancel.cancel();
        running.join()
    });
    let outcome = outcome.map_err(|_| anyhow::anyhow!("it panicked"))??;
    assert_eq!(outcome.ending, Ending::Cancelled);
    assert!(outcome.cpu >= Duration::from_millis(20), "{outcome:?}");
    Ok(())
}
