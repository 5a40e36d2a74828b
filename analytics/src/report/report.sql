-- $1: the group. $2: the length of a window in milliseconds.
WITH accepted AS (
    -- A submission counts once, where it first appeared, however often it was sent or rejudged.
    SELECT submission_id,
           MIN(tenant) AS tenant,
           MIN(user_id) AS user_id,
           MIN(problem_id) AS problem_id,
           MIN(language) AS language,
           MIN(source_digest) AS source_digest,
           MIN(accepted_at_ms) - MIN(accepted_at_ms) % $2 AS window_start_ms
    FROM analytics_submissions
    WHERE group_id = $1
    GROUP BY submission_id
),
standing AS (
    -- The highest generation, but a judge error never replaces a real verdict.
    SELECT v.submission_id, v.verdict
    FROM analytics_verdicts v
    WHERE v.group_id = $1
      AND NOT EXISTS (
        SELECT 1
        FROM analytics_verdicts better
        WHERE better.group_id = v.group_id
          AND better.submission_id = v.submission_id
          AND (CASE WHEN better.verdict = 'JE' THEN 0 ELSE 1 END, better.generation)
            > (CASE WHEN v.verdict = 'JE' THEN 0 ELSE 1 END, v.generation)
      )
),
judged AS (
    SELECT accepted.*, standing.verdict
    FROM accepted LEFT JOIN standing ON standing.submission_id = accepted.submission_id
),
counts AS (
    SELECT problem_id, language, window_start_ms,
           COUNT(*) AS submissions,
           COUNT(verdict) AS judged,
           COUNT(CASE WHEN verdict = 'AC' THEN 1 END) AS accepted,
           COUNT(*) - COUNT(DISTINCT source_digest) AS duplicate_sources
    FROM judged
    GROUP BY problem_id, language, window_start_ms
),
attempts AS (
    SELECT problem_id, language, window_start_ms, tenant, user_id,
           MAX(CASE WHEN verdict = 'AC' THEN 1 ELSE 0 END) AS solved
    FROM judged
    GROUP BY problem_id, language, window_start_ms, tenant, user_id
),
users AS (
    SELECT problem_id, language, window_start_ms,
           COUNT(*) AS users_tried,
           CAST(SUM(solved) AS BIGINT) AS users_solved
    FROM attempts
    GROUP BY problem_id, language, window_start_ms
),
ages AS (
    SELECT accepted.problem_id, accepted.language, accepted.window_start_ms,
           v.appended_at_ms - s.accepted_at_ms AS age_ms
    FROM analytics_verdicts v
    JOIN analytics_submissions s
      ON s.group_id = v.group_id
     AND s.submission_id = v.submission_id
     AND s.generation = v.generation
    JOIN accepted ON accepted.submission_id = v.submission_id
    WHERE v.group_id = $1
),
ranked AS (
    SELECT problem_id, language, window_start_ms, age_ms,
           ROW_NUMBER() OVER (PARTITION BY problem_id, language, window_start_ms ORDER BY age_ms)
               AS place,
           COUNT(*) OVER (PARTITION BY problem_id, language, window_start_ms) AS places
    FROM ages
),
queue AS (
    SELECT problem_id, language, window_start_ms,
           MIN(CASE WHEN place * 100 >= places * 50 THEN age_ms END) AS queue_age_p50_ms,
           MIN(CASE WHEN place * 100 >= places * 95 THEN age_ms END) AS queue_age_p95_ms,
           MAX(age_ms) AS queue_age_max_ms
    FROM ranked
    GROUP BY problem_id, language, window_start_ms
)
SELECT counts.problem_id, counts.language, counts.window_start_ms,
       counts.submissions, counts.judged, counts.accepted, counts.duplicate_sources,
       users.users_tried, users.users_solved,
       queue.queue_age_p50_ms, queue.queue_age_p95_ms, queue.queue_age_max_ms
FROM counts
JOIN users
  ON users.problem_id = counts.problem_id
 AND users.language = counts.language
 AND users.window_start_ms = counts.window_start_ms
LEFT JOIN queue
  ON queue.problem_id = counts.problem_id
 AND queue.language = counts.language
 AND queue.window_start_ms = counts.window_start_ms
ORDER BY counts.window_start_ms, counts.problem_id, counts.language
