//! A running role as others see it: its process, its health and its metrics.

use std::time::Duration;

use anyhow::bail;
use reqwest::StatusCode;

use crate::eventually::eventually;
use crate::process::Process;

/// A role with its endpoints.
#[derive(Debug)]
pub struct Service {
    /// Its process.
    pub process: Process,
    http: String,
    client: reqwest::Client,
}

impl Service {
    /// A process that serves its endpoints at this address.
    #[must_use]
    pub fn new(process: Process, http: String) -> Self {
        Self {
            process,
            http,
            client: reqwest::Client::new(),
        }
    }

    /// Waits until it says that it is ready. One that ends instead fails at once, with its last words.
    pub async fn ready(&mut self, limit: Duration) -> anyhow::Result<()> {
        let waited = eventually(limit, "it is ready", async || {
            if let Some(status) = self.process.ended()? {
                bail!("ended with {status}");
            }
            let answer = self.get("/health/ready").await;
            Ok(answer
                .is_ok_and(|answer| answer.0 == StatusCode::OK)
                .then_some(()))
        })
        .await;
        waited.map_err(|error| error.context(self.process.last_words()))
    }

    /// All its metrics, as a scraper gets them.
    pub async fn metrics(&self) -> anyhow::Result<String> {
        Ok(self.get("/metrics").await?.1)
    }

    /// The sum of a metric over all its labels; `None` as long as it has no value.
    pub async fn metric(&self, name: &str) -> anyhow::Result<Option<f64>> {
        let text = self.metrics().await?;
        let values = text.lines().filter_map(|line| {
            let rest = line.strip_prefix(name)?;
            let whole_name = rest.starts_with([' ', '{']);
            let value = rest.rsplit(' ').next()?;
            whole_name.then(|| value.parse::<f64>().ok())?
        });
        Ok(values.reduce(|sum, value| sum + value))
    }

    async fn get(&self, path: &str) -> reqwest::Result<(StatusCode, String)> {
        let address = format!("http://{}{path}", self.http);
        let request = self.client.get(address).timeout(Duration::from_secs(5));
        let answer = request.send().await?;
        Ok((answer.status(), answer.text().await?))
    }
}
