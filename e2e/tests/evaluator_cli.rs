//! The evaluator's commands that need no Kafka: doctor, verify, judge.

use std::fs;
use std::path::Path;

use anyhow::{Context, ensure};
use e2e::binaries::problems;
use e2e::finished::Finished;
use e2e::process;
use serde_json::Value;
use tempfile::TempDir;

fn evaluator(cache: &Path, arguments: &[&str]) -> anyhow::Result<Finished> {
    let mut command = process::command("evaluator")?;
    command.args(arguments).env("TRIBUNAL_CACHE_DIR", cache);
    Finished::run(&mut command)
}

#[test]
fn doctor_finds_every_protection_and_language_active_here() -> anyhow::Result<()> {
    let cache = tempfile::tempdir()?;
    let done = evaluator(cache.path(), &["doctor", "--json"])?;
    let diagnosis = done.json()?.pop().context("no diagnosis")?;
    assert_eq!(done.status, Some(0), "{diagnosis:#}");
    assert_eq!(diagnosis["ok"], true);
    let languages = diagnosis["languages"].as_array().context("no languages")?;
    for id in include_str!("../../judge/tests/fixtures/languages_of_every_host").lines() {
        let works = |language: &&Value| language["id"] == id && language["state"] == "works";
        assert!(
            languages.iter().any(|language| works(&language)),
            "{id}: {diagnosis:#}"
        );
    }
    Ok(())
}

#[test]
fn every_example_package_is_tested_here() -> anyhow::Result<()> {
    let mut packages = Vec::new();
    for entry in fs::read_dir(problems())? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            packages.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    packages.sort();
    assert_eq!(packages, PACKAGES);
    Ok(())
}

/// One test for each package, so that a failure names it.
macro_rules! verified {
    ($($package:ident $test:ident)*) => {
        const PACKAGES: &[&str] = &[$(stringify!($package)),*];
        $(#[test]
        fn $test() -> anyhow::Result<()> {
            every_jury_submission_gets_what_it_should(stringify!($package))
        })*
    };
}

verified! {
    ballotbox the_jury_submissions_of_ballotbox_get_what_they_should
    cairn the_jury_submissions_of_cairn_get_what_they_should
    clockhands the_jury_submissions_of_clockhands_get_what_they_should
    drowsyfrog the_jury_submissions_of_drowsyfrog_get_what_they_should
    fairshares the_jury_submissions_of_fairshares_get_what_they_should
    gardenpath the_jury_submissions_of_gardenpath_get_what_they_should
    lanterns the_jury_submissions_of_lanterns_get_what_they_should
    lastacorn the_jury_submissions_of_lastacorn_get_what_they_should
    lostbook the_jury_submissions_of_lostbook_get_what_they_should
    oddsocks the_jury_submissions_of_oddsocks_get_what_they_should
    parrotpost the_jury_submissions_of_parrotpost_get_what_they_should
    signalfires the_jury_submissions_of_signalfires_get_what_they_should
    steppingstones the_jury_submissions_of_steppingstones_get_what_they_should
    tidepool the_jury_submissions_of_tidepool_get_what_they_should
    twocakes the_jury_submissions_of_twocakes_get_what_they_should
    weighhouse the_jury_submissions_of_weighhouse_get_what_they_should
}

fn every_jury_submission_gets_what_it_should(package: &str) -> anyhow::Result<()> {
    let cache = tempfile::tempdir()?;
    let package = problems().join(package);
    let path = package.to_str().context("the path is not UTF-8")?;
    let done = evaluator(cache.path(), &["verify", "--json", path])?;
    let lines = done.json()?;
    let disagree: Vec<&Value> = lines.iter().filter(|line| line["ok"] != true).collect();
    assert!(disagree.is_empty(), "{disagree:#?}\n{}", done.errors);
    let lines = submissions(&lines);
    assert_eq!(done.status, Some(0), "{}", done.errors);
    assert_eq!(lines.len(), count_submissions(&package)?, "{}", done.errors);
    for line in &lines {
        ensure!(
            line["language"].is_string() && line["expected"].is_array(),
            "{line}"
        );
    }
    Ok(())
}

/// The lines about jury submissions.
fn submissions(lines: &[Value]) -> Vec<&Value> {
    let of_kind = lines.iter().filter(|line| line["kind"] == "submission");
    of_kind.collect()
}

fn count_submissions(package: &Path) -> anyhow::Result<usize> {
    let mut count = 0;
    for folder in fs::read_dir(package.join("submissions"))? {
        let folder = folder?;
        if folder.file_type()?.is_dir() {
            count += fs::read_dir(folder.path())?.count();
        }
    }
    Ok(count)
}

