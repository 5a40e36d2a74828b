//! How a compiled program is set up in a box: its directory, its mounts, its command.

use std::path::PathBuf;
use std::sync::Arc;

use sandbox::{Mount, Volume};

use crate::compile::{Artefact, Unit};
use crate::languages::{Language, Placeholders};
use crate::package::PackageFile;
use crate::{Fault, SourceFile};

/// Where a program's files are inside its box, when it is compiled and when it runs.
pub(crate) const DIRECTORY: &str = "/program";

/// A compiled program with what is needed to start it.
#[derive(Clone, Debug)]
pub(crate) struct Runnable {
    pub(crate) language: Arc<Language>,
    pub(crate) artefact: Arc<Artefact>,
}

impl Runnable {
    pub(crate) fn new(unit: &Unit<'_>, artefact: Artefact) -> Runnable {
        Runnable {
            language: Arc::new(unit.language.clone()),
            artefact: Arc::new(artefact),
        }
    }

    /// The command line under a memory limit.
    pub(crate) fn argv(&self, memory_bytes: u64) -> Vec<String> {
        self.language.run.argv(&Placeholders {
            directory: DIRECTORY,
            entry_point: &self.artefact.manifest.entry_point,
            memory_mib: memory_bytes >> 20,
            ..Placeholders::default()
        })
    }

    /// What the kernel must allow so that the program itself has `memory_bytes`.
    pub(crate) fn memory_with_runtime(&self, memory_bytes: u64) -> u64 {
        memory_bytes + (self.language.run.extra_memory_mib << 20)
    }

    /// The program's directory as it is in the cache: read-only, shared by all cases.
    pub(crate) fn shared_directory(&self) -> Mount {
        Mount::ReadOnly {
            source: self.artefact.files.clone(),
            target: PathBuf::from(DIRECTORY),
        }
    }

    /// A copy of the program's directory for one case, with that case's own files laid over it.
    pub(crate) fn own_directory(
        &self,
        case_files: &[PackageFile],
        room_bytes: u64,
        writable: bool,
    ) -> Result<Mount, Fault> {
        let overlay = read_files(case_files)?;
        let overlay_bytes: u64 = overlay.iter().map(|file| file.content.len() as u64).sum();
        // Every file may waste the rest of its last page.
        let files = (self.artefact.manifest.files.len() + overlay.len()) as u64;
        let bytes = self.artefact.bytes() + overlay_bytes + files * 4096 + room_bytes;
        let volume = Volume::new(bytes, files * 2 + 4096)?;
        for file in &self.artefact.manifest.files {
            let path = self.artefact.files.join(&file.path);
            let content = std::fs::read(&path).map_err(Fault::io("read", &path))?;
            let mode = if file.executable { 0o755 } else { 0o644 };
            volume.write(&file.path, &content, mode)?;
        }
        for file in &overlay {
            volume.write(&file.name, &file.content, 0o644)?;
        }
        Ok(Mount::Volume {
            volume: Arc::new(volume),
            target: PathBuf::from(DIRECTORY),
            writable,
        })
    }
}

/// Files of a package with their content.
pub(crate) fn read_files(files: &[PackageFile]) -> Result<Vec<SourceFile>, Fault> {
    let read = |file: &PackageFile| {
        let content = file.read().map_err(Fault::io("read", &file.path))?;
        Ok(SourceFile {
            name: file.name.clone(),
            content,
        })
    };
    files.iter().map(read).collect()
}
