//! Interactive problems: every row of the verdict table, in both orders of ending, and what either side may do to the other.
//!
//! The order is forced without a clock: who ends second waits for the end of its input, which comes when the other's end is known.

use std::time::Duration;

use judge::{CaseResult, Fault, Judgement, Verdict};

use crate::workshop::{Workshop, source, told};

/// Waits for the other's end.
const WAIT: &str = "import os, sys\nsys.stdin.read()\n";

const CRASH: &str = "os.abort()\n";
const LOOP: &str = "while True: pass\n";
const SLEEP: &str = "import time\ntime.sleep(1000)\n";

fn interactive(validator: &str) -> Workshop {
    let mut workshop = Workshop::new();
    workshop.package.kind.interactive = true;
    workshop.package.limits.time = Some(Duration::from_millis(300));
    workshop.validator("check.py", validator);
    workshop
}

fn judged(validator: &str, program: &str) -> Result<Judgement, Fault> {
    interactive(validator).try_judge(&source(&[("main.py", program)]))
}

fn verdict(validator: &str, program: &str) -> String {
    told(&judged(validator, program).unwrap())
}

fn case(validator: &str, program: &str) -> CaseResult {
    judged(validator, program).unwrap().cases.remove(0)
}

/// The validator ends first, by itself.
fn at_once(status: i32) -> String {
    format!("import sys\nsys.exit({status})\n")
}

/// The program ends first.
fn at_last(status: i32) -> String {
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

const FLOOD: &str = "import os\nwhile True: os.write(1, b'x' * 60000)\n";

#[test]
fn a_program_that_floods_a_validator_ends_by_its_time() {
    let listens = "import os, sys\nwhile os.read(0, 1 << 20): pass\nsys.exit(42)\n";
    assert!(verdict(listens, FLOOD).starts_with("TLE"));
    // It computes all the time, but the program does not wait for what comes of it.
    let hardly_listens = "import os\nwhile True: os.read(0, 1)\n";
    assert!(verdict(hardly_listens, FLOOD).starts_with("TLE"));
    // The pipe is full, and nobody empties it.
    let deaf = "import time\ntime.sleep(1000)\n";
    assert!(verdict(deaf, FLOOD).starts_with("TLE"));
    let deaf = "import os, time\nos.close(0)\ntime.sleep(1000)\n";
    assert!(verdict(deaf, FLOOD).starts_with("TLE"));
}

#[test]
fn a_program_that_floods_after_a_yes_has_its_output_limit() {
    let mut workshop = interactive(&at_once(42));
    workshop.package.limits.time = Some(Duration::from_secs(60));
    let flood = format!("{WAIT}{FLOOD}");
    assert_eq!(workshop.verdict("main.py", &flood), "OLE output-limit");
    let errors = flood.replace("os.write(1", "os.write(2");
    assert_eq!(workshop.verdict("main.py", &errors), "OLE output-limit");
    for (bytes, expected) in [(500, "AC"), (501, "OLE output-limit")] {
        workshop.package.limits.output_bytes = 1000;
        let says = format!("{WAIT}os.write(1, b'x' * {bytes})\nos.write(2, b'x' * 500)\n");
        assert_eq!(workshop.verdict("main.py", &says), expected);
    }
}

#[test]
fn a_validator_that_floods_ends_by_its_own_limits_or_the_programs() {
    let limited = |program: &str| {
        let mut workshop = interactive(FLOOD);
        workshop.package.limits.validation_time = Duration::from_millis(300);
        workshop.package.limits.time = Some(Duration::from_millis(500));
        workshop.try_judge(&source(&[("main.py", program)]))
    };
    // Nobody reads: it is blocked, and so is the program.
    assert_eq!(limited(SLEEP).unwrap().verdict, Verdict::TimeLimit);
    // The program is gone, and the words go nowhere.
    let gone = limited("");
    assert!(
        matches!(&gone, Err(Fault::Validator { what, .. }) if what.contains("OutputLimit")),
        "{gone:?}"
    );
}

#[test]
fn a_validator_that_computes_for_too_long_is_a_fault() {
    let mut workshop = interactive(LOOP);
    workshop.package.limits.validation_time = Duration::from_millis(300);
    workshop.package.limits.time = Some(Duration::from_secs(30));
    let judged = workshop.try_judge(&source(&[("main.py", "input()")]));
    assert!(
        matches!(&judged, Err(Fault::Validator { what, .. }) if what.contains("CpuLimit")),
        "{judged:?}"
    );
}

#[test]
fn a_validator_that_sleeps_after_the_programs_end_is_a_fault() {
    let mut workshop = interactive(&format!("{WAIT}{SLEEP}"));
    workshop.package.limits.validation_time = Duration::from_millis(1);
    let judged = workshop.try_judge(&source(&[("main.py", "")]));
    assert!(
        matches!(&judged, Err(Fault::Validator { .. })),
        "{judged:?}"
    );
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

#[test]
fn a_cancelled_run_ends_both() {
    let mut workshop = interactive(&format!("{WAIT}sys.exit(42)"));
    workshop.package.limits.time = Some(Duration::from_secs(600));
    let cancel = judge::Cancel::new().unwrap();
    let switch = cancel.clone();
    let Workshop {
        worker,
        package,
        options,
        ..
    } = &mut workshop;
    // The program is compiled before, so that the switch is thrown while both run.
    let source = source(&[("main.py", "input()")]);
    let mut on_step = |_| {};
    let result = std::thread::scope(|scope| {
        let judging =
            scope.spawn(|| worker.judge(package, &source, options, &cancel, &mut on_step));
        switch.cancel();
        judging.join().unwrap()
    });
    assert!(matches!(result, Err(Fault::Cancelled)), "{result:?}");
}

/// The keeper of the box in which a program with this argument runs, once it does.
fn keeper_of(mark: &str) -> Option<i32> {
    let parent = |pid: &str| {
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
        let line = status.lines().find(|line| line.starts_with("PPid:"))?;
        Some(line.trim_start_matches("PPid:").trim().to_owned())
    };
    let has_mark = |pid: &String| {
        std::fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|line| {
            line.split(|byte| *byte == 0)
                .any(|word| word == mark.as_bytes())
        })
    };
    let entries = std::fs::read_dir("/proc").unwrap();
    let mut pids = entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
    let program = pids.find(has_mark)?;
    parent(&parent(&program)?)?.parse().ok()
}

#[test]
fn a_box_that_breaks_on_either_side_is_our_fault_and_is_replaced() {
    for side in ["program", "validator"] {
        let mark = format!("--mark-{side}-{}", std::process::id());
        let mut workshop = interactive(&at_last(42));
        workshop.package.limits.time = Some(Duration::from_secs(600));
        let case = &mut workshop.package.cases[0];
        let args = match side {
            "program" => &mut case.args,
            _ => &mut case.validator_args,
        };
        args.push(mark.clone());
        let faulty = std::thread::scope(|scope| {
            let judging = scope.spawn(|| workshop.try_judge(&source(&[("main.py", "input()")])));
            let keeper = loop {
                match keeper_of(&mark) {
                    Some(keeper) => break keeper,
                    None => std::thread::yield_now(),
                }
            };
            let keeper = rustix::process::Pid::from_raw(keeper).unwrap();
            rustix::process::kill_process(keeper, rustix::process::Signal::KILL).unwrap();
            judging.join().unwrap()
        });
        assert!(
            matches!(faulty, Err(Fault::Sandbox(_))),
            "{side}: {faulty:?}"
        );
        assert_eq!(workshop.verdict("main.py", ""), "AC", "{side}");
    }
}
