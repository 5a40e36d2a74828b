//! A program sees and reaches nothing but what it was given.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;

use sandbox::{Cancel, Ending, Mount, Program, Sandbox, SandboxConfig};

use crate::support::*;

#[test]
fn the_environment_is_what_the_caller_said_and_nothing_else() -> anyhow::Result<()> {
    let env = Program {
        env: vec![("A".into(), "1".into()), ("B".into(), "two words".into())],
        ..program(["/usr/bin/env"])
    };
    assert_eq!(stdout(&run(env)?), "A=1\nB=two words");
    Ok(())
}

#[test]
fn only_three_descriptors_are_open() -> anyhow::Result<()> {
    // The fourth is the one that lists.
    let outcome = run(python(
        "import os; print(sorted(map(int, os.listdir('/proc/self/fd'))))",
    ))?;
    assert_eq!(stdout(&outcome), "[0, 1, 2, 3]");
    Ok(())
}

#[test]
fn no_other_process_is_visible_and_none_can_be_signalled() -> anyhow::Result<()> {
    let script = "import os\nprint(os.getpid(), [n for n in os.listdir('/proc') if n.isdigit()])\n\
                  for pid in (1, os.getppid()):\n    try: os.kill(pid, 9)\n    except OSError as e: print(e.errno)\n\
                  try: os.listdir('/proc/1')\n    \nexcept OSError as e: print(e.errno)";
    let outcome = run(python(&script.replace("    \nexcept", "except")))?;
    // Pid 1 is ours and not its own; pid 0, the parent of a session's first process, is its own group.
    assert!(stdout(&outcome).starts_with("2 ['2']\n1\n"), "{outcome:?}");
    assert!(stdout(&outcome).ends_with("\n2"), "{outcome:?}");
    Ok(())
}

#[test]
fn the_program_is_alone_in_its_session_with_a_user_of_its_own_and_no_groups() -> anyhow::Result<()>
{
    let script = "import os\nprint(os.getsid(0) == os.getpid(), os.getgroups(), os.getuid() == os.getgid() >= 1000, os.umask(0))";
    assert_eq!(stdout(&run(python(script))?), "True [] True 18");
    Ok(())
}

#[test]
fn two_runs_at_once_share_no_namespace_and_no_scratch() -> anyhow::Result<()> {
    let tell = "for n in pid mnt ipc uts net cgroup; do readlink /proc/self/ns/$n; done; ls /tmp /dev/shm; \
                echo mine >/tmp/file; echo mine >/dev/shm/file; echo told";
    let (told, first_out) = std::io::pipe()?;
    let first = Program {
        stdout: sandbox::Capture::Fd(first_out.into()),
        ..shell(&format!("{tell}; sleep 60"))
    };
    let cancel = Cancel::new()?;
    let first = std::thread::spawn({
        let cancel = cancel.clone();
        move || anyhow::Ok(new_box()?.run(first, &cancel)?)
    });
    let lines = BufReader::new(told).lines().map_while(Result::ok);
    let of_the_first: Vec<_> = lines.take_while(|line| line != "told").collect();
    let second = stdout(&run(shell(tell))?);
    cancel.cancel();
    first.join().map_err(|_| anyhow::anyhow!("panicked"))??;
    let of_the_second: Vec<_> = second.lines().collect();
    for shown in [&of_the_first[6..], &[of_the_second[6..].join(" ")]] {
        let shown = shown.join(" ");
        assert_eq!(shown.replace(" told", ""), "/dev/shm:  /tmp:", "{second}");
    }
    for (one, other) in of_the_first.iter().zip(&of_the_second).take(6) {
        assert!(one.contains(":["), "{one}");
        assert_ne!(one, other);
    }
    Ok(())
}

