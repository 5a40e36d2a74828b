//! `evaluator run` from start to stop.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use judge::{Cancel, Judge, JudgeConfig, Languages};
use kafka::admin::Admin;
use prometheus::Registry;
use sandbox::Sandbox;
use schemas::topics;
use service::{Endpoints, Server};
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use crate::breaker::Breaker;
use crate::config::{Config, ProblemSource};
use crate::evaluator::Evaluator;
use crate::fitness::Fitness;
use crate::health::Health;
use crate::holds::Holds;
use crate::intake::{self, Overflowing};
use crate::languages::Served;
use crate::metrics::Metrics;
use crate::observe::Frontiers;
use crate::packages::{Archives, Cache, Directory, Packages, ProblemTable, Published};
use crate::publish::{ProgressSender, Publisher};
use crate::schedule::{Costs, Turns};
use crate::slots::Slots;

/// What an evaluator reads and writes.
pub const TOPICS: [&str; 10] = [
    topics::SUBMISSIONS,
    topics::SUBMISSIONS_BULK,
    topics::SUBMISSIONS_OVERFLOW,
    topics::SUBMISSIONS_RETRY[0],
    topics::SUBMISSIONS_RETRY[1],
    topics::SUBMISSIONS_RETRY[2],
    topics::SUBMISSIONS_DLQ,
    topics::VERDICTS,
    topics::PROGRESS,
    topics::PROBLEMS,
];

/// How long the last records may take to reach the log after everything else has ended.
const FLUSH: Duration = Duration::from_secs(10);

/// Judges until `stop`, then leaves in order. An error is what this process cannot mend by itself.
pub async fn run(config: Config, stop: CancellationToken) -> anyhow::Result<()> {
    if let Some(profile) = config.contract {
        service::contract::check(&config.client, profile, &TOPICS).await?;
    }
    let registry = Registry::new();
    let evaluator = Arc::new(open(&config, &registry).await?);
    // The endpoints answer until everything else has ended: a stop shows in readiness, not as a closed port.
    let serving = CancellationToken::new();
    let _serve_to_the_end = serving.clone().drop_guard();
    if let Some(address) = &config.http {
        Server::start(address, endpoints(&evaluator, registry), serving).await?;
    }
    let worked = work(&evaluator, &config, &stop).await;
    let publisher = evaluator.publisher.clone();
    let flushed = tokio::task::spawn_blocking(move || publisher.flush(FLUSH)).await?;
    worked?;
    flushed.context("failed to publish the last records")
}

fn endpoints(evaluator: &Arc<Evaluator>, registry: Registry) -> Endpoints {
    let (live, ready, observed) = (
        evaluator.health.clone(),
        evaluator.health.clone(),
        Arc::clone(evaluator),
    );
    Endpoints::new(registry)
        .live(move || live.faults())
        .ready(move || ready.reasons())
        .before_metrics(move || observed.observe())
}

async fn work(
    evaluator: &Arc<Evaluator>,
    config: &Config,
    stop: &CancellationToken,
) -> anyhow::Result<()> {
    let consumers = config.consumers();
    let mended = Arc::clone(evaluator);
    let _mending =
        AbortOnDropHandle::new(tokio::spawn(async move { mended.mend_languages().await }));
    while evaluator.become_fit(stop).await {
        intake::take_part(evaluator, &consumers, stop).await?;
        if let Some(why) = evaluator.failure() {
            anyhow::bail!(why);
        }
    }
    Ok(())
}

async fn open(config: &Config, registry: &Registry) -> anyhow::Result<Evaluator> {
    let languages = config.known_languages.clone();
    let served = Served::choose(languages.clone(), &config.languages)?;
    let judge = open_judge(config, languages).await?;
    let slots = Slots::start(config.slots, move || Ok(judge.worker()?))?;
    let health = Health::starting();
    Ok(Evaluator {
        host: config.host.clone(),
        groups: config.groups(),
        retries: config.retries.iter().map(|retry| retry.topic()).collect(),
        grace: config.grace,
        patience: config.patience,
        near_limit: config.near_limit,
        served,
        packages: open_packages(config).await?,
        turns: Turns::new(config.slots, config.shares),
        overflow: open_overflow(config).await?,
        costs: Costs::default(),
        slots,
        holds: Holds::new(
            config
                .client
                .named(format!("{}-holds", config.client.client_id)),
        ),
        publisher: Publisher::new(&config.client)?,
        progress: ProgressSender::new(&config.client)?,
        metrics: Metrics::register(registry)?,
        frontiers: Frontiers::default(),
        breaker: Breaker::new(config.breaker, health.clone()),
        health,
        fitness: Fitness::default(),
        cancel: Cancel::new()?,
        intake: CancellationToken::new(),
    })
}

async fn open_judge(config: &Config, languages: Languages) -> anyhow::Result<Judge> {
    let judge_config = JudgeConfig {
        near_limit: config.near_limit,
        pin: config.pin,
        ..JudgeConfig::new(config.cache_dir.join("judge"))
    };
    let sandbox_config = config.sandbox.clone();
    let processes = config.slots as u64 * u64::from(languages.most_processes());
    // Probing the protections runs programs, which takes its time.
    let open = move || -> anyhow::Result<Judge> {
        for limit in sandbox::crowding(&sandbox_config, processes) {
            tracing::warn!("programs may be refused processes: {limit}");
        }
        let sandbox = Sandbox::open(sandbox_config)
            .context("failed to open the sandbox; `evaluator doctor` says more")?;
        Judge::new(sandbox, languages, judge_config).context("failed to open the judge's caches")
    };
    tokio::task::spawn_blocking(open).await?
}

async fn open_overflow(config: &Config) -> anyhow::Result<Overflowing> {
    let topic = topics::SUBMISSIONS_OVERFLOW;
    if config.overflow_after.is_zero() || config.lanes.iter().all(|lane| lane.topic != topic) {
        return Ok(Overflowing::never());
    }
    let client = config
        .client
        .named(format!("{}-overflow", config.client.client_id));
    let partitions = Admin::new(&client)?.partitions(topic).await?;
    Ok(Overflowing::new(
        config.slots,
        config.overflow_after,
        partitions,
    ))
}

async fn open_packages(config: &Config) -> anyhow::Result<Packages> {
    match &config.problems {
        ProblemSource::Directory(root) => Ok(Packages::Directory(Directory::open(root)?)),
        ProblemSource::Store(url) => {
            let archives = Archives::open(url)?;
            let cache = Cache::open(
                &config.cache_dir.join("packages"),
                config.package_cache_bytes,
            )?;
            let table = ProblemTable::open(&config.client).await?;
            Ok(Packages::Published(Published::new(table, archives, cache)))
        }
    }
}
