//! The root that every run of a box sees: an empty tmpfs with the toolchain, read-only.
//!
//! It is put together once. A run gets a copy of the mount namespace and adds its own mounts; nothing it does shows
//! in the copy of the next one. The tmpfs is mounted twice: read-only as the root, and writable nowhere but in a
//! descriptor of the keeper, which makes the mount points that callers ask for.
//!
//! Directories are shown through an overlay without a writable layer, for the sake of file locks: anybody who can read
//! a file can lock it, and on a plain bind mount the lock would hold up, or signal to, every other box. An overlay has
//! inodes of its own, so locks stay in the box, and programs that need them (SQLite, Go's compiler) still get them.

use std::ffi::CStr;
use std::fs;
use std::io::{self, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, FileType, Mode, OFlags, ResolveFlags};
use rustix::mount::{
    MountFlags, MountPropagationFlags, MoveMountFlags, OpenTreeFlags, UnmountFlags,
};

use super::report::{Fault, Step};
use crate::volume::{clone_tree, tmpfs};
use crate::wire::Setup;
use crate::{sys, user_namespace};

/// Where the root is put together; any directory serves, we cover it in a namespace of our own.
const STAGE: &str = "/sys";
/// Lower layer of every overlay: without a writable layer the kernel wants two.
const EMPTY: &str = "/sys/.empty";
/// What administrators installed by hand: hidden unless it is listed.
const LOCAL: &str = "/usr/local";
/// Files of `/etc` are copied into the root up to this size.
const COPY_MAX: u64 = 16 << 20;

/// The longest name that a file may have; for longer ones `rustix` would want the heap.
const NAME_MAX: usize = 255;

/// Devices of a box: name, major, minor.
const DEVICES: [(&str, u32, u32); 5] = [
    ("null", 1, 3),
    ("zero", 1, 5),
    ("full", 1, 7),
    ("random", 1, 8),
    ("urandom", 1, 9),
];

const READ_ONLY: u64 = libc::MOUNT_ATTR_RDONLY | libc::MOUNT_ATTR_NOSUID;

/// The prepared root.
#[derive(Debug)]
pub(super) struct Root {
    /// The root's tmpfs, writable.
    writable: OwnedFd,
    /// We are root of a user namespace only, and take devices and `/proc` from the host.
    is_rootless: bool,
}

impl Root {
    /// Moves this process into a mount namespace that holds the root and nothing else.
    pub(super) fn prepare(setup: &Setup) -> Result<Root, Fault> {
        sys::unshare(libc::CLONE_NEWNS).step("unshare mounts")?;
        let private = MountPropagationFlags::PRIVATE | MountPropagationFlags::REC;
        rustix::mount::mount_change("/", private).step("make mounts private")?;
        rustix::process::umask(Mode::from_raw_mode(0o022));
        let stage = tmpfs(&[("mode", "0755"), ("nr_inodes", "16k"), ("size", "64m")])
            .step("make the root")?;
        let attach = MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH;
        rustix::mount::move_mount(&stage, "", CWD, STAGE, attach).step("mount the root")?;
        let writable = clone_tree(&stage, "").step("keep the root writable")?;
        fill(setup)?;
        sys::mount_setattr(stage.as_fd(), READ_ONLY | libc::MOUNT_ATTR_NODEV, true)
            .step("make the root read-only")?;
        // What follows has exact modes; a mask would only take away from them.
        rustix::process::umask(Mode::empty());
        let is_rootless = user_namespace::is_inside();
        add_devices(is_rootless).step("make devices")?;
        if is_rootless {
            lend_proc().step("show /proc")?;
        }
        enter(&stage).step("enter the root")?;
        Ok(Root {
            writable,
            is_rootless,
        })
    }

    /// Whether a `/proc` of the host lies where a run's own belongs.
    pub(super) fn lends_proc(&self) -> bool {
        self.is_rootless
    }

    pub(super) fn writable(&self) -> BorrowedFd<'_> {
        self.writable.as_fd()
    }

    /// Makes a directory to mount on, and those on the way to it. It needs no heap.
    pub(super) fn make_target(&self, path: &CStr) -> io::Result<()> {
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS;
        let mut below: Option<OwnedFd> = None;
        let names = path.to_bytes().split(|&byte| byte == b'/');
        for name in names.filter(|name| !name.is_empty()) {
            if name.len() > NAME_MAX {
                return Err(io::Error::from_raw_os_error(libc::ENAMETOOLONG));
            }
            let dir = below.as_ref().map_or(self.writable(), AsFd::as_fd);
            match rustix::fs::mkdirat(dir, name, Mode::from_raw_mode(0o755)) {
                Ok(()) | Err(rustix::io::Errno::EXIST) => {}
                Err(error) => return Err(error.into()),
            }
            below = Some(rustix::fs::openat2(
                dir,
                name,
                flags,
                Mode::empty(),
                resolve,
            )?);
        }
        Ok(())
    }
}

fn fill(setup: &Setup) -> Result<(), Fault> {
    for dir in ["dev", "proc", "tmp", "etc", ".empty"] {
        fs::create_dir(Path::new(STAGE).join(dir)).step("make a directory of the root")?;
    }
    accounts(setup.uid).step("write the account files")?;
    for source in &setup.toolchain {
        show(source, setup).step(format!("show {}", source.display()))?;
    }
    Ok(())
}

