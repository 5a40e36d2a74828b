//! The compiler as a program in a box, and how it ended.

use std::path::PathBuf;
use std::sync::Arc;

use sandbox::{Capture, Ending, Limits, Mount, Outcome, Program, Stdin, Volume};

use super::CompileLimits;
use super::head_starts::Ready;
use super::key::Unit;
use crate::decide::signal_name;
use crate::languages::{Language, Placeholders};
use crate::package_program::script;
use crate::program::DIRECTORY;
use crate::text::capped_text;
use crate::{Fault, Reason};

/// What a compiler may leave behind, sources included.
const VOLUME_BYTES: u64 = 256 << 20;
/// How large one file may become; head starts are larger than programs.
const FILE_BYTES: u64 = 512 << 20;
/// Files and directories it may make.
const VOLUME_INODES: u64 = 8192;
/// How much of the compiler's output is kept.
const LOG_BYTES: u64 = 64 << 10;

/// Where it works: the sources, and room for what it makes of them.
pub(super) fn volume_with_sources(unit: &Unit<'_>) -> Result<Volume, Fault> {
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

/// The compiler of `unit`, which works in `volume`.
pub(super) fn compiler(
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
pub(super) fn compile_box(
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

/// What it said, capped.
pub(super) fn compile_log(outcome: &Outcome) -> String {
    let mut log = outcome.stdout.clone();
    log.extend_from_slice(&outcome.stderr);
    capped_text(&log, LOG_BYTES as usize)
}

/// Why there is no program, if the compiler or one of its limits said so.
pub(super) fn refusal(outcome: &Outcome, unit: &Unit<'_>) -> Result<Option<Reason>, Fault> {
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
