//! Interactive problems: nobody floods, computes, sleeps or breaks without an end, and every end is told right.

use std::time::Duration;

use judge::{Fault, Verdict};

use crate::interactive::{LOOP, SLEEP, WAIT, at_last, at_once, interactive, verdict};
use crate::workshop::{Workshop, source};

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

/// Reads until its time or its memory is used up.
const UNBOUNDED: [&str; 3] = [
    "import os\nwhile os.read(0, 1): pass\n",
    "import os\nheard = []\nwhile True: heard.append(os.read(0, 1 << 20))\n",
    "import sys\nsys.stdin.readline()\n",
];

/// One that has 300 ms and 64 MiB, and a program that may say a million bytes and has time enough.
fn little_patience(validator: &str) -> Workshop {
    let mut workshop = interactive(validator);
    workshop.package.limits.time = Some(Duration::from_secs(30));
    workshop.package.limits.output_bytes = 1_000_000;
    workshop.package.limits.validation_time = Duration::from_millis(300);
    workshop.package.limits.validation_memory_bytes = 64 << 20;
    workshop
}

#[test]
fn a_program_that_floods_a_validator_beyond_its_limits_has_passed_its_own_output_limit() {
    let at_one_go = "import os\nos.write(1, b'x' * (200 << 20))\n";
    for validator in UNBOUNDED {
        for program in [FLOOD, at_one_go] {
            let told = little_patience(validator).verdict("main.py", program);
            assert_eq!(told, "OLE output-limit", "{validator}{program}");
        }
    }
    // Nobody asks why it gave up.
    let gives_up = "import os, sys\nfor _ in range(1000): os.read(0, 60000)\nsys.exit(1)\n";
    let told = little_patience(gives_up).verdict("main.py", FLOOD);
    assert_eq!(told, "OLE output-limit");
}

#[test]
fn a_validator_that_fails_on_what_a_program_may_say_is_a_fault() {
    let says_what_it_may = format!("import os\nos.write(1, b'x' * 900000)\n{WAIT}");
    for validator in [LOOP, "import sys\nsys.stdin.read(10)\nwhile True: pass\n"] {
        for program in ["print(10**10)\ninput()\n", &says_what_it_may] {
            let judged = little_patience(validator).try_judge(&source(&[("main.py", program)]));
            assert!(
                matches!(&judged, Err(Fault::Validator { what, .. }) if what.contains("CpuLimit")),
                "{validator}{program}: {judged:?}"
            );
        }
    }
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