#[test]
fn the_keeper_of_a_box_can_gain_nothing_more() -> anyhow::Result<()> {
    let _box = new_box()?;
    let mut seen = 0;
    for thread in std::fs::read_dir("/proc/self/task")? {
        let children = std::fs::read_to_string(thread?.path().join("children"))?;
        for child in children.split_whitespace() {
            let status = std::fs::read_to_string(format!("/proc/{child}/status"))?;
            // Another test's child, or a box that is not ready yet.
            if status.starts_with("Name:\ttribunal-box") || !status.contains("NoNewPrivs:\t1") {
                continue;
            }
            assert!(status.contains("CapBnd:\t0000000000000000"), "{status}");
            seen += 1;
        }
    }
    assert!(seen > 0, "no keeper was found");
    Ok(())
}

#[test]
fn the_place_among_the_control_groups_of_the_host_is_hidden() -> anyhow::Result<()> {
    let outcome = run(shell("cut -d: -f3 /proc/self/cgroup"))?;
    let shown = stdout(&outcome);
    // Hierarchies that we make no groups in show where we are ourselves: in their root.
    assert!(
        !shown.contains("tribunal") && shown.contains('/'),
        "{shown}"
    );
    Ok(())
}

#[test]
fn a_crash_dumps_no_core_even_into_a_helper_of_the_host() -> anyhow::Result<()> {
    assert_eq!(
        stdout(&run(program([
            "/usr/bin/python3",
            "-c",
            "import resource; print(resource.getrlimit(4))"
        ]))?),
        "(1, 1)"
    );
    Ok(())
}

#[test]
fn the_host_has_another_name() -> anyhow::Result<()> {
    assert_eq!(stdout(&run(shell("uname -n"))?), "box");
    Ok(())
}

#[test]
fn the_root_shows_the_toolchain_and_what_the_caller_mounted() -> anyhow::Result<()> {
    let outcome = run(shell(
        "ls -A /; echo; ls -A /etc; echo; ls -A /dev; echo; ls -A /tmp /dev/shm /usr/local",
    ))?;
    let shown = stdout(&outcome);
    let mut parts = shown.split("\n\n");
    let root = parts.next().unwrap_or_default();
    for absent in ["home", "root", "var", "sys", "run", "mnt", "boot", "work"] {
        assert!(!root.lines().any(|name| name == absent), "{root}");
    }
    assert!(root.contains("usr") && root.contains("bin"), "{root}");
    let etc = parts.next().unwrap_or_default();
    assert!(
        !etc.contains("shadow") && !etc.contains("ssh") && etc.contains("passwd"),
        "{etc}"
    );
    assert_eq!(
        parts.next(),
        Some("fd\nfull\nnull\nrandom\nshm\nstderr\nstdin\nstdout\nurandom\nzero")
    );
    assert_eq!(
        parts.collect::<String>().replace('\n', ""),
        "/dev/shm:/tmp:/usr/local:"
    );
    Ok(())
}

#[test]
fn a_part_of_a_hidden_directory_can_be_shown() -> anyhow::Result<()> {
    let mut config = SandboxConfig {
        uid_base: uid_base() + 50,
        ..SandboxConfig::default()
    };
    config.toolchain.insert(0, "/usr/local/bin".into());
    let mut sandbox_box = Sandbox::open(config)?.new_box()?;
    let outcome = sandbox_box.run(shell("ls -A /usr/local; ls /usr/bin/env"), &Cancel::new()?)?;
    assert_eq!(stdout(&outcome), "bin\n/usr/bin/env");
    Ok(())
}

#[test]
fn nothing_but_the_scratch_directories_can_be_written() -> anyhow::Result<()> {
    let script = "import os, errno\nfor top, dirs, files in os.walk('/'):\n    dirs[:] = [d for d in dirs if \
                  top != '/' or d not in ('proc', 'usr')]\n    if os.access(top, os.W_OK): print(top)\n\
                  for path in ('/usr/x', '/x', '/etc/x', '/dev/x', '/usr/lib/x'):\n    try: open(path, 'w')\n    \
                  except OSError as e: assert e.errno in (errno.EROFS, errno.EACCES), path\n    else: print(path)";
    assert_eq!(stdout(&run(python(script))?), "/tmp\n/dev/shm");
    Ok(())
}

