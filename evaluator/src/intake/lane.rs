//! One lane: its consumer, and who waits for a grant from it.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use kafka::{Consumer, Token};
use tokio::sync::oneshot;

/// A lane while this evaluator is a member of its group.
#[derive(Debug)]
pub(crate) struct Lane {
    /// Its place among the configured lanes.
    pub(crate) index: usize,
    /// Its topic.
    pub(crate) topic: String,
    /// Its consumer.
    pub(crate) consumer: Consumer,
    grants: Mutex<HashMap<Token, oneshot::Sender<()>>>,
}

impl Lane {
    pub(super) fn new(index: usize, topic: String, consumer: Consumer) -> Self {
        Self {
            index,
            topic,
            consumer,
            grants: Mutex::default(),
        }
    }

    /// Asks for the start of a suspect and waits until the commit that names it is acknowledged; `false` when there is
    /// nothing to start. Waits for ever when the partition is revoked meanwhile, so wait only while the record is ours.
    pub(crate) async fn request_start(
        &self,
        token: Token,
        deadline: SystemTime,
        alone: bool,
    ) -> bool {
        let (grant, granted) = oneshot::channel();
        self.grants().insert(token, grant);
        if !self.consumer.request_start(token, deadline, alone) {
            self.grants().remove(&token);
            return false;
        }
        if granted.await.is_err() {
            std::future::pending().await
        }
        // The partition may be on its way to somebody else by now, who takes it for one that did not run here.
        self.consumer.try_start(token, deadline)
    }

    pub(super) fn granted(&self, token: Token) {
        if let Some(grant) = self.grants().remove(&token) {
            // Whoever asked may have given up when the intake stopped.
            let _ = grant.send(());
        }
    }

    fn grants(&self) -> MutexGuard<'_, HashMap<Token, oneshot::Sender<()>>> {
        self.grants.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
