//! Whether a language works on this host, found out by trying.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use sandbox::{Cancel, Capture, Ending, Limits, Program, Stdin};

use crate::compile::{CompileLimits, Compiled, Unit};
use crate::decide::{CaseLimits, failure};
use crate::languages::Language;
use crate::run::Start;
use crate::validate::memory_file;
use crate::worker::Worker;
use crate::{Fault, SourceFile};

const MEMORY_BYTES: u64 = 1 << 30;

impl Worker {
    /// The first line of what the language's toolchain says of its version; asked once.
    pub(crate) fn toolchain(
        &mut self,
        language: &Language,
        cancel: &Cancel,
    ) -> Result<String, Fault> {
        let known = |worker: &Worker| {
            let toolchains = worker.shared.toolchains.lock();
            toolchains.map_or(None, |map| map.get(&language.id).cloned())
        };
        if let Some(version) = known(self) {
            return Ok(version);
        }
        let outcome = self.run(version_command(language), cancel)?;
        if let Ending::ExecFailed(errno) = outcome.ending {
            return Err(Fault::not_executable(language, &language.version, errno));
        }
        let text = String::from_utf8_lossy(&outcome.stdout).into_owned();
        let version = text.lines().next().unwrap_or_default().trim();
        if outcome.ending != Ending::Exited(0) || version.is_empty() {
            return Err(Fault::NotAvailable {
                language: language.id.clone(),
                why: format!(
                    "{} ended with {:?}: {}",
                    language.version.join(" "),
                    outcome.ending,
                    String::from_utf8_lossy(&outcome.stderr)
                ),
            });
        }
        if let Ok(mut toolchains) = self.shared.toolchains.lock() {
            toolchains.insert(language.id.clone(), version.to_owned());
        }
        Ok(version.to_owned())
    }

    /// Compiles and runs the language's self-test program; returns the toolchain's version.
    ///
    /// For start-up and after a fault: a host that fails it must not take work.
    pub fn canary(&mut self, language_id: &str, cancel: &Cancel) -> Result<String, Fault> {
        let fails = |why: String| Fault::NotAvailable {
            language: language_id.to_owned(),
            why,
        };
        let shared = Arc::clone(&self.shared);
        let Some(language) = shared.languages.get(language_id) else {
            return Err(fails("no such language".to_owned()));
        };
        // It may have been replaced or broken since it was asked.
        if let Ok(mut toolchains) = shared.toolchains.lock() {
            toolchains.remove(language_id);
        }
        let version = self.toolchain(language, cancel)?;
        match self.self_test(language, cancel)? {
            Ok(()) => Ok(version),
            Err(why) => Err(fails(format!("its self-test {why}"))),
        }
    }

    /// The inner `Err` is in what way the self-test failed.
    fn self_test(
        &mut self,
        language: &Language,
        cancel: &Cancel,
    ) -> Result<Result<(), String>, Fault> {
        let limits = CompileLimits {
            time: Duration::from_secs(60),
            memory_bytes: MEMORY_BYTES,
        };
        let program = match self.compile_anew(&self_test_unit(language), limits, cancel)? {
            Compiled::Program(program) => program,
            Compiled::Refused { reason, log } => {
                return Ok(Err(format!("does not compile: {reason}: {log}")));
            }
        };
        let limits = CaseLimits {
            cpu: Duration::from_secs(10),
            memory_bytes: MEMORY_BYTES / 4,
            output_bytes: 64 << 10,
            heap_exhausted_status: None,
        };
        let start = Start {
            args: &[],
            stdin: Stdin::File(memory_file(language.self_test.input.as_bytes())?),
            directory: program.shared_directory(),
        };
        let outcome = self.run_program(&program, start, &limits, cancel)?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        if let Some((verdict, reason)) = failure(&outcome, &limits) {
            let stderr = text(&outcome.stderr);
            return Ok(Err(format!("got {verdict} ({reason}): {stderr}")));
        }
        if outcome.stdout != language.self_test.output.as_bytes() {
            return Ok(Err(format!("printed {:?}", text(&outcome.stdout))));
        }
        Ok(Ok(()))
    }
}

fn self_test_unit(language: &Language) -> Unit<'_> {
    let file = SourceFile {
        name: language.self_test.file.clone(),
        content: language.self_test.source.clone().into_bytes(),
    };
    let names = [file.name.clone()];
    Unit {
        language,
        entry_points: language.entry_points(None, false, &names),
        files: vec![file],
        has_include_files: false,
    }
}

fn version_command(language: &Language) -> Program {
    let stream = || Capture::Memory {
        cap_bytes: 16 << 10,
        fatal: false,
    };
    Program {
        argv: language.version.iter().map(Into::into).collect(),
        env: language.env(),
        cwd: PathBuf::from("/tmp"),
        mounts: Vec::new(),
        stdin: Stdin::Null,
        stdout: stream(),
        stderr: stream(),
        limits: Limits {
            cpu: Duration::from_secs(10),
            wall: Duration::from_secs(30),
            memory_bytes: MEMORY_BYTES,
            processes: 128,
            file_size_bytes: 1 << 20,
            open_files: 256,
        },
    }
}
