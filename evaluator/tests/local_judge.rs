//! `judge`, `verify` and `doctor` as a user meets them: the real binary, its output and its exit status.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on should say where"
)]

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

fn write(root: &Path, path: &str, content: &str) {
    let path = root.join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, content).unwrap();
}

/// A package `double` and some programs, in a directory of their own.
fn desk() -> TempDir {
    let desk = tempfile::tempdir().unwrap();
    let root = desk.path();
    let metadata =
        "problem_format_version: 2025-09\nname: Double\nlimits:\n  time_limit: 1\n  memory: 256\n";
    write(root, "double/problem.yaml", metadata);
    write(
        root,
        "double/statement/problem.en.md",
        "Print twice the number.\n",
    );
    for (name, input, answer) in [("sample/1", "1\n", "2\n"), ("secret/1", "21\n", "42\n")] {
        write(root, &format!("double/data/{name}.in"), input);
        write(root, &format!("double/data/{name}.ans"), answer);
    }
    let right = "print(2 * int(input()))\n";
    write(root, "double/submissions/accepted/right.py", right);
    write(
        root,
        "double/submissions/wrong_answer/constant.py",
        "print(2)\n",
    );
    write(root, "right.py", right);
    write(root, "wrong.py", "print(2)\n");
    write(
        root,
        "several/main.py",
        "from other import double\nprint(double(int(input())))\n",
    );
    write(
        root,
        "several/other.py",
        "def double(number): return 2 * number\n",
    );
    desk
}

fn evaluator(desk: &TempDir, args: &[&str]) -> (Option<i32>, String, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = Command::new(env!("CARGO_BIN_EXE_evaluator"))
        .args(args)
        .current_dir(desk.path())
        .env("TRIBUNAL_CACHE_DIR", desk.path().join("cache"))
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code(), text(stdout), text(stderr))
}

#[test]
fn judge_prints_one_json_line_with_every_field() {
    let desk = desk();
    let (status, stdout, stderr) = evaluator(&desk, &["judge", "--json", "double", "right.py"]);
    assert_eq!(status, Some(0), "{stderr}");
    assert_eq!(stdout.lines().count(), 1);
    let line: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(line["verdict"], "AC");
    assert_eq!(line["language"], "python3");
    assert_eq!(line["score"], Value::Null);
    assert_eq!(line["reason"], Value::Null);
    assert_eq!(line["compile_log"], "");
    assert_eq!(line["time_limit_ms"], 1000);
    assert_eq!(line["memory_limit_bytes"], 256 << 20);
    assert_eq!(line["test_count"], 2);
    for digest in ["source_digest", "package_digest"] {
        assert_eq!(line[digest].as_str().unwrap().len(), 64, "{digest}");
    }
    assert!(line["toolchain"].as_str().unwrap().starts_with("Python 3"));
    assert!(!line["protections"].as_array().unwrap().is_empty());
    let tests = line["tests"].as_array().unwrap();
    let names: Vec<&Value> = tests.iter().map(|test| &test["name"]).collect();
    assert_eq!(names, ["sample/1", "secret/1"]);
    for measured in tests.iter().chain([&line]) {
        assert_eq!(measured["verdict"], "AC");
        assert!(measured["cpu_ms"].as_u64().unwrap() < 1000);
        assert!(measured["wall_ms"].as_u64().unwrap() < 3000);
        assert!(measured["memory_bytes"].as_u64().unwrap() > 1 << 20);
    }
    for test in tests {
        assert_eq!(test["message"], "");
        assert_eq!(test["team_message"], "");
        assert_eq!(test["reason"], Value::Null);
    }
}

