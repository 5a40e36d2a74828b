//! Jury submissions against their expectations, in packages as authors write them.

use std::path::Path;
use std::time::Duration;

use judge::package::Package;
use judge::verify::{Clock, Heard, VerifyOptions, VerifyReport, verify};
use judge::{Cancel, Fault, Verdict};

use crate::workshop::Workshop;

fn write(root: &Path, path: &str, content: &str) {
    let path = root.join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, content).unwrap();
}

/// A package on disk; `time_limit` as a line of YAML or empty.
fn package_on_disk(root: &Path, time_limit: &str) {
    let metadata = format!(
        "problem_format_version: 2025-09\nname: Double\nlimits:\n  memory: 256\n{time_limit}"
    );
    write(root, "problem.yaml", &metadata);
    write(root, "statement/problem.en.md", "Print twice the number.\n");
    for (name, input, answer) in [("sample/1", "1\n", "2\n"), ("secret/1", "21\n", "42\n")] {
        write(root, &format!("data/{name}.in"), input);
        write(root, &format!("data/{name}.ans"), answer);
    }
    let submissions = [
        ("accepted/right.py", "print(2 * int(input()))\n"),
        ("wrong_answer/constant.py", "print(2)\n"),
        (
            "run_time_error/crash.py",
            "assert int(input()) < 20\nprint(2)\n",
        ),
        (
            "time_limit_exceeded/loop.py",
            "while int(input()) > 20: input = lambda: 21\nprint(2)\n",
        ),
    ];
    for (path, content) in submissions {
        write(root, &format!("submissions/{path}"), content);
    }
    write(
        root,
        "input_validators/check.py",
        "import sys; sys.exit(42)\n",
    );
}

fn verified(root: &Path) -> Result<VerifyReport, Fault> {
    verified_by(VerifyOptions::default(), root)
}

fn verified_by(options: VerifyOptions, root: &Path) -> Result<VerifyReport, Fault> {
    let package = Package::load(root).unwrap();
    let mut workshop = Workshop::new();
    let mut heard = Vec::new();
    let cancel = Cancel::new().unwrap();
    let worker = &mut workshop.worker;
    let mut on_heard = |it: Heard<'_>| {
        if let Heard::Submission(one) = it {
            heard.push(one.submission.clone());
        }
    };
    let report = verify(worker, &package, options, &cancel, &mut on_heard)?;
    let listed: Vec<_> = report
        .submissions
        .iter()
        .map(|one| one.submission.clone())
        .collect();
    assert_eq!(heard, listed);
    Ok(report)
}

fn verdicts(report: &VerifyReport) -> Vec<(String, Option<&str>, bool)> {
    let one = report.submissions.iter();
    let mut verdicts: Vec<_> = one
        .map(|one| (one.submission.clone(), one.verdict(), one.is_ok()))
        .collect();
    verdicts.sort();
    verdicts
}

fn entry(submission: &str, verdict: Verdict, ok: bool) -> (String, Option<&'static str>, bool) {
    (submission.to_owned(), Some(verdict.code()), ok)
}

/// All findings, a line each: `error data/secret/1.in: is refused …`.
fn messages(report: &VerifyReport) -> String {
    let findings = report.findings.iter();
    findings
        .map(|one| format!("{:?} {one}\n", one.severity).to_lowercase())
        .collect()
}

#[test]
fn a_sound_package_agrees_and_shows_its_margins() {
    let root = tempfile::tempdir().unwrap();
    package_on_disk(root.path(), "  time_limit: 1\n");
    let report = verified(root.path()).unwrap();
    assert!(report.is_ok(), "{report:?}");
    assert_eq!(
        verdicts(&report),
        [
            entry("accepted/right.py", Verdict::Accepted, true),
            entry("run_time_error/crash.py", Verdict::RunTimeError, true),
            entry("time_limit_exceeded/loop.py", Verdict::TimeLimit, true),
            entry("wrong_answer/constant.py", Verdict::WrongAnswer, true),
        ]
    );
    let slowest = report.margins.slowest_accepted.clone().unwrap();
    let too_slow = report.margins.fastest_too_slow.clone().unwrap();
    assert!(slowest < too_slow, "{slowest:?} {too_slow:?}");
    let messages = messages(&report);
    assert!(!messages.contains("time_limit_exceeded"), "{messages}");
    assert_eq!(too_slow.submission, "time_limit_exceeded/loop.py");
}

