//! ACLs as declared against ACLs as they are.

use std::sync::Arc;
use std::time::{Duration, Instant};

use rdkafka::client::Client;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};

use super::acl::{Acl, AclDifference, AclState, acl_differences};
use super::{Admin, AdminError, SETTLING_STEP, acls};
use crate::client::LogContext;

impl Admin {
    /// The cluster's ACLs, or that it enforces none.
    pub async fn acls(&self) -> Result<AclState, AdminError> {
        self.refuse_embedded().await?;
        let asked = |client: &Client<LogContext>, timeout| match acls::describe(client, timeout)? {
            none if none.is_empty() => acls::probe(client, timeout).map(|()| none),
            some => Ok(some),
        };
        match self.blocking("read the cluster's ACLs", asked).await {
            Ok(acls) => Ok(AclState::Enforced(acls)),
            Err(AdminError::Kafka {
                source: KafkaError::AdminOp(RDKafkaErrorCode::SecurityDisabled),
                ..
            }) => Ok(AclState::NotEnforced),
            Err(error) => Err(error),
        }
    }

    /// Adds what is missing; with `remove_undeclared`, also takes away the rights of undeclared writers.
    pub async fn mend_acls(
        &self,
        declared: &[Acl],
        remove_undeclared: bool,
    ) -> Result<Vec<AclDifference>, AdminError> {
        let AclState::Enforced(actual) = self.acls().await? else {
            return Ok(Vec::new());
        };
        let (mut missing, mut undeclared, mut mended) = (Vec::new(), Vec::new(), Vec::new());
        for difference in acl_differences(declared, &actual) {
            match &difference {
                AclDifference::Missing(acl) => missing.push(acl.clone()),
                AclDifference::UndeclaredWriter(acl) if remove_undeclared => {
                    undeclared.push(acl.clone());
                }
                AclDifference::UndeclaredWriter(_) => continue,
            }
            mended.push(difference);
        }
        if !missing.is_empty() {
            let create = move |client: &_, timeout| acls::create(client, &missing, timeout);
            self.blocking("make ACLs", create).await?;
        }
        if !undeclared.is_empty() {
            let delete = move |client: &_, timeout| acls::delete(client, &undeclared, timeout);
            self.blocking("remove ACLs", delete).await?;
        }
        self.acls_settled(declared, &mended).await?;
        Ok(mended)
    }

    /// Waits until the brokers show what the controller has taken in.
    async fn acls_settled(
        &self,
        declared: &[Acl],
        mended: &[AclDifference],
    ) -> Result<(), AdminError> {
        let deadline = Instant::now() + self.request_timeout;
        while let AclState::Enforced(actual) = self.acls().await? {
            let mut left = acl_differences(declared, &actual);
            left.retain(|difference| mended.contains(difference));
            if left.is_empty() {
                break;
            }
            if Instant::now() > deadline {
                return Err(AdminError::AclsNotSettled(left));
            }
            tokio::time::sleep(SETTLING_STEP).await;
        }
        Ok(())
    }

    async fn blocking<T: Send + 'static>(
        &self,
        doing: &str,
        ask: impl FnOnce(&Client<LogContext>, Duration) -> Result<T, KafkaError> + Send + 'static,
    ) -> Result<T, AdminError> {
        let (client, timeout) = (Arc::clone(&self.client), self.request_timeout);
        let asked = tokio::task::spawn_blocking(move || ask(client.inner(), timeout)).await;
        asked
            .unwrap_or(Err(KafkaError::Canceled))
            .map_err(|source| match source {
                KafkaError::AdminOp(RDKafkaErrorCode::ClusterAuthorizationFailed) => {
                    AdminError::AclsNotAllowed {
                        doing: doing.to_owned(),
                    }
                }
                source => super::kafka(doing, source),
            })
    }
}