#[test]
fn judge_takes_a_directory_and_says_by_its_status_what_came_out() {
    let desk = desk();
    let (status, stdout, stderr) = evaluator(&desk, &["judge", "double", "several"]);
    assert_eq!(status, Some(0), "{stderr}");
    assert!(stdout.contains("secret/1"), "{stdout}");
    assert!(stdout.lines().last().unwrap().starts_with("AC"), "{stdout}");
    let (status, stdout, _) = evaluator(&desk, &["judge", "--json", "double", "wrong.py"]);
    assert_eq!(status, Some(1));
    let line: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(line["verdict"], "WA");
    let message = line["tests"][1]["message"].as_str().unwrap();
    assert!(message.contains("42"), "{message}");
}

#[test]
fn judge_refuses_what_it_cannot_read_before_it_judges() {
    let desk = desk();
    for args in [
        ["judge", "nowhere", "right.py"],
        ["judge", "double", "nowhere.py"],
        ["verify", "nowhere", "--json"],
    ] {
        let (status, stdout, stderr) = evaluator(&desk, &args);
        assert_eq!(status, Some(2), "{args:?}: {stderr}");
        assert_eq!(stdout, "");
        assert!(stderr.contains("nowhere"), "{stderr}");
    }
}

#[test]
fn a_failing_judge_says_je_and_why() {
    let desk = desk();
    let crash = "raise SystemExit(1)\n";
    write(desk.path(), "double/output_validator/check.py", crash);
    let (status, stdout, stderr) = evaluator(&desk, &["judge", "--json", "double", "right.py"]);
    assert_eq!(status, Some(3), "{stderr}");
    let line: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(line["verdict"], "JE");
    let message = line["message"].as_str().unwrap();
    assert!(message.contains("output validator failed"), "{message}");
    assert!(stderr.contains(message), "{stderr}");

    // To verify, it is the package that fails.
    let (status, stdout, stderr) = evaluator(&desk, &["verify", "--json", "double"]);
    assert_eq!(status, Some(1), "{stderr}");
    let lines = json_lines(&stdout);
    let finding = lines.iter().find(|line| line["kind"] == "finding").unwrap();
    assert_eq!(finding["severity"], "warning", "{finding}");
    let submissions = submissions(&lines);
    assert_eq!(submissions.len(), 2);
    for line in submissions {
        assert_eq!(
            (&line["verdict"], &line["ok"]),
            (&"JE".into(), &false.into())
        );
        let why = line["disagreements"][0].as_str().unwrap();
        assert!(why.contains("output validator failed"), "{why}");
    }
}

fn json_lines(stdout: &str) -> Vec<Value> {
    let lines = stdout.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn submissions(lines: &[Value]) -> Vec<&Value> {
    let of_kind = lines.iter().filter(|line| line["kind"] == "submission");
    of_kind.collect()
}

#[test]
fn verify_prints_one_json_line_per_jury_submission() {
    let desk = desk();
    let (status, stdout, stderr) = evaluator(&desk, &["verify", "--json", "double"]);
    assert_eq!(status, Some(0), "{stdout}{stderr}");
    assert!(stderr.contains("2 of 2 agree"), "{stderr}");
    let lines = json_lines(&stdout);
    let summary = lines.last().unwrap();
    assert_eq!(
        (&summary["kind"], &summary["ok"]),
        (&"summary".into(), &true.into())
    );
    assert_eq!(summary["package"], "double");
    assert_eq!(summary["submissions"]["agree"], 2);
    assert_eq!(summary["checked"]["answers"], 0);
    assert_eq!(summary["errors"], 0);
    assert_eq!(summary["time_limit_ms"], 1000);
    assert_eq!(summary["time_limit_given"], true);
    assert!(summary["slowest_accepted"]["submission"].is_string());
    let findings = lines.iter().filter(|line| line["kind"] == "finding");
    let warned: Vec<_> = findings.map(|it| (&it["severity"], &it["file"])).collect();
    let warning = |file: &str| ("warning".into(), file.into());
    let expected: [(Value, Value); 2] = [warning("problem.yaml"), warning("input_validators")];
    assert_eq!(
        warned,
        expected.each_ref().map(|(severity, file)| (severity, file))
    );
    let lines = submissions(&lines);
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0]["submission"], "accepted/right.py");
    assert_eq!(lines[0]["language"], "python3");
    assert_eq!(lines[0]["expected"], serde_json::json!(["AC"]));
    assert_eq!(lines[0]["verdict"], "AC");
    assert_eq!(lines[0]["ok"], true);
    assert_eq!(lines[1]["submission"], "wrong_answer/constant.py");
    assert_eq!(lines[1]["verdict"], "WA");
    assert_eq!(lines[1]["ok"], true);
}

