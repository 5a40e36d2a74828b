//! Where the real binaries are: beside the test binary, in the same target folder.

use std::path::PathBuf;

use anyhow::{Context, bail};

/// `target/`, from where this binary lies: `target/debug/deps/TEST` or `target/release/bench`.
pub fn target_folder() -> anyhow::Result<PathBuf> {
    let folder = profile_folder()?;
    Ok(folder.parent().context("no target folder")?.to_owned())
}

/// The binary of this name, built by the same profile as the test.
pub fn binary(name: &str) -> anyhow::Result<PathBuf> {
    let path = profile_folder()?.join(name);
    if !path.is_file() {
        bail!(
            "{} is missing: `cargo build --workspace --features evaluator/hooks` makes it, and so does ./test",
            path.display()
        );
    }
    Ok(path)
}

/// The example packages of the repository.
#[must_use]
pub fn problems() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../problems"))
}

fn profile_folder() -> anyhow::Result<PathBuf> {
    let binary = std::env::current_exe().context("failed to find this binary")?;
    let folder = binary.parent().context("it lies in no folder")?;
    // Tests lie in `deps/`, the benchmarks' binary beside the others.
    let profile = if folder.ends_with("deps") {
        folder.parent()
    } else {
        Some(folder)
    };
    Ok(profile.context("it lies in no target folder")?.to_owned())
}
