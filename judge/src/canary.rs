//! Whether a language works on this host, found out by compiling and running its self-test program.

use std::sync::Arc;
use std::time::{Duration, Instant};

use sandbox::{Cancel, Stdin};

use crate::compile::{CompileLimits, Compiled, Unit};
use crate::decide::{CaseLimits, failure};
use crate::languages::Language;
use crate::program::Runnable;
use crate::run::Start;
use crate::validate::memory_file;
use crate::worker::Worker;
use crate::{Fault, SourceFile};

const RUN_MEMORY_BYTES: u64 = 256 << 20;

impl Worker {
    /// Compiles and runs the language's self-test program; returns the toolchain's version.
    ///
    /// For start-up and after a fault: a host that fails it must not take work.
    pub fn canary(&mut self, language_id: &str, cancel: &Cancel) -> Result<String, Fault> {
        let shared = Arc::clone(&self.shared);
        let Some(language) = shared.languages.get(language_id) else {
            return Err(Fault::NotAvailable {
                language: language_id.to_owned(),
                why: "no such language".to_owned(),
            });
        };
        // It may have been broken since it was asked, in a way that its files do not show.
        shared.toolchains.forget(language_id);
        let toolchain = self.toolchain(language, cancel)?;
        self.self_test(language, cancel)?;
        Ok(toolchain.version.clone())
    }

    /// Fails unless the toolchain has been seen to work since `since`: asked before a program is blamed for not compiling, since a
    /// broken compiler refuses too.
    pub(crate) fn prove(
        &mut self,
        language: &Language,
        since: Instant,
        cancel: &Cancel,
    ) -> Result<(), Fault> {
        if self.shared.toolchains.proven_since(&language.id, since) {
            return Ok(());
        }
        self.self_test(language, cancel)
    }

    /// As `prove`, before a program is blamed for crashing: what was compiled earlier will do.
    pub(crate) fn prove_runtime(
        &mut self,
        language: &Language,
        since: Instant,
        cancel: &Cancel,
    ) -> Result<(), Fault> {
        if self.shared.toolchains.proven_since(&language.id, since) {
            return Ok(());
        }
        match self.compiled_before(&self_test_unit(language), cancel)? {
            Some(program) => self.run_self_test(&program, cancel),
            None => self.self_test(language, cancel),
        }
    }

    fn self_test(&mut self, language: &Language, cancel: &Cancel) -> Result<(), Fault> {
        let started = Instant::now();
        let unit = self_test_unit(language);
        let limits = CompileLimits::generous(self.shared.slower);
        let program = match self.compile_unproven(&unit, limits, cancel)? {
            Compiled::Program(program) => program,
            Compiled::Refused { reason, log } => {
                return Err(failed(
                    language,
                    &format!("does not compile: {reason}: {log}"),
                ));
            }
        };
        self.run_self_test(&program, cancel)?;
        self.shared.toolchains.prove(&language.id, started);
        Ok(())
    }

    fn run_self_test(&mut self, program: &Runnable, cancel: &Cancel) -> Result<(), Fault> {
        let self_test = &program.language.self_test;
        let limits = CaseLimits {
            cpu: Duration::from_secs(10) * self.shared.slower,
            memory_bytes: RUN_MEMORY_BYTES,
            output_bytes: 64 << 10,
            heap_exhausted_status: None,
        };
        let start = Start {
            args: &[],
            stdin: Stdin::File(memory_file(self_test.input.as_bytes())?),
            directory: program.shared_directory(),
        };
        let outcome = self.run_program(program, start, &limits, cancel)?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        if let Some((verdict, reason)) = failure(&outcome, &limits) {
            let what = format!("got {verdict} ({reason}): {}", text(&outcome.stderr));
            return Err(failed(&program.language, &what));
        }
        if outcome.stdout != self_test.output.as_bytes() {
            let what = format!("printed {:?}", text(&outcome.stdout));
            return Err(failed(&program.language, &what));
        }
        Ok(())
    }
}

fn failed(language: &Language, what: &str) -> Fault {
    Fault::broken_toolchain(language, format!("its self-test {what}"))
}

fn self_test_unit(language: &Language) -> Unit<'_> {
    let test = &language.self_test;
    let names = [test.file.clone()];
    let helpers = language.files.iter();
    let files = helpers.chain([(&test.file, &test.source)]);
    Unit {
        language,
        entry_points: language.entry_points(None, false, &names),
        files: files
            .map(|(name, content)| SourceFile {
                name: name.clone(),
                content: content.clone().into_bytes(),
            })
            .collect(),
        has_include_files: false,
    }
}
