//! One compiled program on disk: how it is written, and whether it is still as it was.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Component, Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::Fault;
use crate::compile::key::content_digest;

/// The directory that is shown to the program.
pub(super) const FILES: &str = "files";
/// What describes it, beside it.
pub(super) const MANIFEST: &str = "manifest.json";

/// One file of a compiled program.
#[derive(Clone, Debug)]
pub(crate) struct ArtefactFile {
    /// Path below the program's directory.
    pub(crate) path: PathBuf,
    pub(crate) executable: bool,
    pub(crate) content: Vec<u8>,
}

/// What `manifest.json` holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Manifest {
    /// Under which it was written: an entry that was moved is another program.
    pub(super) key: String,
    /// The main file or class that was found.
    pub(crate) entry_point: String,
    /// The compiler's warnings.
    pub(crate) compile_log: String,
    pub(crate) files: Vec<ManifestFile>,
}

/// One file as it should be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ManifestFile {
    pub(crate) path: PathBuf,
    pub(crate) executable: bool,
    pub(crate) bytes: u64,
    pub(crate) sha256: String,
}

impl Manifest {
    pub(super) fn new(
        key: &str,
        files: &[ArtefactFile],
        entry_point: String,
        compile_log: String,
    ) -> Manifest {
        Manifest {
            key: key.to_owned(),
            entry_point,
            compile_log,
            files: files.iter().map(ManifestFile::of).collect(),
        }
    }

    /// Whether `directory` holds these files, and nothing beside them: a program may read whatever lies there as a part of it.
    pub(super) fn describes(&self, directory: &Path) -> bool {
        let parts = self.files.iter().flat_map(|file| file.path.ancestors());
        let expected = parts.filter(|path| !path.as_os_str().is_empty());
        let mut there = BTreeSet::new();
        add_below(directory, Path::new(""), &mut there).is_ok()
            && there.iter().map(PathBuf::as_path).collect::<BTreeSet<_>>() == expected.collect()
            && self.files.iter().all(|file| file.is_intact(directory))
    }
}

impl ManifestFile {
    fn of(file: &ArtefactFile) -> ManifestFile {
        ManifestFile {
            path: file.path.clone(),
            executable: file.executable,
            bytes: file.content.len() as u64,
            sha256: content_digest(&file.content),
        }
    }

    fn is_intact(&self, directory: &Path) -> bool {
        let path = directory.join(&self.path);
        let executable = |file: &fs::Metadata| file.permissions().mode() & 0o111 != 0;
        fs::symlink_metadata(&path)
            .is_ok_and(|file| file.is_file() && executable(&file) == self.executable)
            && fs::read(&path).is_ok_and(|content| content_digest(&content) == self.sha256)
    }
}

/// Every file and directory of `root` below `directory`, by its path in `root`; links are not followed.
fn add_below(root: &Path, directory: &Path, paths: &mut BTreeSet<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(root.join(directory))? {
        let entry = entry?;
        let path = directory.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            add_below(root, &path, paths)?;
        }
        paths.insert(path);
    }
    Ok(())
}

/// Writes an entry below `directory`, readable for the program's user whatever our umask is.
pub(super) fn write(
    directory: &Path,
    files: &[ArtefactFile],
    manifest: &Manifest,
) -> Result<(), Fault> {
    let mode = |path: &Path, mode| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode))
            .map_err(Fault::io("set the mode of", path))
    };
    let base = directory.join(FILES);
    fs::create_dir(&base).map_err(Fault::io("create", &base))?;
    mode(&base, 0o755)?;
    for file in files {
        let mut place = base.clone();
        for component in file.path.components() {
            // The names come from a directory that a program shaped.
            let Component::Normal(name) = component else {
                return Err(Fault::io("write", &file.path)(io::Error::other(
                    "not a plain relative path",
                )));
            };
            if place != base && !place.exists() {
                fs::create_dir(&place).map_err(Fault::io("create", &place))?;
                mode(&place, 0o755)?;
            }
            place.push(name);
        }
        fs::write(&place, &file.content).map_err(Fault::io("write", &place))?;
        mode(&place, if file.executable { 0o755 } else { 0o644 })?;
    }
    let path = directory.join(MANIFEST);
    let text = serde_json::to_vec(manifest)
        .map_err(io::Error::from)
        .map_err(Fault::io("encode", &path))?;
    fs::write(&path, text).map_err(Fault::io("write", &path))
}
