//! The running of a role that is a projection: everything but what it projects.

use anyhow::Context;
use kafka::ReaderConfig;
use prometheus::Registry;
use schemas::topics::Profile;
use store::{Database, Projection, ProjectionConfig, ProjectionState};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::{Endpoints, Server, contract};

/// How such a role runs.
#[derive(Clone, Debug)]
pub struct ProjectionRole {
    /// The cluster, the group and its topics.
    pub reader: ReaderConfig,
    /// The topics it writes to beside those it reads: part of its contract too.
    pub writes: &'static [&'static str],
    /// Records a second at most; none = as fast as it goes.
    pub max_rate: Option<u32>,
    /// Compares the cluster's topics with this profile first; none on the embedded broker.
    pub contract: Option<Profile>,
    /// `postgres://…`, or `sqlite:PATH` in the embedded profile.
    pub database_url: String,
    /// Where to serve health and metrics, if anywhere.
    pub http: Option<String>,
    /// The metrics to serve.
    pub registry: Registry,
}

impl ProjectionRole {
    /// Runs until told to stop. `make` gets the open database and makes the projection.
    pub async fn run<P: Projection>(
        self,
        make: impl AsyncFnOnce(&Database) -> anyhow::Result<P>,
        stop: CancellationToken,
    ) -> anyhow::Result<()> {
        let (state, readiness) = watch::channel(ProjectionState::Starting);
        // Not stopped with the role: while it winds up it still says why it is not ready.
        let serving = CancellationToken::new();
        let server = match &self.http {
            Some(listen) => {
                let reasons = move || readiness.borrow().reasons();
                let endpoints = Endpoints::new(self.registry.clone()).ready(reasons);
                Some(Server::start(listen, endpoints, serving.clone()).await?)
            }
            None => None,
        };
        let ended = self.project(make, &state, &stop).await;
        serving.cancel();
        match server {
            Some(server) => ended.and(server.stopped().await),
            None => ended,
        }
    }

    async fn project<P: Projection>(
        self,
        make: impl AsyncFnOnce(&Database) -> anyhow::Result<P>,
        state: &watch::Sender<ProjectionState>,
        stop: &CancellationToken,
    ) -> anyhow::Result<()> {
        if let Some(profile) = self.contract {
            let read = self.reader.topics.iter().map(String::as_str);
            let topics: Vec<_> = read.chain(self.writes.iter().copied()).collect();
            contract::check(&self.reader.client, profile, &topics).await?;
        }
        let connected = store::connect_when_up(&self.database_url, state, stop).await;
        let Some(database) = connected.context("failed to open the database")? else {
            return Ok(());
        };
        let projection = make(&database).await?;
        let group_id = self.reader.group_id.clone();
        let config = ProjectionConfig {
            reader: self.reader,
            max_rate: self.max_rate,
        };
        let ended = store::project(database.clone(), config, &projection, state, stop).await;
        database.close().await;
        ended.with_context(|| format!("group {group_id} stopped recording"))
    }
}
