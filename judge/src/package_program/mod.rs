//! Programs that come with a package: validators and graders. They are as untrusted as a submission and run in the same box, under the
//! limits that the package sets for them.

pub(crate) mod script;

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;

use sandbox::{Cancel, Capture, Ending, Limits, Mount, Outcome, Program, Stdin};

use crate::compile::{CompileLimits, Compiled, Unit};
use crate::decide::wall_limit;
use crate::package::{Package, PackageLimits, PackageProgram};
use crate::program::{DIRECTORY, Runnable, read_files};
use crate::run::MESSAGE_BYTES;
use crate::worker::Worker;
use crate::{Fault, Source, admit};

/// In what a 2025-09 package may write its programs, unless it brings scripts.
const LANGUAGES_2025_09: [&str; 3] = ["c", "cpp", "python3"];

/// What one run of a package's program is given, besides its own directory and limits.
pub(crate) struct PackageRun {
    /// After the program's own command.
    pub(crate) args: Vec<OsString>,
    pub(crate) stdin: Stdin,
    pub(crate) stdout: Capture,
    /// What it sees besides the toolchain and itself.
    pub(crate) mounts: Vec<Mount>,
    /// Its working directory; `None` = where its own files are.
    pub(crate) cwd: Option<PathBuf>,
}

impl Worker {
    /// A package's own program, from the cache or built now: by its `build` script, or as a program of its language.
    pub(crate) fn build_package_program(
        &mut self,
        program: &PackageProgram,
        package: &Package,
        cancel: &Cancel,
    ) -> Result<Runnable, Fault> {
        let refuse = |why: String| Fault::Package {
            package: package.id.clone(),
            why: format!("its program {} {why}", program.name),
        };
        let source = Source {
            files: read_files(&program.files)?,
            language: None,
            entry_point: None,
        };
        let shared = Arc::clone(&self.shared);
        let (unit, is_script) = match script::unit(&source.files) {
            Some(unit) => (unit, true),
            None => {
                let unit = admit::unit_as_it_is(&shared.languages, &source)
                    .map_err(|error| refuse(format!("cannot be compiled: {error}")))?;
                check_language(&unit, package).map_err(refuse)?;
                (unit, false)
            }
        };
        let limits = CompileLimits::from(&package.limits);
        match self.compile(&unit, limits, cancel, &mut || {})? {
            Compiled::Program(program) if is_script => script::with_interpreter(program),
            Compiled::Program(program) => Ok(program),
            Compiled::Refused { reason, log } => {
                Err(refuse(format!("does not compile ({reason}): {log}")))
            }
        }
    }

    /// Runs a package's program under the package's limits for its own programs. A missing interpreter is a fault; everything else is an outcome.
    pub(crate) fn run_package_program(
        &mut self,
        program: &Runnable,
        run: PackageRun,
        limits: &PackageLimits,
        cancel: &Cancel,
    ) -> Result<Outcome, Fault> {
        let outcome = self.run(command(program, run, limits), cancel)?;
        executed(program, outcome)
    }
}

/// The call of a package's program as the sandbox wants it.
pub(crate) fn command(program: &Runnable, run: PackageRun, limits: &PackageLimits) -> Program {
    let argv = program.argv(limits.validation_memory_bytes).into_iter();
    let mut mounts = vec![program.shared_directory()];
    mounts.extend(run.mounts);
    Program {
        argv: argv.map(OsString::from).chain(run.args).collect(),
        env: program.language.env(),
        cwd: run.cwd.unwrap_or_else(|| PathBuf::from(DIRECTORY)),
        mounts,
        stdin: run.stdin,
        stdout: run.stdout,
        stderr: Capture::Memory {
            cap_bytes: limits.validation_output_bytes.min(MESSAGE_BYTES as u64),
            fatal: false,
        },
        limits: Limits {
            cpu: limits.validation_time,
            wall: wall_limit(limits.validation_time),
            memory_bytes: program.memory_with_runtime(limits.validation_memory_bytes),
            processes: program.language.run.processes,
            file_size_bytes: limits.validation_output_bytes,
            open_files: 256,
        },
    }
}

/// A program that the kernel would not start says nothing about what it was to judge.
pub(crate) fn executed(program: &Runnable, outcome: Outcome) -> Result<Outcome, Fault> {
    match outcome.ending {
        Ending::ExecFailed(errno) => {
            let command = &program.language.run.command;
            Err(Fault::not_executable(&program.language, command, errno))
        }
        _ => Ok(outcome),
    }
}

/// 2025-09 names the languages of a package's own programs; the formats before it allow every language.
fn check_language(unit: &Unit<'_>, package: &Package) -> Result<(), String> {
    let id = unit.language.id.as_str();
    if package.format_version != "2025-09" || LANGUAGES_2025_09.contains(&id) {
        return Ok(());
    }
    Err(format!(
        "is written in {}; in a 2025-09 package use C, C++ or Python 3, or bring a `build` or `run` script",
        unit.language.name
    ))
}
