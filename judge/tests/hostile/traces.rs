//! Everything that a program could leave on its host, counted.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// For what the kernel and the keeper do on their own time.
const PATIENCE: Duration = Duration::from_secs(10);
/// When nothing has changed for so long, the keepers have done what they do ahead.
const REST: Duration = Duration::from_secs(1);
/// Whatever a program of the corpus leaves under a name of its own has this in it.
const MARK: &str = "hostile-left";
/// How deep our control groups may lie.
const DEPTH: usize = 8;

/// How much more there may be of what is counted: a keeper makes the places of the next runs when it finds the time. What
/// leaks adds up, and is more than this before the corpus is through.
const AHEAD: usize = 40;
/// The waiting processes of places that are made ahead.
const WAITING: &str = "tribunal-box";

/// What there is of one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Trace {
    /// Must be the same.
    Is(String),
    /// May be more by what is made ahead.
    Count(usize),
}

/// What there is, by what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Traces(BTreeMap<String, Trace>);

impl Traces {
    /// Looks at the host; `users` are those of the boxes.
    pub(crate) fn now(users: std::ops::Range<u32>) -> Traces {
        let mut found = BTreeMap::new();
        let groups = groups();
        let inside: String = groups
            .iter()
            .map(|group| read(group.join("cgroup.procs")))
            .collect();
        for (what, count) in [
            ("our descriptors", descriptors("self")),
            ("control groups", groups.len()),
            ("processes in them", inside.lines().count()),
        ] {
            found.insert(what.to_owned(), Trace::Count(count));
        }
        let mut note = |what: &str, value: String| found.insert(what.to_owned(), Trace::Is(value));
        note("our mounts", read("/proc/self/mountinfo"));
        let children = children();
        note("keepers", children.len().to_string());
        // One or two more or less, as the next run's place is made; what leaks adds up.
        let held: usize = children.iter().map(|child| descriptors(child)).sum();
        note(
            "each has many descriptors",
            (held > 64 * children.len()).to_string(),
        );
        note("processes of boxes", processes_of(users.clone()));
        for kind in ["shm", "sem", "msg"] {
            note(kind, ipc_objects_of(users.clone(), kind));
        }
        note("sockets", marked_lines("/proc/net/unix"));
        note("keys", marked_lines("/proc/keys"));
        for folder in [
            "/",
            "/tmp",
            "/var/tmp",
            "/dev",
            "/dev/shm",
            "/dev/mqueue",
            "/run",
        ] {
            note(folder, marked_names(folder));
        }
        Traces(found)
    }

    /// What there is when nothing runs, and nothing is being prepared any more for the next run.
    pub(crate) fn at_rest(users: std::ops::Range<u32>) -> Traces {
        let mut last = Traces::now(users.clone());
        let mut since = Instant::now();
        while since.elapsed() < REST {
            let now = Traces::now(users.clone());
            if now != last {
                (last, since) = (now, Instant::now());
            }
        }
        last
    }

    /// Waits until all is as it was; says what is not.
    pub(crate) fn until_as_before(&self, users: std::ops::Range<u32>) -> Result<(), String> {
        let until = Instant::now() + PATIENCE;
        loop {
            let now = Traces::now(users.clone());
            let difference = self.difference(&now);
            if difference.is_empty() {
                return Ok(());
            }
            if Instant::now() > until {
                return Err(difference);
            }
            std::thread::yield_now();
        }
    }

    fn difference(&self, now: &Traces) -> String {
        let changed = self
            .0
            .iter()
            .filter(|(what, before)| !before.explains(&now.0[*what]));
        changed
            .map(|(what, before)| format!("{what}: {before:?} became {:?}", now.0[what]))
            .collect::<Vec<_>>()
            .join("; ")
    }
}

impl Trace {
    fn explains(&self, now: &Trace) -> bool {
        match (self, now) {
            (Trace::Count(before), Trace::Count(now)) => *now <= before + AHEAD,
            _ => self == now,
        }
    }
}

/// Empty where the host does not show it.
fn read(path: impl AsRef<Path>) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

fn list(folder: impl AsRef<Path>) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).collect()
}

fn descriptors(pid: &str) -> usize {
    list(format!("/proc/{pid}/fd")).len()
}

fn children() -> Vec<String> {
    let threads = list("/proc/self/task");
    let lists = threads.iter().map(|thread| read(thread.join("children")));
    lists
        .flat_map(|list| {
            list.split_whitespace()
                .map(str::to_owned)
                .collect::<Vec<_>>()
        })
        .collect()
}

fn processes_of(users: std::ops::Range<u32>) -> String {
    let user = |process: &PathBuf| -> Option<u32> {
        let status = read(process.join("status"));
        let line = status.lines().find_map(|line| line.strip_prefix("Uid:"))?;
        line.split_whitespace().next()?.parse().ok()
    };
    let theirs = list("/proc")
        .into_iter()
        .filter(|process| user(process).is_some_and(|user| users.contains(&user)));
    theirs
        .map(|process| read(process.join("comm")).trim().to_owned())
        .filter(|name| !name.is_empty() && name != WAITING)
        .collect::<Vec<_>>()
        .join(" ")
}

/// The System V objects that `users` own or made. Those of others, say of a database on this host, come and go.
fn ipc_objects_of(users: std::ops::Range<u32>, kind: &str) -> String {
    let table = read(format!("/proc/sysvipc/{kind}"));
    let mut lines = table.lines();
    let titles: Vec<_> = lines
        .next()
        .unwrap_or_default()
        .split_whitespace()
        .collect();
    let theirs = |line: &&str| {
        let fields = titles.iter().zip(line.split_whitespace());
        fields
            .filter(|(title, _)| ["uid", "cuid"].contains(title))
            .any(|(_, user)| user.parse().is_ok_and(|user| users.contains(&user)))
    };
    lines.filter(theirs).collect::<Vec<_>>().join("; ")
}

fn marked_lines(file: &str) -> String {
    let text = read(file);
    let marked = text.lines().filter(|line| line.contains(MARK));
    marked.collect::<Vec<_>>().join(" ")
}

fn marked_names(folder: &str) -> String {
    let mut names: Vec<_> = list(folder)
        .into_iter()
        .map(|path| path.display().to_string())
        .filter(|path| path.contains(MARK))
        .collect();
    names.sort();
    names.join(" ")
}

/// The control groups of our boxes and what is below them, in every hierarchy.
fn groups() -> Vec<PathBuf> {
    let ours = format!(".{}.", std::process::id());
    let mut found = Vec::new();
    let mut todo = vec![(PathBuf::from("/sys/fs/cgroup"), 0)];
    while let Some((folder, depth)) = todo.pop() {
        if folder.to_string_lossy().contains(&ours) {
            found.push(folder.clone());
        }
        let below = list(&folder)
            .into_iter()
            .filter(|path| path.is_dir() && !path.is_symlink());
        if depth < DEPTH {
            todo.extend(below.map(|path| (path, depth + 1)));
        }
    }
    found
}
