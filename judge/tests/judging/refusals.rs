//! Submissions that no compiler sees, and packages that cannot be honoured.

use judge::Fault;
use judge::package::OutputValidator;

use crate::workshop::{Workshop, source, told};

const PROGRAM: &str = "print(7)\n";

#[test]
fn more_code_than_allowed_is_a_compile_error() {
    let mut workshop = Workshop::new();
    workshop.package.limits.code_bytes = 5;
    assert_eq!(workshop.verdict("main.py", PROGRAM), "CE code-limit 9 5");
    assert_eq!(workshop.compiles, 0);
}

#[test]
fn a_language_that_the_problem_does_not_take_is_a_compile_error() {
    let mut workshop = Workshop::new();
    workshop.package.languages = Some(vec!["cpp".to_owned()]);
    assert_eq!(
        workshop.verdict("main.py", PROGRAM),
        "CE language-not-allowed python3"
    );
}

#[test]
fn no_single_language_is_a_compile_error_that_says_so() {
    let mut workshop = Workshop::new();
    let mixed = source(&[("a.py", PROGRAM), ("b.c", "")]);
    let judgement = workshop.try_judge(&mixed).unwrap();
    let reason = judgement.reason.unwrap();
    assert_eq!(reason.code, "mixed-languages");
    assert!(reason.args[0].contains("c, python3"), "{reason:?}");
    let judgement = workshop.try_judge(&source(&[])).unwrap();
    assert_eq!(told(&judgement), "CE no-files the submission has no files");
}

#[test]
fn names_that_are_no_plain_file_names_go_nowhere() {
    let mut workshop = Workshop::new();
    assert_eq!(
        workshop.verdict("../main.py", PROGRAM),
        "CE bad-file-name ../main.py"
    );
}

#[test]
fn a_package_that_needs_more_than_the_host_has_is_our_fault() {
    let mut workshop = Workshop::new();
    workshop.package.limits.memory_bytes = 1 << 50;
    workshop.package.limits.given.insert("memory", 4);
    let judged = workshop.try_judge(&source(&[("main.py", PROGRAM)]));
    let Err(Fault::Package { package, why }) = judged else {
        panic!("{judged:?}");
    };
    assert_eq!(package, "sum");
    assert!(why.starts_with("problem.yaml:4: limits.memory"), "{why}");
}

#[test]
fn a_package_that_leaves_its_memory_open_gets_what_the_host_has() {
    let mut workshop = Workshop::new();
    workshop.package.limits.memory_bytes = 1 << 50;
    workshop.package.limits.compilation_memory_bytes = 1 << 50;
    let judgement = workshop.judge("main.py", PROGRAM);
    assert_eq!(told(&judgement), "AC");
    assert!(judgement.memory_limit_bytes < 1 << 50, "{judgement:?}");
}

#[test]
fn what_is_not_run_yet_is_refused_by_name() {
    let mut workshop = Workshop::new();
    workshop.package.validator = OutputValidator::All(Vec::new());
    workshop.package.kind.interactive = true;
    let judged = workshop.try_judge(&source(&[("main.py", PROGRAM)]));
    let Err(Fault::Package { why, .. }) = judged else {
        panic!("{judged:?}");
    };
    let name = "several output validators";
    assert!(why.contains(name) && why.contains("not supported"), "{why}");
}