#[test]
fn swapping_the_folders_that_say_what_is_expected_makes_it_disagree() {
    let root = tempfile::tempdir().unwrap();
    package_on_disk(root.path(), "  time_limit: 1\n");
    let folder = |name| root.path().join("submissions").join(name);
    std::fs::rename(folder("accepted"), folder("aside")).unwrap();
    std::fs::rename(folder("wrong_answer"), folder("accepted")).unwrap();
    std::fs::rename(folder("aside"), folder("wrong_answer")).unwrap();
    let report = verified(root.path()).unwrap();
    assert!(!report.is_ok());
    assert_eq!(
        verdicts(&report),
        [
            entry("accepted/constant.py", Verdict::WrongAnswer, false),
            entry("run_time_error/crash.py", Verdict::RunTimeError, true),
            entry("time_limit_exceeded/loop.py", Verdict::TimeLimit, true),
            entry("wrong_answer/right.py", Verdict::Accepted, false),
        ]
    );
}

#[test]
fn a_time_limit_that_is_not_given_is_computed_once() {
    let root = tempfile::tempdir().unwrap();
    package_on_disk(root.path(), "");
    let package = Package::load(root.path()).unwrap();
    assert_eq!(package.limits.time, None);
    let mut workshop = Workshop::new();
    let cancel = Cancel::new().unwrap();
    let limit = workshop.worker.time_limit(&package, &cancel).unwrap();
    assert_eq!(limit, Duration::from_secs(1));
    let stored = workshop
        .cache_dir()
        .join("time-limits")
        .join(&package.digest);
    std::fs::write(stored, "3000\n").unwrap();
    let limit = workshop.worker.time_limit(&package, &cancel).unwrap();
    assert_eq!(limit, Duration::from_secs(3), "it was not computed again");
}

#[test]
fn a_jury_solution_that_fails_cannot_give_a_time_limit() {
    let root = tempfile::tempdir().unwrap();
    package_on_disk(root.path(), "");
    write(root.path(), "submissions/accepted/right.py", "print(1)\n");
    let report = verified(root.path()).unwrap();
    assert!(!report.is_ok());
    let messages = messages(&report);
    for says in ["error problem.yaml", "accepted/right.py", "permitted ac"] {
        assert!(messages.contains(says), "{says} is not in {messages}");
    }
}

#[test]
fn a_jury_solution_that_fails_does_not_hide_what_the_others_get() {
    let root = tempfile::tempdir().unwrap();
    package_on_disk(root.path(), "");
    write(root.path(), "submissions/accepted/wrong.py", "print(1)\n");
    let report = verified(root.path()).unwrap();
    assert!(!report.is_ok());
    assert_eq!(report.time_limit, Some(Duration::from_secs(1)));
    let verdicts = verdicts(&report);
    assert!(verdicts.contains(&entry("accepted/right.py", Verdict::Accepted, true)));
    assert!(verdicts.contains(&entry("accepted/wrong.py", Verdict::WrongAnswer, false)));
    assert_eq!(verdicts.len(), 5);
}

#[test]
fn a_package_without_a_time_limit_and_without_submissions_says_what_to_write() {
    let root = tempfile::tempdir().unwrap();
    package_on_disk(root.path(), "");
    std::fs::remove_dir_all(root.path().join("submissions")).unwrap();
    let messages = messages(&verified(root.path()).unwrap());
    assert!(messages.contains("write limits.time_limit"), "{messages}");
}

#[test]
fn one_that_sleeps_bounds_the_limit_by_the_wall_clock() {
    let root = tempfile::tempdir().unwrap();
    package_on_disk(root.path(), "  time_limit: 1\n");
    let sleeps = "import time\nif int(input()) > 20: time.sleep(60)\nprint(2)\n";
    let path = "submissions/time_limit_exceeded/loop.py";
    write(root.path(), path, sleeps);
    let report = verified(root.path()).unwrap();
    assert!(report.is_ok(), "{report:?}");
    let bound = report.margins.fastest_too_slow.unwrap();
    assert_eq!(bound.clock, Clock::Wall);
    assert!(bound.cpu < Duration::from_secs(1), "{bound:?}");
    assert!(bound.wall >= Duration::from_secs(4), "{bound:?}");
    let highest = report.margins.highest_limit.unwrap();
    assert!(highest >= Duration::from_secs(1), "{highest:?}");
}

#[test]
fn strictly_every_warning_is_an_error() {
    let root = tempfile::tempdir().unwrap();
    package_on_disk(root.path(), "  time_limit: 1\n  colour: 1\n");
    let strict = VerifyOptions {
        strict: true,
        ..VerifyOptions::default()
    };
    let report = verified_by(strict, root.path()).unwrap();
    assert!(!report.is_ok());
    assert_eq!(report.warnings().count(), 0);
    let messages = messages(&report);
    for says in [
        "error problem.yaml:6: unknown key limits.colour",
        "error input_validators/check.py",
    ] {
        assert!(messages.contains(says), "{says} is not in {messages}");
    }
    assert!(verified(root.path()).unwrap().is_ok());
}
