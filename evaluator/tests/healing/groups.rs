//! Boxes that lose their keeper or their control groups, and a kernel that refuses to fork in them.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use evaluator::Config;
use rustix::process::{Pid, Signal, kill_process};
use schemas::topics;

use crate::support::endpoint::{free_address, ready_with};
use crate::support::{Cluster, PATIENCE, Running, jury, submission};
use crate::told;

/// Lasts long enough for the test to do harm in the middle.
const SLEEPS: &str = "import time\ntime.sleep(0.5)\n";

/// Leaves the work to a child.
const FORKS: &str = "import os\nif os.fork():\n    os.wait()\n    os._exit(0)\n";

/// An evaluator whose boxes are in a group of its own.
struct Grouped {
    cluster: Cluster,
    running: Running,
    address: String,
    group: String,
    uid_base: u32,
}

impl Grouped {
    async fn start(test: &str) -> anyhow::Result<Self> {
        let cluster = Cluster::start().await?;
        let address = free_address()?;
        let group = format!("tribunal-fault-{test}-{}", std::process::id());
        let mut uid_base = 0;
        let change = |config: &mut Config| {
            config.http = Some(address.clone());
            config.sandbox.cgroup.clone_from(&group);
            uid_base = config.sandbox.uid_base;
        };
        let running = Running::start(&cluster, change)?;
        ready_with(&address, "200 OK").await?;
        Ok(Self {
            cluster,
            running,
            address,
            group,
            uid_base,
        })
    }

    /// The directories of its group, one in every hierarchy.
    fn directories(&self) -> Vec<PathBuf> {
        let mut found = Vec::new();
        search(Path::new("/sys/fs/cgroup"), &self.group, &mut found);
        found
    }

    async fn stop(self) -> anyhow::Result<()> {
        let directories = self.directories();
        self.running.stop().await?;
        // The threads of its slots, and their boxes with them, end just after it.
        let emptied = async {
            for directory in &directories {
                while fs::remove_dir(directory).is_err() {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            }
        };
        let emptied = tokio::time::timeout(PATIENCE, emptied).await;
        emptied.context("something is left in its control groups")
    }
}

fn search(directory: &Path, name: &str, found: &mut Vec<PathBuf>) {
    for child in children(directory) {
        if child.file_name().is_some_and(|file| file == name) {
            found.push(child);
        } else {
            search(&child, name, found);
        }
    }
}

fn children(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    let directories = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
    directories.map(|entry| entry.path()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn boxes_whose_control_groups_are_gone_are_replaced() -> anyhow::Result<()> {
    let mut grouped = Grouped::start("gone").await?;
    for directory in grouped.directories() {
        for of_box in children(&directory) {
            for of_run in children(&of_box) {
                remove(&of_run).await?;
            }
            remove(&of_box).await?;
        }
    }
    let judged = jury("lanterns", "accepted/lantern.c")?;
    grouped.cluster.submit(topics::SUBMISSIONS, &judged).await?;
    let (_, verdict) = grouped.cluster.next_verdict().await?;
    assert_eq!(told(&verdict), "Ac", "{verdict:?}");
    ready_with(&grouped.address, "200 OK").await?;
    grouped.stop().await
}

/// Removes a group as a service manager does: what lives in it is killed.
async fn remove(group: &Path) -> anyhow::Result<()> {
    let removing = async {
        while let Err(error) = fs::remove_dir(group) {
            if error.kind() == ErrorKind::NotFound {
                return;
            }
            let living = fs::read_to_string(group.join("cgroup.procs")).unwrap_or_default();
            let living = living
                .lines()
                .filter_map(|pid| Pid::from_raw(pid.parse().ok()?));
            for pid in living {
                let _ = kill_process(pid, Signal::KILL);
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let removed = tokio::time::timeout(PATIENCE, removing).await;
    removed.with_context(|| format!("{} cannot be removed", group.display()))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_fork_is_no_error_of_the_program() -> anyhow::Result<()> {
    let mut grouped = Grouped::start("fork").await?;
    let limits: Vec<_> = grouped
        .directories()
        .into_iter()
        .map(|directory| directory.join("pids.max"))
        .filter(|file| file.exists())
        .collect();
    anyhow::ensure!(!limits.is_empty(), "no pids.max");
    for file in &limits {
        fs::write(file, "0")?;
    }
    // Of one the compiler forks, the other forks itself.
    let compiled = jury("lanterns", "accepted/lantern.c")?;
    let right = jury("lanterns", "accepted/lantern.py")?;
    let forks = [FORKS.as_bytes(), &right.files[0].content].concat();
    for judged in [compiled, submission("lanterns", "forks.py", forks)] {
        grouped.cluster.submit(topics::SUBMISSIONS, &judged).await?;
    }
    ready_with(&grouped.address, "canary failed").await?;
    assert_eq!(grouped.cluster.unread_verdicts().await?, 0);
    for file in &limits {
        fs::write(file, "max")?;
    }
    for verdict in grouped.cluster.verdicts(2).await?.values() {
        assert_eq!(told(verdict), "Ac", "{verdict:?}");
    }
    ready_with(&grouped.address, "200 OK").await?;
    grouped.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_keeper_that_is_killed_in_the_middle_costs_a_try_and_no_verdict() -> anyhow::Result<()> {
    let mut grouped = Grouped::start("keeper").await?;
    let right = jury("lanterns", "accepted/lantern.py")?;
    let slow = [SLEEPS.as_bytes(), &right.files[0].content].concat();
    let judged = submission("lanterns", "sleeper.py", slow);
    grouped.cluster.submit(topics::SUBMISSIONS, &judged).await?;
    let keeper = keeper_of_what_runs(grouped.uid_base).await?;
    kill_process(keeper, Signal::KILL)?;
    let (_, verdict) = grouped.cluster.next_verdict().await?;
    assert_eq!((told(&verdict).as_str(), verdict.jury.attempt), ("Ac", 2));
    grouped.stop().await
}

/// The keeper above the sleeper, once that runs: above a program stands init, and above init the keeper.
async fn keeper_of_what_runs(uid_base: u32) -> anyhow::Result<Pid> {
    let uids = uid_base..uid_base + 50;
    let looking = async {
        loop {
            let running = processes().find(|&pid| {
                status(pid, "Uid:").is_some_and(|uid| uids.contains(&uid)) && is_sleeper(pid)
            });
            let init = running.and_then(|pid| status(pid, "PPid:"));
            if let Some(keeper) = init.and_then(|pid| status(pid, "PPid:")) {
                return keeper;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let keeper = tokio::time::timeout(PATIENCE, looking).await?;
    Pid::from_raw(i32::try_from(keeper)?).context("no keeper")
}

fn is_sleeper(pid: u32) -> bool {
    let command = fs::read_to_string(format!("/proc/{pid}/cmdline"));
    command.is_ok_and(|command| command.ends_with("sleeper.py\0"))
}

fn processes() -> impl Iterator<Item = u32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

fn status(pid: u32, key: &str) -> Option<u32> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(key))?;
    line.split_whitespace().next()?.parse().ok()
}
