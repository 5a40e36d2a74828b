//! Interactive problems: every row of the verdict table, in both orders of ending, and what either side may do to the other.
//!
//! The order is forced without a clock: who ends second waits for the end of its input, which comes when the other's end is known.

use std::time::Duration;

use judge::{CaseResult, Fault, Judgement};

use crate::workshop::{Workshop, source, told};

/// Waits for the other's end.
pub(crate) const WAIT: &str = "import os, sys\nsys.stdin.read()\n";

const CRASH: &str = "os.abort()\n";
pub(crate) const LOOP: &str = "while True: pass\n";
pub(crate) const SLEEP: &str = "import time\ntime.sleep(1000)\n";

pub(crate) fn interactive(validator: &str) -> Workshop {
    let mut workshop = Workshop::new();
    workshop.package.kind.interactive = true;
    workshop.package.limits.time = Some(Duration::from_millis(300));
    workshop.validator("check.py", validator);
    workshop
}

pub(crate) fn judged(validator: &str, program: &str) -> Result<Judgement, Fault> {
    interactive(validator).try_judge(&source(&[("main.py", program)]))
}

pub(crate) fn verdict(validator: &str, program: &str) -> String {
    told(&judged(validator, program).unwrap())
}

fn case(validator: &str, program: &str) -> CaseResult {
    judged(validator, program).unwrap().cases.remove(0)
}

/// The validator ends first, by itself.
pub(crate) fn at_once(status: i32) -> String {
    format!("import sys\nsys.exit({status})\n")
}

/// The program ends first.
pub(crate) fn at_last(status: i32) -> String {
    format!("{WAIT}sys.exit({status})\n")
}

#[test]
fn the_two_talk_and_the_validator_decides() {
    let validator = r#"
import sys
secret = int(open(sys.argv[1]).read().split()[1])
for line in sys.stdin:
    guess = int(line)
    if guess == secret:
        print("correct", flush=True)
        sys.exit(42)
    print("higher" if guess < secret else "lower", flush=True)
sys.exit(43)
"#;
    let guess = "low, high = 1, 100\nwhile True:\n    guess = (low + high) // 2\n    print(guess, flush=True)\n\
                 \x20   word = input()\n    if word == 'correct': break\n\
                 \x20   low, high = (guess + 1, high) if word == 'higher' else (low, guess - 1)\n";
    assert_eq!(verdict(validator, guess), "AC");
    assert_eq!(verdict(validator, "print(4)\ninput()"), "AC");
    assert_eq!(verdict(validator, "print(5)"), "WA");
    assert_eq!(verdict(validator, ""), "WA");
}

#[test]
fn the_program_sees_neither_input_nor_answer() {
    let program = "import os, sys\nassert not os.path.exists('/case')\nassert not os.path.exists('/feedback')\n\
                   assert sys.stdin.read() == ''\n";
    assert_eq!(verdict(&at_once(42), program), "AC");
}

#[test]
fn a_validator_without_a_word_is_a_fault_whatever_the_program_did() {
    let endings = [
        "sys.exit(1)",
        "sys.exit(0)",
        "os.abort()",
        "os.kill(os.getpid(), 9)",
    ];
    for ending in endings {
        for (validator, program) in [
            (
                format!("import os, sys\n{ending}\n"),
                format!("{WAIT}{LOOP}"),
            ),
            (format!("{WAIT}{ending}\n"), "print(7)".to_owned()),
            (format!("{WAIT}{ending}\n"), "raise ValueError".to_owned()),
        ] {
            let judged = judged(&validator, &program);
            assert!(
                matches!(&judged, Err(Fault::Validator { case, .. }) if case == "secret/1"),
                "{validator}: {judged:?}"
            );
        }
    }
}

#[test]
fn after_a_no_it_does_not_matter_what_the_program_does() {
    for then in ["", CRASH, LOOP, SLEEP, "while True: print('x' * 1000)\n"] {
        let case = case(&at_once(43), &format!("{WAIT}{then}"));
        assert_eq!(case.verdict.code(), "WA", "{then}");
        assert_eq!(case.reason, None);
        assert!(case.ended_by_validator);
        assert!(
            case.cpu <= Duration::from_millis(300),
            "{then}: {:?}",
            case.cpu
        );
    }
}

#[test]
fn a_program_cannot_hold_its_slot_after_a_no() {
    for then in [LOOP, SLEEP] {
        let mut workshop = interactive(&at_once(43));
        // It would take an hour.
        workshop.package.limits.time = Some(Duration::from_secs(1800));
        assert_eq!(workshop.verdict("main.py", &format!("{WAIT}{then}")), "WA");
    }
}

#[test]
fn a_program_that_writes_after_a_no_gets_a_broken_pipe() {
    let program = "import os, signal, sys\nsignal.signal(signal.SIGPIPE, signal.SIG_IGN)\nsys.stdin.read()\n\
                   try:\n    while True: os.write(1, b'x')\n\
                   except BrokenPipeError: os.write(2, b'broken')\nos.abort()\n";
    let mut workshop = interactive(&at_once(43));
    workshop.package.limits.time = Some(Duration::from_secs(60));
    let case = workshop.judge("main.py", program).cases.remove(0);
    assert_eq!(case.jury_message, "", "the validator decided");
    assert_eq!(case.verdict.code(), "WA");
    // Else it would have written until its limit.
    assert!(case.cpu < Duration::from_secs(30), "{:?}", case.cpu);
}

