//! Submissions at a steady pace, and how long each took from its acknowledgement until what came of it could be read.

use std::time::Duration;

use anyhow::{Context, ensure};
use kafka::NewRecord;
use tokio::time::Instant;
use uuid::Uuid;

use super::{Load, Target};
use crate::bare::{Arrivals, Sender};

/// Longest wait for the last one.
const PATIENCE: Duration = Duration::from_secs(30);

/// One way that records take.
pub(crate) struct Way {
    /// Where they are sent, if not to their own topic, and then with the submission's id for a key.
    pub(crate) topic: Option<&'static str>,
    /// Where what came of them is read.
    pub(crate) arrivals: Arrivals,
}

/// Sends and waits.
pub(crate) struct Trips {
    pub(crate) load: Load,
    pub(crate) sender: Sender,
    pub(crate) partitions: usize,
}

impl Trips {
    /// Sends so many a second on each of the ways, in turn; of each way, the milliseconds that each trip took.
    pub(crate) async fn times<const WAYS: usize>(
        &self,
        ways: [&Way; WAYS],
        per_second: f64,
        seconds: f64,
    ) -> anyhow::Result<[Vec<f64>; WAYS]> {
        let ids = self.send(ways, per_second, seconds).await?;
        let give_up = Instant::now() + PATIENCE;
        loop {
            if let Some(times) = self.all_times(&ways, &ids) {
                return times.try_into().ok().context("as many as there are ways");
            }
            ensure!(Instant::now() < give_up, "some records never came back");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// The ids of each way.
    async fn send<const WAYS: usize>(
        &self,
        ways: [&Way; WAYS],
        per_second: f64,
        seconds: f64,
    ) -> anyhow::Result<Vec<Vec<Uuid>>> {
        let started = Instant::now();
        let mut ids = vec![Vec::new(); WAYS];
        let pace = per_second * WAYS as f64;
        for index in 0..(seconds * pace) as usize {
            tokio::time::sleep_until(started + Duration::from_secs_f64(index as f64 / pace)).await;
            let (way, id) = (index % WAYS, Uuid::new_v4());
            let target = Target(index / WAYS % self.partitions);
            let record = redirected(self.load.record(id, target)?, id, ways[way].topic);
            self.sender.send(id, &record)?;
            ids[way].push(id);
        }
        Ok(ids)
    }

    /// None as long as one is missing.
    fn all_times(&self, ways: &[&Way], ids: &[Vec<Uuid>]) -> Option<Vec<Vec<f64>>> {
        let took = |way: &Way, id: Uuid| {
            let took = way.arrivals.seen(id)?;
            let took = took.saturating_duration_since(self.sender.acknowledged(id)?);
            Some(took.as_secs_f64() * 1e3)
        };
        let of_way =
            |(way, ids): (&&Way, &Vec<Uuid>)| ids.iter().map(|id| took(way, *id)).collect();
        ways.iter().zip(ids).map(of_way).collect()
    }
}

fn redirected(record: NewRecord, id: Uuid, topic: Option<&str>) -> NewRecord {
    match topic {
        None => record,
        Some(topic) => NewRecord {
            topic: topic.to_owned(),
            key: Some(id.to_string().into_bytes()),
            ..record
        },
    }
}
