//! Which toolchain a language has on this host, and whether it is still the one that was asked.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sandbox::{Cancel, Capture, Ending, Limits, Outcome, Program, Stdin};

use crate::Fault;
use crate::compile::toolchain_digest;
use crate::languages::Language;
use crate::stamp::Stamp;
use crate::worker::Worker;

/// What Debian has installed: a header or a library may change while every program stays the same.
const PACKAGES: &str = "/var/lib/dpkg/status";
/// A version command may start a virtual machine.
const MEMORY_BYTES: u64 = 1 << 30;

/// A toolchain as it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Toolchain {
    /// What it says of its version, for people.
    pub(crate) version: String,
    /// Changes whenever the toolchain may have.
    pub(crate) digest: String,
    stamps: Vec<Stamp>,
}

impl Worker {
    /// The language's toolchain; asked for its version once, and again when one of its files has changed.
    pub(crate) fn toolchain(
        &mut self,
        language: &Language,
        cancel: &Cancel,
    ) -> Result<Arc<Toolchain>, Fault> {
        let stamps = stamps(language);
        self.boxes.keep_up_with(&stamps)?;
        if let Some(known) = self.shared.toolchains.get(&language.id)
            && known.stamps == stamps
        {
            return Ok(known);
        }
        if let Some(file) = language.missing_file() {
            let why = format!("{} is missing", file.display());
            return Err(Fault::broken_toolchain(language, why));
        }
        let outcome = self.run(version_command(language), cancel)?;
        let toolchain = Arc::new(found(language, &outcome, stamps)?);
        self.shared.toolchains.set(&language.id, &toolchain);
        Ok(toolchain)
    }
}

/// Of every file that the language's toolchain is known to need, and of Debian's list of packages.
pub(crate) fn stamps(language: &Language) -> Vec<Stamp> {
    let files = language.toolchain_files();
    let files = files.into_iter().chain([Path::new(PACKAGES)]);
    files.map(Stamp::of).collect()
}

fn found(language: &Language, outcome: &Outcome, stamps: Vec<Stamp>) -> Result<Toolchain, Fault> {
    if let Ending::ExecFailed(errno) = outcome.ending {
        return Err(Fault::not_executable(language, &language.version, errno));
    }
    let said = [&outcome.stdout[..], &outcome.stderr[..]].concat();
    let said = String::from_utf8_lossy(&said);
    let version = said.lines().map(str::trim).find(|line| !line.is_empty());
    match (outcome.ending, version) {
        (Ending::Exited(0), Some(version)) => Ok(Toolchain {
            version: version.to_owned(),
            digest: digest(&said, &stamps),
            stamps,
        }),
        (ending, _) => {
            let command = language.version.join(" ");
            let why = format!("{command} ended with {ending:?}: {said}");
            Err(Fault::broken_toolchain(language, why))
        }
    }
}

/// Equal on hosts with the same packages: inodes and the times of unpacking are left out.
fn digest(said: &str, stamps: &[Stamp]) -> String {
    let mut parts = vec![said.as_bytes().to_vec()];
    for stamp in stamps {
        parts.push(stamp.path().as_os_str().as_encoded_bytes().to_vec());
        let [size, modified] = stamp.size_and_modified().unwrap_or([-1; 2]);
        // The list of packages is rewritten even when nothing changes.
        let modified = if stamp.path() == Path::new(PACKAGES) {
            0
        } else {
            modified
        };
        parts.push([size.to_be_bytes(), modified.to_be_bytes()].concat());
    }
    parts.push(fs::read(PACKAGES).unwrap_or_default());
    toolchain_digest(&parts)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_version_or_another_file_is_another_toolchain() -> anyhow::Result<()> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("compiler");
        fs::write(&path, "one")?;
        let stamps = [Stamp::of(&path)];
        let base = digest("gcc 12", &stamps);
        assert_eq!(base, digest("gcc 12", &stamps));
        assert_ne!(base, digest("gcc 13", &stamps));
        fs::write(&path, "three")?;
        assert_ne!(base, digest("gcc 12", &[Stamp::of(&path)]));
        Ok(())
    }
}
