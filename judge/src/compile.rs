//! From source files to a runnable program, in a box, once per digest.
//!
//! The compiler is a program like any other: it sees the toolchain and one writable volume with the sources, under the package's compile limits. What it
//! leaves there is read back through descriptors, never by a path it could have shaped, and goes into the cache.

mod cache;
mod compiler;
mod head_starts;
mod key;
mod leavings;

use std::sync::Arc;
use std::time::{Duration, Instant};

use sandbox::Cancel;

pub(crate) use cache::{Artefact, ArtefactCache};
use compiler::{compile_log, compiler, refusal, volume_with_sources};
pub(crate) use head_starts::HeadStarts;
use key::artefact_key;
pub(crate) use key::{Unit, toolchain_digest};
use leavings::{collect, find_entry_point, no_entry_point};

use crate::package::PackageLimits;
use crate::program::Runnable;
use crate::worker::Worker;
use crate::{Fault, Reason};

/// How large all files of a program may be together.
const ARTEFACT_BYTES: u64 = 128 << 20;

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
    /// For programs of ours, on a host that is so many times slower than it might be.
    pub(crate) fn generous(slower: u32) -> CompileLimits {
        CompileLimits {
            time: Duration::from_secs(60) * slower,
            memory_bytes: 1 << 30,
        }
    }
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
