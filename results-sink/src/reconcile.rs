//! Finds accepted submissions that were lost on their way, and asks for their judgement again.
//!
//! Nothing should ever be lost: this is the net below the guarantee, for what it assumes (retention, honest
//! brokers, our own code). It republishes with the same submission and generation, so that a mistake of
//! its own could only repeat work. It makes none under load: [`rule`] republishes only what is known to wait nowhere.

mod lost;
mod rule;

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::ensure;
use kafka::Survey;
use schemas::topics;
use store::{Database, Leadership, Offsets};

use crate::leading::Duty;
use crate::metrics::Metrics;
use lost::Search;
use rule::{Extents, Frontiers, Look, Wave};

/// Leadership is confirmed at least this often.
const CONFIRM: Duration = Duration::from_secs(5);

/// How the reconciler works.
#[derive(Clone, Debug)]
pub struct ReconcileConfig {
    /// Time between two looks at the cluster.
    pub interval: Duration,
    /// Judgements asked for again in one interval at most.
    pub at_most: usize,
    /// Groups of evaluators by topic, where they are not named as [`topics::evaluator_group`] says.
    pub groups: BTreeMap<String, String>,
}

impl Default for ReconcileConfig {
    /// Every half minute, three hundred.
    fn default() -> Self {
        Self {
            interval: Duration::from_secs(30),
            at_most: 300,
            groups: BTreeMap::new(),
        }
    }
}

/// One sink's reconciler; works while it leads.
pub(crate) struct Reconciler {
    database: Database,
    survey: Survey,
    config: ReconcileConfig,
    metrics: Metrics,
}

/// How far one pass has come.
enum Stage {
    /// Following what was handed on.
    Following(Wave),
    /// Waiting until the sinks have recorded what the log held when the wave was over.
    Recording(Wave, Extents),
}

impl Reconciler {
    pub(crate) fn new(
        database: Database,
        survey: Survey,
        config: ReconcileConfig,
        metrics: Metrics,
    ) -> Self {
        Self {
            database,
            survey,
            config,
            metrics,
        }
    }

    async fn begin(&self) -> anyhow::Result<Stage> {
        let lanes = self.frontiers(&topics::CLIENT_LANES).await?;
        let rooms = topics::waiting_rooms();
        let extents = self.extents(&rooms).await?;
        Ok(Stage::Following(Wave::begin(&lanes, extents, rooms.len())))
    }

    /// Goes as far as it can now; none when a pass is complete.
    async fn go_on(&self, stage: Stage, search: &mut Search) -> anyhow::Result<Option<Stage>> {
        let (wave, held) = match stage {
            Stage::Following(mut wave) => {
                if !self.follow(&mut wave).await? {
                    return Ok(Some(Stage::Following(wave)));
                }
                (wave, self.extents(&crate::TOPICS).await?)
            }
            Stage::Recording(wave, held) => (wave, held),
        };
        let recorded = Offsets::of_group(crate::GROUP_ID);
        if !rule::has_read(&recorded.read(&self.database).await?, &held) {
            return Ok(Some(Stage::Recording(wave, held)));
        }
        let at_most = self.config.at_most;
        let republished = search
            .republish(&self.database, wave.below(), at_most)
            .await?;
        self.metrics.wave(republished);
        Ok(None)
    }

    /// Whether the wave is over.
    async fn follow(&self, wave: &mut Wave) -> anyhow::Result<bool> {
        let rooms = topics::waiting_rooms();
        loop {
            let frontiers = self.frontiers(&rooms).await?;
            match wave.look(&frontiers, self.extents(&rooms).await?) {
                Look::NextRound => {}
                Look::Over => return Ok(true),
                Look::Waiting(partitions) => {
                    self.metrics.awaited(partitions);
                    return Ok(false);
                }
            }
        }
    }

    async fn frontiers<T: AsRef<str>>(&self, topics: &[T]) -> anyhow::Result<Frontiers> {
        let mut frontiers = Frontiers::new();
        for topic in topics.iter().map(AsRef::as_ref) {
            let chosen = self.config.groups.get(topic).cloned();
            let group = chosen.unwrap_or_else(|| topics::evaluator_group(topic));
            frontiers.extend(self.survey.committed(&group, topic).await?);
        }
        Ok(frontiers)
    }

    /// A topic that we may not see is not one in which nothing waits.
    async fn extents<T: AsRef<str>>(&self, topics: &[T]) -> anyhow::Result<Extents> {
        let topics: Vec<&str> = topics.iter().map(AsRef::as_ref).collect();
        let extents = self.survey.extents(&topics).await?;
        for topic in topics {
            ensure!(
                extents.keys().any(|partition| partition.topic == topic),
                "topic `{topic}` is not to be seen: make it with `tribunal topics apply`, and let the sink describe it"
            );
        }
        Ok(extents)
    }
}

impl Duty for Reconciler {
    const NAME: &'static str = "reconciler";

    async fn perform(&self, leadership: &mut Leadership) -> anyhow::Result<()> {
        let mut search = Search::default();
        let mut stage = None;
        let mut next_look = tokio::time::Instant::now();
        loop {
            leadership.confirm().await?;
            if tokio::time::Instant::now() < next_look {
                tokio::time::sleep_until(next_look.min(tokio::time::Instant::now() + CONFIRM))
                    .await;
                continue;
            }
            let present = match stage.take() {
                Some(stage) => stage,
                None => self.begin().await?,
            };
            stage = self.go_on(present, &mut search).await?;
            next_look = tokio::time::Instant::now() + self.config.interval;
        }
    }
}
