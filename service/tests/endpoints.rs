//! The endpoints as a probe or Prometheus sees them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use prometheus::Registry;
use service::metrics::Maker;
use service::{Endpoints, Server};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

async fn get(server: &Server, path: &str) -> anyhow::Result<(String, String)> {
    let mut stream = TcpStream::connect(server.address()).await?;
    let request = format!("GET {path} HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_default();
    let status = head.lines().next().unwrap_or_default().to_owned();
    Ok((status, body.to_owned()))
}

#[tokio::test]
async fn health_gives_its_reasons_and_metrics_are_fresh() -> anyhow::Result<()> {
    let registry = Registry::new();
    let gauge = Maker::new(&registry, "test").gauge("slots", "Slots.")?;
    let ready = Arc::new(AtomicBool::new(false));
    let is_ready = Arc::clone(&ready);
    let reasons = move || match is_ready.load(Ordering::SeqCst) {
        true => Vec::new(),
        false => vec!["no partition was assigned yet".to_owned()],
    };
    let endpoints = Endpoints::new(registry)
        .ready(reasons)
        .before_metrics(move || gauge.set(7));
    let stop = CancellationToken::new();
    let server = Server::start("127.0.0.1:0", endpoints, stop.clone()).await?;

    let live = get(&server, "/health/live").await?;
    assert_eq!(live.0, "HTTP/1.1 200 OK");
    assert_eq!(live.1, r#"{"status":"ok","reasons":[]}"#);
    let unready = get(&server, "/health/ready").await?;
    assert_eq!(unready.0, "HTTP/1.1 503 Service Unavailable");
    assert_eq!(
        unready.1,
        r#"{"status":"failing","reasons":["no partition was assigned yet"]}"#
    );
    ready.store(true, Ordering::SeqCst);
    assert_eq!(get(&server, "/health/ready").await?.0, "HTTP/1.1 200 OK");
    let metrics = get(&server, "/metrics").await?.1;
    assert!(
        metrics.contains("# HELP tribunal_test_slots Slots."),
        "{metrics}"
    );
    assert!(metrics.contains("tribunal_test_slots 7"), "{metrics}");

    stop.cancel();
    server.stopped().await
}

#[tokio::test]
async fn an_address_that_is_taken_is_named() -> anyhow::Result<()> {
    let taken = std::net::TcpListener::bind("127.0.0.1:0")?;
    let address = taken.local_addr()?.to_string();
    let endpoints = Endpoints::new(Registry::new());
    let started = Server::start(&address, endpoints, CancellationToken::new()).await;
    let error = started
        .err()
        .map(|error| error.to_string())
        .unwrap_or_default();
    assert!(error.contains(&address), "{error}");
    Ok(())
}
