//! A volume is shared with the program, and nothing that the program leaves in it is trusted.

use std::sync::Arc;
use std::time::Duration;

use sandbox::{Cancel, Ending, Program, Volume, VolumeError};

use crate::support::*;

fn volume() -> anyhow::Result<Arc<Volume>> {
    Ok(Arc::new(Volume::new(8 << 20, 64)?))
}

/// Runs a script with the volume writable at `/w`, as the working directory.
fn shape(volume: &Arc<Volume>, script: &str) -> anyhow::Result<()> {
    let outcome = run(Program {
        mounts: vec![mount(volume, "/w", true)],
        cwd: "/w".into(),
        ..shell(script)
    })?;
    anyhow::ensure!(outcome.ending == Ending::Exited(0), "{outcome:?}");
    Ok(())
}

#[test]
fn files_go_in_and_come_out() -> anyhow::Result<()> {
    let volume = volume()?;
    volume.write("src/main.txt", b"hello", 0o644)?;
    shape(
        &volume,
        "tr a-z A-Z <src/main.txt >result; chmod 600 result; mkdir -p src/deep; echo 1 >src/deep/x",
    )?;
    assert_eq!(volume.read("result", 100)?, b"HELLO");
    let listed: Vec<_> = volume
        .list(10)?
        .into_iter()
        .map(|one| (one.path, one.size_bytes, one.mode))
        .collect();
    let expected = [
        ("result", 5, 0o600),
        ("src/deep/x", 2, 0o644),
        ("src/main.txt", 5, 0o644),
    ];
    assert_eq!(
        listed,
        expected.map(|(path, size, mode)| (path.into(), size, mode))
    );
    Ok(())
}

#[test]
fn what_one_box_wrote_another_can_read_and_not_change() -> anyhow::Result<()> {
    let volume = volume()?;
    shape(&volume, "echo kept >file")?;
    let read = || Program {
        mounts: vec![mount(&volume, "/w", false)],
        ..shell("cat /w/file; echo changed >/w/file; rm /w/file; touch /w/new; exit 0")
    };
    for _ in 0..2 {
        assert_eq!(stdout(&run(read())?), "kept");
    }
    assert_eq!(volume.list(10)?.len(), 1);
    Ok(())
}

#[test]
fn two_boxes_can_show_a_volume_at_the_same_time() -> anyhow::Result<()> {
    let volume = volume()?;
    volume.write("go", b"go", 0o644)?;
    let waiting: Vec<_> = (0..2)
        .map(|_| Program {
            mounts: vec![mount(&volume, "/w", false)],
            ..shell("cat /w/go")
        })
        .map(|program| std::thread::spawn(|| run(program)))
        .collect();
    for one in waiting {
        let outcome = one.join().map_err(|_| anyhow::anyhow!("panicked"))??;
        assert_eq!(outcome.stdout, b"go");
    }
    Ok(())
}

#[test]
fn links_out_of_the_volume_are_not_followed() -> anyhow::Result<()> {
    let volume = volume()?;
    shape(
        &volume,
        "ln -s /etc/passwd absolute; ln -s ../../../etc/passwd upwards; ln -s /proc/self/fd/0 magic; \
         ln -s / root; echo real >file; ln -s file inside",
    )?;
    for name in ["absolute", "upwards", "magic", "root/etc/passwd", "inside"] {
        let read = volume.read(name, 1 << 20);
        assert!(
            matches!(read, Err(VolumeError::Missing(_))),
            "{name}: {read:?}"
        );
        let written = volume.write(name, b"x", 0o644);
        assert!(
            matches!(written, Err(VolumeError::Missing(_))),
            "{name}: {written:?}"
        );
    }
    assert_eq!(volume.list(10)?.len(), 1);
    Ok(())
}

#[test]
fn what_is_no_regular_file_is_refused_without_waiting() -> anyhow::Result<()> {
    let volume = volume()?;
    shape(
        &volume,
        "mkfifo fifo; mkdir dir; python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind(\"socket\")'",
    )?;
    for name in ["fifo", "dir", "socket"] {
        let read = volume.read(name, 1 << 20);
        assert!(
            matches!(read, Err(VolumeError::NotRegular(_))),
            "{name}: {read:?}"
        );
        let written = volume.write(name, b"x", 0o644);
        assert!(
            matches!(written, Err(VolumeError::NotRegular(_))),
            "{name}: {written:?}"
        );
    }
    assert_eq!(volume.list(10)?, []);
    Ok(())
}

