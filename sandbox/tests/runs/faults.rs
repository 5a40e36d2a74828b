//! The kernel refuses us what a run needs: that is an error of ours, and once it gives in, the same box goes on or a new one
//! does.

use std::io;
use std::os::fd::AsFd;
use std::os::unix::process::CommandExt;
use std::process::Command;

use anyhow::{Context, ensure};
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use rustix::mount::{MountFlags, MountPropagationFlags};
use rustix::process::{Pid, Resource, Rlimit, getrlimit, prlimit};
use rustix::thread::{LinkNameSpaceType, UnshareFlags};
use sandbox::{Cancel, Ending, Program, Sandbox, SandboxBox, SandboxConfig, SandboxError};

use crate::cleanup::{copy_of_this_test, groups_of, parents, plays};
use crate::group::{Group, enter, set};
use crate::support::*;

/// What a box does next: one run uses the place that was prepared before the harm was done, and it may be right.
fn next_error(sandbox_box: &mut SandboxBox) -> anyhow::Result<SandboxError> {
    for _ in 0..3 {
        let nothing = Program {
            // Where nothing needs to be mounted.
            cwd: "/".into(),
            ..shell(":")
        };
        match sandbox_box.run(nothing, &Cancel::new()?) {
            Ok(outcome) => assert_eq!(outcome.ending, Ending::Exited(0)),
            Err(error) => return Ok(error),
        }
    }
    anyhow::bail!("nothing was refused")
}

fn works(sandbox_box: &mut SandboxBox) -> anyhow::Result<()> {
    let outcome = sandbox_box.run(shell("exit 3"), &Cancel::new()?)?;
    assert_eq!(outcome.ending, Ending::Exited(3));
    Ok(())
}

/// Does harm to a box and mends it: between the two it gives this error, which names the step.
fn harm_and_mend(
    sandbox_box: &mut SandboxBox,
    step: &str,
    errno: Errno,
    harm: impl Fn(bool) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    works(sandbox_box)?;
    harm(true)?;
    let error = next_error(sandbox_box)?;
    harm(false)?;
    let SandboxError::Io { what, cause } = &error else {
        anyhow::bail!("{error}");
    };
    ensure!(
        what.contains(step) && cause.raw_os_error() == Some(errno.raw_os_error()),
        "{error}"
    );
    ensure!(!sandbox_box.is_damaged());
    works(sandbox_box)
}

/// Runs a copy of the test that does harm to all of its process.
fn in_a_copy(test: &str) -> anyhow::Result<bool> {
    if plays("harmed") {
        return Ok(true);
    }
    let copy = copy_of_this_test(&format!("faults::{test}"), "harmed").status()?;
    ensure!(copy.success(), "the copy says why");
    Ok(false)
}

/// The keeper of the only box of this process.
fn keeper() -> anyhow::Result<Pid> {
    let mut pids = Vec::new();
    for thread in std::fs::read_dir("/proc/self/task")? {
        let children = std::fs::read_to_string(thread?.path().join("children"))?;
        pids.extend(children.split_whitespace().map(str::to_owned));
    }
    let [pid] = pids.as_slice() else {
        anyhow::bail!("our children are {pids:?}");
    };
    Pid::from_raw(pid.parse()?).context("no keeper")
}

#[test]
fn a_kernel_that_refuses_us_a_process() -> anyhow::Result<()> {
    if !in_a_copy("a_kernel_that_refuses_us_a_process")? {
        return Ok(());
    }
    let group = Group::of("pids", "processes")?;
    enter(&group.0)?;
    let sandbox = Sandbox::open(SandboxConfig {
        uid_base: uid_base(),
        ..SandboxConfig::default()
    })?;
    let mut sandbox_box = sandbox.new_box()?;
    let few = |few| group.set("pids.max", if few { "1" } else { "max" });
    harm_and_mend(&mut sandbox_box, "fork", Errno::AGAIN, few)?;
    few(true)?;
    ensure!(sandbox.new_box().is_err(), "a keeper was started");
    few(false)?;
    works(&mut sandbox.new_box()?)?;
    drop((sandbox_box, sandbox));
    // It cannot be removed while we are in it.
    let above = group.0.parent().context("it lies in none")?;
    enter(above).or_else(|_| enter(&above.join("supervisor")))
}

#[test]
fn a_kernel_that_refuses_us_descriptors() -> anyhow::Result<()> {
    if !in_a_copy("a_kernel_that_refuses_us_descriptors")? {
        return Ok(());
    }
    let mut sandbox_box = new_box()?;
    let (keeper, all) = (keeper()?, getrlimit(Resource::Nofile));
    let few = |few| {
        let limit = Rlimit {
            current: if few { Some(4) } else { all.current },
            ..all
        };
        prlimit(Some(keeper), Resource::Nofile, limit)?;
        Ok(())
    };
    harm_and_mend(&mut sandbox_box, "control groups", Errno::MFILE, few)
}

