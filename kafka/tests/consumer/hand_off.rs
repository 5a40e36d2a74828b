//! Partitions that change hands while records run.

use std::time::Duration;

use kafka::{ConsumerConfig, Event, Token};
use rdkafka::topic_partition_list::Offset;

use crate::group::{Cluster, Member, TOPIC, deadline};

#[tokio::test]
async fn a_member_that_stops_hands_over_what_runs_with_its_deadline() -> anyhow::Result<()> {
    let cluster = Cluster::start(1)?;
    cluster.write(2).await?;
    let mut first = cluster.join()?;
    let running = first.ready(2).await?[0].0;
    assert!(first.start(running));
    first.consumer.stop().await;
    assert!(!first.start(running));

    let mut second = cluster.join()?;
    let mut held = None;
    for _ in 0..2 {
        match second.next().await? {
            Event::Held {
                token,
                deadline: until,
                crashed,
                ..
            } => {
                assert_eq!((token.offset, until, crashed), (0, deadline(), 0));
                held = Some(token);
            }
            Event::Ready { token, .. } => {
                assert_eq!(token.offset, 1);
                second.consumer.complete(token);
            }
            other => anyhow::bail!("unexpected {other:?}"),
        }
    }
    // Its verdict was seen.
    second.consumer.complete(held.expect("a held record"));
    second.consumer.stop().await;
    assert_eq!(cluster.committed(0)?.0, Offset::Offset(2));
    Ok(())
}

#[tokio::test]
async fn a_member_whose_handles_are_dropped_leaves_in_order() -> anyhow::Result<()> {
    let cluster = Cluster::start(1)?;
    cluster.write(1).await?;
    let mut first = cluster.join()?;
    first.ready(1).await?;
    drop(first.consumer);
    while first.events.recv().await.is_some() {}
    let mut second = cluster.join()?;
    // A suspect here would mean that the first left without its clean mark.
    second.ready(1).await?;
    second.consumer.stop().await;
    Ok(())
}

/// Waits until the member has lost one of its two partitions, and returns that one's index.
async fn lose_one(member: &mut Member) -> anyhow::Result<i32> {
    loop {
        if let Event::Revoked { partition, .. } = member.next_of_all().await? {
            return Ok(partition.partition);
        }
    }
}

/// A busy machine must not make a member look dead between two rebalances.
fn patient(config: &mut ConsumerConfig) {
    config.session_timeout = Duration::from_secs(4);
}

fn of(tokens: &[Token], partition: i32) -> Vec<Token> {
    tokens
        .iter()
        .copied()
        .filter(|token| token.partition.partition == partition)
        .collect()
}

/// How a run of a scenario with two members ended.
#[derive(PartialEq)]
enum Run {
    Proved,
    /// A member was thrown out by the broker on the way: this run shows nothing.
    Disturbed,
}

#[tokio::test]
async fn a_late_commit_after_a_revoke_changes_nothing() -> anyhow::Result<()> {
    for _ in 0..5 {
        if late_commit().await? == Run::Proved {
            return Ok(());
        }
    }
    anyhow::bail!("the broker threw a member out in each of five runs: this machine is too slow")
}

async fn late_commit() -> anyhow::Result<Run> {
    let cluster = Cluster::start(2)?;
    // Keys that meet both partitions.
    cluster
        .write_keyed((0..16).map(|key| key.to_string()))
        .await?;
    let mut first = cluster.join_with(patient)?;
    let tokens: Vec<Token> = first
        .ready(16)
        .await?
        .into_iter()
        .map(|(token, _)| token)
        .collect();
    for token in &tokens {
        assert!(first.start(*token));
    }

    let mut second = cluster.join_with(patient)?;
    let moved = lose_one(&mut first).await?;
    let late = of(&tokens, moved);
    let kept = of(&tokens, 1 - moved);
    assert!(
        late.len() > 1 && kept.len() > 1,
        "both partitions of {TOPIC} have records"
    );

    // The second gets all of them held, and is told of the verdicts of all.
    for _ in &late {
        match second.next().await? {
            Event::Held { token, .. } => second.consumer.complete(token),
            // What a member leaves that was thrown out, or could not say its last word because the other was.
            // It may learn of it later than the other.
            Event::Suspect { .. } => {
                let disturbed = || Ok(first.thrown_out() || first.commit_refused());
                first.until("the first's loss", disturbed).await?;
                return Ok(Run::Disturbed);
            }
            other => anyhow::bail!("expected a held record, got {other:?}"),
        }
    }
    let thrown_out = || first.thrown_out() || second.thrown_out();
    let end = Offset::Offset(late.len() as i64);
    second
        .until("the second's commit", || {
            Ok(thrown_out() || cluster.committed(moved)?.0 == end)
        })
        .await?;

    // The first's completions come late; its next commit is about what it still owns, and nothing else.
    for token in late.iter().chain(&kept) {
        first.consumer.complete(*token);
    }
    let kept_end = Offset::Offset(kept.len() as i64);
    first
        .until("the first's commit", || {
            Ok(thrown_out() || cluster.committed(1 - moved)?.0 == kept_end)
        })
        .await?;
    if thrown_out() {
        return Ok(Run::Disturbed);
    }
    assert_eq!(cluster.committed(moved)?.0, end);
    first.consumer.stop().await;
    assert_eq!(cluster.committed(moved)?.0, end);
    second.consumer.stop().await;
    Ok(Run::Proved)
}
