//! Problems as published: verified first, stored by digest, fetched by any evaluator.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use e2e::binaries::problems;
use e2e::cluster::Cluster;
use e2e::finished::Finished;
use e2e::process;
use e2e::results::published;
use serde_json::Value;

const SOLUTION: &str = "lanterns/submissions/accepted/lantern.c";

#[tokio::test]
async fn an_evaluator_judges_with_the_package_that_was_published_last() -> anyhow::Result<()> {
    let site = Site::start().await?;
    let first = site.publish(&problems().join("lanterns"))?;
    ensure!(first.status == Some(0), "{}", first.errors);
    let digest = site.current_digest("lanterns")?;
    let store = site.store_url();
    let options = ["--store", store.as_str(), "--languages", "c"];
    let _evaluator = site.cluster.evaluator(1, &options).await?;
    site.submit_and_wait()?;

    let changed = site.copy_of("lanterns")?;
    let statement = changed.join("problem_statement/problem.en.tex");
    fs::write(&statement, "\\problemname{Lanterns, second edition}\n")?;
    let second = site.publish(&changed)?;
    ensure!(second.status == Some(0), "{}", second.errors);
    let newer = site.current_digest("lanterns")?;
    ensure!(newer != digest, "another package has another digest");
    site.submit_and_wait()?;

    let verdicts = published(&site.cluster).await?;
    let judged_with: Vec<&str> = verdicts
        .iter()
        .map(|(verdict, _)| verdict.jury.digests.package.as_str())
        .collect();
    ensure!(judged_with.contains(&digest.as_str()), "{judged_with:?}");
    ensure!(judged_with.contains(&newer.as_str()), "{judged_with:?}");
    Ok(())
}

#[tokio::test]
async fn a_package_whose_jury_submissions_disagree_is_not_published() -> anyhow::Result<()> {
    let site = Site::start().await?;
    let lying = site.copy_of("lanterns")?;
    let submissions = lying.join("submissions");
    fs::rename(
        submissions.join("wrong_answer/capitals.c"),
        submissions.join("accepted/capitals.c"),
    )?;
    let refused = site.publish(&lying)?;
    ensure!(refused.status == Some(1), "{refused:?}");
    ensure!(refused.errors.contains("evaluator verify"), "{refused:?}");
    ensure!(site.list()?.is_empty(), "nothing was published");
    let stored = fs::read_dir(site.store())?.count();
    ensure!(stored == 0, "nothing was stored");
    Ok(())
}

/// An installation with a store for packages.
struct Site {
    cluster: Cluster,
}

impl Site {
    async fn start() -> anyhow::Result<Self> {
        let site = Self {
            cluster: Cluster::start().await?,
        };
        fs::create_dir(site.store())?;
        Ok(site)
    }

    fn store(&self) -> PathBuf {
        self.cluster.folder().join("store")
    }

    fn store_url(&self) -> String {
        format!("file://{}", self.store().display())
    }

    fn publish(&self, package: &Path) -> anyhow::Result<Finished> {
        let mut command = process::command("tribunal")?;
        command.args(["problems", "publish", "--store", &self.store_url()]);
        command.args([
            "--bootstrap-servers",
            &self.cluster.client.bootstrap_servers,
        ]);
        command
            .arg("--cache-dir")
            .arg(self.cluster.folder().join("publishing"));
        Finished::run(command.arg(package))
    }

    fn list(&self) -> anyhow::Result<Vec<Value>> {
        let mut command = process::command("tribunal")?;
        command.args(["problems", "list", "--json", "--bootstrap-servers"]);
        Finished::run(command.arg(&self.cluster.client.bootstrap_servers))?.json()
    }

    fn current_digest(&self, problem: &str) -> anyhow::Result<String> {
        let listed = self.list()?;
        let found = listed.iter().find(|line| line["problem_id"] == problem);
        let digest = found.and_then(|line| line["package_digest"].as_str());
        Ok(digest.context("the problem is not listed")?.to_owned())
    }

    /// The package under its own name in a folder where it may be changed.
    fn copy_of(&self, problem: &str) -> anyhow::Result<PathBuf> {
        let copy = self.cluster.folder().join("changed");
        fs::create_dir_all(&copy)?;
        let mut command = std::process::Command::new("cp");
        command.arg("-r").arg(problems().join(problem)).arg(&copy);
        ensure!(Finished::run(&mut command)?.status == Some(0), "cp failed");
        Ok(copy.join(problem))
    }

    fn submit_and_wait(&self) -> anyhow::Result<()> {
        let mut command = process::command("producer")?;
        command.args(["submit", "--wait", "--problem", "lanterns"]);
        command.args([
            "--bootstrap-servers",
            &self.cluster.client.bootstrap_servers,
        ]);
        let done = Finished::run(command.arg(problems().join(SOLUTION)))?;
        ensure!(done.status == Some(0), "{done:?}");
        Ok(())
    }
}
