//! The endpoints that tell how a process is: `/health/live`, `/health/ready`, `/metrics`.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context;
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use prometheus::{Encoder, Registry, TextEncoder};
use serde::Serialize;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

type Reasons = dyn Fn() -> Vec<String> + Send + Sync;
type Refresh = dyn Fn() + Send + Sync;

/// What the endpoints answer from; each is asked anew for every request.
#[derive(Clone)]
pub struct Endpoints {
    live: Arc<Reasons>,
    ready: Arc<Reasons>,
    refresh: Arc<Refresh>,
    registry: Registry,
}

impl Endpoints {
    /// Always live and ready, with the metrics of this registry.
    pub fn new(registry: Registry) -> Self {
        Self {
            live: Arc::new(Vec::new),
            ready: Arc::new(Vec::new),
            refresh: Arc::new(|| ()),
            registry,
        }
    }

    /// Asks this why the process should be replaced; nothing means it should not.
    pub fn live(mut self, faults: impl Fn() -> Vec<String> + Send + Sync + 'static) -> Self {
        self.live = Arc::new(faults);
        self
    }

    /// Asks this why the process takes no work; nothing means it does.
    pub fn ready(mut self, reasons: impl Fn() -> Vec<String> + Send + Sync + 'static) -> Self {
        self.ready = Arc::new(reasons);
        self
    }

    /// Calls this before metrics are written, to bring gauges up to date.
    pub fn before_metrics(mut self, refresh: impl Fn() + Send + Sync + 'static) -> Self {
        self.refresh = Arc::new(refresh);
        self
    }

    fn router(self) -> Router {
        Router::new()
            .route(
                "/health/live",
                get(async |State(it): State<Self>| health(&*it.live)),
            )
            .route(
                "/health/ready",
                get(async |State(it): State<Self>| health(&*it.ready)),
            )
            .route("/metrics", get(metrics))
            .with_state(self)
    }
}

#[derive(Serialize)]
struct Health {
    status: &'static str,
    reasons: Vec<String>,
}

fn health(reasons: &Reasons) -> Response {
    let reasons = reasons();
    let (code, status) = if reasons.is_empty() {
        (StatusCode::OK, "ok")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "failing")
    };
    (code, axum::Json(Health { status, reasons })).into_response()
}

async fn metrics(State(endpoints): State<Endpoints>) -> Response {
    (endpoints.refresh)();
    let encoder = TextEncoder::new();
    let mut text = Vec::new();
    match encoder.encode(&endpoints.registry.gather(), &mut text) {
        Ok(()) => (
            [(header::CONTENT_TYPE, encoder.format_type().to_owned())],
            text,
        )
            .into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

/// The endpoints, served until stopped.
pub struct Server {
    address: SocketAddr,
    serving: JoinHandle<std::io::Result<()>>,
}

impl Server {
    /// Listens on `host:port` (port 0 for any free one) and serves until `stop` is cancelled.
    pub async fn start(
        listen: &str,
        endpoints: Endpoints,
        stop: CancellationToken,
    ) -> anyhow::Result<Self> {
        Self::start_with(listen, endpoints, Router::new(), stop).await
    }

    /// The same with routes of the service's own beside them.
    pub async fn start_with(
        listen: &str,
        endpoints: Endpoints,
        routes: Router,
        stop: CancellationToken,
    ) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(listen).await.with_context(|| {
            format!("failed to listen on {listen}: choose another --http address")
        })?;
        let address = listener.local_addr()?;
        tracing::info!(%address, "serving health and metrics");
        let router = endpoints.router().merge(routes);
        let serving = axum::serve(listener, router).with_graceful_shutdown(stop.cancelled_owned());
        Ok(Self {
            address,
            serving: tokio::spawn(async move { serving.await }),
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Waits for the last answer after `stop` was cancelled.
    pub async fn stopped(self) -> anyhow::Result<()> {
        self.serving
            .await?
            .context("failed to serve health and metrics")
    }
}
