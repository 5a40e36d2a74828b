//! `producer submit`: one program, and its verdict if asked to wait.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::anyhow;
use clap::Args;
use kafka::ClientConfig;
use schemas::{Progress, ProgressState, Submission, Verdict, VerdictCode};
use serde_json::json;
use service::KafkaArgs;
use uuid::Uuid;

use crate::cli::{WhoArgs, client_config};
use crate::failure::{Failure, NOT_ACCEPTED_BY_JUDGE};
use crate::output::say;
use crate::{Accepted, Lane, NewSubmission, Submitter, Waiter, sources};

pub(crate) const EXAMPLES: &str = "\
Examples:
  producer submit --problem hello hello.py
  producer submit --problem hello --wait Main.java Helper.java
  producer submit --problem hello --language cpp --wait --json solution/

Exit status: see `producer --help`.";

/// Flags of `producer submit`.
#[derive(Debug, Args)]
pub(crate) struct SubmitArgs {
    /// The problem's short name
    #[arg(long)]
    problem: String,
    /// The language's code [default: told by the file endings]
    #[arg(long)]
    language: Option<String>,
    /// The class, module or file to start
    #[arg(long)]
    entry_point: Option<String>,
    #[command(flatten)]
    who: WhoArgs,
    /// What makes a repeated command the same submission [default: a new one each time]
    #[arg(long, value_name = "KEY")]
    idempotency_key: Option<String>,
    /// Wait for the verdict, with progress on the way
    #[arg(long)]
    wait: bool,
    /// Longest time to wait for the verdict, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 300, requires = "wait")]
    timeout: u64,
    /// Write one JSON object a line: `accepted`, then `progress` and `verdict` with --wait
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    kafka: KafkaArgs,
    /// Source files, or one directory of them
    #[arg(required = true, value_name = "FILE|DIR")]
    files: Vec<PathBuf>,
}

impl SubmitArgs {
    pub(crate) async fn execute(self) -> Result<ExitCode, Failure> {
        let config = client_config(&self.kafka)?;
        let repeatable = self.idempotency_key.is_some();
        // With a key of its own, even an attempt without an answer can be repeated safely.
        let key = self
            .idempotency_key
            .clone()
            .unwrap_or_else(|| Uuid::new_v4().to_string());
        let submission = self.read(&key)?.prepare()?;
        Submitter::check_lane(&config, Lane::Interactive).await?;
        let waiter = match (self.wait, repeatable) {
            (false, _) => None,
            (true, false) => Some(Waiter::for_new(&config).await),
            (true, true) => Some(Waiter::for_repeated(&config).await),
        };
        // Not being able to wait is known before anything is sent.
        let waiter = waiter
            .transpose()
            .map_err(|error| Failure::NotAccepted(error.into()))?;
        let accepted = send(&config, &submission, &key).await?;
        self.say_accepted(&submission, &accepted, &key);
        match waiter {
            None => Ok(ExitCode::SUCCESS),
            Some(waiter) => self.wait_for(waiter, &submission).await,
        }
    }

    fn read(&self, key: &str) -> Result<NewSubmission, Failure> {
        Ok(NewSubmission {
            tenant: self.who.tenant.clone(),
            contest_id: self.who.contest.clone(),
            user_id: self.who.user.clone(),
            problem_id: self.problem.clone(),
            language: self.language.clone(),
            entry_point: self.entry_point.clone(),
            files: sources::read(&self.files).map_err(Failure::Input)?,
            idempotency_key: Some(key.to_owned()),
            package_digest: None,
        })
    }

    async fn wait_for(
        &self,
        mut waiter: Waiter,
        submission: &Submission,
    ) -> Result<ExitCode, Failure> {
        let verdict = waiter.verdict(submission.submission_id, submission.generation, |step| {
            self.say_progress(step);
        });
        match tokio::time::timeout(Duration::from_secs(self.timeout), verdict).await {
            Err(_) => Err(Failure::NoVerdict(anyhow!(
                "no verdict on {} within {} s: it is accepted and will be judged; \
                 check that evaluators run, and see `results-sink query`",
                submission.submission_id,
                self.timeout
            ))),
            Ok(Err(error)) => Err(Failure::NoVerdict(error.into())),
            Ok(Ok(verdict)) => {
                self.say_verdict(&verdict);
                exit_code(&verdict)
            }
        }
    }