#[test]
fn a_hard_link_reaches_only_files_of_the_volume() -> anyhow::Result<()> {
    let volume = volume()?;
    shape(
        &volume,
        "echo own >file; ln file other; ln /etc/passwd stolen 2>/dev/null; ln /usr/bin/env stolen 2>/dev/null; :",
    )?;
    assert_eq!(volume.read("other", 10)?, b"own\n");
    assert!(matches!(
        volume.read("stolen", 10),
        Err(VolumeError::Missing(_))
    ));
    Ok(())
}

#[test]
fn only_the_link_itself_is_ever_deleted() -> anyhow::Result<()> {
    let volume = volume()?;
    shape(&volume, "echo own >file; ln -s file link; mkdir dir")?;
    volume.remove("link")?;
    assert_eq!(volume.read("file", 10)?, b"own\n");
    for (name, expected) in [
        ("link", "no such file"),
        ("dir", "not a regular file"),
        ("dir/x", "not a path"),
        ("..", "not a path"),
    ] {
        let removed = volume.remove(name).map_err(|error| error.to_string());
        assert!(
            matches!(&removed, Err(why) if why.contains(expected)),
            "{name}: {removed:?}"
        );
    }
    Ok(())
}

#[test]
fn paths_of_the_caller_stay_beneath() -> anyhow::Result<()> {
    let volume = volume()?;
    for path in ["/etc/passwd", "../x", "a/../../x", ""] {
        assert!(
            matches!(volume.read(path, 10), Err(VolumeError::BadPath(_))),
            "{path}"
        );
        assert!(
            matches!(volume.write(path, b"", 0o644), Err(VolumeError::BadPath(_))),
            "{path}"
        );
    }
    Ok(())
}

#[test]
fn reading_and_listing_are_bounded() -> anyhow::Result<()> {
    let volume = volume()?;
    shape(
        &volume,
        "head -c 5000 /dev/zero >big; truncate -s 4M sparse; for i in 1 2 3 4 5 6 7 8; do : >f$i; done; \
         d=.; for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34; \
         do d=$d/d; mkdir $d; done",
    )?;
    assert!(matches!(
        volume.read("big", 4999),
        Err(VolumeError::TooLarge { .. })
    ));
    assert_eq!(volume.read("big", 5000)?.len(), 5000);
    assert!(matches!(
        volume.read("sparse", 1 << 20),
        Err(VolumeError::TooLarge { .. })
    ));
    assert!(matches!(
        volume.list(9),
        Err(VolumeError::TooLarge { cap: 9, .. })
    ));
    assert!(matches!(
        volume.list(1000),
        Err(VolumeError::TooLarge { cap: 32, .. })
    ));
    Ok(())
}

#[test]
fn a_volume_holds_no_more_than_its_size_and_its_number_of_files() -> anyhow::Result<()> {
    let volume = Arc::new(Volume::new(1 << 20, 16)?);
    shape(&volume, "head -c 2M /dev/zero >file 2>/dev/null; n=0; while : >f$n; do n=$((n + 1)); done 2>/dev/null; :")
        .or_else(|_| shape(&volume, ":"))?;
    assert_eq!(volume.read("file", 1 << 30)?.len(), 1 << 20);
    assert!(volume.list(100)?.len() < 16);
    Ok(())
}

#[test]
fn a_file_that_the_program_swaps_while_we_read_is_no_way_out() -> anyhow::Result<()> {
    let volume = volume()?;
    let swap = Program {
        mounts: vec![mount(&volume, "/w", true)],
        cwd: "/w".into(),
        ..shell("echo mine >real; while :; do ln -sf /etc/passwd file; ln -f real file; done")
    };
    let cancel = Cancel::new()?;
    let swapping = std::thread::spawn({
        let cancel = cancel.clone();
        move || -> anyhow::Result<_> { Ok(new_box()?.run(swap, &cancel)?) }
    });
    let until = std::time::Instant::now() + Duration::from_millis(300);
    while std::time::Instant::now() < until {
        match volume.read("file", 1 << 20) {
            Ok(content) => assert_eq!(content, b"mine\n"),
            Err(error) => assert!(matches!(error, VolumeError::Missing(_)), "{error}"),
        }
    }
    cancel.cancel();
    swapping.join().map_err(|_| anyhow::anyhow!("panicked"))??;
    Ok(())
}

#[test]
fn a_volume_outlives_nothing() -> anyhow::Result<()> {
    let mounts =
        || std::fs::read_to_string("/proc/self/mountinfo").map(|table| table.lines().count());
    let before = mounts()?;
    let volume = volume()?;
    shape(&volume, "echo x >file")?;
    // Not even while it lives does the host's mount table show it.
    assert_eq!(mounts()?, before);
    Ok(())
}
