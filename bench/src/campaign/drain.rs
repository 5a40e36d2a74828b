//! Waiting until nothing moves any more: every group at the end of every topic it reads, and nothing due in the outbox.

use std::collections::HashMap;
use std::time::Duration;

use kafka::{Survey, TopicPartition};
use schemas::topics;
use store::{Database, Offsets};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::course::Course;
use super::site::Site;

const LOOK_EVERY: Duration = Duration::from_secs(2);
/// A look at rest that is followed by another one: what was on its way has arrived.
const LOOKS_AT_REST: u32 = 2;

/// Waits, but not for ever; answers what still moves if that was in vain.
pub(super) async fn until_at_rest(
    site: &Site,
    course: &mut Course<'_>,
    limit: Duration,
    stop: &CancellationToken,
) -> anyhow::Result<Option<String>> {
    let survey = Survey::new(site.client.named("campaign-survey"));
    let (started, mut at_rest) = (Instant::now(), 0);
    loop {
        let next_look = Instant::now() + LOOK_EVERY;
        // A server that is not up again yet says nothing: whatever it is, it moves.
        let moving = moving(site, &survey).await;
        let moving = moving.unwrap_or_else(|error| Some(format!("cannot tell: {error:#}")));
        at_rest = if moving.is_none() { at_rest + 1 } else { 0 };
        if at_rest == LOOKS_AT_REST {
            return Ok(None);
        }
        if started.elapsed() > limit {
            return Ok(moving);
        }
        while Instant::now() < next_look {
            course.tick(stop).await?;
        }
    }
}

/// What moves, if anything does. Asked in the order in which work goes on.
async fn moving(site: &Site, survey: &Survey) -> anyhow::Result<Option<String>> {
    let mut rooms = topics::waiting_rooms();
    rooms.extend(topics::CLIENT_LANES.map(str::to_owned));
    for topic in rooms {
        // Nobody reads it of its own accord.
        if topic == topics::SUBMISSIONS_PARKED {
            continue;
        }
        let group = topics::evaluator_group(&topic);
        let committed = survey.committed(&group, &topic).await?;
        let at = committed.into_iter();
        let at: HashMap<_, _> = at.filter_map(|(at, offset)| Some((at, offset?))).collect();
        if let Some(behind) = behind(survey, &group, &[&topic], &at).await? {
            return Ok(Some(behind));
        }
    }
    let database = Database::open(&site.database_url).await?;
    let moving = moving_into(&database, survey).await;
    database.close().await;
    moving
}

async fn moving_into(database: &Database, survey: &Survey) -> anyhow::Result<Option<String>> {
    let groups = [
        (results_sink::GROUP_ID, results_sink::TOPICS),
        (analytics::GROUP_ID, analytics::TOPICS),
    ];
    for (group, topics) in groups {
        let at = Offsets::of_group(group).read(database).await?;
        if let Some(behind) = behind(survey, group, &topics, &at).await? {
            return Ok(Some(behind));
        }
    }
    let due = database
        .fetch("SELECT sequence FROM outbox WHERE refused IS NULL", vec![])
        .await?;
    let due = due.len();
    Ok((due > 0).then(|| format!("{due} records are due in the outbox")))
}

/// The first partition whose end the group has not reached.
async fn behind(
    survey: &Survey,
    group: &str,
    topics: &[&str],
    at: &HashMap<TopicPartition, i64>,
) -> anyhow::Result<Option<String>> {
    let extents = survey.extents(topics).await?;
    let mut partitions = extents.into_iter();
    let found = partitions.find(|(partition, extent)| {
        extent.end > 0 && at.get(partition).is_none_or(|at| *at < extent.end)
    });
    Ok(found.map(|(partition, extent)| {
        let at = at.get(&partition);
        let at = at.map_or("nothing".to_owned(), |at| format!("offset {at}"));
        format!(
            "group {group} has done {at} of {} in {partition}",
            extent.end
        )
    }))
}