#[test]
fn verify_fails_when_one_submission_disagrees() {
    let desk = desk();
    let wrong = "double/submissions/accepted/wrong.py";
    write(desk.path(), wrong, "print(2)\n");
    let (status, stdout, _) = evaluator(&desk, &["verify", "double"]);
    assert_eq!(status, Some(1), "{stdout}");
    assert!(stdout.contains("accepted/wrong.py: "), "{stdout}");
}

#[test]
fn verify_names_the_file_that_is_wrong() {
    let desk = desk();
    let check = "import sys\nsys.exit(42 if int(sys.stdin.read()) < 20 else 1)\n";
    write(desk.path(), "double/input_validators/check.py", check);
    let (status, stdout, stderr) = evaluator(&desk, &["verify", "double"]);
    assert_eq!(status, Some(1), "{stdout}");
    let error = "error: data/secret/1.in: is refused by input_validators/check.py";
    assert!(stdout.contains(error), "{stdout}");
    assert!(stderr.contains("1 errors"), "{stderr}");
}

#[test]
fn verify_strictly_fails_for_what_it_would_only_warn_of() {
    let desk = desk();
    let metadata = std::fs::read_to_string(desk.path().join("double/problem.yaml")).unwrap();
    let metadata = format!("{metadata}colour: red\nuuid: 1\n");
    write(desk.path(), "double/problem.yaml", &metadata);
    let check =
        "import re, sys\nsys.exit(42 if re.fullmatch(r'\\d+\\n', sys.stdin.read()) else 1)\n";
    write(desk.path(), "double/input_validators/check.py", check);
    let (status, stdout, stderr) = evaluator(&desk, &["verify", "double"]);
    assert_eq!(status, Some(0), "{stdout}{stderr}");
    let told = "problem.yaml:6: unknown key colour, not read";
    assert!(stderr.contains(&format!("warning: {told}")), "{stderr}");
    let (status, stdout, stderr) = evaluator(&desk, &["verify", "--strict", "double"]);
    assert_eq!(status, Some(1), "{stdout}{stderr}");
    assert!(stdout.contains(&format!("error: {told}")), "{stdout}");
    let (status, stdout, _) = evaluator(&desk, &["verify", "--strict", "--json", "double"]);
    assert_eq!(status, Some(1), "{stdout}");
    let lines = json_lines(&stdout);
    let finding = lines.iter().find(|line| line["kind"] == "finding").unwrap();
    assert_eq!(finding["severity"], "error");
    assert_eq!(finding["file"], "problem.yaml:6");
    assert_eq!(lines.last().unwrap()["ok"], false);
    write(
        desk.path(),
        "double/problem.yaml",
        &metadata.replace("colour: red\n", ""),
    );
    let (status, stdout, stderr) = evaluator(&desk, &["verify", "--strict", "double"]);
    assert_eq!(status, Some(0), "{stdout}{stderr}");
}

