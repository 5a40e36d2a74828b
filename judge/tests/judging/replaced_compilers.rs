//! A compiler that another file takes the place of, as a package's upgrade does.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use judge::{Cancel, Languages, Worker};
use sandbox::Sandbox;
use tempfile::TempDir;

use crate::workshop::{Workshop, source, told};

/// A C compiler of the test's own, in a directory that boxes see: its programs know a number.
struct Compiler(TempDir);

impl Compiler {
    fn new(number: u32) -> Compiler {
        // Not below /tmp: a box has a /tmp of its own.
        let directory = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let compiler = Compiler(directory);
        compiler.is_replaced_by(number);
        compiler
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("cc")
    }

    fn is_replaced_by(&self, number: u32) {
        let new = self.0.path().join("cc.new");
        let script = format!("#!/bin/sh\nexec /usr/bin/gcc -DNUMBER={number} \"$@\"\n");
        fs::write(&new, script).unwrap();
        fs::set_permissions(&new, fs::Permissions::from_mode(0o755)).unwrap();
        fs::rename(&new, self.path()).unwrap();
    }

    fn workshop(&self) -> Workshop {
        let mut languages: Vec<_> = Languages::builtin().iter().cloned().collect();
        languages.retain(|language| language.id == "c");
        languages[0].compile.command[0] = self.path().to_string_lossy().into_owned();
        languages[0].mounts.push(self.0.path().to_owned());
        let languages = Languages::from_list(languages);
        let sandbox = Sandbox::open(languages.sandbox_config()).unwrap();
        Workshop::with_sandbox(sandbox, languages)
    }
}

/// The answer is 7; `attempt` makes the program a new one.
fn program(attempt: &str) -> String {
    format!("#include <stdio.h>\nint main(void) {{ printf(\"%d\\n\", NUMBER); }} // {attempt}\n")
}

#[test]
fn every_slot_compiles_with_the_compiler_that_is_there_now() {
    let compiler = Compiler::new(8);
    let workshop = compiler.workshop();
    let mut slots = [(); 2].map(|()| workshop.slots.worker().unwrap());
    let verdict = |slot: &mut Worker, attempt: &str| {
        let (package, options) = (&workshop.package, &workshop.options);
        let source = source(&[("a.c", &program(attempt))]);
        let cancel = Cancel::new().unwrap();
        let judged = slot.judge(package, &source, options, &cancel, &mut |_| {});
        told(&judged.unwrap())
    };
    for (slot, attempt) in slots.iter_mut().zip(["first", "second"]) {
        assert_eq!(verdict(slot, attempt), "WA");
    }
    compiler.is_replaced_by(7);
    for (slot, attempt) in slots.iter_mut().zip(["first", "second"]) {
        assert_eq!(verdict(slot, attempt), "AC", "{attempt}");
    }
}

#[test]
fn a_compiler_that_was_replaced_before_its_first_use_is_the_new_one() {
    let compiler = Compiler::new(8);
    let mut workshop = compiler.workshop();
    compiler.is_replaced_by(7);
    assert_eq!(workshop.verdict("a.c", &program("only")), "AC");
}
