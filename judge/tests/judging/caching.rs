//! Compiled once, and never a poisoned program twice.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Barrier;

use judge::{Cancel, Fault, Verdict};
use tempfile::TempDir;

use crate::workshop::{Workshop, source, told};

const RIGHT: &str = "#include <stdio.h>\nint main(void) { puts(\"7\"); }\n";

fn programs(workshop: &Workshop) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(workshop.cache_dir().join("programs")).unwrap();
    entries.map(|entry| entry.unwrap().path()).collect()
}

#[test]
fn a_program_is_compiled_once_for_all_cases_and_all_submissions() {
    let mut workshop = Workshop::new();
    workshop.add_case("secret/2", "5 2", "7");
    let first = workshop.judge("a.c", RIGHT);
    let second = workshop.judge("a.c", RIGHT);
    assert_eq!((told(&first), told(&second)), ("AC".into(), "AC".into()));
    assert_eq!(first.source_digest, second.source_digest);
    assert_eq!(workshop.compiles, 1);
    assert_eq!(programs(&workshop).len(), 1);
    workshop.judge("b.c", RIGHT);
    assert_eq!(workshop.compiles, 2, "another name is another program");
}

#[test]
fn the_compile_log_of_a_cached_program_is_still_told() {
    let mut workshop = Workshop::new();
    let warning = format!("#warning look here\n{RIGHT}");
    let first = workshop.judge("a.c", &warning);
    let second = workshop.judge("a.c", &warning);
    assert!(first.compile_log.contains("look here"), "{first:?}");
    assert_eq!(first.compile_log, second.compile_log);
    assert_eq!(workshop.compiles, 1);
}

#[test]
fn a_poisoned_program_is_compiled_again() {
    let mut workshop = Workshop::new();
    workshop.judge("a.c", RIGHT);
    let program = programs(&workshop).remove(0).join("files/.program");
    std::fs::write(&program, "#!/bin/sh\necho 8\n").unwrap();
    assert_eq!(workshop.verdict("a.c", RIGHT), "AC");
    assert_eq!(workshop.compiles, 2);
    assert_ne!(std::fs::read(&program).unwrap(), b"#!/bin/sh\necho 8\n");
}

#[test]
fn a_refused_program_is_not_kept() {
    let mut workshop = Workshop::new();
    for attempt in 1..=2 {
        let judgement = workshop.judge("a.c", "int main(void) { return nothing; }");
        assert_eq!(judgement.verdict, Verdict::CompileError);
        assert_eq!(workshop.compiles, attempt);
    }
    // The self-test, by which the compiler proved itself.
    assert_eq!(programs(&workshop).len(), 1);
}

#[test]
fn two_slots_may_compile_the_same_program_at_once() {
    let workshop = Workshop::new();
    let start = Barrier::new(2);
    let judged = || -> String {
        let mut worker = workshop.slots.worker().unwrap();
        let cancel = Cancel::new().unwrap();
        let (package, options) = (&workshop.package, &workshop.options);
        start.wait();
        let judged = worker.judge(
            package,
            &source(&[("a.c", RIGHT)]),
            options,
            &cancel,
            &mut |_| {},
        );
        told(&judged.unwrap())
    };
    let verdicts = std::thread::scope(|scope| {
        let slots = [scope.spawn(judged), scope.spawn(judged)];
        slots.map(|slot| slot.join().unwrap())
    });
    assert_eq!(verdicts, ["AC", "AC"]);
    assert_eq!(programs(&workshop).len(), 1);
}

/// A small file system of its own.
struct Disk(TempDir);

impl Disk {
    const PAGE: u64 = 4096;

    fn new() -> Disk {
        let disk = Disk(tempfile::tempdir().unwrap());
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=1m,mode=0755", "tmpfs"]);
        assert!(mount.arg(disk.path()).status().unwrap().success());
        disk
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// Fills it but for so many pages.
    fn leave(&self, pages: u64) {
        let filler = self.path().join("filler");
        let mut file = File::create(&filler).unwrap();
        let full = loop {
            if let Err(error) = file.write_all(&[b'x'; Disk::PAGE as usize]) {
                break error;
            }
        };
        assert_eq!(full.kind(), ErrorKind::StorageFull);
        let file = OpenOptions::new().write(true).open(&filler).unwrap();
        let bytes = file.metadata().unwrap().len();
        file.set_len(bytes - pages * Disk::PAGE).unwrap();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let mut unmount = Command::new("umount");
        let _ = unmount.arg("--lazy").arg(self.path()).status();
    }
}

#[test]
fn a_disk_that_fills_up_while_a_program_is_stored_is_our_fault_and_leaves_nothing_behind() {
    let disk = Disk::new();
    let mut workshop = Workshop::with_cache_dir(disk.path().join("cache"));
    let room = (0..64).find(|pages| {
        disk.leave(*pages);
        match workshop.try_judge(&source(&[("a.c", RIGHT)])) {
            Ok(judged) => {
                assert_eq!(told(&judged), "AC");
                true
            }
            Err(fault) => {
                assert!(matches!(fault, Fault::Io { .. }), "{fault:?}");
                let told = fault.with_advice();
                assert!(told.contains("free space"), "{told}");
                assert_eq!(programs(&workshop), [] as [PathBuf; 0]);
                false
            }
        }
    });
    // Until then it stopped in the middle of the program, and before its manifest.
    assert!(room.unwrap() >= 4, "{room:?}");
    let compiles = workshop.compiles;
    assert_eq!(workshop.verdict("a.c", RIGHT), "AC");
    assert_eq!(workshop.compiles, compiles);
}
