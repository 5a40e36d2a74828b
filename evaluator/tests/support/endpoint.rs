//! What an evaluator says of itself over HTTP.

use std::time::Duration;

use anyhow::Context;

use super::PATIENCE;

/// A free port of this host.
pub(crate) fn free_address() -> anyhow::Result<String> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?
        .local_addr()?
        .to_string())
}

/// Asks until the answer about readiness contains this.
pub(crate) async fn ready_with(address: &str, text: &str) -> anyhow::Result<String> {
    let asking = async {
        loop {
            match get(address, "/health/ready").await {
                Ok(answer) if answer.contains(text) => return answer,
                _ => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
    };
    let answered = tokio::time::timeout(PATIENCE, asking).await;
    answered.with_context(|| format!("readiness never said {text}"))
}

pub(crate) async fn get(address: &str, path: &str) -> anyhow::Result<String> {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut stream = tokio::net::TcpStream::connect(address).await?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer)
}
