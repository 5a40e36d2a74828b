//! From source files to a runnable program, in a box, once per digest.
//!
//! The compiler is a program like any other: it sees the toolchain and one writable volume with the sources, under the package's compile limits. What it
//! leaves there is read back through descriptors, never by a path it could have shaped, and goes into the cache.

mod cache;
mod head_starts;
mod key;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use sandbox::{
    Cancel, Capture, Ending, Limits, Mount, Outcome, Program, Stdin, Volume, VolumeError,
};

pub(crate) use cache::{Artefact, ArtefactCache, ArtefactFile};
pub(crate) use head_starts::HeadStarts;
use head_starts::Ready;
use key::artefact_key;
pub(crate) use key::{Unit, toolchain_digest};

use crate::decide::signal_name;
use crate::languages::{Language, Placeholders};
use crate::package::PackageLimits;
use crate::package_program::script;
use crate::program::{DIRECTORY, Runnable};
use crate::text::capped_text;
use crate::worker::Worker;
use crate::{Fault, Reason};

/// What a compiler may leave behind, sources included.
const VOLUME_BYTES: u64 = 256 << 20;
/// How large one file may become; head starts are larger than programs.
const FILE_BYTES: u64 = 512 << 20;
/// Files and directories it may make.
const VOLUME_INODES: u64 = 8192;
/// How many of them may be part of the program.
const ARTEFACT_FILES: usize = 4096;
/// How large they may be together.
const ARTEFACT_BYTES: u64 = 128 << 20;
/// How much of the compiler's output is kept.
const LOG_BYTES: u64 = 64 << 10;

/// What came of compiling.
pub(crate) enum Compiled {
    /// A program to run.
    Program(Runnable),
    /// The submission's own fault, with the compiler's output.
    Refused {
        /// Why.
        reason: Reason,
        /// The compiler's output, capped.
        log: String,
    },
}

/// What a compile may use.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CompileLimits {
    pub(crate) time: Duration,
    pub(crate) memory_bytes: u64,
}

impl CompileLimits {
    /// For programs of ours.
    pub(crate) const GENEROUS: CompileLimits = CompileLimits {
        time: Duration::from_secs(60),
        memory_bytes: 1 << 30,
    };
}

impl From<&PackageLimits> for CompileLimits {
    fn from(limits: &PackageLimits) -> CompileLimits {
        CompileLimits {
            time: limits.compilation_time,
            memory_bytes: limits.compilation_memory_bytes,
        }
    }
}

impl Worker {
    /// The program of `unit`, from the cache if it is there. `on_compile` is called just before a compiler really starts.
    pub(crate) fn compile(
        &mut self,
        unit: &Unit<'_>,
        limits: CompileLimits,
        cancel: &Cancel,
        on_compile: &mut dyn FnMut(),
    ) -> Result<Compiled, Fault> {
        if let Some(program) = self.compiled_before(unit, cancel)? {
            return Ok(Compiled::Program(program));
        }
        on_compile();
        self.compile_anew(unit, limits, cancel)
    }

    /// The program of `unit`, if the cache has it.
    pub(crate) fn compiled_before(
        &mut self,
        unit: &Unit<'_>,
        cancel: &Cancel,
    ) -> Result<Option<Runnable>, Fault> {
        let key = self.artefact_key(unit, cancel)?;
        let artefact = self.shared.cache.get(&key);
        Ok(artefact.map(|artefact| Runnable::new(unit, artefact)))
    }

    /// Compiles whatever the cache holds. A refusal stands only if the toolchain proves to work: what is broken here is never the
    /// submission's fault.
    fn compile_anew(
        &mut self,
        unit: &Unit<'_>,
        limits: CompileLimits,
        cancel: &Cancel,
    ) -> Result<Compiled, Fault> {
        let started = Instant::now();
        let compiled = self.compile_unproven(unit, limits, cancel)?;
        match compiled {
            Compiled::Program(_) => {}
            Compiled::Refused { .. } => self.prove(unit.language, started, cancel)?,
        }
        Ok(compiled)
    }

    /// Compiles, and takes the compiler's word for a refusal.
    pub(crate) fn compile_unproven(
        &mut self,
        unit: &Unit<'_>,
        limits: CompileLimits,
        cancel: &Cancel,
    ) -> Result<Compiled, Fault> {
        let key = self.artefact_key(unit, cancel)?;
        if unit.language.has_root() && unit.root().is_none() {
            return Ok(no_entry_point(unit, String::new()));
        }
        let volume = Arc::new(volume_with_sources(unit)?);
        let head_start = self.head_start(unit, cancel);
        let compiler = compiler(unit, limits, &volume, head_start.as_deref());
        let outcome = self.run(compiler, cancel)?;
        let log = compile_log(&outcome);
        if let Some(reason) = refusal(&outcome, unit)? {
            return Ok(Compiled::Refused { reason, log });
        }
        let Some(files) = collect(&volume, ARTEFACT_BYTES)? else {
            let reason = Reason::plain("compile-output-limit");
            return Ok(Compiled::Refused { reason, log });
        };
        let Some(entry_point) = find_entry_point(unit, &files) else {
            return Ok(no_entry_point(unit, log));
        };
        let artefact = self.shared.cache.put(&key, &files, entry_point, log)?;
        Ok(Compiled::Program(Runnable::new(unit, artefact)))
    }

