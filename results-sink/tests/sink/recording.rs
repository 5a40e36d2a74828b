//! What is recorded, and that every repeat is harmless: alike on PostgreSQL and SQLite.

use crate::fixture::{
    accepted, apply, counts, everything, id, judged, record, submission, verdict,
};
use anyhow::Result;
use kafka::TopicPartition;
use results_sink::{Query, query};
use schemas::VerdictCode::{self, Ac, Je, Tle, Wa};
use schemas::topics;
use store::{ApplyError, Database, Error, Offsets, Projection, Span};

store::on_both_databases! {
    the_first_verdict_of_a_judgement_wins,
    reading_everything_again_changes_nothing,
    a_transaction_cut_off_before_its_commit_leaves_nothing,
    a_zombie_with_a_stale_offset_rolls_back_all_it_wrote,
    a_judge_error_never_replaces_a_real_verdict,
    a_real_verdict_of_a_higher_generation_is_the_current_one,
    later_verdicts_that_differ_are_counted_once_each,
    a_source_is_kept_once_however_often_it_is_sent,
    a_rejudge_is_a_judgement_of_the_same_submission,
    undecodable_bytes_are_kept_aside_as_they_came,
    an_unknown_schema_id_halts_and_records_nothing,
    a_query_filters_and_keeps_the_jurys_part_to_the_jury,
}

async fn standing(database: &Database, number: u128) -> Result<Option<String>> {
    let wanted = Query {
        submission_id: Some(id(number).to_string()),
        limit: 1,
        ..Query::default()
    };
    let found = query(database, &wanted).await?;
    Ok(found.into_iter().next().and_then(|found| found.verdict))
}

async fn the_first_verdict_of_a_judgement_wins(url: &str) -> Result<()> {
    let database = Database::connect(url).await?;
    let batch = [
        accepted(0, &submission(1, 0))?,
        judged(0, &verdict(1, 0, Wa))?,
        judged(1, &verdict(1, 0, Ac))?,
    ];
    apply(&database, &batch).await?;
    apply(&database, &[judged(2, &verdict(1, 0, Tle))?]).await?;
    assert_eq!(standing(&database, 1).await?.as_deref(), Some("WA"));
    assert_eq!(counts(&database).await?, [("WA".to_owned(), 1)]);
    Ok(())
}

async fn reading_everything_again_changes_nothing(url: &str) -> Result<()> {
    let database = Database::connect(url).await?;
    let log = [
        accepted(0, &submission(1, 0))?,
        accepted(1, &submission(2, 0))?,
        record(
            topics::SUBMISSIONS_BULK,
            0,
            schemas::codec::encode(&submission(1, 1))?,
        ),
        judged(0, &verdict(1, 0, Wa))?,
        judged(1, &verdict(2, 0, Ac))?,
        judged(2, &verdict(1, 0, Ac))?,
        judged(3, &verdict(1, 1, Je))?,
        judged(4, &verdict(2, 0, Ac))?,
        record(topics::VERDICTS, 5, b"garbage".to_vec()),
    ];
    for one in &log {
        apply(&database, std::slice::from_ref(one)).await?;
    }
    let before = everything(&database).await?;
    // As one batch, in another cut, and backwards through the topics.
    apply(&database, &log).await?;
    apply(&database, &log[3..]).await?;
    apply(&database, &log[..3]).await?;
    assert_eq!(everything(&database).await?, before);
    Ok(())
}

async fn a_transaction_cut_off_before_its_commit_leaves_nothing(url: &str) -> Result<()> {
    let database = Database::connect(url).await?;
    let before = everything(&database).await?;
    let batch = [
        accepted(0, &submission(1, 0))?,
        judged(0, &verdict(1, 0, Ac))?,
    ];
    let mut transaction = database.begin().await?;
    crate::fixture::sink()?
        .apply(&mut transaction, &batch)
        .await?;
    drop(transaction);
    assert_eq!(everything(&database).await?, before);
    Ok(())
}

async fn a_zombie_with_a_stale_offset_rolls_back_all_it_wrote(url: &str) -> Result<()> {
    let database = Database::connect(url).await?;
    let offsets = Offsets::of_group("results-sink");
    let span = |expected, next| Span {
        partition: TopicPartition::new(topics::VERDICTS, 0),
        expected,
        next,
    };
    let mut owner = database.begin().await?;
    offsets.advance(&mut owner, &span(None, 1)).await?;
    crate::fixture::sink()?
        .apply(&mut owner, &[judged(0, &verdict(1, 0, Ac))?])
        .await?;
    owner.commit().await?;
    let before = everything(&database).await?;

    let mut zombie = database.begin().await?;
    crate::fixture::sink()?
        .apply(&mut zombie, &[judged(5, &verdict(9, 0, Wa))?])
        .await?;
    let refused = offsets.advance(&mut zombie, &span(None, 6)).await;
    assert!(
        matches!(refused, Err(Error::OffsetConflict(_))),
        "{refused:?}"
    );
    zombie.rollback().await?;
    assert_eq!(everything(&database).await?, before);
    Ok(())
}