/// A copy of a package with only some of its jury submissions, each `from` below submissions/ put at `to`.
fn package_with(name: &str, submissions: &[(&str, &str)]) -> anyhow::Result<(TempDir, String)> {
    let folder = tempfile::tempdir()?;
    let copy = folder.path().join(name);
    for part in [
        "problem.yaml",
        "domjudge-problem.ini",
        "problem_statement",
        "data",
        "input_validators",
    ] {
        copy_tree(&problems().join(name).join(part), &copy.join(part))?;
    }
    for (from, to) in submissions {
        let from = problems().join(name).join("submissions").join(from);
        copy_tree(&from, &copy.join("submissions").join(to))?;
    }
    let path = copy.to_str().context("the path is not UTF-8")?.to_owned();
    Ok((folder, path))
}

fn copy_tree(from: &Path, to: &Path) -> anyhow::Result<()> {
    if from.is_dir() {
        for entry in fs::read_dir(from)? {
            let entry = entry?;
            copy_tree(&entry.path(), &to.join(entry.file_name()))?;
        }
        return Ok(());
    }
    fs::create_dir_all(to.parent().context("no folder to copy into")?)?;
    fs::copy(from, to).with_context(|| format!("failed to copy {}", from.display()))?;
    Ok(())
}

#[test]
fn verify_fails_when_the_folders_promise_what_the_programs_do_not_keep() -> anyhow::Result<()> {
    let cache = tempfile::tempdir()?;
    let honest = [
        ("accepted/lantern.c", "accepted/lantern.c"),
        ("wrong_answer/capitals.c", "wrong_answer/capitals.c"),
    ];
    let (_folder, path) = package_with("lanterns", &honest)?;
    let done = evaluator(cache.path(), &["verify", "--json", &path])?;
    assert_eq!(done.status, Some(0), "{}\n{}", done.output, done.errors);

    let swapped = [
        ("accepted/lantern.c", "wrong_answer/lantern.c"),
        ("wrong_answer/capitals.c", "accepted/capitals.c"),
    ];
    let (_folder, path) = package_with("lanterns", &swapped)?;
    let done = evaluator(cache.path(), &["verify", "--json", &path])?;
    assert_eq!(done.status, Some(1), "{}\n{}", done.output, done.errors);
    for line in submissions(&done.json()?) {
        // The verdicts follow the programs, not the folders.
        let got = if line["submission"] == "wrong_answer/lantern.c" {
            "AC"
        } else {
            "WA"
        };
        assert_eq!(
            (&line["verdict"], &line["ok"]),
            (&got.into(), &false.into()),
            "{line}"
        );
    }
    Ok(())
}

#[test]
fn judge_prints_one_line_with_every_promised_field() -> anyhow::Result<()> {
    let cache = tempfile::tempdir()?;
    let package = problems().join("oddsocks");
    let package = package.to_str().context("the path is not UTF-8")?;
    let program = format!("{package}/submissions/accepted/two_files");
    let done = evaluator(cache.path(), &["judge", "--json", package, &program])?;
    assert_eq!(done.status, Some(0), "{}", done.errors);
    let [line] = &done.json()?[..] else {
        anyhow::bail!("not one line: {}", done.output);
    };
    for field in [
        "verdict",
        "language",
        "score",
        "cpu_ms",
        "wall_ms",
        "memory_bytes",
        "tests",
        "compile_log",
    ] {
        ensure!(line.get(field).is_some(), "no {field} in {line}");
    }
    assert_eq!(
        (&line["verdict"], &line["language"]),
        (&"AC".into(), &"c".into())
    );
    let tests = line["tests"].as_array().context("tests is no list")?;
    assert_eq!(tests.len(), 8);
    for field in [
        "name",
        "verdict",
        "cpu_ms",
        "wall_ms",
        "memory_bytes",
        "message",
    ] {
        ensure!(
            tests.iter().all(|test| test.get(field).is_some()),
            "no {field} in {line}"
        );
    }
    Ok(())
}

#[test]
fn judge_tells_the_verdict_by_its_exit_status_too() -> anyhow::Result<()> {
    let cache = tempfile::tempdir()?;
    let package = problems().join("lanterns");
    let package = package.to_str().context("the path is not UTF-8")?;
    let program = |path: &str| format!("{package}/submissions/{path}");
    let rejected = program("wrong_answer/capitals.c");
    let broken = program("compile_error/missing_semicolon.cpp");
    for (program, verdict, status) in [(rejected, "WA", 1), (broken, "CE", 1)] {
        let done = evaluator(cache.path(), &["judge", "--json", package, &program])?;
        assert_eq!(done.json()?[0]["verdict"], verdict, "{}", done.errors);
        assert_eq!(done.status, Some(status), "{program}");
    }
    let done = evaluator(
        cache.path(),
        &["judge", "--json", package, "no-such-file.c"],
    )?;
    assert_eq!(done.status, Some(2), "{}", done.errors);
    Ok(())
}
