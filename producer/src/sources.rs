//! Reading a program from disk: one file, several files, or one directory.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use schemas::SourceFile;
use schemas::cap::{MAX_FILE_BYTES, MAX_FILES};

/// Reads what is to be submitted. Files are named by their base names, files of a directory by
/// their paths below it. Nothing larger than its cap is read.
pub fn read(paths: &[PathBuf]) -> anyhow::Result<Vec<SourceFile>> {
    let mut files = Vec::new();
    match paths {
        [] => bail!("no source file given"),
        [directory] if directory.is_dir() => walk(directory, "", &mut files)?,
        _ => {
            for path in paths {
                ensure!(
                    !path.is_dir(),
                    "{} is a directory: submit one directory, or only files",
                    path.display()
                );
                files.push(read_file(path, base_name(path)?)?);
            }
        }
    }
    ensure!(!files.is_empty(), "{} has no files", paths[0].display());
    Ok(files)
}

fn walk(directory: &Path, below: &str, files: &mut Vec<SourceFile>) -> anyhow::Result<()> {
    let list = || format!("failed to list {}", directory.display());
    let entries = fs::read_dir(directory).with_context(list)?;
    let mut paths = entries
        .map(|entry| Ok(entry?.path()))
        .collect::<std::io::Result<Vec<PathBuf>>>()
        .with_context(list)?;
    paths.sort();
    for path in paths {
        let name = format!("{below}{}", base_name(&path)?);
        let kind = fs::symlink_metadata(&path)
            .with_context(|| format!("failed to look at {}", path.display()))?;
        // A link could name anything on this machine, and would be sent as a file of the program.
        ensure!(
            !kind.is_symlink(),
            "{} is a symbolic link: submit plain files",
            path.display()
        );
        if kind.is_dir() {
            walk(&path, &format!("{name}/"), files)?;
        } else {
            files.push(read_file(&path, name)?);
        }
        ensure!(
            files.len() <= MAX_FILES,
            "{} has more than {MAX_FILES} files",
            directory.display()
        );
    }
    Ok(())
}

fn read_file(path: &Path, name: String) -> anyhow::Result<SourceFile> {
    let failed = || format!("failed to read {}", path.display());
    let metadata = fs::metadata(path).with_context(failed)?;
    ensure!(metadata.is_file(), "{} is not a file", path.display());
    ensure!(
        metadata.len() <= MAX_FILE_BYTES as u64,
        "{} has {} bytes: at most {MAX_FILE_BYTES} are allowed",
        path.display(),
        metadata.len()
    );
    let content = fs::read(path).with_context(failed)?;
    Ok(SourceFile { name, content })
}

fn base_name(path: &Path) -> anyhow::Result<String> {
    let name = path.file_name().and_then(|name| name.to_str());
    name.map(str::to_owned)
        .with_context(|| format!("{} has no name that is text", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(files: &[SourceFile]) -> Vec<&str> {
        files.iter().map(|file| file.name.as_str()).collect()
    }

    #[test]
    fn files_keep_their_base_names_and_a_directory_its_paths() -> anyhow::Result<()> {
        let folder = tempfile::tempdir()?;
        fs::create_dir_all(folder.path().join("src/lib"))?;
        fs::write(folder.path().join("src/main.c"), "m")?;
        fs::write(folder.path().join("src/lib/a.h"), "h")?;
        let main = folder.path().join("src/main.c");
        let header = folder.path().join("src/lib/a.h");
        assert_eq!(names(&read(&[main, header])?), ["main.c", "a.h"]);
        let directory = read(&[folder.path().join("src")])?;
        assert_eq!(names(&directory), ["lib/a.h", "main.c"]);
        assert_eq!(directory[0].content, b"h");
        Ok(())
    }

    #[test]
    fn links_huge_files_and_empty_directories_are_refused_by_name() -> anyhow::Result<()> {
        let folder = tempfile::tempdir()?;
        let refused = || {
            let error = read(&[folder.path().to_owned()]).err();
            error.map(|error| format!("{error:#}")).unwrap_or_default()
        };
        assert!(refused().contains("has no files"));
        std::os::unix::fs::symlink("/etc/hostname", folder.path().join("link.c"))?;
        assert!(refused().contains("symbolic link"));
        fs::remove_file(folder.path().join("link.c"))?;
        fs::write(folder.path().join("huge.c"), vec![b' '; MAX_FILE_BYTES + 1])?;
        assert!(refused().contains("huge.c has 262145 bytes"));
        assert!(read(&[folder.path().join("missing.c")]).is_err());
        Ok(())
    }
}