/// Names for the box's user, and nobody else.
fn accounts(uid: u32) -> io::Result<()> {
    let etc = Path::new(STAGE).join("etc");
    fs::write(
        etc.join("passwd"),
        format!("root:x:0:0:root:/:/bin/sh\nbox:x:{uid}:{uid}:box:/tmp:/bin/sh\n"),
    )?;
    fs::write(etc.join("group"), format!("root:x:0:\nbox:x:{uid}:\n"))?;
    fs::write(
        etc.join("nsswitch.conf"),
        "passwd: files\ngroup: files\nhosts: files\n",
    )
}

/// Shows one path of the host inside the root, under the same name.
fn show(source: &Path, setup: &Setup) -> io::Result<()> {
    let Ok(metadata) = fs::symlink_metadata(source) else {
        return Ok(());
    };
    let target = staged(source)?;
    if let Some(parent) = target.parent() {
        fs::create_dir_all(parent)?;
    }
    if metadata.is_symlink() {
        return std::os::unix::fs::symlink(fs::read_link(source)?, target);
    }
    if !metadata.is_dir() {
        return copy(source, &target);
    }
    fs::create_dir_all(&target)?;
    let read_only = MountFlags::RDONLY | MountFlags::NOSUID | MountFlags::NODEV;
    if setup.private_locks {
        let layers = format!("lowerdir={}:{EMPTY}", plain(source)?);
        let layers = std::ffi::CString::new(layers)?;
        rustix::mount::mount("overlay", &target, "overlay", read_only, &*layers)?;
    } else {
        let tree = clone_tree(CWD, source)?;
        let attach = MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH;
        rustix::mount::move_mount(&tree, "", CWD, &target, attach)?;
    }
    let local_is_listed = setup.toolchain.iter().any(|path| path == Path::new(LOCAL));
    if source == Path::new("/usr") && !local_is_listed && Path::new(LOCAL).is_dir() {
        let mask = tmpfs(&[("mode", "0755"), ("nr_inodes", "1k"), ("size", "1m")])?;
        let attach = MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH;
        rustix::mount::move_mount(&mask, "", CWD, staged(Path::new(LOCAL))?, attach)?;
    }
    Ok(())
}

/// A copy takes no part in locks that others hold on the file.
fn copy(source: &Path, target: &Path) -> io::Result<()> {
    if fs::metadata(source)?.len() > COPY_MAX {
        return Err(io::Error::from_raw_os_error(libc::EFBIG));
    }
    fs::File::create_new(target)?.write_all(&fs::read(source)?)
}

fn staged(path: &Path) -> io::Result<PathBuf> {
    let below = path.strip_prefix("/").map_err(io::Error::other)?;
    Ok(Path::new(STAGE).join(below))
}

/// A path that needs no quoting among overlay options.
fn plain(path: &Path) -> io::Result<&str> {
    path.to_str()
        .filter(|text| !text.contains([':', ',', '\\']))
        .ok_or_else(|| io::Error::from_raw_os_error(libc::EINVAL))
}

fn add_devices(is_rootless: bool) -> io::Result<()> {
    let dev = Path::new(STAGE).join("dev");
    let attributes = MountFlags::NOSUID | MountFlags::NOEXEC;
    rustix::mount::mount(
        "tmpfs",
        &dev,
        "tmpfs",
        attributes,
        c"mode=0755,size=64k,nr_inodes=64",
    )?;
    for (name, major, minor) in DEVICES {
        let device = rustix::fs::makedev(major, minor);
        let mode = Mode::from_raw_mode(0o666);
        if is_rootless {
            // Only the host's root makes devices that work.
            lend(&Path::new("/dev").join(name), &dev.join(name))?;
        } else {
            rustix::fs::mknodat(CWD, dev.join(name), FileType::CharacterDevice, mode, device)?;
        }
    }
    for (name, target) in [
        ("fd", "/proc/self/fd"),
        ("stdin", "/proc/self/fd/0"),
        ("stdout", "/proc/self/fd/1"),
        ("stderr", "/proc/self/fd/2"),
    ] {
        std::os::unix::fs::symlink(target, dev.join(name))?;
    }
    fs::create_dir(dev.join("shm"))?;
    let mount = rustix::fs::open(&dev, OFlags::PATH | OFlags::CLOEXEC, Mode::empty())?;
    sys::mount_setattr(mount.as_fd(), READ_ONLY, false)
}

/// Shows a file of the host at `target`.
fn lend(source: &Path, target: &Path) -> io::Result<()> {
    fs::File::create_new(target)?;
    let tree = clone_tree(CWD, source)?;
    let attach = MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH;
    Ok(rustix::mount::move_mount(&tree, "", CWD, target, attach)?)
}

/// In a user namespace the kernel mounts `/proc` only for those who see all of one already; init takes this one away.
fn lend_proc() -> io::Result<()> {
    let flags = OpenTreeFlags::OPEN_TREE_CLONE
        | OpenTreeFlags::OPEN_TREE_CLOEXEC
        | OpenTreeFlags::AT_RECURSIVE;
    let tree = rustix::mount::open_tree(CWD, "/proc", flags)?;
    let target = Path::new(STAGE).join("proc");
    let attach = MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH;
    Ok(rustix::mount::move_mount(&tree, "", CWD, target, attach)?)
}

/// Makes the staged tree this process's root and lets go of the host's.
fn enter(stage: &OwnedFd) -> io::Result<()> {
    rustix::process::fchdir(stage)?;
    rustix::process::pivot_root(".", ".")?;
    rustix::mount::unmount(".", UnmountFlags::DETACH)?;
    rustix::process::chdir("/")?;
    Ok(())
}
