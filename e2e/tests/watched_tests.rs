//! A test binary that hangs or dies under `deploy/watch-tests` fails with the names of its tests, soon.

use std::process::Command;

/// What is printed in place of a test binary that does this, which must count as a failure.
fn watched(script: &str, setting: (&str, &str)) -> anyhow::Result<String> {
    let watch = concat!(env!("CARGO_MANIFEST_DIR"), "/../deploy/watch-tests");
    let output = Command::new(watch)
        .args(["sh", "-c", script])
        .env_remove("TEST_DEADLINE")
        .env(setting.0, setting.1)
        .output()?;
    assert!(!output.status.success(), "{output:?}");
    Ok(String::from_utf8(output.stdout)?)
}

#[test]
fn a_test_that_hangs_among_others_is_named() -> anyhow::Result<()> {
    let script = "echo 'test one ... ok'
        echo 'test two has been running for over 60 seconds'
        echo 'test three has been running for over 60 seconds'
        echo 'test three ... ok'
        sleep 1000 & sleep 1000";
    let printed = watched(script, ("TEST_SILENCE_S", "0.5"))?;
    assert!(printed.contains("\ntest two ... FAILED (nothing was heard for"));
    assert!(!printed.contains("test three ... FAILED"));
    assert!(printed.contains("\ntest result: FAILED. 2 passed; 1 failed;"));
    Ok(())
}

#[test]
fn a_test_that_hangs_alone_is_named() -> anyhow::Result<()> {
    let printed = watched(
        "printf 'test one ... '; exec sleep 1000",
        ("TEST_SILENCE_S", "0.5"),
    )?;
    assert!(printed.contains("\ntest one ... FAILED (nothing was heard for"));
    Ok(())
}

#[test]
fn a_binary_that_dies_without_a_result_has_failed() -> anyhow::Result<()> {
    let printed = watched(
        "echo 'test one ... ok'; kill -SEGV $$",
        ("TEST_SILENCE_S", "60"),
    )?;
    assert!(
        printed.contains("\ntest result: FAILED. 1 passed; 1 failed; its process ended with -11")
    );
    Ok(())
}

#[test]
fn nothing_runs_on_when_the_time_for_all_tests_is_over() -> anyhow::Result<()> {
    let printed = watched("exec sleep 1000", ("TEST_DEADLINE", "1"))?;
    assert!(printed.contains("the time for all tests is over"));
    Ok(())
}