async fn a_judge_error_never_replaces_a_real_verdict(url: &str) -> Result<()> {
    let database = Database::connect(url).await?;
    apply(
        &database,
        &[
            accepted(0, &submission(1, 0))?,
            accepted(1, &submission(2, 0))?,
        ],
    )
    .await?;
    apply(
        &database,
        &[
            judged(0, &verdict(1, 0, Wa))?,
            judged(1, &verdict(1, 1, Je))?,
        ],
    )
    .await?;
    assert_eq!(standing(&database, 1).await?.as_deref(), Some("WA"));
    // Nor does it matter which of the two is recorded first.
    apply(&database, &[judged(2, &verdict(2, 1, Je))?]).await?;
    assert_eq!(standing(&database, 2).await?.as_deref(), Some("JE"));
    apply(&database, &[judged(3, &verdict(2, 0, Tle))?]).await?;
    assert_eq!(standing(&database, 2).await?.as_deref(), Some("TLE"));
    Ok(())
}

async fn a_real_verdict_of_a_higher_generation_is_the_current_one(url: &str) -> Result<()> {
    let database = Database::connect(url).await?;
    let verdicts: [(i32, VerdictCode); 4] = [(2, Ac), (0, Wa), (1, Tle), (3, Je)];
    let mut batch = vec![accepted(0, &submission(1, 0))?];
    for (offset, (generation, code)) in (0..).zip(verdicts) {
        batch.push(judged(offset, &verdict(1, generation, code))?);
    }
    apply(&database, &batch).await?;
    assert_eq!(standing(&database, 1).await?.as_deref(), Some("AC"));
    assert_eq!(counts(&database).await?.len(), 4);
    Ok(())
}

async fn later_verdicts_that_differ_are_counted_once_each(url: &str) -> Result<()> {
    let database = Database::connect(url).await?;
    let scored = |score| schemas::Verdict {
        score: Some(score),
        ..verdict(2, 0, Ac)
    };
    let batch = [
        judged(0, &verdict(1, 0, Wa))?,
        judged(1, &verdict(1, 0, Wa))?,
        judged(2, &verdict(1, 0, Ac))?,
        judged(3, &scored(1.0))?,
        judged(4, &scored(0.5))?,
    ];
    for _ in 0..2 {
        apply(&database, &batch).await?;
    }
    let sql = "SELECT record_offset FROM verdict_divergences ORDER BY record_offset";
    let rows = database.fetch(sql, vec![]).await?;
    let offsets: Vec<i64> = rows
        .iter()
        .map(|row| row.get("record_offset"))
        .collect::<Result<_, _>>()?;
    assert_eq!(offsets, [2, 4]);
    Ok(())
}

async fn a_source_is_kept_once_however_often_it_is_sent(url: &str) -> Result<()> {
    let database = Database::connect(url).await?;
    let mut other = submission(3, 0);
    other.files[0].content = b"int main() { return 1; }".to_vec();
    let batch = [
        accepted(0, &submission(1, 0))?,
        accepted(1, &submission(2, 0))?,
        accepted(2, &other)?,
    ];
    apply(&database, &batch).await?;
    let rows = database
        .fetch("SELECT content FROM source_files ORDER BY content", vec![])
        .await?;
    let contents: Vec<Vec<u8>> = rows
        .iter()
        .map(|row| row.get("content"))
        .collect::<Result<_, _>>()?;
    assert_eq!(
        contents,
        [
            b"int main() { return 1; }".to_vec(),
            b"int main() {}".to_vec()
        ]
    );
    Ok(())
}

async fn a_rejudge_is_a_judgement_of_the_same_submission(url: &str) -> Result<()> {
    let database = Database::connect(url).await?;
    let rejudge = schemas::codec::encode(&submission(1, 1))?;
    let batch = [
        accepted(7, &submission(1, 0))?,
        record(topics::SUBMISSIONS_BULK, 3, rejudge),
    ];
    apply(&database, &batch).await?;
    let rows = database
        .fetch("SELECT accepted_at_ms FROM submissions", vec![])
        .await?;
    assert_eq!(rows.len(), 1);
    assert_eq!(
        rows[0].get::<i64>("accepted_at_ms")?,
        crate::fixture::APPENDED_AT_MS + 7
    );
    let sql = "SELECT generation, topic, record_offset FROM judgements ORDER BY generation";
    let rows = database.fetch(sql, vec![]).await?;
    let places: Vec<(String, i64)> = rows
        .iter()
        .map(|row| Ok((row.get("topic")?, row.get("record_offset")?)))
        .collect::<Result<_>>()?;
    assert_eq!(
        places,
        [
            (topics::SUBMISSIONS.into(), 7),
            (topics::SUBMISSIONS_BULK.into(), 3)
        ]
    );
    Ok(())
}

