//! Root of a user namespace, for whoever may not be root of the host.
//!
//! An ordinary user may make a user namespace, but may map only themselves into it. Boxes need users of their own, so we
//! also take the range that `/etc/subuid` and `/etc/subgid` grant to the user; two setuid tools of the distribution
//! (package uidmap) check that and write the maps. They have to run outside of the namespace:
//!
//! ```text
//! we ─┬─ unshare(user, mount) ── "go" ── wait ── root: of boxes, mounts and namespaces that we make, of nothing else
//!     └─ helper ── waits for "go" ── newuidmap, newgidmap ── what they said
//! ```
//!
//! We stay the same process, so signals, exit status and control group are the user's as before.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::ops::Range;
use std::os::fd::OwnedFd;
use std::process::Command;
use std::sync::OnceLock;

use rustix::pipe::{PipeFlags, pipe_with};
use rustix::process::{WaitOptions, getegid, geteuid};

use crate::{sys, user_limit};

/// Ids that boxes of one evaluator may come to need.
const BOXES: u32 = 256;
/// Inode of the host's own pid namespace, the same on every Linux.
const HOST_PID_NAMESPACE: &str = "pid:[4026531836]";

static WHY_NOT: OnceLock<String> = OnceLock::new();

/// Makes this process root of a user namespace of its own, unless it is root already.
///
/// Only a process with one thread can do that, so it comes first of all. What is in the way is told by
/// [`crate::Sandbox::doctor`], as a missing protection.
pub fn become_root() {
    if geteuid().is_root() {
        return;
    }
    if let Err(why) = enter() {
        let _ = WHY_NOT.set(why);
    }
}

/// Why we are not root.
pub(crate) fn why_not() -> String {
    let why = WHY_NOT.get().map_or("nobody asked for it", String::as_str);
    format!("we are not root, and not root of a user namespace: {why}")
}

/// Whose root we are.
pub(crate) fn place() -> &'static str {
    let namespace = fs::read_link("/proc/self/ns/pid").unwrap_or_default();
    if is_inside() {
        "rootless"
    } else if namespace.as_os_str() == HOST_PID_NAMESPACE {
        "root"
    } else {
        "root of a container"
    }
}

/// Whether this process is in a user namespace other than the host's.
pub(crate) fn is_inside() -> bool {
    !map("/proc/self/uid_map").contains(&(0..u32::MAX))
}

/// The first of a row of ids for boxes: the one that is `wanted` where it exists, or else in the largest row that does.
pub(crate) fn uid_base(wanted: u32) -> u32 {
    let groups = map("/proc/self/gid_map");
    let exists = |base: u32| {
        let row = base..base.saturating_add(BOXES);
        let whole = |range: &Range<u32>| range.start <= row.start && row.end <= range.end;
        map("/proc/self/uid_map").iter().any(whole) && groups.iter().any(whole)
    };
    let largest = map("/proc/self/uid_map")
        .into_iter()
        .max_by_key(|range| range.len());
    match largest {
        // The upper half: whoever has names here has them below.
        Some(range) if !exists(wanted) => range.start + (range.end - range.start) / 2,
        _ => wanted,
    }
}

/// Ids that exist in our namespace.
fn map(file: &str) -> Vec<Range<u32>> {
    let text = fs::read_to_string(file).unwrap_or_default();
    let range = |line: &str| {
        let mut numbers = line.split_whitespace().map(str::parse::<u32>);
        let (start, _outside, count) = (
            numbers.next()?.ok()?,
            numbers.next()?.ok()?,
            numbers.next()?.ok()?,
        );
        Some(start..start.saturating_add(count))
    };
    text.lines().filter_map(range).collect()
}