#[test]
fn a_program_that_is_too_slow_is_so_whatever_the_validator_says() {
    for (validator, program, expected) in [
        (at_once(42), format!("{WAIT}{LOOP}"), "TLE"),
        (at_once(42), format!("{WAIT}{SLEEP}"), "TLE"),
        (at_last(42), LOOP.to_owned(), "TLE"),
        (at_last(43), LOOP.to_owned(), "TLE"),
        (at_last(43), SLEEP.to_owned(), "TLE"),
        // It would stumble over what is missing; but then the run is over already.
        (at_last(1), LOOP.to_owned(), "TLE"),
    ] {
        let told = verdict(&validator, &program);
        // On a busy host the clock may strike before the CPU time is used.
        assert!(told.starts_with(expected), "{told}: {validator}{program}");
    }
}

#[test]
fn a_program_that_fails_has_failed_unless_the_no_came_first() {
    for (validator, program, expected) in [
        (at_once(42), format!("{WAIT}{CRASH}"), "RTE signal SIGABRT"),
        (
            at_once(42),
            format!("{WAIT}sys.exit(3)"),
            "RTE exit-status 3",
        ),
        (
            at_last(42),
            "import os\nos.abort()".to_owned(),
            "RTE signal SIGABRT",
        ),
        (
            at_last(43),
            "import sys\nsys.exit(3)".to_owned(),
            "RTE exit-status 3",
        ),
        (
            at_last(43),
            "x = []\nwhile True: x.append(bytearray(1 << 24))".to_owned(),
            "MLE memory-limit",
        ),
    ] {
        let mut workshop = interactive(&validator);
        workshop.package.limits.memory_bytes = 64 << 20;
        workshop.package.limits.time = Some(Duration::from_secs(5));
        assert_eq!(
            workshop.verdict("main.py", &program),
            expected,
            "{validator}"
        );
    }
}

#[test]
fn after_a_clean_exit_the_validators_word_counts_in_either_order() {
    assert_eq!(verdict(&at_last(43), ""), "WA");
    assert_eq!(verdict(&at_last(42), ""), "AC");
    assert_eq!(verdict(&at_once(42), WAIT), "AC");
}

#[test]
fn last_words_after_a_yes_break_no_pipe() {
    let program = format!("{WAIT}for _ in range(100): os.write(1, b'x' * 9000)\n");
    assert_eq!(verdict(&at_once(42), &program), "AC");
}

#[test]
fn an_answer_to_a_program_that_is_gone_breaks_no_pipe_and_blocks_nobody() {
    let validator = format!("{WAIT}for _ in range(300): os.write(1, b'x' * 9000)\nsys.exit(43)\n");
    let mut workshop = interactive(&validator);
    workshop.package.limits.validation_output_bytes = 8 << 20;
    assert_eq!(workshop.verdict("main.py", ""), "WA");
}

#[test]
fn two_that_wait_for_each_other_are_idle() {
    let waits = "import sys\nsys.stdin.readline()\nsys.exit(43)\n";
    // The second one has spoken, but never flushed. In C, because to start Python is work on a busy host.
    for says in ["", "puts(\"4\");"] {
        let program =
            format!("#include <stdio.h>\nint main(void) {{ {says} return getchar() == EOF; }}\n");
        assert_eq!(interactive(waits).verdict("main.c", &program), "TLE idle");
    }
}

#[test]
fn messages_scores_and_arguments_work_as_in_every_other_problem() {
    let validator = "import sys\nopen(sys.argv[3] + 'teammessage.txt', 'w').write('three guesses')\n\
                     open(sys.argv[3] + 'judgemessage.txt', 'w').write(' '.join(sys.argv[4:]))\nsys.exit(43)\n";
    let mut workshop = interactive(validator);
    workshop.package.cases[0].validator_args = vec!["strict".to_owned(), "7".to_owned()];
    let judgement = workshop.judge("main.py", WAIT);
    assert_eq!(judgement.cases[0].jury_message, "strict 7");
    assert_eq!(judgement.cases[0].team_message, "three guesses");
}

#[test]
fn the_jury_sees_the_standard_error_of_a_program_that_failed() {
    let judgement = judged(&at_last(43), "import sys\nsys.exit('lost my way')\n").unwrap();
    assert_eq!(told(&judgement), "RTE exit-status 1");
    assert_eq!(judgement.cases[0].jury_message, "lost my way\n");
}

#[test]
fn both_may_open_their_streams_by_name() {
    let validator = "import sys\nopen('/dev/stdout', 'w').write('7\\n')\n\
                     sys.exit(42 if open('/dev/stdin').readline() == '7\\n' else 43)\n";
    let program = "line = open('/dev/stdin').readline()\nopen('/dev/stdout', 'w').write(line)\n";
    assert_eq!(verdict(validator, program), "AC");
}
