-- What an analytics group has read, by group: a replay into a new group touches no other. Facts,
-- not counters: keyed by what they are about, so that no order of reading changes a count.
CREATE TABLE analytics_submissions (
    group_id       TEXT    NOT NULL,
    submission_id  TEXT    NOT NULL,
    generation     BIGINT NOT NULL,
    tenant         TEXT    NOT NULL,
    user_id        TEXT    NOT NULL,
    problem_id     TEXT    NOT NULL,
    language       TEXT    NOT NULL,
    source_digest  TEXT    NOT NULL,
    -- The earliest append of the key: two lanes are read in no fixed order.
    accepted_at_ms BIGINT NOT NULL,
    PRIMARY KEY (group_id, submission_id, generation)
);

CREATE TABLE analytics_verdicts (
    group_id       TEXT    NOT NULL,
    submission_id  TEXT    NOT NULL,
    generation     BIGINT NOT NULL,
    verdict        TEXT    NOT NULL,
    appended_at_ms BIGINT NOT NULL,
    PRIMARY KEY (group_id, submission_id, generation)
);

CREATE TABLE analytics_skipped (
    group_id      TEXT    NOT NULL,
    topic         TEXT    NOT NULL,
    partition     BIGINT NOT NULL,
    record_offset BIGINT NOT NULL,
    error         TEXT    NOT NULL,
    PRIMARY KEY (group_id, topic, partition, record_offset)
);
