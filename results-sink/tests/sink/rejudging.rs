//! Rejudgings: decided once, judged in the shadow, applied or discarded whole.

use anyhow::Result;
use results_sink::check::{Finding, check};
use results_sink::rejudge::{
    Begun, Change, Decision, NotDecided, Progress, Rejudging, Selection, State, begin, changes,
    decide, preview, progress, report,
};
use results_sink::{Query, query};
use schemas::VerdictCode::{self, Ac, Je, Tle, Wa};
use store::{Database, Projection};

use crate::fixture::{APPENDED_AT_MS, accepted, apply, counts, id, judged, submission, verdict};

store::on_both_databases! {
    each_judged_submission_gets_its_next_generation,
    a_command_that_is_repeated_rejudges_once,
    two_rejudgings_at_once_never_share_a_generation,
    only_what_matches_and_has_a_verdict_is_selected,
    in_the_shadow_verdicts_count_for_nothing_until_applied,
    a_discarded_rejudging_never_counts,
    a_verdict_recorded_while_it_is_decided_is_neither_lost_nor_counted_twice,
    a_judge_error_of_a_rejudging_keeps_the_real_verdict,
    a_rejudging_is_decided_when_its_report_is_complete_and_only_once,
    what_is_derived_wrongly_is_found,
}

fn problem() -> Selection {
    Selection {
        problem_id: Some("sum".into()),
        ..Selection::default()
    }
}

/// A database in which submissions 1 and 2 got WA and AC, and 3 waits.
async fn judged_before(url: &str) -> Result<Database> {
    let database = Database::connect(url).await?;
    let log = [
        accepted(1, &submission(1, 0))?,
        accepted(2, &submission(2, 0))?,
        accepted(3, &submission(3, 0))?,
        judged(0, &verdict(1, 0, Wa))?,
        judged(1, &verdict(2, 0, Ac))?,
    ];
    apply(&database, &log).await?;
    Ok(database)
}

async fn new(database: &Database, shadow: bool) -> Result<Rejudging> {
    match begin(database, &problem(), shadow, true).await? {
        Begun::New(rejudging) => Ok(rejudging),
        other => anyhow::bail!("not begun: {other:?}"),
    }
}

/// The submissions of generations above 0 that are due on the bulk lane.
async fn due(database: &Database) -> Result<Vec<(String, i64)>> {
    let sql = "SELECT submission_id, generation FROM outbox WHERE topic = 'submissions.bulk' \
        ORDER BY generation, submission_id";
    let rows = database.fetch(sql, vec![]).await?;
    rows.iter()
        .map(|row| Ok((row.get("submission_id")?, row.get("generation")?)))
        .collect()
}

/// How many verdicts wait in the outbox to be shown to others.
async fn to_be_shown(database: &Database) -> Result<i64> {
    let sql =
        "SELECT COUNT(*) AS rows FROM outbox WHERE topic = 'verdicts.latest' AND held_by IS NULL";
    Ok(database.fetch(sql, vec![]).await?[0].get("rows")?)
}

async fn standing(database: &Database, number: u128) -> Result<Option<(i64, String)>> {
    let wanted = Query {
        submission_id: Some(id(number).to_string()),
        ..Query::default()
    };
    let found = query(database, &wanted).await?.into_iter().next();
    Ok(found.and_then(|found| found.generation.zip(found.verdict)))
}

fn is(generation: i64, verdict: &str) -> Option<(i64, String)> {
    Some((generation, verdict.to_owned()))
}

async fn rejudged(database: &Database, verdicts: [(u128, VerdictCode); 2]) -> Result<()> {
    for (number, code) in verdicts {
        let offset = 100 + number as i64;
        apply(database, &[judged(offset, &verdict(number, 1, code))?]).await?;
    }
    Ok(())
}

async fn each_judged_submission_gets_its_next_generation(url: &str) -> Result<()> {
    let database = judged_before(url).await?;
    let rejudging = new(&database, false).await?;
    assert_eq!(
        (rejudging.state, rejudging.submissions),
        (State::Applied, 2)
    );
    let (one, two) = (id(1).to_string(), id(2).to_string());
    assert_eq!(due(&database).await?, [(one.clone(), 1), (two, 1)]);
    let before = Progress {
        submissions: 2,
        published: 0,
        judged: 0,
    };
    assert_eq!(progress(&database, &rejudging.id).await?, before);

    rejudged(&database, [(1, Ac), (2, Ac)]).await?;
    assert_eq!(progress(&database, &rejudging.id).await?.judged, 2);
    let found = changes(&database, &rejudging.id).await?;
    let change = Change {
        submission_id: one,
        problem_id: "sum".into(),
        user_id: "user-1".into(),
        generation: 1,
        old_verdict: "WA".into(),
        old_score: None,
        new_verdict: "AC".into(),
        new_score: None,
        keeps_old: false,
    };
    assert_eq!(found, [change]);
    let report = report(&database, rejudging).await?;
    assert_eq!((report.judged, report.changed), (2, 1));
    let counts = report.counts.iter().map(|count| {
        let (old, new) = (count.old_verdict.as_str(), count.new_verdict.as_str());
        (old, new, count.submissions)
    });
    let counts: Vec<_> = counts.collect();
    assert_eq!(counts, [("AC", "AC", 1), ("WA", "AC", 1)]);
    Ok(())
}