fn enter() -> Result<(), String> {
    let user = geteuid().as_raw();
    let users = subordinate("/etc/subuid", user)?;
    let groups = subordinate("/etc/subgid", user)?;
    let threads = fs::read_dir("/proc/self/task").map_or(0, Iterator::count);
    if threads != 1 {
        return Err(format!("this process has {threads} threads already"));
    }
    let pipe = || pipe_with(PipeFlags::CLOEXEC).map_err(|error| format!("no pipe: {error}"));
    let ((wait, go), (answer, answers)) = (pipe()?, pipe()?);
    let us = std::process::id();
    // SAFETY: this process has one thread.
    let is_helper = unsafe { sys::plain_fork() }.map_err(|error| format!("no helper: {error}"))?;
    if is_helper {
        drop((go, answer));
        help(wait, answers, || {
            write_map("newuidmap", us, user, &users)?;
            write_map("newgidmap", us, getegid().as_raw(), &groups)
        });
    }
    drop((wait, answers));
    // As much as the user has when the namespace is made is what all in it have together.
    user_limit::raise();
    let unshared = sys::unshare(libc::CLONE_NEWUSER | libc::CLONE_NEWNS);
    if unshared.is_ok() {
        let _ = rustix::io::write(&go, b"g");
    }
    drop(go);
    let mut said = String::new();
    let heard = File::from(answer).read_to_string(&mut said);
    let _ = rustix::process::wait(WaitOptions::empty());
    unshared.map_err(|error| format!("user namespaces are not allowed here: {error}"))?;
    heard.map_err(|error| format!("the helper is gone: {error}"))?;
    if said.is_empty() { Ok(()) } else { Err(said) }
}

/// The helper's life: nothing said means that all went well.
fn help(wait: OwnedFd, answers: OwnedFd, work: impl FnOnce() -> Result<(), String>) -> ! {
    let told = File::from(wait).read(&mut [0]);
    if matches!(told, Ok(1))
        && let Err(why) = work()
    {
        // Nobody is left to hear of an error here.
        let _ = File::from(answers).write_all(why.as_bytes());
    }
    sys::exit(0)
}

/// Maps us to root, and the ids from 1 on to the range.
fn write_map(tool: &str, pid: u32, own: u32, range: &Range<u32>) -> Result<(), String> {
    let numbers = [0, own, 1, 1, range.start, range.end - range.start];
    let output = Command::new(tool)
        .arg(pid.to_string())
        .args(numbers.map(|number| number.to_string()))
        .output();
    match output {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Err(format!("{tool} is missing: install the package uidmap"))
        }
        Err(error) => Err(format!("{tool} cannot be run: {error}")),
    }
}

/// The range of ids that `file` grants to a user, by number or name.
fn subordinate(file: &str, user: u32) -> Result<Range<u32>, String> {
    let grants = fs::read_to_string(file).unwrap_or_default();
    let accounts = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let number = user.to_string();
    let account = accounts.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)? == number).then_some(name)
    });
    granted(&grants, &number, account).ok_or_else(|| {
        let who = account.unwrap_or(&number);
        format!("{file} grants {who} no {BOXES} ids; add a line `{who}:100000:65536`")
    })
}

fn granted(grants: &str, number: &str, account: Option<&str>) -> Option<Range<u32>> {
    let range = |line: &str| {
        let mut fields = line.trim().split(':');
        let who = fields.next()?;
        let (start, count): (u32, u32) =
            (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
        let ours = who == number || Some(who) == account;
        (ours && count >= BOXES).then(|| start..start.saturating_add(count))
    };
    grants.lines().find_map(range)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_granted_by_name_or_number_and_must_be_large_enough() {
        let grants = "other:1:70000\nann:100000:10\nann:200000:65536\n1001:300000:65536\n";
        assert_eq!(granted(grants, "1000", Some("ann")), Some(200_000..265_536));
        assert_eq!(granted(grants, "1001", None), Some(300_000..365_536));
        assert_eq!(granted(grants, "1002", Some("bob")), None);
    }

    #[test]
    fn ids_that_exist_are_kept() {
        // Wherever this runs, the ids that it would choose itself exist.
        let chosen = uid_base(u32::MAX - 1);
        assert_eq!(uid_base(chosen), chosen);
    }
}