    fn artefact_key(&mut self, unit: &Unit<'_>, cancel: &Cancel) -> Result<String, Fault> {
        let toolchain = self.toolchain(unit.language, cancel)?;
        Ok(artefact_key(&unit.source_digest(), &toolchain.digest))
    }
}

fn volume_with_sources(unit: &Unit<'_>) -> Result<Volume, Fault> {
    let volume = Volume::new(VOLUME_BYTES, VOLUME_INODES)?;
    for file in &unit.files {
        let mode = if script::are_executable(unit) {
            0o755
        } else {
            0o644
        };
        volume.write(&file.name, &file.content, mode)?;
    }
    Ok(volume)
}

fn compiler(
    unit: &Unit<'_>,
    limits: CompileLimits,
    volume: &Arc<Volume>,
    head_start: Option<&Ready>,
) -> Program {
    let step = &unit.language.compile;
    let arguments = step.head_start.as_ref().map(|it| it.arguments.as_slice());
    let argv = step.argv(&Placeholders {
        directory: DIRECTORY,
        entry_point: unit.root().unwrap_or_default(),
        compile_memory_mib: limits.memory_bytes >> 20,
        sources: &unit.sources(),
        head_start: arguments
            .filter(|_| head_start.is_some())
            .unwrap_or_default(),
        ..Placeholders::default()
    });
    let mut program = compile_box(unit.language, argv, limits, volume, DIRECTORY);
    program.mounts.extend(head_start.map(Ready::mount));
    program
}

/// A compiler in its box, with a writable volume where it works.
fn compile_box(
    language: &Language,
    argv: Vec<String>,
    limits: CompileLimits,
    volume: &Arc<Volume>,
    directory: &str,
) -> Program {
    let step = &language.compile;
    let log = || Capture::Memory {
        cap_bytes: LOG_BYTES,
        fatal: false,
    };
    Program {
        argv: argv.into_iter().map(Into::into).collect(),
        env: language.env(),
        cwd: PathBuf::from(directory),
        mounts: vec![Mount::Volume {
            volume: Arc::clone(volume),
            target: PathBuf::from(directory),
            writable: true,
        }],
        stdin: Stdin::Null,
        stdout: log(),
        stderr: log(),
        limits: Limits {
            cpu: limits.time,
            // What is guaranteed is compiler time; a compiler that waits for ever is still ended.
            wall: limits.time * 2,
            memory_bytes: limits.memory_bytes + (step.extra_memory_mib << 20),
            processes: step.processes,
            file_size_bytes: FILE_BYTES,
            open_files: 1024,
        },
    }
}

fn compile_log(outcome: &Outcome) -> String {
    let mut log = outcome.stdout.clone();
    log.extend_from_slice(&outcome.stderr);
    capped_text(&log, LOG_BYTES as usize)
}

/// Why there is no program, if the compiler or one of its limits said so.
fn refusal(outcome: &Outcome, unit: &Unit<'_>) -> Result<Option<Reason>, Fault> {
    let reason = match outcome.ending {
        Ending::Exited(0) => return Ok(None),
        Ending::Exited(status) => Reason::new("compiler-status", [status]),
        Ending::Signaled(signal) => Reason::new("compiler-signal", [signal_name(signal)]),
        Ending::CpuLimit | Ending::WallLimit => Reason::plain("compile-time-limit"),
        Ending::MemoryLimit => Reason::plain("compile-memory-limit"),
        Ending::OutputLimit => Reason::plain("compile-output-limit"),
        Ending::ExecFailed(errno) => {
            let command = &unit.language.compile.command;
            return Err(Fault::not_executable(unit.language, command, errno));
        }
        Ending::Cancelled => return Err(Fault::Cancelled),
    };
    Ok(Some(reason))
}

/// Everything the compiler left, or `None` if it is too much.
fn collect(volume: &Volume, mut room: u64) -> Result<Option<Vec<ArtefactFile>>, Fault> {
    let entries = match volume.list(ARTEFACT_FILES) {
        Err(VolumeError::TooLarge { .. }) => return Ok(None),
        entries => entries?,
    };
    let mut files = Vec::with_capacity(entries.len());
    for entry in entries {
        let content = match volume.read(&entry.path, room) {
            Err(VolumeError::TooLarge { .. }) => return Ok(None),
            content => content?,
        };
        room -= content.len() as u64;
        files.push(ArtefactFile {
            path: entry.path,
            executable: entry.mode & 0o111 != 0,
            content,
        });
    }
    Ok(Some(files))
}

fn no_entry_point(unit: &Unit<'_>, log: String) -> Compiled {
    Compiled::Refused {
        reason: Reason::new("no-entry-point", &unit.entry_points),
        log,
    }
}

/// The first entry point for which the compiler left what it should; for languages that link everything, the empty string.
fn find_entry_point(unit: &Unit<'_>, files: &[ArtefactFile]) -> Option<String> {
    let linked = [String::new()];
    let candidates = match unit.entry_points.as_slice() {
        [] => &linked,
        // Nothing but the root was compiled, whatever else could have been one.
        all if unit.language.has_root() => {
            let root = unit.root()?;
            let index = all.iter().position(|name| name == root)?;
            &all[index..=index]
        }
        all => all,
    };
    let exists = |name: &&String| {
        let path = unit.language.entry_file(name);
        files.iter().any(|file| file.path == Path::new(&path))
    };
    candidates.iter().find(exists).cloned()
}