#[test]
fn scratch_directories_are_fresh_for_every_run() -> anyhow::Result<()> {
    let mut sandbox_box = new_box()?;
    let leave = "for d in /tmp /dev/shm; do ls -A $d; echo secret >$d/file || exit 1; done";
    for _ in 0..2 {
        let outcome = sandbox_box.run(shell(leave), &Cancel::new()?)?;
        assert_eq!(
            (outcome.ending, outcome.stdout.len()),
            (Ending::Exited(0), 0)
        );
    }
    Ok(())
}

#[test]
fn shared_memory_of_one_run_is_gone_in_the_next() -> anyhow::Result<()> {
    let keep = compile(
        "#include <sys/ipc.h>\n#include <sys/shm.h>\nint main() { return shmget(77, 4096, IPC_CREAT | IPC_EXCL | 0666) < 0; }",
    )?;
    let mut sandbox_box = new_box()?;
    for _ in 0..2 {
        assert_eq!(
            sandbox_box.run(main_of(&keep), &Cancel::new()?)?.ending,
            Ending::Exited(0)
        );
    }
    Ok(())
}

#[test]
fn there_is_no_network() -> anyhow::Result<()> {
    // A service of the host that every process of the host can reach.
    let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    let script = format!(
        "import socket\ntry: socket.create_connection(('127.0.0.1', {}), 5)\nexcept OSError as e: print(e.errno)",
        listener.local_addr()?.port()
    );
    let connect = program(["/usr/bin/python3", "-c", &script]);
    assert_eq!(stdout(&run(connect)?), libc::EPERM.to_string());
    Ok(())
}

#[test]
fn abstract_sockets_of_the_host_are_out_of_reach() -> anyhow::Result<()> {
    use std::os::linux::net::SocketAddrExt;
    use std::os::unix::net::{SocketAddr, UnixListener};
    let name = format!("tribunal-test-{}", std::process::id());
    let _listener = UnixListener::bind_addr(&SocketAddr::from_abstract_name(&name)?)?;
    let script = format!(
        "import socket\ns = socket.socket(socket.AF_UNIX)\ntry: s.connect('\\0{name}')\nexcept OSError as e: print(e.errno)"
    );
    let connect = program(["/usr/bin/python3", "-c", &script]);
    assert_eq!(stdout(&run(connect)?), libc::ECONNREFUSED.to_string());
    Ok(())
}

#[test]
fn a_setuid_file_gives_nothing() -> anyhow::Result<()> {
    let report = compile(
        "#include <stdio.h>\nint main() { printf(\"%d %d\", getuid() == geteuid(), geteuid() == 0); }",
    )?;
    // Even if somebody put one there for root.
    let file = report.open("main")?;
    rustix::fs::fchmod(&file, rustix::fs::Mode::from_raw_mode(0o6755))?;
    assert_eq!(file.metadata()?.permissions().mode() & 0o7777, 0o6755);
    assert_eq!(stdout(&run(main_of(&report))?), "1 0");
    Ok(())
}

#[test]
fn device_files_that_a_mount_brings_along_are_dead() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    std::fs::set_permissions(dir.path(), std::fs::Permissions::from_mode(0o755))?;
    let mode = rustix::fs::Mode::from_raw_mode(0o666);
    let device = rustix::fs::makedev(1, 5);
    let made = rustix::fs::mknodat(
        rustix::fs::CWD,
        dir.path().join("zero"),
        rustix::fs::FileType::CharacterDevice,
        mode,
        device,
    );
    if is_rootless() {
        // Then there cannot even be one.
        assert_eq!(made, Err(rustix::io::Errno::PERM));
    } else {
        made?;
    }
    let outcome = run(Program {
        mounts: vec![Mount::ReadOnly {
            source: dir.path().into(),
            target: "/data".into(),
        }],
        ..shell("head -c 1 /data/zero || exit 7")
    })?;
    assert_eq!(outcome.ending, Ending::Exited(7));
    Ok(())
}

