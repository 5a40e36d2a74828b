//! A disk that is full.

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::Path;
use std::process::Command;

use anyhow::ensure;
use schemas::topics;
use tempfile::TempDir;

use crate::support::endpoint::{free_address, ready_with};
use crate::support::{Cluster, Running, jury};
use crate::told;

/// A small file system of its own.
struct Disk {
    mounted: TempDir,
}

impl Disk {
    fn new() -> anyhow::Result<Self> {
        let disk = Self {
            mounted: tempfile::tempdir()?,
        };
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=8m", "tmpfs"])
            .arg(disk.path())
            .status()?;
        ensure!(mounted.success());
        Ok(disk)
    }

    fn path(&self) -> &Path {
        self.mounted.path()
    }

    fn fill(&self) -> anyhow::Result<()> {
        let mut file = File::create(self.path().join("filler"))?;
        loop {
            match file.write_all(&[b'x'; 4096]) {
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::StorageFull => return Ok(()),
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn free(&self) -> anyhow::Result<()> {
        Ok(fs::remove_file(self.path().join("filler"))?)
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount")
            .arg("--lazy")
            .arg(self.path())
            .status();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_evaluator_with_a_full_disk_takes_no_work_until_there_is_room() -> anyhow::Result<()> {
    let mut cluster = Cluster::start().await?;
    let disk = Disk::new()?;
    let address = free_address()?;
    let running = Running::start(&cluster, |config| {
        config.http = Some(address.clone());
        config.cache_dir = disk.path().to_owned();
    })?;
    ready_with(&address, "200 OK").await?;
    disk.fill()?;
    let left = jury("lanterns", "accepted/lantern.c")?;
    cluster.submit(topics::SUBMISSIONS, &left).await?;
    let answer = ready_with(&address, "canary failed").await?;
    assert!(answer.contains("free space"), "{answer}");
    disk.free()?;
    let (_, verdict) = cluster.next_verdict().await?;
    assert_eq!(told(&verdict), "Ac", "{verdict:?}");
    ready_with(&address, "200 OK").await?;
    running.stop().await?;
    assert_eq!(cluster.unread_verdicts().await?, 0);
    Ok(())
}