async fn a_command_that_is_repeated_rejudges_once(url: &str) -> Result<()> {
    let database = judged_before(url).await?;
    let Begun::New(first) = begin(&database, &problem(), false, false).await? else {
        panic!("nothing was rejudged before");
    };
    for _ in 0..2 {
        let repeated = begin(&database, &problem(), false, false).await?;
        assert_eq!(repeated, Begun::Known(first.clone()));
    }
    assert_eq!(due(&database).await?.len(), 2);
    let Begun::New(second) = begin(&database, &problem(), false, true).await? else {
        panic!("asked for another one");
    };
    let generations: Vec<i64> = due(&database).await?.iter().map(|due| due.1).collect();
    assert_eq!(generations, [1, 1, 2, 2]);
    // A repeated command goes on with the newest.
    let repeated = begin(&database, &problem(), false, false).await?;
    assert_eq!(repeated, Begun::Known(second));
    Ok(())
}

async fn two_rejudgings_at_once_never_share_a_generation(url: &str) -> Result<()> {
    let database = judged_before(url).await?;
    let one_submission = Selection {
        submission_ids: vec![id(1).to_string()],
        ..Selection::default()
    };
    let problem = problem();
    let (one, other) = tokio::join!(
        begin(&database, &problem, false, false),
        begin(&database, &one_submission, false, false),
    );
    assert!(matches!((one?, other?), (Begun::New(_), Begun::New(_))));
    let of_the_first = due(&database).await?;
    let of_the_first = of_the_first.iter().filter(|due| due.0 == id(1).to_string());
    let generations: Vec<i64> = of_the_first.map(|due| due.1).collect();
    assert_eq!(generations, [1, 2]);
    Ok(())
}

async fn only_what_matches_and_has_a_verdict_is_selected(url: &str) -> Result<()> {
    let database = judged_before(url).await?;
    let numbers = async |selection: Selection| -> Result<Vec<String>> {
        let selected = preview(&database, &selection).await?;
        Ok(selected.into_iter().map(|one| one.submission_id).collect())
    };
    let (one, two) = (id(1).to_string(), id(2).to_string());
    assert_eq!(numbers(problem()).await?, [one.clone(), two.clone()]);
    let since = |since_ms| Selection {
        since_ms: Some(since_ms),
        ..problem()
    };
    assert_eq!(numbers(since(APPENDED_AT_MS + 2)).await?, [two]);
    assert!(numbers(since(APPENDED_AT_MS + 3)).await?.is_empty());
    let both = Selection {
        submission_ids: vec![one.clone(), id(3).to_string()],
        ..problem()
    };
    assert_eq!(numbers(both).await?, [one]);
    let other = Selection {
        problem_id: Some("product".into()),
        ..Selection::default()
    };
    let nothing = begin(&database, &other, false, false).await?;
    assert_eq!(nothing, Begun::NothingSelected);
    assert!(due(&database).await?.is_empty());
    Ok(())
}

async fn in_the_shadow_verdicts_count_for_nothing_until_applied(url: &str) -> Result<()> {
    let database = judged_before(url).await?;
    let rejudging = new(&database, true).await?;
    rejudged(&database, [(1, Ac), (2, Tle)]).await?;
    let as_before = [("AC".to_owned(), 1), ("WA".to_owned(), 1)];
    assert_eq!(standing(&database, 1).await?, is(0, "WA"));
    assert_eq!(standing(&database, 2).await?, is(0, "AC"));
    assert_eq!(counts(&database).await?, as_before);
    assert_eq!(to_be_shown(&database).await?, 2);
    assert_eq!(check(&database).await?, []);
    // The report comes before anything is applied.
    assert_eq!(changes(&database, &rejudging.id).await?.len(), 2);

    let applied = decide(&database, &rejudging.id, Decision::Apply).await?;
    assert_eq!(applied.state, State::Applied);
    assert_eq!(standing(&database, 1).await?, is(1, "AC"));
    assert_eq!(standing(&database, 2).await?, is(1, "TLE"));
    assert_eq!(to_be_shown(&database).await?, 4);
    let expected = [("AC", 2), ("TLE", 1), ("WA", 1)];
    assert_eq!(
        counts(&database).await?,
        expected.map(|(verdict, count)| (verdict.to_owned(), count))
    );
    assert_eq!(check(&database).await?, []);
    Ok(())
}