#[test]
fn a_host_directory_is_shown_and_cannot_be_written() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    std::fs::set_permissions(dir.path(), std::fs::Permissions::from_mode(0o777))?;
    std::fs::write(dir.path().join("file"), "content")?;
    let outcome = run(Program {
        mounts: vec![Mount::ReadOnly {
            source: dir.path().into(),
            target: "/data/in".into(),
        }],
        ..shell("cat /data/in/file; touch /data/in/new || exit 5")
    })?;
    assert_eq!(
        (outcome.ending, stdout(&outcome).as_str()),
        (Ending::Exited(5), "content")
    );
    assert!(!dir.path().join("new").exists());
    Ok(())
}

#[test]
fn a_lock_on_a_toolchain_file_stays_in_its_box() -> anyhow::Result<()> {
    let lock = "import fcntl\nf = open('/usr/bin/env')\nfcntl.flock(f, fcntl.LOCK_EX | fcntl.LOCK_NB)\n\
                print('locked', flush=True)\ninput()";
    let python = |script: &str| program(["/usr/bin/python3", "-c", script]);
    let (first_in, hold) = std::io::pipe()?;
    let (held, first_out) = std::io::pipe()?;
    let first = Program {
        stdin: sandbox::Stdin::Fd(first_in.into()),
        stdout: sandbox::Capture::Fd(first_out.into()),
        ..python(lock)
    };
    let first = std::thread::spawn(|| run(first));
    std::io::Read::read_exact(&mut { held }, &mut [0; 7])?;
    let second = run(python(lock))?;
    assert!(second.stdout.starts_with(b"locked"), "{second:?}");
    drop(hold);
    first.join().map_err(|_| anyhow::anyhow!("panicked"))??;
    Ok(())
}

#[test]
fn the_input_has_no_name_and_cannot_be_changed() -> anyhow::Result<()> {
    let mut input = tempfile::NamedTempFile::new()?;
    input.write_all(b"as it was")?;
    // So that nothing but the sandbox is in the way.
    input
        .as_file()
        .set_permissions(std::fs::Permissions::from_mode(0o666))?;
    let script = "import os\nprint(os.readlink('/proc/self/fd/0'))\nfor flags in (os.O_WRONLY, os.O_RDWR):\n    \
                  try: os.write(os.open('/proc/self/fd/0', flags), b'x')\n    except OSError as e: print(e.errno)\n\
                  try: os.ftruncate(os.open('/proc/self/fd/0', os.O_RDWR), 0)\nexcept OSError as e: print(e.errno)";
    let outcome = run(Program {
        stdin: sandbox::Stdin::File(input.reopen()?),
        ..python(script)
    })?;
    assert_eq!(
        stdout(&outcome),
        "/memfd:input (deleted)\n1\n1\n1",
        "{outcome:?}"
    );
    assert_eq!(std::fs::read(input.path())?, b"as it was");
    Ok(())
}

#[test]
fn a_lock_on_the_input_stays_in_its_box() -> anyhow::Result<()> {
    let input = tempfile::NamedTempFile::new()?;
    let script = "import fcntl, sys, time\nfcntl.flock(0, fcntl.LOCK_EX | fcntl.LOCK_NB)\nprint('locked', flush=True)\n";
    let (held, first_out) = std::io::pipe()?;
    let first = Program {
        stdin: sandbox::Stdin::File(input.reopen()?),
        stdout: sandbox::Capture::Fd(first_out.into()),
        ..python(&format!("{script}time.sleep(60)"))
    };
    let cancel = Cancel::new()?;
    let first = std::thread::spawn({
        let cancel = cancel.clone();
        move || anyhow::Ok(new_box()?.run(first, &cancel)?)
    });
    std::io::Read::read_exact(&mut { held }, &mut [0; 6])?;
    let second = run(Program {
        stdin: sandbox::Stdin::File(input.reopen()?),
        ..python(script)
    })?;
    cancel.cancel();
    assert_eq!(stdout(&second), "locked", "{second:?}");
    first.join().map_err(|_| anyhow::anyhow!("panicked"))??;
    Ok(())
}
