//! The static validator of 2025-09: a program of the package that reads the source of a submission, once for each group that asks for it.

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use sandbox::{Capture, Mount, Stdin, Volume};

use crate::examine::source_case;
use crate::package::{Group, StaticValidation, TestCase};
use crate::package_program::PackageRun;
use crate::trial::Trial;
use crate::validate::{FEEDBACK, Feedback, memory_file};
use crate::worker::Worker;
use crate::{CaseResult, Fault, Reason, SourceFile, Timing, Verdict};

/// Where the source is, and where the validator is started.
const SOURCE: &str = "/source";

impl Worker {
    /// The static validator's word on the source, as the result of a case: its times are not the submission's and are not told.
    pub(crate) fn validate_source(
        &mut self,
        trial: &Trial<'_>,
        group: &Group,
        validation: &StaticValidation,
    ) -> Result<CaseResult, Fault> {
        let package = trial.package;
        let Some(program) = &package.static_validator else {
            return Err(Fault::Package {
                package: package.id.clone(),
                why: format!(
                    "group {} asks for a static validation, and there is no static_validator/",
                    group.name
                ),
            });
        };
        let runnable = self.build_package_program(program, package, trial.cancel)?;
        let name = source_case(group);
        let case = TestCase {
            name: name.clone(),
            ..TestCase::default()
        };
        let feedback = Feedback::new(package, &case)?;
        let run = run(trial, validation, &feedback)?;
        let outcome = self.run_package_program(&runnable, run, &package.limits, trial.cancel)?;
        let verdict = feedback.verdict(&outcome)?;
        let judged = feedback.judged(verdict, &outcome)?;
        let rejected = verdict != Verdict::Accepted;
        Ok(CaseResult {
            name,
            verdict,
            reason: rejected.then(|| Reason::plain("static-validation")),
            score: None,
            score_files: judged.score_files,
            cpu: Duration::ZERO,
            wall: Duration::ZERO,
            memory_bytes: 0,
            timing: Timing::default(),
            jury_message: judged.jury_message,
            team_message: judged.team_message,
            ended_by_validator: false,
        })
    }
}

/// `LANGUAGE ENTRY_POINT FEEDBACK/ ARGS…`, started where the source is.
fn run(
    trial: &Trial<'_>,
    validation: &StaticValidation,
    feedback: &Feedback,
) -> Result<PackageRun, Fault> {
    let program = &trial.program;
    let entry_point = &program.artefact.manifest.entry_point;
    let fixed = [&program.language.id, entry_point, FEEDBACK].map(OsString::from);
    let args = validation.args.iter().map(OsString::from);
    Ok(PackageRun {
        args: fixed.into_iter().chain(args).collect(),
        stdin: Stdin::File(memory_file(b"")?),
        stdout: Capture::Null,
        mounts: vec![source_directory(&trial.sources)?, feedback.mount()],
        cwd: Some(PathBuf::from(SOURCE)),
    })
}

/// The submission with the include files laid over it, as the compiler saw it.
fn source_directory(files: &[SourceFile]) -> Result<Mount, Fault> {
    let bytes: u64 = files
        .iter()
        .map(|file| file.content.len() as u64 + 4096)
        .sum();
    let volume = Volume::new(bytes + 4096, files.len() as u64 * 2 + 16)?;
    for file in files {
        volume.write(&file.name, &file.content, 0o644)?;
    }
    Ok(Mount::Volume {
        volume: Arc::new(volume),
        target: PathBuf::from(SOURCE),
        writable: false,
    })
}
