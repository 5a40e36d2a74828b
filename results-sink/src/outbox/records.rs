//! What is sent: records made of the tables.

use std::collections::{BTreeSet, HashMap};

use kafka::NewRecord;
use schemas::traceparent::TraceParent;
use schemas::{SourceFile, Submission, Verdict, VerdictCode, codec, headers, topics};
use store::{Database, Error, Row, Value};

use super::Due;
use crate::placeholders::list;

/// Why a record can never be made.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refusal {
    #[error("the database has no {0} of this submission and generation")]
    Missing(&'static str),
    #[error("{0}")]
    Unusable(String),
    #[error("no record is made for topic `{0}`")]
    UnknownTopic(String),
}

/// The record of each row, in order.
pub(super) async fn records(
    database: &Database,
    due: &[Due],
) -> Result<Vec<Result<NewRecord, Refusal>>, Error> {
    let of = |topic: &str| -> BTreeSet<&str> {
        let due = due.iter().filter(|due| due.topic == topic);
        due.map(|due| due.submission_id.as_str()).collect()
    };
    let verdicts = verdict_rows(database, &of(topics::VERDICTS_LATEST)).await?;
    let submissions = submissions(database, &of(topics::SUBMISSIONS_BULK)).await?;
    let digests = package_digests(database, &of(topics::SUBMISSIONS_BULK)).await?;
    let record = |due: &Due| {
        let key = (due.submission_id.clone(), due.generation);
        match due.topic.as_str() {
            topics::VERDICTS_LATEST => {
                let row = verdicts.get(&key).ok_or(Refusal::Missing("verdict"))?;
                latest(verdict(row)?)
            }
            topics::SUBMISSIONS_BULK => {
                let submission = submissions.get(&due.submission_id);
                let mut submission = submission.ok_or(Refusal::Missing("submission"))?.clone();
                submission.generation = generation(due.generation)?;
                submission.package_digest = digests.get(&key).cloned();
                asked_again(submission)
            }
            other => Err(Refusal::UnknownTopic(other.to_owned())),
        }
    };
    Ok(due.iter().map(record).collect())
}

fn latest(verdict: Verdict) -> Result<NewRecord, Refusal> {
    let (id, generation) = (verdict.submission_id, verdict.generation);
    let payload = codec::encode(&verdict).map_err(unusable)?;
    let key = format!("{id}#{generation}");
    let headers = headers::standard(id, generation, TraceParent::start());
    Ok(NewRecord::new(topics::VERDICTS_LATEST, key, payload).with_headers(headers))
}

fn asked_again(submission: Submission) -> Result<NewRecord, Refusal> {
    let payload = codec::encode(&submission).map_err(unusable)?;
    let headers = headers::standard(
        submission.submission_id,
        submission.generation,
        TraceParent::start(),
    );
    let record = NewRecord::new(topics::SUBMISSIONS_BULK, submission.problem_id, payload);
    Ok(record.with_headers(headers))
}

async fn verdict_rows(
    database: &Database,
    ids: &BTreeSet<&str>,
) -> Result<HashMap<(String, i64), Row>, Error> {
    let sql = "SELECT submission_id, generation, tenant, contest_id, user_id, problem_id, language, \
        verdict, score, judged_at_ms, public, jury FROM verdicts WHERE submission_id";
    let rows = among(database, sql, ids).await?;
    let keyed = rows
        .into_iter()
        .map(|row| Ok(((row.get("submission_id")?, row.get("generation")?), row)));
    keyed.collect()
}

fn verdict(row: &Row) -> Result<Verdict, Refusal> {
    let text = |name| row.get::<String>(name).map_err(unusable);
    let number = |name| row.get::<i64>(name).map_err(unusable);
    Ok(Verdict {
        submission_id: text("submission_id")?.parse().map_err(unusable)?,
        generation: generation(number("generation")?)?,
        tenant: text("tenant")?,
        contest_id: row.get("contest_id").map_err(unusable)?,
        user_id: text("user_id")?,
        problem_id: text("problem_id")?,
        language: text("language")?,
        verdict: VerdictCode::from_code(&text("verdict")?),
        score: row.get("score").map_err(unusable)?,
        judged_at_ms: number("judged_at_ms")?,
        public: serde_json::from_str(&text("public")?).map_err(unusable)?,
        jury: serde_json::from_str(&text("jury")?).map_err(unusable)?,
    })
}

