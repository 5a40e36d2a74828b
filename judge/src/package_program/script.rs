//! Programs that a package builds and starts by scripts of its own: `build`, `run`, or both.
//!
//! `build` runs in a copy of the program's directory, as a compiler would, and what it leaves is kept as a compiled
//! program is. Then `run` is the program: the package's file, or what `build` made under that name.

use std::fs::File;
use std::io::Read;
use std::sync::{Arc, LazyLock};

use crate::compile::Unit;
use crate::languages::Language;
use crate::program::Runnable;
use crate::{Fault, SourceFile};

const BUILD: &str = "build";
const RUN: &str = "run";

#[expect(
    clippy::expect_used,
    reason = "the file is part of the binary and a test reads it"
)]
static SCRIPT: LazyLock<Language> =
    LazyLock::new(|| toml::from_str(include_str!("script.toml")).expect("script.toml is valid"));

/// What `build` is given, if these files are such a program.
pub(super) fn unit(files: &[SourceFile]) -> Option<Unit<'static>> {
    let is_script = |file: &SourceFile| file.name == BUILD || file.name == RUN;
    files.iter().any(is_script).then(|| Unit {
        language: &SCRIPT,
        files: files.to_vec(),
        entry_points: vec![RUN.to_owned()],
        has_include_files: false,
    })
}

/// Whether every file of `unit` may be executed: archives lose the permissions of scripts, and scripts call each other.
pub(crate) fn are_executable(unit: &Unit<'_>) -> bool {
    unit.language.id == SCRIPT.id
}

/// A `run` that names no interpreter is a script for the shell; the kernel itself would refuse it.
pub(super) fn with_interpreter(mut program: Runnable) -> Result<Runnable, Fault> {
    let path = program.artefact.files.join(RUN);
    let mut start = Vec::new();
    File::open(&path)
        .and_then(|file| file.take(4).read_to_end(&mut start))
        .map_err(Fault::io("read", &path))?;
    if !start.starts_with(b"#!") && start != *b"\x7fELF" {
        let mut language = Language::clone(&program.language);
        language.run.command.insert(0, "/bin/sh".to_owned());
        program.language = Arc::new(language);
    }
    Ok(program)
}
