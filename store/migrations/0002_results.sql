-- The source of every accepted submission, once per digest.
CREATE TABLE sources (
    digest           TEXT   NOT NULL PRIMARY KEY,
    size_bytes       BIGINT NOT NULL,
    first_seen_at_ms BIGINT NOT NULL
);

CREATE TABLE source_files (
    digest   TEXT   NOT NULL,
    position BIGINT NOT NULL,
    name     TEXT   NOT NULL,
    content  BYTEA  NOT NULL,
    PRIMARY KEY (digest, position)
);

-- Every accepted submission. Verdicts do not refer to it by a foreign key: the two come from
-- different topics, and either may be read first.
CREATE TABLE submissions (
    submission_id   TEXT   NOT NULL PRIMARY KEY,
    tenant          TEXT   NOT NULL,
    contest_id      TEXT,
    user_id         TEXT   NOT NULL,
    problem_id      TEXT   NOT NULL,
    language        TEXT   NOT NULL,
    entry_point     TEXT,
    source_digest   TEXT   NOT NULL,
    idempotency_key TEXT,
    submitted_at_ms BIGINT NOT NULL,
    accepted_at_ms  BIGINT NOT NULL
);

CREATE INDEX submissions_by_problem ON submissions (problem_id, accepted_at_ms);
CREATE INDEX submissions_by_user ON submissions (user_id, accepted_at_ms);
CREATE INDEX submissions_by_time ON submissions (accepted_at_ms);

-- Every judging asked for: what waits is a judgement without a verdict. The coordinates say below
-- which frontier a reconciler may publish it again.
CREATE TABLE judgements (
    submission_id  TEXT    NOT NULL,
    generation     BIGINT NOT NULL,
    package_digest TEXT,
    topic          TEXT    NOT NULL,
    partition      BIGINT NOT NULL,
    record_offset  BIGINT NOT NULL,
    accepted_at_ms BIGINT NOT NULL,
    PRIMARY KEY (submission_id, generation)
);

-- The first verdict of (submission, generation) wins; a row never changes.
CREATE TABLE verdicts (
    submission_id  TEXT    NOT NULL,
    generation     BIGINT NOT NULL,
    tenant         TEXT    NOT NULL,
    contest_id     TEXT,
    user_id        TEXT    NOT NULL,
    problem_id     TEXT    NOT NULL,
    language       TEXT    NOT NULL,
    verdict        TEXT    NOT NULL,
    score          DOUBLE PRECISION,
    judged_at_ms   BIGINT NOT NULL,
    public         TEXT    NOT NULL,
    jury           TEXT    NOT NULL,
    topic          TEXT    NOT NULL,
    partition      BIGINT NOT NULL,
    record_offset  BIGINT NOT NULL,
    recorded_at_ms BIGINT NOT NULL,
    PRIMARY KEY (submission_id, generation)
);

CREATE INDEX verdicts_by_problem ON verdicts (problem_id, judged_at_ms);

-- What a submission's verdict is now: the highest generation, but a judge error never replaces a
-- real verdict. A view, because what is derived by a query cannot drift.
CREATE VIEW current_verdicts AS
SELECT v.*
FROM verdicts v
WHERE NOT EXISTS (
    SELECT 1
    FROM verdicts better
    WHERE better.submission_id = v.submission_id
      AND (CASE WHEN better.verdict = 'JE' THEN 0 ELSE 1 END, better.generation)
        > (CASE WHEN v.verdict = 'JE' THEN 0 ELSE 1 END, v.generation)
);

-- Moved only for verdicts that were really inserted.
CREATE TABLE verdict_counts (
    tenant     TEXT   NOT NULL,
    problem_id TEXT   NOT NULL,
    verdict    TEXT   NOT NULL,
    judgements BIGINT NOT NULL,
    PRIMARY KEY (tenant, problem_id, verdict)
);

-- Later verdicts of a key that say something else than the recorded one: they detect flaky
-- problems. Keyed by coordinates, so that reading the log again counts nothing twice.
CREATE TABLE verdict_divergences (
    topic            TEXT    NOT NULL,
    partition        BIGINT NOT NULL,
    record_offset    BIGINT NOT NULL,
    submission_id    TEXT    NOT NULL,
    generation       BIGINT NOT NULL,
    recorded_verdict TEXT    NOT NULL,
    later_verdict    TEXT    NOT NULL,
    seen_at_ms       BIGINT NOT NULL,
    PRIMARY KEY (topic, partition, record_offset)
);

-- Records whose bytes fail under a known schema, kept as they came.
CREATE TABLE quarantine (
    topic          TEXT    NOT NULL,
    partition      BIGINT NOT NULL,
    record_offset  BIGINT NOT NULL,
    appended_at_ms BIGINT NOT NULL,
    record_key     BYTEA,
    payload        BYTEA   NOT NULL,
    headers        TEXT    NOT NULL,
    error          TEXT    NOT NULL,
    seen_at_ms     BIGINT NOT NULL,
    PRIMARY KEY (topic, partition, record_offset)
);
