//! A package's own output validator, by the 42/43 protocol, well and badly behaved.

use std::time::Duration;

use judge::{Fault, Judgement};

use crate::workshop::{Workshop, source, told};

/// Accepts any number between the two of the input, and talks about it.
const CPP: &str = r#"
#include <fstream>
#include <iostream>
#include <string>
int main(int argc, char **argv) {
    if (argc < 4 || std::string(argv[3]).back() != '/') return 1;
    std::ifstream input(argv[1]), answer(argv[2]);
    int low, high, expected, got;
    input >> low >> high;
    answer >> expected;
    std::ofstream(argv[3] + std::string("judgemessage.txt")) << "expected " << expected << '\n';
    std::ofstream(argv[3] + std::string("teammessage.txt")) << "think " << (argc > 4 ? argv[4] : "again") << '\n';
    return std::cin >> got && low <= got && got <= high ? 42 : 43;
}
"#;

const PYTHON: &str = r#"
import sys
low, high = map(int, open(sys.argv[1]).read().split())
got = int(sys.stdin.read() or -1)
sys.exit(42 if low <= got <= high else 43)
"#;

#[test]
fn validators_in_cpp_and_python_decide() {
    for (name, content) in [("check.cpp", CPP), ("check.py", PYTHON)] {
        let mut workshop = Workshop::new();
        workshop.validator(name, content);
        assert_eq!(workshop.verdict("main.py", "print(4)"), "AC", "{name}");
        assert_eq!(workshop.verdict("main.py", "print(5)"), "WA", "{name}");
        assert_eq!(workshop.verdict("main.py", ""), "WA no-output", "{name}");
        assert_eq!(programs(&workshop), 4, "one validator, three submissions");
    }
}

fn programs(workshop: &Workshop) -> usize {
    let entries = std::fs::read_dir(workshop.cache_dir().join("programs"));
    entries.unwrap().count()
}

#[test]
fn messages_for_jury_and_team_are_kept_apart() {
    let mut workshop = Workshop::new();
    workshop.validator("check.cpp", CPP);
    workshop.package.cases[0].validator_args = vec!["bigger".to_owned()];
    let judgement = workshop.judge("main.py", "print(5)");
    assert_eq!(judgement.cases[0].jury_message, "expected 7\n");
    assert_eq!(judgement.cases[0].team_message, "think bigger\n");
}

#[test]
fn a_program_that_failed_is_never_shown_to_the_validator() {
    let mut workshop = Workshop::new();
    workshop.validator("check.py", "import sys\nsys.exit(1)");
    assert_eq!(
        workshop.verdict("main.py", "print(4)\nraise ValueError"),
        "RTE exit-status 1"
    );
}

fn judged_with(validator: &str) -> Result<Judgement, Fault> {
    let mut workshop = Workshop::new();
    workshop.package.limits.validation_time = Duration::from_millis(300);
    workshop.package.limits.validation_memory_bytes = 64 << 20;
    workshop.validator("check.py", validator);
    workshop.try_judge(&source(&[("main.py", "print(4)")]))
}

#[test]
fn a_validator_that_says_neither_42_nor_43_is_a_fault() {
    let misbehaving = [
        ("", "Exited(0)"),
        ("import sys; sys.exit(1)", "Exited(1)"),
        ("import os; os.abort()", "Signaled(6)"),
        ("while True: pass", "CpuLimit"),
        ("x = bytearray(1 << 40)", "Exited(1)"),
        (
            "x = []\nwhile True: x.append(bytearray(1 << 20))",
            "MemoryLimit",
        ),
    ];
    for (validator, ending) in misbehaving {
        let judged = judged_with(validator);
        let Err(Fault::Validator { case, what }) = judged else {
            panic!("{validator}: {judged:?}");
        };
        assert_eq!(case, "secret/1");
        assert!(what.contains(ending), "{validator}: {what}");
    }
}

#[test]
fn feedback_is_read_as_hostile() {
    let link =
        "import os, sys\nos.symlink('/etc/passwd', sys.argv[3] + 'judgemessage.txt')\nsys.exit(43)";
    let read = judged_with(link);
    assert!(
        matches!(&read, Ok(judgement) if judgement.cases[0].jury_message.is_empty())
            || matches!(&read, Err(Fault::Validator { .. })),
        "{read:?}"
    );
    let pipe = "import os, sys\nos.mkfifo(sys.argv[3] + 'judgemessage.txt')\nsys.exit(43)";
    let read = judged_with(pipe);
    assert!(matches!(read, Err(Fault::Validator { .. })), "{read:?}");
    let flood =
        "import sys\nopen(sys.argv[3] + 'teammessage.txt', 'w').write('x' * 500000)\nsys.exit(43)";
    let flooded = judged_with(flood).unwrap();
    assert_eq!(told(&flooded), "WA");
    assert!(flooded.cases[0].team_message.len() <= 128 << 10);
    assert!(flooded.cases[0].team_message.ends_with("[cut]"));
}

#[test]
fn a_validator_that_does_not_compile_is_refused_by_name() {
    let mut workshop = Workshop::new();
    workshop.validator("check.cpp", "int main() { return nothing; }");
    let judged = workshop.try_judge(&source(&[("main.py", "print(4)")]));
    assert!(
        matches!(&judged, Err(Fault::Package { why, .. }) if why.contains("does not compile")),
        "{judged:?}"
    );
}