#[test]
fn a_kernel_that_refuses_us_control_groups() -> anyhow::Result<()> {
    if !in_a_copy("a_kernel_that_refuses_us_control_groups")? {
        return Ok(());
    }
    let mut sandbox_box = new_box()?;
    let ours = parents("tribunal");
    // v1 cannot be told to: there it is a tree that can only be read.
    if ours
        .iter()
        .all(|dir| !dir.join("cgroup.max.depth").exists())
    {
        return Ok(());
    }
    let [ours] = ours.as_slice() else {
        anyhow::bail!("{ours:?} are several");
    };
    let boxes = groups_of("tribunal", std::process::id());
    ensure!(boxes.len() == 1 && boxes[0].starts_with(ours), "{boxes:?}");
    let none = |none| {
        set(
            &boxes[0],
            "cgroup.max.depth",
            if none { "0" } else { "max" },
        )
    };
    harm_and_mend(&mut sandbox_box, "control groups", Errno::AGAIN, none)
}

#[test]
fn control_groups_that_can_only_be_read() -> anyhow::Result<()> {
    if !in_a_copy("control_groups_that_can_only_be_read")? {
        return Ok(());
    }
    // SAFETY: nobody relies on this thread's mounts being those of others.
    unsafe { rustix::thread::unshare_unsafe(UnshareFlags::NEWNS)? };
    let private = MountPropagationFlags::PRIVATE | MountPropagationFlags::REC;
    rustix::mount::mount_change("/", private)?;
    let hierarchies = hierarchies()?;
    let read_only = |read_only| {
        for hierarchy in &hierarchies {
            let mut flags = MountFlags::BIND | MountFlags::NOSUID | MountFlags::NODEV;
            flags |= MountFlags::NOEXEC;
            flags.set(MountFlags::RDONLY, read_only);
            rustix::mount::mount_remount(hierarchy, flags, "")?;
        }
        anyhow::Ok(())
    };
    let open = || {
        Sandbox::open(SandboxConfig {
            uid_base: uid_base(),
            ..SandboxConfig::default()
        })
    };
    let sandbox = open()?;
    let mut sandbox_box = sandbox.new_box()?;
    works(&mut sandbox_box)?;
    read_only(true)?;
    // What was used cannot be cleared away: so the box is given up, sooner or later.
    let error = next_error(&mut sandbox_box)?;
    let is_ours = matches!(error, SandboxError::Io { .. } | SandboxError::Damaged(_));
    ensure!(is_ours, "{error}");
    ensure!(sandbox.new_box().is_err(), "a box was made");
    let refused = open().map(drop).map_err(|error| error.to_string());
    let refused = refused.err().context("it was opened")?;
    ensure!(refused.contains("missing  control-groups: "), "{refused}");
    ensure!(refused.contains("Read-only file system"), "{refused}");
    read_only(false)?;
    works(&mut sandbox.new_box()?)?;
    works(&mut open()?.new_box()?)
}

/// Where control groups are mounted.
fn hierarchies() -> anyhow::Result<Vec<String>> {
    let mounts = std::fs::read_to_string("/proc/thread-self/mountinfo")?;
    let groups = mounts.lines().filter(|line| line.contains(" - cgroup"));
    let points: Vec<_> = groups
        .filter_map(|line| line.split(' ').nth(4).map(str::to_owned))
        .collect();
    ensure!(!points.is_empty(), "no control groups are mounted");
    Ok(points)
}

#[test]
fn a_kernel_that_refuses_us_a_mount() -> anyhow::Result<()> {
    if !in_a_copy("a_kernel_that_refuses_us_a_mount")? {
        return Ok(());
    }
    let mut sandbox_box = new_box()?;
    let keeper = keeper()?;
    let without_a_place = |without| {
        let change: fn() -> io::Result<()> = match without {
            true => || Ok(rustix::fs::rmdir("/tmp")?),
            false => || Ok(rustix::fs::mkdir("/tmp", Mode::from_raw_mode(0o755))?),
        };
        in_the_root_of(keeper, change)
    };
    harm_and_mend(&mut sandbox_box, "mount /", Errno::NOENT, without_a_place)
}

/// Does something in the root of a box, which can be written meanwhile.
fn in_the_root_of(keeper: Pid, change: fn() -> io::Result<()>) -> anyhow::Result<()> {
    let mounts = format!("/proc/{}/ns/mnt", keeper.as_raw_nonzero());
    let mounts = rustix::fs::open(mounts, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())?;
    let enter = move || {
        let kind = Some(LinkNameSpaceType::Mount);
        rustix::thread::move_into_link_name_space(mounts.as_fd(), kind)?;
        let flags = MountFlags::BIND | MountFlags::NOSUID | MountFlags::NODEV;
        rustix::mount::mount_remount("/", flags, "")?;
        change()?;
        rustix::mount::mount_remount("/", flags | MountFlags::RDONLY, "")?;
        Ok(())
    };
    let mut command = Command::new("/bin/true");
    // SAFETY: it makes system calls only.
    unsafe { command.pre_exec(enter) };
    ensure!(command.status()?.success(), "the root was not changed");
    Ok(())
}
