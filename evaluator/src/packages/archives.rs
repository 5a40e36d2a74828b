//! The object store with the package archives, each named by its digest.

use std::time::Duration;

use anyhow::Context;
use object_store::aws::AmazonS3Builder;
use object_store::http::HttpBuilder;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use object_store::{BackoffConfig, ClientOptions, ObjectStore, ObjectStoreExt, RetryConfig};

/// Why an archive could not be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum ArchiveError {
    /// The store answered, and has no such archive.
    #[error("the store has no archive `{0}`")]
    Missing(String),
    /// The store did not answer, after its retries.
    #[error("the store is away: {0}")]
    Away(String),
}

/// Archives `<digest>.zip` in a directory, behind an HTTP server or in S3.
#[derive(Debug)]
pub struct Archives {
    store: Box<dyn ObjectStore>,
}

impl Archives {
    /// Opens `file:///path`, `http://host/path`, `https://…` or `s3://bucket/path`. Credentials and endpoint of S3 come
    /// from the usual `AWS_*` variables.
    pub fn open(url: &str) -> anyhow::Result<Self> {
        let (scheme, rest) = url.split_once("://").ok_or_else(|| {
            anyhow::anyhow!("store `{url}` is not a URL: write file://, http://, https:// or s3://")
        })?;
        let store: Box<dyn ObjectStore> = match scheme {
            "file" => Box::new(LocalFileSystem::new_with_prefix(rest)?),
            "http" | "https" => Box::new(http_store(url)?),
            "s3" => s3_store(url, rest)?,
            other => {
                anyhow::bail!("store scheme `{other}` is not known: use file, http, https or s3")
            }
        };
        Ok(Self { store })
    }

    /// Puts an archive in the store under its digest; an archive that is there already is the same one.
    pub async fn store(&self, digest: &str, archive: Vec<u8>) -> anyhow::Result<()> {
        let name = format!("{digest}.zip");
        let stored = self
            .store
            .put(&Path::from(name.as_str()), archive.into())
            .await;
        stored.map(drop).with_context(|| {
            format!(
                "failed to write {name} to the store: check that it is there and may be written"
            )
        })
    }

    /// The whole archive. The store retries by itself, with a bound and a back-off.
    pub(super) async fn fetch(&self, digest: &str) -> Result<Vec<u8>, ArchiveError> {
        let name = format!("{digest}.zip");
        let away = |error: object_store::Error| match error {
            object_store::Error::NotFound { .. } => ArchiveError::Missing(name.clone()),
            other => ArchiveError::Away(other.to_string()),
        };
        let found = self
            .store
            .get(&Path::from(name.as_str()))
            .await
            .map_err(away)?;
        Ok(found.bytes().await.map_err(away)?.into())
    }
}

fn http_store(url: &str) -> anyhow::Result<impl ObjectStore> {
    let options = ClientOptions::new().with_allow_http(true);
    let builder = HttpBuilder::new()
        .with_url(url)
        .with_client_options(options);
    Ok(builder.with_retry(retries()).build()?)
}

fn s3_store(url: &str, rest: &str) -> anyhow::Result<Box<dyn ObjectStore>> {
    let builder = AmazonS3Builder::from_env()
        .with_url(url)
        .with_retry(retries());
    let bucket = builder.build()?;
    let prefix = rest.split_once('/').map_or("", |(_bucket, prefix)| prefix);
    Ok(Box::new(PrefixStore::new(bucket, prefix)))
}

/// Short enough that a record waits seconds, not minutes, before it is called a judge error.
fn retries() -> RetryConfig {
    RetryConfig {
        backoff: BackoffConfig {
            init_backoff: Duration::from_millis(100),
            max_backoff: Duration::from_secs(2),
            base: 2.0,
        },
        max_retries: 4,
        retry_timeout: Duration::from_secs(15),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_that_is_no_url_or_of_another_kind_is_refused_with_what_to_write() {
        for wrong in ["/srv/store", "ftp://host/store"] {
            let refused = Archives::open(wrong).map(|_| ());
            assert!(
                refused.is_err_and(|error| error.to_string().contains("s3")),
                "{wrong}"
            );
        }
    }

    #[tokio::test]
    async fn a_missing_archive_is_told_apart_from_a_store_that_is_away() -> anyhow::Result<()> {
        let directory = tempfile::tempdir()?;
        std::fs::write(directory.path().join("abc.zip"), b"zip")?;
        let archives = Archives::open(&format!("file://{}", directory.path().display()))?;
        assert_eq!(archives.fetch("abc").await?, b"zip");
        let missing = archives.fetch("def").await;
        assert!(matches!(missing, Err(ArchiveError::Missing(name)) if name == "def.zip"));
        Ok(())
    }
}