async fn undecodable_bytes_are_kept_aside_as_they_came(url: &str) -> Result<()> {
    let database = Database::connect(url).await?;
    let mut broken = judged(0, &verdict(1, 0, Ac))?;
    broken.payload.truncate(12);
    let garbage = record(topics::VERDICTS, 1, vec![0xff, 0, 0x10]);
    let good = judged(2, &verdict(2, 0, Ac))?;
    apply(&database, &[broken.clone(), garbage, good]).await?;
    let rows = database
        .fetch("SELECT * FROM quarantine ORDER BY record_offset", vec![])
        .await?;
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[0].get::<String>("topic")?, topics::VERDICTS);
    assert_eq!(rows[0].get::<i64>("partition")?, 0);
    assert_eq!(rows[0].get::<Vec<u8>>("payload")?, broken.payload);
    assert_eq!(rows[0].get::<Option<Vec<u8>>>("record_key")?, broken.key);
    assert_eq!(rows[0].get::<String>("headers")?, r#"[["attempt","1"]]"#);
    assert!(
        rows[0]
            .get::<String>("error")?
            .contains("malformed verdict")
    );
    assert_eq!(rows[1].get::<Vec<u8>>("payload")?, [0xff, 0, 0x10]);
    assert_eq!(counts(&database).await?, [("AC".to_owned(), 1)]);
    Ok(())
}

async fn an_unknown_schema_id_halts_and_records_nothing(url: &str) -> Result<()> {
    let database = Database::connect(url).await?;
    let before = everything(&database).await?;
    let from_the_future = record(topics::VERDICTS, 1, vec![0, 0xff, 0xff, 0xff, 0xfe, 1]);
    let halted = apply(
        &database,
        &[judged(0, &verdict(1, 0, Ac))?, from_the_future],
    )
    .await;
    let Err(ApplyError::Halt(reason)) = halted else {
        panic!("went on: {halted:?}")
    };
    assert!(reason.contains("verdicts/0 offset 1"), "{reason}");
    assert!(reason.contains("upgrade this service"), "{reason}");
    assert_eq!(everything(&database).await?, before);
    Ok(())
}

async fn a_query_filters_and_keeps_the_jurys_part_to_the_jury(url: &str) -> Result<()> {
    let database = Database::connect(url).await?;
    let mut batch = Vec::new();
    for number in 1..=4 {
        batch.push(accepted(number as i64, &submission(number, 0))?);
    }
    batch.push(judged(0, &verdict(1, 0, Ac))?);
    batch.push(judged(1, &verdict(2, 0, Wa))?);
    apply(&database, &batch).await?;
    let numbers = async |wanted: Query| -> Result<Vec<u128>> {
        let found = query(
            &database,
            &Query {
                limit: 50,
                ..wanted
            },
        )
        .await?;
        let parse =
            |found: &results_sink::Found| Ok(found.submission_id.parse::<uuid::Uuid>()?.as_u128());
        found.iter().map(parse).collect()
    };
    let all = Query::default();
    assert_eq!(numbers(all.clone()).await?, [1, 2, 3, 4]);
    assert_eq!(
        numbers(Query {
            verdict: Some(Wa),
            ..all.clone()
        })
        .await?,
        [2]
    );
    let user_id = Some("user-1".to_owned());
    assert_eq!(
        numbers(Query {
            user_id: user_id.clone(),
            ..all.clone()
        })
        .await?,
        [1, 3]
    );
    assert_eq!(
        numbers(Query {
            user_id,
            verdict: Some(Ac),
            ..all.clone()
        })
        .await?,
        [1]
    );
    let problem_id = Some("product".to_owned());
    assert_eq!(
        numbers(Query {
            problem_id,
            ..all.clone()
        })
        .await?,
        [0_u128; 0]
    );
    let newest = query(
        &database,
        &Query {
            limit: 2,
            ..all.clone()
        },
    )
    .await?;
    assert_eq!(newest[1].submission_id, id(4).to_string());
    assert_eq!((&newest[1].verdict, &newest[1].public), (&None, &None));

    let one = Query {
        submission_id: Some(id(1).to_string()),
        limit: 1,
        ..all
    };
    let public = serde_json::to_string(&query(&database, &one).await?[0])?;
    assert!(
        !public.contains("between us") && !public.contains("jury"),
        "{public}"
    );
    let jury = serde_json::to_string(&query(&database, &Query { jury: true, ..one }).await?[0])?;
    assert!(jury.contains("between us"), "{jury}");
    Ok(())
}
