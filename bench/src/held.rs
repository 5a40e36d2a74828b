//! The memory that an evaluator holds: resident pages of the evaluator, of its keepers and of their inits, each shared page
//! once, and the files in memory that it has open.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

use anyhow::Context;

use crate::evaluator_process::EvaluatorProcess;

/// What the evaluator, its keepers and their inits hold at this moment.
pub(crate) fn held(evaluator: &EvaluatorProcess) -> anyhow::Result<u64> {
    let pid = evaluator.id();
    let own = held_by(pid).context("the evaluator is gone")?;
    let keepers = children(pid);
    let inits = keepers.iter().flat_map(|&keeper| children(keeper));
    let others = keepers.iter().copied().chain(inits);
    Ok(own + others.filter_map(resident).sum::<u64>())
}

fn held_by(pid: u32) -> Option<u64> {
    Some(resident(pid)? + files_in_memory(pid))
}

/// Resident memory, of pages shared with others its part.
fn resident(pid: u32) -> Option<u64> {
    let rollup = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
    let kilobytes = |line: &str| line.split_whitespace().nth(1)?.parse::<u64>().ok();
    let line = rollup.lines().find(|line| line.starts_with("Pss:"))?;
    Some(kilobytes(line)? << 10)
}

fn files_in_memory(pid: u32) -> u64 {
    let Ok(entries) = fs::read_dir(format!("/proc/{pid}/fd")) else {
        return 0;
    };
    let size = |path: PathBuf| {
        let target = fs::read_link(&path).ok()?;
        let is_in_memory = target.to_string_lossy().starts_with("/memfd:");
        // The same file counts as often as it is open, so the figure is a bound.
        is_in_memory.then(|| fs::metadata(&path).map_or(0, |it| it.blocks() * 512))
    };
    entries
        .flatten()
        .filter_map(|entry| size(entry.path()))
        .sum()
}

fn children(pid: u32) -> Vec<u32> {
    let Ok(tasks) = fs::read_dir(format!("/proc/{pid}/task")) else {
        return Vec::new();
    };
    let of_task = |task: fs::DirEntry| fs::read_to_string(task.path().join("children")).ok();
    let lists: Vec<String> = tasks.flatten().filter_map(of_task).collect();
    let pids = lists.iter().flat_map(|list| list.split_whitespace());
    pids.filter_map(|pid| pid.parse().ok()).collect()
}
