//! Where volumes are mounted: a mount namespace of its own that no process but ours can see.
//!
//! A volume is shown to several runs, each time as a clone of its mount, and kernels before 6.15 clone only mounts
//! that are attached in the namespace of the caller. So one thread of this process lives in a private namespace whose
//! root is an empty tmpfs; volumes are attached there, and clones are made there. Nothing appears in the host's mount
//! table, and when the process dies, however it dies, the namespace goes with all its mounts.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::{OnceLock, mpsc};
use std::thread;

use rustix::fs::{CWD, Mode};
use rustix::mount::{
    FsMountFlags, FsOpenFlags, MountAttrFlags, MountPropagationFlags, MoveMountFlags,
    OpenTreeFlags, UnmountFlags,
};

use crate::sys;

type Job = Box<dyn FnOnce(&OwnedFd) + Send>;

/// Runs `work` in the namespace; it gets the root's directory.
fn inside<T: Send + 'static>(
    work: impl FnOnce(&OwnedFd) -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    let (answer, answered) = mpsc::sync_channel(1);
    let job: Job = Box::new(move |root| {
        // The asker waits for it, so somebody takes it.
        let _ = answer.send(work(root));
    });
    let gone = || io::Error::other("the thread that keeps volumes is gone");
    home()?.send(job).map_err(|_| gone())?;
    answered.recv().map_err(|_| gone())?
}

fn home() -> io::Result<mpsc::Sender<Job>> {
    static HOME: OnceLock<Result<mpsc::Sender<Job>, i32>> = OnceLock::new();
    let home =
        HOME.get_or_init(|| start().map_err(|error| error.raw_os_error().unwrap_or(libc::EIO)));
    home.clone().map_err(io::Error::from_raw_os_error)
}

fn start() -> io::Result<mpsc::Sender<Job>> {
    let (jobs, todo) = mpsc::channel::<Job>();
    let (ready, is_ready) = mpsc::sync_channel(1);
    thread::Builder::new()
        .name("volumes".to_owned())
        .spawn(move || {
            let root = match enter() {
                Ok(root) => root,
                Err(error) => return drop(ready.send(Err(error))),
            };
            drop(ready.send(Ok(())));
            todo.iter().for_each(|job| job(&root));
        })?;
    is_ready.recv().map_err(io::Error::other)??;
    Ok(jobs)
}

/// Moves this thread into a namespace with an empty root.
fn enter() -> io::Result<OwnedFd> {
    sys::unshare(libc::CLONE_NEWNS)?;
    rustix::mount::mount_change(
        "/",
        MountPropagationFlags::PRIVATE | MountPropagationFlags::REC,
    )?;
    let root = tmpfs(&[("size", "64k"), ("mode", "0700")])?;
    // Any directory serves: it is covered in this namespace alone, and only until the root has changed.
    rustix::mount::move_mount(
        &root,
        "",
        CWD,
        "/sys",
        MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH,
    )?;
    rustix::process::fchdir(&root)?;
    rustix::process::pivot_root(".", ".")?;
    rustix::mount::unmount(".", UnmountFlags::DETACH)?;
    rustix::process::chdir("/")?;
    Ok(root)
}

/// A new tmpfs that is not attached anywhere.
pub(crate) fn tmpfs(options: &[(&str, &str)]) -> io::Result<OwnedFd> {
    let fs = rustix::mount::fsopen("tmpfs", FsOpenFlags::FSOPEN_CLOEXEC)?;
    for (key, value) in options {
        rustix::mount::fsconfig_set_string(&fs, *key, *value)?;
    }
    rustix::mount::fsconfig_create(&fs)?;
    let attributes = MountAttrFlags::MOUNT_ATTR_NOSUID | MountAttrFlags::MOUNT_ATTR_NODEV;
    Ok(rustix::mount::fsmount(
        &fs,
        FsMountFlags::FSMOUNT_CLOEXEC,
        attributes,
    )?)
}

/// Attaches a volume under its number.
pub(super) fn attach(number: u64, mount: &OwnedFd) -> io::Result<()> {
    let mount = mount.try_clone()?;
    inside(move |root| {
        let name = number.to_string();
        rustix::fs::mkdirat(root, &name, Mode::RWXU)?;
        rustix::mount::move_mount(
            &mount,
            "",
            root,
            &name,
            MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH,
        )?;
        Ok(())
    })
}

/// A detached clone of a volume's mount, to be attached in a box.
pub(super) fn clone(mount: &OwnedFd) -> io::Result<OwnedFd> {
    let mount = mount.try_clone()?;
    inside(move |_| clone_tree(mount.as_fd(), ""))
}

/// Takes a volume away; what still shows a clone of it keeps the content.
pub(super) fn detach(number: u64) -> io::Result<()> {
    inside(move |root| {
        let name = number.to_string();
        rustix::mount::unmount(format!("/{name}"), UnmountFlags::DETACH)?;
        rustix::fs::unlinkat(root, &name, rustix::fs::AtFlags::REMOVEDIR)?;
        Ok(())
    })
}

/// A detached clone of the one mount at `path`, without what is mounted below it.
pub(crate) fn clone_tree(dir: impl AsFd, path: impl rustix::path::Arg) -> io::Result<OwnedFd> {
    let flags = OpenTreeFlags::OPEN_TREE_CLONE
        | OpenTreeFlags::OPEN_TREE_CLOEXEC
        | OpenTreeFlags::AT_EMPTY_PATH
        | OpenTreeFlags::AT_SYMLINK_NOFOLLOW;
    Ok(rustix::mount::open_tree(dir, path, flags)?)
}