/// The submissions with their sources, as of generation 0 and without a package.
async fn submissions(
    database: &Database,
    ids: &BTreeSet<&str>,
) -> Result<HashMap<String, Submission>, Error> {
    let sql = "SELECT submission_id, tenant, contest_id, user_id, problem_id, language, entry_point, \
        source_digest, idempotency_key, submitted_at_ms FROM submissions WHERE submission_id";
    let rows = among(database, sql, ids).await?;
    let digests = rows.iter().map(|row| row.get("source_digest"));
    let digests = digests.collect::<Result<BTreeSet<String>, _>>()?;
    let sources = sources(database, &digests).await?;
    let mut submissions = HashMap::new();
    for row in &rows {
        let digest: String = row.get("source_digest")?;
        let id: String = row.get("submission_id")?;
        // Written from an id by us; one that is none belongs to no record.
        let Ok(submission_id) = id.parse() else {
            continue;
        };
        let submission = Submission {
            submission_id,
            generation: 0,
            tenant: row.get("tenant")?,
            contest_id: row.get("contest_id")?,
            user_id: row.get("user_id")?,
            problem_id: row.get("problem_id")?,
            language: row.get("language")?,
            entry_point: row.get("entry_point")?,
            files: sources.get(&digest).cloned().unwrap_or_default(),
            submitted_at_ms: row.get("submitted_at_ms")?,
            idempotency_key: row.get("idempotency_key")?,
            package_digest: None,
        };
        submissions.insert(id, submission);
    }
    Ok(submissions)
}

async fn sources(
    database: &Database,
    digests: &BTreeSet<String>,
) -> Result<HashMap<String, Vec<SourceFile>>, Error> {
    let digests: BTreeSet<&str> = digests.iter().map(String::as_str).collect();
    let sql = "SELECT digest, position, name, content FROM source_files WHERE digest";
    let mut rows = Vec::new();
    for row in &among(database, sql, &digests).await? {
        let (digest, position): (String, i64) = (row.get("digest")?, row.get("position")?);
        let (name, content) = (row.get("name")?, row.get("content")?);
        rows.push((digest, position, SourceFile { name, content }));
    }
    rows.sort_by_key(|(_, position, _)| *position);
    let mut sources: HashMap<String, Vec<SourceFile>> = HashMap::new();
    for (digest, _, file) in rows {
        sources.entry(digest).or_default().push(file);
    }
    Ok(sources)
}

/// The package that a judgement asked for by name. A rejudging asks for the problem's current one.
async fn package_digests(
    database: &Database,
    ids: &BTreeSet<&str>,
) -> Result<HashMap<(String, i64), String>, Error> {
    let sql = "SELECT submission_id, generation, package_digest FROM judgements \
        WHERE package_digest IS NOT NULL AND submission_id";
    let rows = among(database, sql, ids).await?;
    let keyed = rows.iter().map(|row| {
        let key = (row.get("submission_id")?, row.get("generation")?);
        Ok((key, row.get("package_digest")?))
    });
    keyed.collect()
}

/// The rows whose last named column is one of these.
async fn among(database: &Database, sql: &str, wanted: &BTreeSet<&str>) -> Result<Vec<Row>, Error> {
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let names = list(1, wanted.len());
    let values: Vec<Value> = wanted.iter().map(|&one| one.into()).collect();
    database.fetch(format!("{sql} IN ({names})"), values).await
}

fn generation(number: i64) -> Result<i32, Refusal> {
    i32::try_from(number).map_err(unusable)
}

fn unusable(error: impl std::fmt::Display) -> Refusal {
    Refusal::Unusable(error.to_string())
}