#[test]
fn a_package_without_a_time_limit_asks_for_one_by_its_flag() {
    let desk = desk();
    let root = desk.path();
    write(
        root,
        "double/problem.yaml",
        "problem_format_version: 2025-09\nname: Double\n",
    );
    std::fs::remove_dir_all(root.join("double/submissions")).unwrap();
    let (status, _, stderr) = evaluator(&desk, &["judge", "double", "right.py"]);
    assert_eq!(status, Some(3), "{stderr}");
    assert!(stderr.contains("--time-limit SECONDS"), "{stderr}");
    let (status, _, stderr) =
        evaluator(&desk, &["judge", "--time-limit", "1", "double", "right.py"]);
    assert_eq!(status, Some(0), "{stderr}");
    let (status, stdout, stderr) = evaluator(&desk, &["verify", "double"]);
    assert_eq!(status, Some(1), "{stderr}");
    assert!(
        stdout.contains("error: problem.yaml: no time limit is given"),
        "{stdout}"
    );
    assert!(stderr.contains("time limit none"), "{stderr}");
}

#[test]
fn verify_says_which_clock_ended_what_is_too_slow() {
    let desk = desk();
    let sleeps = "import time\ntime.sleep(60)\n";
    let path = "double/submissions/time_limit_exceeded/sleep.py";
    write(desk.path(), path, sleeps);
    let (status, stdout, stderr) = evaluator(&desk, &["verify", "--json", "double"]);
    assert_eq!(status, Some(0), "{stdout}{stderr}");
    assert!(stderr.contains("ms by the wall clock, "), "{stderr}");
    let lines = json_lines(&stdout);
    let too_slow = &lines.last().unwrap()["fastest_too_slow"];
    assert_eq!(too_slow["clock"], "wall");
    assert!(too_slow["cpu_ms"].as_u64().unwrap() < 1000, "{too_slow}");
    assert!(too_slow["wall_ms"].as_u64().unwrap() >= 4000, "{too_slow}");
    assert_eq!(lines.last().unwrap()["slowest_accepted"]["clock"], "cpu");
}

#[test]
fn points_are_shown_by_judge_and_verify() {
    let desk = desk();
    let root = desk.path();
    let metadata =
        "problem_format_version: 2025-09\nname: Double\ntype: scoring\nlimits:\n  time_limit: 1\n";
    write(root, "double/problem.yaml", metadata);
    std::fs::rename(
        root.join("double/data/secret"),
        root.join("double/data/first"),
    )
    .unwrap();
    write(root, "double/data/secret/a/1.in", "2\n");
    write(root, "double/data/secret/a/1.ans", "4\n");
    write(
        root,
        "double/data/secret/a/test_group.yaml",
        "max_score: 30\n",
    );
    write(root, "double/data/secret/b/1.in", "9\n");
    write(root, "double/data/secret/b/1.ans", "18\n");
    write(
        root,
        "double/data/secret/b/test_group.yaml",
        "max_score: 70\n",
    );
    let partial = "n = int(input())\nprint(2 * n if n < 5 else 0)\n";
    write(root, "double/submissions/wrong_answer/constant.py", partial);
    let rules = "wrong_answer/constant.py:\n  score: 30\n  secret/a:\n    score: 30\n";
    write(root, "double/submissions/submissions.yaml", rules);

    let program = "double/submissions/wrong_answer/constant.py";
    let (status, stdout, stderr) = evaluator(&desk, &["judge", "--json", "double", program]);
    assert_eq!(status, Some(1), "{stderr}");
    let line: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(
        (&line["verdict"], &line["score"]),
        (&"WA".into(), &30.0.into())
    );
    let groups = line["groups"].as_array().unwrap();
    let scores: Vec<String> = groups
        .iter()
        .map(|group| format!("{} {} {}", group["name"], group["verdict"], group["score"]))
        .collect();
    assert_eq!(
        scores,
        [
            r#""sample" "AC" null"#,
            r#""secret" "WA" 30.0"#,
            r#""secret/a" "AC" 30.0"#,
            r#""secret/b" "WA" 0.0"#,
        ]
    );
    let (_, stdout, _) = evaluator(&desk, &["judge", "double", program]);
    assert!(stdout.contains("WA  30 points"), "{stdout}");

    let (status, stdout, stderr) = evaluator(&desk, &["verify", "--json", "double"]);
    assert_eq!(status, Some(0), "{stdout}{stderr}");
    let lines = json_lines(&stdout);
    let scores: Vec<&Value> = submissions(&lines)
        .iter()
        .map(|line| &line["score"])
        .collect();
    assert_eq!(scores, [&Value::from(100.0), &Value::from(30.0)]);
    let (_, stdout, _) = evaluator(&desk, &["verify", "double"]);
    assert!(
        stdout.contains("secret/b") && stdout.contains("AC 30"),
        "{stdout}"
    );

    let rules = "wrong_answer/constant.py:\n  secret/b:\n    score: [1, 70]\n";
    write(root, "double/submissions/submissions.yaml", rules);
    let (status, stdout, _) = evaluator(&desk, &["verify", "double"]);
    assert_eq!(status, Some(1), "{stdout}");
    let why =
        "in secret/b: secret/b got 0 points, expected 1 to 70 (submissions/submissions.yaml:2)";
    assert!(stdout.contains(why), "{stdout}");
}

