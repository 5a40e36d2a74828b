//! The boxes of one slot, each kept for many runs and replaced when it is no longer good.
//!
//! One that broke is not used again. And one shows the host's files through an overlay, which goes on showing what it once
//! looked up: after a compiler was replaced by another file, a box that had run the old one would run it for ever. So the
//! toolchains' files are looked at before a box is made, and boxes go when one of these files is another.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sandbox::{Cancel, Core, Ending, Outcome, Program, SandboxBox};

use crate::Fault;
use crate::judge::Shared;
use crate::stamp::Stamp;
use crate::toolchain::stamps;

/// What one slot runs programs in.
#[derive(Debug)]
pub(crate) struct Boxes {
    shared: Arc<Shared>,
    /// The processor of all of them, if the slot has one for itself.
    core: Option<Core>,
    program: SandboxBox,
    /// Where the validator of an interactive problem runs beside the program; made when the first such run needs it.
    validator: Option<SandboxBox>,
    /// The toolchains' files as they were before any of these boxes could look them up.
    files: BTreeMap<PathBuf, Stamp>,
}

/// The two boxes of an interactive run.
pub(crate) struct Pair<'a> {
    pub(crate) program: &'a mut SandboxBox,
    pub(crate) validator: &'a mut SandboxBox,
}

impl Boxes {
    pub(crate) fn new(shared: Arc<Shared>) -> Result<Boxes, Fault> {
        let core = match shared.pin {
            true => Some(lease_core()?),
            false => None,
        };
        let files = toolchain_files(&shared);
        let program = new_box(&shared, core.as_ref())?;
        Ok(Boxes {
            shared,
            core,
            program,
            validator: None,
            files,
        })
    }

    /// Runs one program, and replaces the box when it broke.
    pub(crate) fn run(&mut self, program: Program, cancel: &Cancel) -> Result<Outcome, Fault> {
        let outcome = self.program.run(program, cancel);
        self.replace_damaged()?;
        match outcome? {
            outcome if outcome.ending == Ending::Cancelled => Err(Fault::Cancelled),
            outcome => Ok(outcome),
        }
    }

    pub(crate) fn pair(&mut self) -> Result<Pair<'_>, Fault> {
        let validator = match &mut self.validator {
            Some(validator) => validator,
            none => none.insert(new_box(&self.shared, self.core.as_ref())?),
        };
        Ok(Pair {
            program: &mut self.program,
            validator,
        })
    }

    /// A box that broke is not used again.
    pub(crate) fn replace_damaged(&mut self) -> Result<(), Fault> {
        if self.validator.as_ref().is_some_and(SandboxBox::is_damaged) {
            self.validator = None;
        }
        if self.program.is_damaged() {
            self.program = new_box(&self.shared, self.core.as_ref())?;
        }
        Ok(())
    }

    /// Replaces boxes that may still show one of `current`, files of a toolchain, as it was before.
    pub(crate) fn keep_up_with(&mut self, current: &[Stamp]) -> Result<(), Fault> {
        let mut is_outdated = false;
        for stamp in current {
            let seen = self.files.entry(stamp.path().to_owned());
            is_outdated |= seen.or_insert_with(|| stamp.clone()) != stamp;
        }
        if is_outdated {
            tracing::info!("a file of a toolchain has changed; its programs get new boxes");
            let files = toolchain_files(&self.shared);
            self.program = new_box(&self.shared, self.core.as_ref())?;
            self.validator = None;
            self.files = files;
        }
        Ok(())
    }
}

fn toolchain_files(shared: &Shared) -> BTreeMap<PathBuf, Stamp> {
    let all = shared.languages.iter().flat_map(stamps);
    all.map(|stamp| (stamp.path().to_owned(), stamp)).collect()
}

fn new_box(shared: &Shared, core: Option<&Core>) -> Result<SandboxBox, Fault> {
    Ok(match core {
        Some(core) => shared.sandbox.new_box_on(core)?,
        None => shared.sandbox.new_box()?,
    })
}

fn lease_core() -> Result<Core, Fault> {
    let processors = Path::new("the processors of this host");
    let none = || std::io::Error::other("each has a slot already; have fewer slots or do not pin");
    Core::lease()
        .and_then(|core| core.ok_or_else(none))
        .map_err(Fault::io("take one of", processors))
}
