//! Completion scripts for shells, alike in every binary.

use std::io::Write;

use anyhow::Context;
use clap_complete::Shell;

/// Writes the script for `shell` to standard output.
///
/// # Errors
/// When standard output cannot be written.
pub fn print(mut command: clap::Command, shell: Shell) -> anyhow::Result<()> {
    let name = command.get_name().to_owned();
    // Into memory first: clap panics when it cannot write, as into a closed pipe.
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command, name, &mut script);
    std::io::stdout()
        .write_all(&script)
        .context("failed to write the completions")
}