    fn say_accepted(&self, submission: &Submission, accepted: &Accepted, key: &str) {
        let Accepted {
            submission_id,
            topic,
            partition,
            offset,
        } = accepted;
        if self.json {
            say(json!({
                "event": "accepted",
                "submission_id": submission_id,
                "problem": submission.problem_id,
                "language": submission.language,
                "idempotency_key": key,
                "topic": topic,
                "partition": partition,
                "offset": offset,
            }));
        } else {
            say(format!(
                "accepted {submission_id}: {} in {}, {} file(s), at {topic}/{partition}@{offset}",
                submission.problem_id,
                submission.language,
                submission.files.len()
            ));
        }
    }

    fn say_progress(&self, step: &Progress) {
        if self.json {
            let mut line = json!({ "event": "progress" });
            merge(&mut line, step);
            return say(line);
        }
        let line = match (step.state, step.test_verdict) {
            (ProgressState::Taken, _) => "taken by an evaluator".to_owned(),
            (ProgressState::Compiling, _) => "compiling".to_owned(),
            (ProgressState::Running, Some(verdict)) => {
                format!("case {}/{}: {verdict}", step.tests_done, step.tests_total)
            }
            (ProgressState::Running, None) => format!("running {} case(s)", step.tests_total),
            (ProgressState::Unknown, _) => return,
        };
        say(line);
    }

    /// The public part only: what a user may see.
    fn say_verdict(&self, verdict: &Verdict) {
        let public = &verdict.public;
        if self.json {
            let mut line = json!({
                "event": "verdict",
                "submission_id": verdict.submission_id,
                "generation": verdict.generation,
                "problem": verdict.problem_id,
                "language": verdict.language,
                "verdict": verdict.verdict,
                "score": verdict.score,
                "judged_at_ms": verdict.judged_at_ms,
            });
            merge(&mut line, public);
            return say(line);
        }
        say(format!(
            "{}: {}/{} case(s), {} ms, {:.1} MiB{}",
            verdict.verdict,
            public.tests_passed,
            public.tests_total,
            public.cpu_ms,
            public.memory_bytes as f64 / f64::from(1 << 20),
            verdict
                .score
                .map(|score| format!(", score {score}"))
                .unwrap_or_default(),
        ));
        if let Some(reason) = &public.reason {
            say(format!("reason: {} {}", reason.code, reason.args.join(" ")).trim_end());
        }
        if !public.compile_log.is_empty() {
            say(public.compile_log.trim_end());
        }
    }
}

async fn send(
    config: &ClientConfig,
    submission: &Submission,
    key: &str,
) -> Result<Accepted, Failure> {
    let sent = Submitter::new(config)?.send(submission, Lane::Interactive)?;
    sent.await.map_err(|error| match Failure::from(error) {
        Failure::NotAccepted(error) => Failure::NotAccepted(error.context(format!(
            "not known to be accepted; repeat the command with --idempotency-key {key}, \
             it then counts once however often it arrives"
        ))),
        other => other,
    })
}

fn exit_code(verdict: &Verdict) -> Result<ExitCode, Failure> {
    match verdict.verdict {
        VerdictCode::Ac => Ok(ExitCode::SUCCESS),
        code @ (VerdictCode::Je | VerdictCode::Cancelled | VerdictCode::Unknown) => {
            Err(Failure::NoVerdict(anyhow!(
                "judging ended with {code}, which says nothing about the program"
            )))
        }
        _ => Ok(ExitCode::from(NOT_ACCEPTED_BY_JUDGE)),
    }
}

/// Lays a record's fields over an object.
fn merge(line: &mut serde_json::Value, fields: &impl serde::Serialize) {
    let fields = serde_json::to_value(fields).unwrap_or_default();
    if let (Some(line), serde_json::Value::Object(fields)) = (line.as_object_mut(), fields) {
        line.extend(fields);
    }
}