async fn a_discarded_rejudging_never_counts(url: &str) -> Result<()> {
    let database = judged_before(url).await?;
    let rejudging = new(&database, true).await?;
    apply(&database, &[judged(10, &verdict(1, 1, Ac))?]).await?;
    let discarded = decide(&database, &rejudging.id, Decision::Discard).await?;
    assert_eq!(discarded.state, State::Discarded);
    // What was not sent yet never is; what is judged all the same counts for nothing.
    assert!(due(&database).await?.is_empty());
    apply(&database, &[judged(11, &verdict(2, 1, Wa))?]).await?;
    assert_eq!(standing(&database, 1).await?, is(0, "WA"));
    assert_eq!(standing(&database, 2).await?, is(0, "AC"));
    assert_eq!(to_be_shown(&database).await?, 2);
    assert_eq!(check(&database).await?, []);
    // Its generations are used up all the same.
    new(&database, false).await?;
    let generations: Vec<i64> = due(&database).await?.iter().map(|due| due.1).collect();
    assert_eq!(generations, [2, 2]);
    Ok(())
}

async fn a_verdict_recorded_while_it_is_decided_is_neither_lost_nor_counted_twice(
    url: &str,
) -> Result<()> {
    for decision in [Decision::Discard, Decision::Apply] {
        let database = judged_before(url).await?;
        let rejudging = new(&database, true).await?;
        let generation = due(&database).await?.last().expect("due").1 as i32;
        let offset = 10 * i64::from(generation);
        apply(&database, &[judged(offset, &verdict(1, generation, Ac))?]).await?;
        if decision == Decision::Apply {
            apply(
                &database,
                &[judged(offset + 1, &verdict(2, generation, Wa))?],
            )
            .await?;
        }
        // A sink in the middle of its transaction, and one more verdict in it.
        let mut transaction = database.begin().await?;
        let later = judged(offset + 2, &verdict(2, generation, Wa))?;
        crate::fixture::sink()?
            .apply(&mut transaction, &[later])
            .await?;
        let (deciding, id) = (database.clone(), rejudging.id.clone());
        let decided = tokio::spawn(async move { decide(&deciding, &id, decision).await });
        tokio::task::yield_now().await;
        transaction.commit().await?;
        decided.await??;
        assert_eq!(check(&database).await?, []);
        assert_eq!(progress(&database, &rejudging.id).await?.judged, 2);
    }
    Ok(())
}

async fn a_judge_error_of_a_rejudging_keeps_the_real_verdict(url: &str) -> Result<()> {
    let database = judged_before(url).await?;
    let rejudging = new(&database, false).await?;
    rejudged(&database, [(1, Je), (2, Ac)]).await?;
    assert_eq!(standing(&database, 1).await?, is(0, "WA"));
    assert_eq!(standing(&database, 2).await?, is(1, "AC"));
    let found = changes(&database, &rejudging.id).await?;
    assert_eq!(found.len(), 1);
    assert!(found[0].keeps_old && found[0].new_verdict == "JE");
    // The next one compares with what stands, not with the judge error.
    let next = new(&database, false).await?;
    apply(&database, &[judged(200, &verdict(1, 2, Ac))?]).await?;
    assert_eq!(standing(&database, 1).await?, is(2, "AC"));
    let found = changes(&database, &next.id).await?;
    assert_eq!((found.len(), found[0].old_verdict.as_str()), (1, "WA"));
    Ok(())
}

async fn a_rejudging_is_decided_when_its_report_is_complete_and_only_once(url: &str) -> Result<()> {
    let database = judged_before(url).await?;
    let rejudging = new(&database, true).await?;
    apply(&database, &[judged(10, &verdict(1, 1, Ac))?]).await?;
    let early = decide(&database, &rejudging.id, Decision::Apply).await;
    let early = early.err().map(|error| error.to_string());
    let early = early.unwrap_or_default();
    assert!(
        early.starts_with("1 of 2 submissions have no verdict"),
        "{early}"
    );
    apply(&database, &[judged(11, &verdict(2, 1, Ac))?]).await?;
    for _ in 0..2 {
        decide(&database, &rejudging.id, Decision::Apply).await?;
    }
    let otherwise = decide(&database, &rejudging.id, Decision::Discard).await;
    assert!(
        matches!(otherwise, Err(NotDecided::DecidedOtherwise(_))),
        "{otherwise:?}"
    );
    assert_eq!(check(&database).await?, []);
    let unknown = decide(&database, "nothing", Decision::Apply).await;
    assert!(
        matches!(unknown, Err(NotDecided::Unknown(_))),
        "{unknown:?}"
    );
    Ok(())
}

async fn what_is_derived_wrongly_is_found(url: &str) -> Result<()> {
    let database = judged_before(url).await?;
    assert_eq!(check(&database).await?, []);
    let mut transaction = database.begin().await?;
    let counter = "UPDATE verdict_counts SET judgements = 5 WHERE verdict = 'WA'";
    transaction.execute(counter, vec![]).await?;
    transaction
        .execute("DELETE FROM source_files", vec![])
        .await?;
    transaction.commit().await?;
    let found = check(&database).await?;
    let wrong = Finding::Count {
        tenant: "school".into(),
        problem_id: "sum".into(),
        verdict: "WA".into(),
        counted: 5,
        rows: 1,
    };
    assert_eq!(found[0], wrong);
    assert_eq!(found.len(), 4, "and three submissions without their source");
    Ok(())
}
