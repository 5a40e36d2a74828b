//! `tribunal demo`: everything in one process, in plain lines when nobody watches a terminal.

use std::os::unix::fs::symlink;

use anyhow::ensure;
use e2e::binaries::problems;
use e2e::finished::Finished;
use e2e::process;

#[test]
fn the_demonstration_judges_every_jury_submission_as_expected() -> anyhow::Result<()> {
    let data = tempfile::tempdir()?;
    let mut demo = process::command("tribunal")?;
    demo.arg("demo")
        .arg("--problems")
        .arg(problems())
        .arg("--data")
        .arg(data.path());
    let done = Finished::run(&mut demo)?;
    let said = format!("{}\n{}", done.output, done.errors);
    assert_eq!(done.status, Some(0), "{said}");
    ensure!(
        !said.contains('\u{1b}'),
        "control characters though nobody watches: {said}"
    );
    ensure!(
        !said.contains("Skipping"),
        "./test installs what the packages need: {said}"
    );
    for package in [
        "ballotbox",
        "cairn",
        "clockhands",
        "drowsyfrog",
        "fairshares",
        "gardenpath",
        "lanterns",
        "lastacorn",
        "lostbook",
        "oddsocks",
        "parrotpost",
        "signalfires",
        "steppingstones",
        "tidepool",
        "twocakes",
        "weighhouse",
    ] {
        ensure!(done.output.contains(package), "no {package} in {said}");
    }
    Ok(())
}

#[test]
fn an_error_has_another_exit_status_than_a_submission_that_got_something_else() -> anyhow::Result<()>
{
    let data = tempfile::tempdir()?;
    let mut demo = process::command("tribunal")?;
    demo.arg("demo").arg("--data").arg(data.path());
    demo.arg("--problems").arg(data.path().join("nowhere"));
    let failed = Finished::run(&mut demo)?;
    ensure!(failed.status == Some(2), "{failed:?}");
    ensure!(failed.errors.contains("nowhere"), "{failed:?}");
    Ok(())
}

#[test]
fn a_folder_with_the_results_of_an_earlier_broker_can_be_used_again() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let packages = folder.path().join("problems");
    std::fs::create_dir(&packages)?;
    symlink(problems().join("lanterns"), packages.join("lanterns"))?;
    for _ in 0..2 {
        let mut demo = process::command("tribunal")?;
        demo.arg("demo").arg("--problems").arg(&packages);
        demo.arg("--data").arg(folder.path().join("data"));
        let done = Finished::run(&mut demo)?;
        ensure!(done.status == Some(0), "{done:?}");
    }
    Ok(())
}