/// What every host has that runs these tests.
const EVERYWHERE: &str = include_str!("../../judge/tests/fixtures/languages_of_every_host");

#[test]
fn doctor_tries_every_protection_and_every_language() {
    let desk = desk();
    let (status, stdout, stderr) = evaluator(&desk, &["doctor", "--json"]);
    assert_eq!(status, Some(0), "{stdout}{stderr}");
    let found: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(found["ok"], true);
    assert!(!found["mode"].as_str().unwrap().is_empty());
    for protection in found["protections"].as_array().unwrap() {
        assert_eq!(protection["state"], "active", "{protection}");
        assert!(!protection["advice"].as_str().unwrap().is_empty());
    }
    let languages = found["languages"].as_array().unwrap();
    let ids: Vec<&str> = languages
        .iter()
        .map(|it| it["id"].as_str().unwrap())
        .collect();
    let all = judge::Languages::builtin();
    assert_eq!(ids, all.iter().map(|it| it.id.as_str()).collect::<Vec<_>>());
    for language in languages {
        assert_ne!(language["state"], "broken", "{language}");
        let works = language["state"] == "works";
        assert!(
            works || !EVERYWHERE.lines().any(|id| language["id"] == id),
            "{language}"
        );
        assert_eq!(
            works,
            !language["toolchain"]
                .as_str()
                .unwrap_or_default()
                .is_empty(),
            "{language}"
        );
    }
    let (status, stdout, _) = evaluator(&desk, &["doctor"]);
    assert_eq!(status, Some(0));
    assert!(stdout.ends_with("everything is fine\n"), "{stdout}");
}

#[test]
fn a_package_may_be_a_zip_and_leaves_nothing_behind() {
    let desk = desk();
    let root = desk.path();
    for name in ["twice.zip", "twice.kpp"] {
        let file = std::fs::File::create(root.join(name)).unwrap();
        judge::package::archive::pack(&root.join("double"), file).unwrap();
        let scratch = root.join("scratch");
        std::fs::create_dir_all(&scratch).unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_evaluator"))
            .args(["judge", "--json", name, "wrong.py"])
            .current_dir(root)
            .env("TRIBUNAL_CACHE_DIR", root.join("cache"))
            .env("TMPDIR", &scratch)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        let line: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(line["verdict"], "WA");
        assert_eq!(std::fs::read_dir(&scratch).unwrap().count(), 0);
    }
}

#[test]
fn what_is_wrong_with_a_package_is_told_with_file_and_line() {
    let desk = desk();
    let metadata = "problem_format_version: 2025-09\nname: Double\nlimits:\n  time_limit: soon\n";
    write(desk.path(), "double/problem.yaml", metadata);
    let (status, _, stderr) = evaluator(&desk, &["verify", "double"]);
    assert_eq!(status, Some(2));
    assert!(
        stderr.contains("problem.yaml:4: limits.time_limit"),
        "{stderr}"
    );
}
