//! The load generator: sends at a steady rate and in bursts for one problem, and notes what was acknowledged.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use kafka::{ClientConfig, Delivery, NewRecord, Producer};
use schemas::traceparent::TraceParent;
use schemas::{codec, headers};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::acknowledged::{Acknowledged, List};
use super::programs::{Program, Programs};

/// Batches this often.
const EVERY: Duration = Duration::from_millis(250);
/// A burst for the hot problem after so many batches.
const BURST_AFTER: u64 = 60;
const BURST: usize = 150;
/// Without so many delivery reports nothing more is sent.
const IN_FLIGHT: usize = 4_000;
/// What has no delivery report after this was never accepted, as far as its sender knows.
const PATIENCE_MS: &str = "60000";

/// What came of the load.
#[derive(Clone, Debug, Default)]
pub(super) struct Sent {
    pub(super) acknowledged: usize,
    /// Killers, acknowledged or not.
    pub(super) killers: BTreeSet<Uuid>,
    /// Sent and not acknowledged: nothing is promised about these.
    pub(super) refused: usize,
}

/// Sends until it is told to stop.
pub(super) struct Load {
    producer: Producer,
    programs: Programs,
    list: List,
    per_batch: u64,
    /// Killers that were asked for, each answered by the ids sent.
    orders: mpsc::Receiver<usize>,
    planted: mpsc::Sender<Uuid>,
    sent: Sent,
}

/// Where the load is told to plant killers, and says which.
pub(super) struct Planter {
    pub(super) orders: mpsc::Sender<usize>,
    pub(super) planted: mpsc::Receiver<Uuid>,
}

/// A batch on its way.
type Batch = Vec<(Acknowledged, Delivery)>;

impl Load {
    pub(super) fn new(
        client: &ClientConfig,
        seed: u64,
        rate: u32,
        list: &Path,
    ) -> anyhow::Result<(Self, Planter)> {
        let mut client = client.named("load");
        let patience = ("message.timeout.ms".to_owned(), PATIENCE_MS.to_owned());
        client.properties.extend([patience]);
        let (orders, ordered) = mpsc::channel(16);
        let (planted, plants) = mpsc::channel(64);
        let load = Self {
            producer: Producer::new(&client)?,
            programs: Programs::new(seed)?,
            list: List::create(list)?,
            per_batch: (u64::from(rate) * EVERY.as_millis() as u64 / 1_000).max(1),
            orders: ordered,
            planted,
            sent: Sent::default(),
        };
        let planter = Planter {
            orders,
            planted: plants,
        };
        Ok((load, planter))
    }

    /// Returns when everything sent has its delivery report or will have none.
    pub(super) async fn run(mut self, stop: CancellationToken) -> anyhow::Result<Sent> {
        let mut batches = JoinSet::new();
        let mut ticks = tokio::time::interval(EVERY);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
        for number in 1.. {
            tokio::select! {
                () = stop.cancelled() => break,
                _ = ticks.tick() => {}
            }
            if self.producer.in_flight() < IN_FLIGHT {
                let batch = self.batch(number).await?;
                batches.spawn(reports(batch));
            }
            while let Some(done) = batches.try_join_next() {
                self.note(done?)?;
            }
        }
        while let Some(done) = batches.join_next().await {
            self.note(done?)?;
        }
        Ok(self.sent)
    }

    async fn batch(&mut self, number: u64) -> anyhow::Result<Batch> {
        let mut batch = Vec::new();
        for _ in 0..self.per_batch {
            let program = self.programs.next()?;
            batch.push(self.send(program)?);
        }
        if number.is_multiple_of(BURST_AFTER) {
            for _ in 0..BURST {
                let program = self.programs.hot();
                batch.push(self.send(program)?);
            }
        }
        while let Ok(killers) = self.orders.try_recv() {
            for _ in 0..killers {
                let program = self.programs.killer();
                let submission_id = program.submission.submission_id;
                batch.push(self.send(program)?);
                self.sent.killers.insert(submission_id);
                self.planted.send(submission_id).await?;
            }
        }
        Ok(batch)
    }

    fn send(&self, program: Program) -> anyhow::Result<(Acknowledged, Delivery)> {
        let Program {
            submission,
            topic,
            expected,
            killer,
        } = program;
        let submission_id = submission.submission_id;
        let key = submission.problem_id.as_str();
        let record = NewRecord::new(topic, key, codec::encode(&submission)?)
            .with_headers(headers::standard(submission_id, 0, TraceParent::start()));
        let acknowledged = Acknowledged {
            submission_id,
            topic: topic.to_owned(),
            expected,
            killer,
        };
        Ok((acknowledged, self.producer.send(record)))
    }

    fn note(&mut self, (acknowledged, refused): (Vec<Acknowledged>, usize)) -> anyhow::Result<()> {
        self.list.append(&acknowledged)?;
        self.sent.acknowledged += acknowledged.len();
        self.sent.refused += refused;
        Ok(())
    }
}

/// Those of a batch that were acknowledged, and how many were not.
async fn reports(batch: Batch) -> (Vec<Acknowledged>, usize) {
    let (mut acknowledged, mut refused) = (Vec::new(), 0);
    for (one, delivery) in batch {
        match delivery.await {
            Ok(_) => acknowledged.push(one),
            Err(_) => refused += 1,
        }
    }
    (acknowledged, refused)
}
