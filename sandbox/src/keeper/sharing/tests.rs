//! Boxes of this test binary, whose allocator ends every process that uses the heap on one of our stacks.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::{GUARD, STACK, Stack};
use crate::{
    Cancel, Capture, Ending, Limits, Mount, Outcome, Program, Sandbox, SandboxConfig, SandboxError,
    Stdin, sys,
};

/// Where the stacks of this process begin, as far as there are any.
static STACKS: [AtomicUsize; 8] = [const { AtomicUsize::new(0) }; 8];

pub(super) fn forbid_the_heap(stack: &Stack) {
    let base = stack.0.base.as_ptr() as usize;
    let free = |place: &&AtomicUsize| place.load(Ordering::Relaxed) == 0;
    let place = STACKS.iter().find(free);
    assert!(
        place.is_some(),
        "a keeper makes more stacks than it has places"
    );
    place
        .into_iter()
        .for_each(|place| place.store(base, Ordering::Relaxed));
}

struct Watched;

#[global_allocator]
static HEAP: Watched = Watched;

impl Watched {
    /// Before the keeper's heap is touched.
    fn check(&self) {
        let local = 0u8;
        let here = &raw const local as usize;
        let is_ours = |base: usize| base != 0 && (base..base + GUARD + STACK).contains(&here);
        if STACKS
            .iter()
            .any(|base| is_ours(base.load(Ordering::Relaxed)))
        {
            sys::exit(1);
        }
    }
}

// SAFETY: all is the system's; a check goes before, and it allocates nothing.
unsafe impl GlobalAlloc for Watched {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        self.check();
        // SAFETY: as promised by the caller.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        self.check();
        // SAFETY: as promised by the caller.
        unsafe { System.dealloc(block, layout) }
    }
}

fn shell(script: &str) -> Program {
    let capture = || Capture::Memory {
        cap_bytes: 1 << 20,
        fatal: true,
    };
    Program {
        argv: vec!["/bin/sh".into(), "-c".into(), script.into()],
        env: vec![("A".into(), "1".into())],
        cwd: "/tmp".into(),
        mounts: Vec::new(),
        stdin: Stdin::Null,
        stdout: capture(),
        stderr: capture(),
        limits: Limits {
            cpu: Duration::from_secs(20),
            wall: Duration::from_secs(40),
            memory_bytes: 64 << 20,
            processes: 64,
            file_size_bytes: 1 << 20,
            open_files: 64,
        },
    }
}

type IsRight = fn(Result<Outcome, SandboxError>) -> bool;

/// Whatever way a run takes through our own steps.
fn runs() -> Vec<(Program, IsRight)> {
    let mount = |target: &str| Mount::ReadOnly {
        source: "/usr/share".into(),
        target: target.into(),
    };
    let mut shown = shell("test -d /shown/there -a -d /elsewhere");
    shown.mounts = vec![mount("/shown/there"), mount("/elsewhere")];
    let mut larger = shell("exit 0");
    larger.limits.memory_bytes *= 2;
    let mut missing = shell("");
    missing.argv = vec!["/missing".into()];
    let mut nowhere = shell("");
    nowhere.cwd = "/missing".into();
    let mut deep = shell("");
    deep.mounts = vec![mount(&format!("/deep/{}", "x".repeat(256)))];
    let mut many = shell("test $# = 20000");
    many.argv.extend((0..=20_000).map(|_| "a".into()));
    let mut endless = shell("sleep 60");
    endless.limits.wall = Duration::from_millis(50);
    vec![
        (shown, |it| ended(it) == Some(Ending::Exited(0))),
        (larger, |it| ended(it) == Some(Ending::Exited(0))),
        (missing, |it| {
            ended(it) == Some(Ending::ExecFailed(libc::ENOENT))
        }),
        (nowhere, |it| is_step(it, "enter the working directory")),
        // Where the first part of the path is made, and then there.
        (deep, |it| matches!(it, Err(SandboxError::Io { .. }))),
        (many, |it| ended(it) == Some(Ending::Exited(0))),
        (endless, |it| ended(it) == Some(Ending::WallLimit)),
        (shell("sleep 60 & exit 3"), |it| {
            ended(it) == Some(Ending::Exited(3))
        }),
        (shell("kill -9 $$"), |it| {
            ended(it) == Some(Ending::Signaled(libc::SIGKILL))
        }),
    ]
}

fn ended(result: Result<Outcome, SandboxError>) -> Option<Ending> {
    result.ok().map(|outcome| outcome.ending)
}

fn is_step(result: Result<Outcome, SandboxError>, step: &str) -> bool {
    matches!(result, Err(SandboxError::Io { what, .. }) if what == step)
}

#[test]
#[expect(clippy::unwrap_used, reason = "a failing test may say so with a panic")]
fn no_process_that_shares_the_keepers_memory_uses_the_heap() {
    let config = SandboxConfig {
        // Users that nobody else's tests give to their boxes.
        uid_base: 2_000_000_000,
        ..SandboxConfig::default()
    };
    let mut sandbox_box = Sandbox::open(config).unwrap().new_box().unwrap();
    let cancel = Cancel::new().unwrap();
    for _ in 0..2 {
        for (index, (program, is_right)) in runs().into_iter().enumerate() {
            let result = sandbox_box.run(program, &cancel);
            let told = format!("run {index}: {result:?}");
            assert!(is_right(result), "{told}");
        }
    }
    assert!(!sandbox_box.is_damaged());
}
