//! What one member leaves for the next.

use std::time::Duration;

use anyhow::Context;
use kafka::GroupProtocol;
use kafka::{ConsumerError, Event};
use rdkafka::topic_partition_list::Offset;

use crate::group::{Cluster, PATIENCE, deadline};

async fn consume_and_restart(cluster: Cluster) -> anyhow::Result<()> {
    cluster.write(3).await?;
    let mut member = cluster.join()?;
    for (token, record) in member.ready(3).await? {
        assert_eq!(
            (record.offset, record.payload.as_slice()),
            (token.offset, b"payload".as_slice())
        );
        assert!(member.start(token));
        member.consumer.complete(token);
    }
    member.consumer.stop().await;
    assert!(member.consumer.status().stopped);
    assert_eq!(cluster.committed(0)?.0, Offset::Offset(3));

    cluster.write(1).await?;
    let mut member = cluster.join()?;
    assert_eq!(member.ready(1).await?[0].0.offset, 3);
    member.consumer.stop().await;
    Ok(())
}

#[tokio::test]
async fn what_is_completed_is_not_handed_out_again_after_a_restart() -> anyhow::Result<()> {
    consume_and_restart(Cluster::start(1)?).await
}

#[tokio::test]
async fn the_new_group_protocol_works_alike() -> anyhow::Result<()> {
    consume_and_restart(Cluster::start(1)?.with_protocol(GroupProtocol::Consumer)).await
}

#[tokio::test]
async fn new_metadata_at_an_unmoved_frontier_is_read_back_after_a_commit() -> anyhow::Result<()> {
    let cluster = Cluster::start(1)?;
    cluster.write(4).await?;
    let mut member = cluster.join()?;
    let ready = member.ready(4).await?;
    let before = cluster.committed(0)?;
    for index in [2, 1] {
        let former = cluster.committed(0)?;
        member.consumer.complete(ready[index].0);
        member
            .until("new metadata", || Ok(cluster.committed(0)? != former))
            .await?;
    }
    assert_eq!(
        (before.0, cluster.committed(0)?.0),
        (Offset::Offset(0), Offset::Offset(0))
    );

    // Without a clean end, so that nothing but these commits can have told it.
    member.consumer.abandon().await;
    let mut member = cluster.join()?;
    let mut offsets = Vec::new();
    for _ in 0..2 {
        if let Event::Suspect { token, .. } = member.next().await? {
            offsets.push(token.offset);
        }
    }
    assert_eq!(offsets, [0, 3]);
    member.consumer.stop().await;
    Ok(())
}

#[tokio::test]
async fn out_of_order_completions_survive_a_restart() -> anyhow::Result<()> {
    let cluster = Cluster::start(1)?;
    cluster.write(5).await?;
    let mut member = cluster.join()?;
    let ready = member.ready(5).await?;
    for index in [4, 1, 3] {
        member.consumer.complete(ready[index].0);
    }
    member.consumer.stop().await;
    let mut member = cluster.join()?;
    let offsets: Vec<i64> = member
        .ready(2)
        .await?
        .iter()
        .map(|(token, _)| token.offset)
        .collect();
    assert_eq!(offsets, [0, 2]);
    member.consumer.stop().await;
    Ok(())
}

#[tokio::test]
async fn a_death_makes_suspects_and_a_death_alone_convicts() -> anyhow::Result<()> {
    let cluster = Cluster::start(1)?;
    cluster.write(1).await?;
    let mut member = cluster.join()?;
    let token = member.ready(1).await?[0].0;
    assert!(member.start(token));
    member.consumer.abandon().await;

    for (crashes, alone) in [(1, false), (2, true)] {
        let mut member = cluster.join()?;
        let Event::Suspect { token, crashed, .. } = member.next().await? else {
            anyhow::bail!("expected a suspect");
        };
        assert_eq!(crashed, crashes);
        assert!(!member.start(token), "a suspect needs a grant");
        assert!(member.consumer.request_start(token, deadline(), alone));
        let granted = member.next().await?;
        assert!(matches!(granted, Event::Granted { token: granted } if granted == token));
        member.consumer.abandon().await;
    }

    let mut member = cluster.join()?;
    let Event::Convicted {
        token, crashed: 3, ..
    } = member.next().await?
    else {
        anyhow::bail!("expected a conviction");
    };
    member.consumer.complete(token);
    member.consumer.stop().await;
    assert_eq!(cluster.committed(0)?.0, Offset::Offset(1));
    Ok(())
}

#[tokio::test]
async fn a_committed_offset_outside_the_log_is_fatal_and_never_a_silent_reset() -> anyhow::Result<()>
{
    let cluster = Cluster::start(1)?;
    cluster.write(2).await?;
    cluster.reset(100)?;
    let mut member = cluster.join()?;
    let event = member.next().await?;
    assert!(
        matches!(event, Event::Fatal(ConsumerError::OffsetOutOfRange { .. })),
        "{event:?}"
    );
    member.consumer.stop().await;
    assert_eq!(cluster.committed(0)?.0, Offset::Offset(100));
    Ok(())
}

#[tokio::test]
async fn a_backlog_is_handed_out_once_each_through_pauses() -> anyhow::Result<()> {
    const RECORDS: usize = 3_000;
    let cluster = Cluster::start(3)?;
    cluster
        .write_keyed((0..RECORDS).map(|key| key.to_string()))
        .await?;
    let mut member = cluster.join_with(|config| config.buffer_records = 60)?;
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..RECORDS {
        let (token, _) = member.ready(1).await?.remove(0);
        assert!(
            seen.insert((token.partition, token.offset)),
            "{token:?} came twice"
        );
        assert!(member.start(token));
        member.consumer.complete(token);
    }
    member.consumer.stop().await;
    let mut sum = 0;
    for partition in 0..3 {
        if let (Offset::Offset(offset), _) = cluster.committed(partition)? {
            sum += offset;
        }
    }
    assert_eq!(sum, RECORDS as i64);
    Ok(())
}

#[tokio::test]
async fn a_member_can_be_stopped_while_the_broker_is_away() -> anyhow::Result<()> {
    let cluster = Cluster::start(1)?;
    cluster.write(1).await?;
    let mut member = cluster.join()?;
    let token = member.ready(1).await?[0].0;
    cluster.set_reachable(false)?;
    member.consumer.complete(token);
    tokio::time::timeout(PATIENCE, member.consumer.stop())
        .await
        .context("stopping hung")
}

#[tokio::test]
async fn commits_arrive_when_the_broker_is_back() -> anyhow::Result<()> {
    let cluster = Cluster::start(1)?;
    cluster.write(1).await?;
    // Long enough not to be thrown out meanwhile: what is lost is another's to commit.
    let mut member =
        cluster.join_with(|config| config.session_timeout = Duration::from_secs(30))?;
    let token = member.ready(1).await?[0].0;
    cluster.set_reachable(false)?;
    member.consumer.complete(token);
    cluster.set_reachable(true)?;
    member
        .until("the commit", || {
            Ok(cluster.committed(0)?.0 == Offset::Offset(1))
        })
        .await?;
    member.consumer.stop().await;
    Ok(())
}
