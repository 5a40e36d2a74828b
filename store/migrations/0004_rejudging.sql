-- Records that are due on a topic, entered by the transaction that made them due and deleted once
-- the broker has acknowledged them. A record is made of the tables when it is sent, so a row only names it.
CREATE TABLE outbox (
    sequence      BIGSERIAL PRIMARY KEY,
    topic         TEXT   NOT NULL,
    submission_id TEXT   NOT NULL,
    generation    BIGINT NOT NULL,
    -- The rejudging whose decision it waits for, if any.
    held_by       TEXT,
    -- Why it can never be sent as it stands; somebody must look.
    refused       TEXT,
    due_since_ms  BIGINT NOT NULL,
    UNIQUE (topic, submission_id, generation)
);

CREATE INDEX outbox_due ON outbox (sequence) WHERE held_by IS NULL AND refused IS NULL;
CREATE INDEX outbox_held ON outbox (held_by) WHERE held_by IS NOT NULL;

-- What was recorded before there was an outbox.
INSERT INTO outbox (topic, submission_id, generation, due_since_ms)
SELECT 'verdicts.latest', submission_id, generation, recorded_at_ms FROM verdicts
ORDER BY recorded_at_ms, submission_id, generation;

-- Records that ask for a judgement once more: republished by us or sent twice by a client. The
-- first one stands in judgements.
CREATE TABLE judgement_copies (
    topic         TEXT   NOT NULL,
    partition     BIGINT NOT NULL,
    record_offset BIGINT NOT NULL,
    submission_id TEXT   NOT NULL,
    generation    BIGINT NOT NULL,
    PRIMARY KEY (topic, partition, record_offset)
);

CREATE INDEX judgement_copies_by_judgement ON judgement_copies (submission_id, generation);

-- A reconciler goes through them along the log.
CREATE INDEX judgements_by_place ON judgements (topic, partition, record_offset);

-- One decision to judge a selection of submissions again. In the shadow its verdicts are recorded,
-- but count only once it is applied.
CREATE TABLE rejudgings (
    rejudging_id  TEXT   NOT NULL PRIMARY KEY,
    selection     TEXT   NOT NULL,
    -- Counts the rejudgings of one selection.
    number        BIGINT NOT NULL,
    state         TEXT   NOT NULL CHECK (state IN ('shadow', 'applied', 'discarded')),
    submissions   BIGINT NOT NULL,
    started_at_ms BIGINT NOT NULL,
    decided_at_ms BIGINT,
    UNIQUE (selection, number)
);

CREATE TABLE rejudged (
    submission_id  TEXT   NOT NULL,
    generation     BIGINT NOT NULL,
    rejudging_id   TEXT   NOT NULL,
    -- The verdict that was current when it was decided.
    old_generation BIGINT NOT NULL,
    PRIMARY KEY (submission_id, generation)
);

CREATE INDEX rejudged_by_rejudging ON rejudged (rejudging_id);

DROP VIEW current_verdicts;

-- Verdicts that count: all but those of a rejudging that is not applied.
CREATE VIEW counted_verdicts AS
SELECT v.*
FROM verdicts v
WHERE NOT EXISTS (
    SELECT 1
    FROM rejudged r
    JOIN rejudgings g ON g.rejudging_id = r.rejudging_id
    WHERE r.submission_id = v.submission_id
      AND r.generation = v.generation
      AND g.state <> 'applied'
);

-- What a submission's verdict is now: the highest generation that counts, but a judge error never
-- replaces a real verdict. A view, because what is derived by a query cannot drift.
CREATE VIEW current_verdicts AS
SELECT v.*
FROM counted_verdicts v
WHERE NOT EXISTS (
    SELECT 1
    FROM counted_verdicts better
    WHERE better.submission_id = v.submission_id
      AND (CASE WHEN better.verdict = 'JE' THEN 0 ELSE 1 END, better.generation)
        > (CASE WHEN v.verdict = 'JE' THEN 0 ELSE 1 END, v.generation)
);
