//! Programs whose verdict is known: the jury submissions of the example problems.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Context;
use kafka::NewRecord;
use schemas::traceparent::TraceParent;
use schemas::{SourceFile, Submission, VerdictCode, codec, headers, topics};
use uuid::Uuid;

use crate::binaries::problems;

/// A jury submission and the verdict that its folder promises.
#[derive(Clone, Debug)]
pub struct JurySubmission {
    /// The problem it is for.
    pub problem: String,
    /// Where its file is.
    pub path: PathBuf,
    /// Its language.
    pub language: &'static str,
    /// What it should get.
    pub expected: VerdictCode,
}

/// The single-file jury submissions of a problem in a language, sorted by path.
pub fn jury_submissions(problem: &str, language: &str) -> anyhow::Result<Vec<JurySubmission>> {
    let mut found = Vec::new();
    for folder in fs::read_dir(problems().join(problem).join("submissions"))? {
        let folder = folder?.path();
        let Some(expected) = verdict_of(&folder) else {
            continue;
        };
        for file in fs::read_dir(&folder)? {
            let path = file?.path();
            if let Some(language) = language_of(&path).filter(|&it| it == language) {
                let problem = problem.to_owned();
                found.push(JurySubmission {
                    problem,
                    path,
                    language,
                    expected,
                });
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(found)
}

impl JurySubmission {
    /// It as a new submission of somebody's.
    pub fn submission(&self) -> anyhow::Result<Submission> {
        let name = self.path.file_name().and_then(|name| name.to_str());
        let name = name.context("a jury submission without a name")?;
        let content = fs::read(&self.path)?;
        Ok(submission(&self.problem, self.language, name, content))
    }
}

/// A new submission of one file.
#[must_use]
pub fn submission(
    problem: &str,
    language: &str,
    name: &str,
    content: impl Into<Vec<u8>>,
) -> Submission {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Submission {
        submission_id: Uuid::new_v4(),
        generation: 0,
        tenant: "e2e".to_owned(),
        contest_id: None,
        user_id: "somebody".to_owned(),
        problem_id: problem.to_owned(),
        language: language.to_owned(),
        entry_point: None,
        files: vec![SourceFile {
            name: name.to_owned(),
            content: content.into(),
        }],
        submitted_at_ms: i64::try_from(now.as_millis()).unwrap_or(i64::MAX),
        idempotency_key: None,
        package_digest: None,
    }
}

/// The record of a submission on the interactive lane.
pub fn record(submission: &Submission) -> anyhow::Result<NewRecord> {
    let key = submission.problem_id.as_str();
    let trace = TraceParent::start();
    let record = NewRecord::new(topics::SUBMISSIONS, key, codec::encode(submission)?);
    Ok(record.with_headers(headers::standard(
        submission.submission_id,
        submission.generation,
        trace,
    )))
}

fn verdict_of(folder: &Path) -> Option<VerdictCode> {
    Some(match folder.file_name()?.to_str()? {
        "accepted" => VerdictCode::Ac,
        "wrong_answer" => VerdictCode::Wa,
        "time_limit_exceeded" => VerdictCode::Tle,
        "memory_limit_exceeded" => VerdictCode::Mle,
        "output_limit_exceeded" => VerdictCode::Ole,
        "run_time_error" => VerdictCode::Rte,
        "compile_error" => VerdictCode::Ce,
        _ => return None,
    })
}

fn language_of(path: &Path) -> Option<&'static str> {
    Some(match path.extension()?.to_str()? {
        "c" => "c",
        "cpp" => "cpp",
        "py" => "python3",
        "java" => "java",
        _ => return None,
    })
}
