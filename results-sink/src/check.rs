//! What is derived from rows, computed anew and compared.

use serde::Serialize;
use store::{Database, Error, Row};

/// One thing that should be otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Finding {
    /// A counter differs from the rows it counts.
    Count {
        /// Of this tenant,
        tenant: String,
        /// this problem
        problem_id: String,
        /// and this verdict.
        verdict: String,
        /// What the counter says.
        counted: i64,
        /// How many rows there are.
        rows: i64,
    },
    /// A submission whose source is not kept whole: it could not be judged again.
    SourceMissing {
        /// The submission.
        submission_id: String,
        /// Its source.
        source_digest: String,
    },
    /// A record of the outbox that can never be sent.
    Refused {
        /// For this topic,
        topic: String,
        /// of this submission
        submission_id: String,
        /// and generation,
        generation: i64,
        /// for this reason.
        reason: String,
    },
    /// A record that waits for a decision which was made already.
    HeldForNothing {
        /// Of this submission
        submission_id: String,
        /// and generation.
        generation: i64,
    },
}

/// What a row of a check's query says.
type ReadFinding = fn(&Row) -> Result<Finding, Error>;

/// One statement, so that what is written meanwhile shows in both sides or in neither.
const COUNTS: &str = "\
    SELECT tenant, problem_id, verdict, CAST(SUM(counted) AS BIGINT) AS counted, \
    CAST(SUM(found) AS BIGINT) AS found FROM ( \
        SELECT tenant, problem_id, verdict, judgements AS counted, 0 AS found FROM verdict_counts \
        UNION ALL \
        SELECT tenant, problem_id, verdict, 0 AS counted, COUNT(*) AS found FROM counted_verdicts \
        GROUP BY tenant, problem_id, verdict \
    ) both_sides GROUP BY tenant, problem_id, verdict HAVING SUM(counted) <> SUM(found) \
    ORDER BY tenant, problem_id, verdict";

const SOURCES: &str = "\
    SELECT s.submission_id, s.source_digest FROM submissions s WHERE NOT EXISTS \
    (SELECT 1 FROM sources d JOIN source_files f ON f.digest = d.digest \
    WHERE d.digest = s.source_digest) ORDER BY s.submission_id";

const REFUSED: &str = "\
    SELECT topic, submission_id, generation, refused FROM outbox WHERE refused IS NOT NULL \
    ORDER BY sequence";

const HELD: &str = "\
    SELECT o.submission_id, o.generation FROM outbox o WHERE o.held_by IS NOT NULL AND NOT EXISTS \
    (SELECT 1 FROM rejudgings g WHERE g.rejudging_id = o.held_by AND g.state = 'shadow') \
    ORDER BY o.sequence";

/// Computes everything that is derived anew; answers where it differs.
pub async fn check(database: &Database) -> Result<Vec<Finding>, Error> {
    let checks: [(&str, ReadFinding); 4] = [
        (COUNTS, count),
        (SOURCES, source),
        (REFUSED, refused),
        (HELD, held),
    ];
    let mut findings = Vec::new();
    for (sql, finding) in checks {
        for row in &database.fetch(sql, vec![]).await? {
            findings.push(finding(row)?);
        }
    }
    Ok(findings)
}

fn count(row: &Row) -> Result<Finding, Error> {
    Ok(Finding::Count {
        tenant: row.get("tenant")?,
        problem_id: row.get("problem_id")?,
        verdict: row.get("verdict")?,
        counted: row.get("counted")?,
        rows: row.get("found")?,
    })
}

fn source(row: &Row) -> Result<Finding, Error> {
    Ok(Finding::SourceMissing {
        submission_id: row.get("submission_id")?,
        source_digest: row.get("source_digest")?,
    })
}

fn refused(row: &Row) -> Result<Finding, Error> {
    Ok(Finding::Refused {
        topic: row.get("topic")?,
        submission_id: row.get("submission_id")?,
        generation: row.get("generation")?,
        reason: row.get("refused")?,
    })
}

fn held(row: &Row) -> Result<Finding, Error> {
    Ok(Finding::HeldForNothing {
        submission_id: row.get("submission_id")?,
        generation: row.get("generation")?,
    })
}
