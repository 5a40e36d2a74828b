//! A grader of the package's own: legacy groups that no flags of the default grader describe.

use sandbox::{Cancel, Capture, Ending, Stdin};

use crate::Fault;
use crate::package::{Group, Package, PackageProgram};
use crate::package_program::PackageRun;
use crate::text::capped_text;
use crate::validate::memory_file;
use crate::worker::Worker;

/// More than one line with a verdict and a score is no answer anyway.
const ANSWER_BYTES: u64 = 4 << 10;

impl Worker {
    /// What the grader prints when it is given a line for each child of the group.
    pub(crate) fn run_grader(
        &mut self,
        package: &Package,
        group: &Group,
        (program, flags): (&PackageProgram, &[String]),
        lines: &str,
        cancel: &Cancel,
    ) -> Result<String, Fault> {
        let runnable = self.build_package_program(program, package, cancel)?;
        let run = PackageRun {
            args: flags.iter().map(Into::into).collect(),
            stdin: Stdin::File(memory_file(lines.as_bytes())?),
            stdout: Capture::Memory {
                cap_bytes: ANSWER_BYTES,
                fatal: true,
            },
            mounts: Vec::new(),
            cwd: None,
        };
        let outcome = self.run_package_program(&runnable, run, &package.limits, cancel)?;
        if outcome.ending == Ending::Exited(0) {
            return Ok(String::from_utf8_lossy(&outcome.stdout).into_owned());
        }
        Err(Fault::grading(
            group,
            format!(
                "{} ended with {:?} instead of status 0; its standard error: {:?}",
                program.name,
                outcome.ending,
                capped_text(&outcome.stderr, 1024)
            ),
        ))
    }
}
