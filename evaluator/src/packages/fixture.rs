//! Small real packages for the tests beside this.

use std::fs;
use std::io::Cursor;
use std::path::Path;

use judge::package::{archive, package_digest};

/// Writes a package with one sample and one secret case; `name` makes its content, and so its digest, differ.
pub(super) fn write_package(directory: &Path, name: &str) -> anyhow::Result<()> {
    let files = [
        (
            "problem.yaml",
            format!(
                "problem_format_version: 2025-09\nname: {name}\nuuid: 00000000-0000-0000-0000-000000000000\n\
                 limits:\n  time_limit: 1.0\n"
            ),
        ),
        ("data/sample/1.in", "1\n".to_owned()),
        ("data/sample/1.ans", "1\n".to_owned()),
        ("data/secret/1.in", "2\n".to_owned()),
        ("data/secret/1.ans", "2\n".to_owned()),
    ];
    for (path, content) in files {
        let path = directory.join(path);
        fs::create_dir_all(path.parent().unwrap_or(directory))?;
        fs::write(path, content)?;
    }
    Ok(())
}

/// A packed package with its digest.
pub(super) fn packed(name: &str) -> anyhow::Result<(String, Vec<u8>)> {
    let directory = tempfile::tempdir()?;
    write_package(directory.path(), name)?;
    let mut bytes = Cursor::new(Vec::new());
    archive::pack(directory.path(), &mut bytes)?;
    Ok((package_digest(directory.path())?, bytes.into_inner()))
}
