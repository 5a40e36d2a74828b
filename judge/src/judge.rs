//! What all slots of one evaluator share.

use std::path::PathBuf;
use std::sync::{Arc, RwLock};

use sandbox::Sandbox;

use crate::compile::{ArtefactCache, HeadStarts};
use crate::toolchains::Toolchains;
use crate::{Fault, Languages, NearLimit, Worker};

/// Settings of a [`Judge`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JudgeConfig {
    /// Where compiled programs and computed time limits are kept; may be shared by processes and may be deleted when none runs.
    pub cache_dir: PathBuf,
    /// Bound of the compiled programs in bytes. Default: 1 GiB.
    pub cache_bytes: u64,
    /// When a case is run again before it is called too slow.
    pub near_limit: NearLimit,
    /// Whether each worker has a processor for itself, on which its programs stay. Default: no.
    pub pin: bool,
    /// How many times slower this host is than the slowest real processor: so much more time the judge's own programs, as
    /// the self-tests of languages, are given. Default: 1.
    pub slower: u32,
}

impl JudgeConfig {
    /// The defaults, with everything kept below `cache_dir`.
    pub fn new(cache_dir: impl Into<PathBuf>) -> JudgeConfig {
        JudgeConfig {
            cache_dir: cache_dir.into(),
            cache_bytes: 1 << 30,
            near_limit: NearLimit::default(),
            pin: false,
            slower: 1,
        }
    }
}

/// Everything that judging needs and that slots share; clones share it.
#[derive(Clone, Debug)]
pub struct Judge {
    shared: Arc<Shared>,
}

#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) sandbox: Sandbox,
    pub(crate) languages: Languages,
    pub(crate) cache: ArtefactCache,
    /// Where computed time limits are kept, one file a package digest.
    pub(crate) time_limits: PathBuf,
    /// What the host has, in bytes: a package that demands more cannot be judged here.
    pub(crate) host_memory_bytes: u64,
    /// When a case is run again.
    pub(crate) near_limit: NearLimit,
    /// Whether each worker has a processor for itself.
    pub(crate) pin: bool,
    /// By what times of our own programs are multiplied.
    pub(crate) slower: u32,
    /// Read by every slot that runs a case, written by one that must be alone.
    pub(crate) quiet: RwLock<()>,
    pub(crate) toolchains: Toolchains,
    pub(crate) head_starts: HeadStarts,
}

impl Judge {
    /// Opens the caches below `config.cache_dir`.
    pub fn new(
        sandbox: Sandbox,
        languages: Languages,
        config: JudgeConfig,
    ) -> Result<Judge, Fault> {
        let time_limits = config.cache_dir.join("time-limits");
        std::fs::create_dir_all(&time_limits).map_err(Fault::io("create", &time_limits))?;
        let head_starts = HeadStarts::open(config.cache_dir.join("head-starts"))?;
        let cache = ArtefactCache::open(config.cache_dir.join("programs"), config.cache_bytes)?;
        Ok(Judge {
            shared: Arc::new(Shared {
                sandbox,
                languages,
                cache,
                time_limits,
                host_memory_bytes: host_memory_bytes(),
                near_limit: config.near_limit,
                pin: config.pin,
                slower: config.slower,
                quiet: RwLock::default(),
                toolchains: Toolchains::default(),
                head_starts,
            }),
        })
    }

    /// One judging thread's own part: it owns a box.
    pub fn worker(&self) -> Result<Worker, Fault> {
        Worker::new(Arc::clone(&self.shared))
    }

    /// The languages it was made with.
    pub fn languages(&self) -> &Languages {
        &self.shared.languages
    }

    /// The sandbox it was made with.
    pub fn sandbox(&self) -> &Sandbox {
        &self.shared.sandbox
    }
}

/// Where a container reads the limit it lives under, by control group version.
const CONTAINER_LIMITS: [&str; 2] = [
    "/sys/fs/cgroup/memory.max",
    "/sys/fs/cgroup/memory/memory.limit_in_bytes",
];

/// What programs can have at most: the physical memory, or less in a container that has a limit.
fn host_memory_bytes() -> u64 {
    let info = rustix::system::sysinfo();
    let physical = info.totalram * u64::from(info.mem_unit);
    let limit = |path| -> Option<u64> { std::fs::read_to_string(path).ok()?.trim().parse().ok() };
    CONTAINER_LIMITS
        .into_iter()
        .filter_map(limit)
        .fold(physical, u64::min)
}
