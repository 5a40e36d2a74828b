//! A compiler that breaks under a running evaluator.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::time::Duration;

use evaluator::Config;
use judge::Languages;
use schemas::topics;
use tempfile::TempDir;

use crate::support::endpoint::{free_address, ready_with};
use crate::support::{Cluster, Running, jury};
use crate::told;

const WORKS: &str = "#!/bin/sh\nexec /usr/bin/gcc \"$@\"\n";
/// The kernel cannot start it.
const IS_NO_PROGRAM: &str = "#!/no/such/interpreter\n";
/// What is left of gcc when a package upgrade stops half way.
const LACKS_A_PART: &str = "#!/bin/sh\necho 'cc: fatal error: cannot execute cc1: No such file or directory' >&2; exit 1\n";

/// More than the consumer hands out ahead of the slots.
const WAITING: usize = 12;

/// A C compiler of the test's own, which it breaks and mends: a script in a directory that the boxes see.
struct Compiler {
    directory: TempDir,
}

impl Compiler {
    fn new() -> anyhow::Result<Self> {
        // Not below /tmp: a box has a /tmp of its own.
        let directory = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
        fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o755))?;
        let compiler = Self { directory };
        compiler.becomes(WORKS)?;
        Ok(compiler)
    }

    fn path(&self) -> PathBuf {
        self.directory.path().join("cc")
    }

    /// Written in place, as a disk that goes bad would; a file that replaces another is tried in the judge's own tests.
    fn becomes(&self, script: &str) -> anyhow::Result<()> {
        fs::write(self.path(), script)?;
        let executable = fs::Permissions::from_mode(0o755);
        Ok(fs::set_permissions(self.path(), executable)?)
    }

    /// Lets the evaluator compile C with it.
    fn serve(&self, config: &mut Config) {
        let mut languages: Vec<_> = Languages::builtin().iter().cloned().collect();
        let path = self.path().to_string_lossy().into_owned();
        for language in languages.iter_mut().filter(|language| language.id == "c") {
            language.version[0].clone_from(&path);
            language.compile.command[0].clone_from(&path);
        }
        config.known_languages = Languages::from_list(languages);
        config.sandbox.toolchain.push(self.directory.path().into());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_language_whose_compiler_cannot_start_waits_and_the_others_go_on() -> anyhow::Result<()> {
    a_language_breaks_and_heals(IS_NO_PROGRAM).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_compiler_that_lost_a_part_compiles_nobody_an_error() -> anyhow::Result<()> {
    a_language_breaks_and_heals(LACKS_A_PART).await
}

async fn a_language_breaks_and_heals(broken: &str) -> anyhow::Result<()> {
    let mut cluster = Cluster::start().await?;
    let compiler = Compiler::new()?;
    let address = free_address()?;
    let running = Running::start(&cluster, |config| {
        config.http = Some(address.clone());
        compiler.serve(config);
    })?;
    ready_with(&address, "200 OK").await?;

    compiler.becomes(broken)?;
    for _ in 0..WAITING {
        let waiting = jury("lanterns", "accepted/lantern.c")?;
        cluster.submit(topics::SUBMISSIONS, &waiting).await?;
    }
    ready_with(&address, "canary failed: c ").await?;
    let other = jury("lanterns", "accepted/lantern.py")?;
    cluster.submit(topics::SUBMISSIONS, &other).await?;
    let (_, verdict) = cluster.next_verdict().await?;
    assert_eq!(verdict.submission_id, other.submission_id, "{verdict:?}");
    assert_eq!(told(&verdict), "Ac");

    compiler.becomes(WORKS)?;
    for verdict in cluster.verdicts(WAITING).await?.values() {
        assert_eq!(told(verdict), "Ac", "{verdict:?}");
    }
    ready_with(&address, "200 OK").await?;
    running.stop().await?;
    assert_eq!(cluster.unread_verdicts().await?, 0);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_language_that_stays_broken_is_a_judge_error_when_patience_is_over() -> anyhow::Result<()>
{
    let mut cluster = Cluster::start().await?;
    let compiler = Compiler::new()?;
    compiler.becomes(IS_NO_PROGRAM)?;
    let running = Running::start(&cluster, |config| {
        config.patience = Duration::ZERO;
        compiler.serve(config);
    })?;
    let hopeless = jury("lanterns", "accepted/lantern.c")?;
    cluster.submit(topics::SUBMISSIONS, &hopeless).await?;
    let (_, verdict) = cluster.next_verdict().await?;
    assert_eq!(told(&verdict), "Je language-unavailable");
    let compiler = compiler.path().to_string_lossy().into_owned();
    assert!(
        verdict.jury.messages[0].contains(&compiler),
        "{:?}",
        verdict.jury.messages
    );
    let letter = cluster.next_dead_letter().await?;
    assert_eq!(letter.payload, schemas::codec::encode(&hopeless)?);
    running.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn without_any_language_the_evaluator_leaves_its_groups_until_one_works() -> anyhow::Result<()>
{
    let mut cluster = Cluster::start().await?;
    let compiler = Compiler::new()?;
    let address = free_address()?;
    let running = Running::start(&cluster, |config| {
        config.http = Some(address.clone());
        compiler.serve(config);
        config.languages = vec!["c".to_owned()];
    })?;
    ready_with(&address, "200 OK").await?;
    compiler.becomes(IS_NO_PROGRAM)?;
    let left = jury("lanterns", "accepted/lantern.c")?;
    cluster.submit(topics::SUBMISSIONS, &left).await?;
    ready_with(&address, "leaving the groups").await?;
    compiler.becomes(WORKS)?;
    let (_, verdict) = cluster.next_verdict().await?;
    assert_eq!(told(&verdict), "Ac");
    ready_with(&address, "200 OK").await?;
    running.stop().await
}
