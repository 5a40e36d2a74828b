-- Where each group that keeps its state here goes on reading. Moved only in the transaction that
-- records what was read, and only by compare-and-set.
CREATE TABLE consumer_offsets (
    group_id    TEXT    NOT NULL,
    topic       TEXT    NOT NULL,
    partition   BIGINT NOT NULL,
    next_offset BIGINT NOT NULL,
    PRIMARY KEY (group_id, topic, partition)
);
