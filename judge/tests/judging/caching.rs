//! Compiled once, and never a poisoned program twice.

use std::path::PathBuf;
use std::sync::Barrier;

use judge::{Cancel, Verdict};

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
