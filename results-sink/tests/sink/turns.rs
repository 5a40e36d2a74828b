//! Sinks that record one log in random turns, some of them long after another has overtaken them. And the same with a bug,
//! which must be noticed.

use anyhow::Result;
use kafka::{Record, TopicPartition};
use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, TestError, TestRng, TestRunner};
use results_sink::GROUP_ID;
use schemas::VerdictCode::{Ac, Wa};
use schemas::topics;
use seeded::Bug;
use store::{ApplyError, Database, Error, Offsets, Projection, Span};

use crate::fixture::{counts, judged, sink, verdict};

const RECORDS: usize = 24;

/// One of the sinks records what it has at hand.
#[derive(Clone, Copy, Debug)]
struct Turn {
    sink: usize,
    batch: usize,
}

fn turns() -> impl Strategy<Value = Vec<Turn>> {
    let turn = (0_usize..3, 1_usize..6).prop_map(|(sink, batch)| Turn { sink, batch });
    prop::collection::vec(turn, 1..20)
}

fn partition() -> TopicPartition {
    TopicPartition::new(topics::VERDICTS, 0)
}

/// Two verdicts of each submission.
fn log() -> Result<Vec<Record>> {
    let record = |offset: usize| {
        let code = if offset.is_multiple_of(2) { Ac } else { Wa };
        judged(offset as i64, &verdict(offset as u128 / 2, 0, code))
    };
    (0..RECORDS).map(record).collect()
}

async fn next_offset(database: &Database) -> Result<Option<i64>> {
    let offsets = Offsets::of_group(GROUP_ID).read(database).await?;
    Ok(offsets.get(&partition()).copied())
}

/// Records a batch; none if another sink was there before.
async fn record(database: &Database, records: &[Record], span: &Span) -> Result<Option<i64>> {
    let mut transaction = database.begin().await?;
    let moved = Offsets::of_group(GROUP_ID)
        .advance(&mut transaction, span)
        .await;
    match moved {
        Err(Error::OffsetConflict(_)) => return Ok(None),
        moved => moved?,
    }
    let applied = sink()?.apply(&mut transaction, records).await;
    applied.map_err(|error: ApplyError| anyhow::anyhow!("{error}"))?;
    transaction.commit().await?;
    Ok(Some(span.next))
}

/// Every sink goes on from where it thinks the group is, and asks again when it is told that it is wrong.
async fn take_turns(turns: Vec<Turn>) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let database = Database::connect(&store::testing::sqlite_url(folder.path())).await?;
    let log = log()?;
    let mut positions = [None; 3];
    let mut furthest = 0;
    for Turn { sink, batch } in turns {
        let from = positions[sink].unwrap_or(0) as usize;
        let to = RECORDS.min(from + batch);
        let span = Span {
            partition: partition(),
            expected: positions[sink],
            next: to as i64,
        };
        let recorded = record(&database, &log[from..to], &span).await?;
        let next = next_offset(&database).await?;
        positions[sink] = recorded.or(next);
        anyhow::ensure!(next >= Some(furthest), "the offset fell to {next:?}");
        furthest = next.unwrap_or(0);
        // Of each pair the first counts.
        let expected = (furthest + 1) / 2;
        anyhow::ensure!(counts(&database).await? == [("AC".to_owned(), expected)]);
    }
    Ok(())
}

/// What is found in random turns.
fn found() -> Result<Option<String>> {
    let config = ProptestConfig {
        cases: 24,
        max_shrink_iters: 0,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let random = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let mut runner = TestRunner::new_with_rng(config, random);
    let taken = runner.run(&turns(), |turns| {
        let taken = runtime.block_on(take_turns(turns));
        taken.map_err(|error| TestCaseError::fail(format!("{error:#}")))
    });
    match taken {
        Ok(()) => Ok(None),
        Err(TestError::Fail(reason, _)) => Ok(Some(reason.to_string())),
        Err(error) => Err(error.into()),
    }
}

#[test]
fn however_sinks_take_turns_no_offset_falls_and_each_verdict_counts_once() -> Result<()> {
    assert_eq!(found()?, None);
    Ok(())
}

#[test]
fn an_offset_that_is_set_without_a_comparison_is_found() -> Result<()> {
    let _sown = seeded::sow(Bug::NoCompareAndSet);
    let found = found()?.unwrap_or_default();
    assert!(found.contains("the offset fell"), "{found}");
    Ok(())
}
