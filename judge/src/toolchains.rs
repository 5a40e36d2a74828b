//! What this process knows of the toolchains, shared by its slots.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::toolchain::Toolchain;

/// By language.
#[derive(Debug, Default)]
pub(crate) struct Toolchains {
    known: Mutex<BTreeMap<String, Known>>,
}

#[derive(Debug, Default)]
struct Known {
    toolchain: Option<Arc<Toolchain>>,
    /// When the last self-test that passed began.
    proven: Option<Instant>,
}

impl Toolchains {
    pub(crate) fn get(&self, language: &str) -> Option<Arc<Toolchain>> {
        self.lock().get(language)?.toolchain.clone()
    }

    pub(crate) fn set(&self, language: &str, toolchain: &Arc<Toolchain>) {
        let mut known = self.lock();
        let entry = known.entry(language.to_owned()).or_default();
        entry.toolchain = Some(Arc::clone(toolchain));
    }

    pub(crate) fn forget(&self, language: &str) {
        self.lock().remove(language);
    }

    pub(crate) fn prove(&self, language: &str, began: Instant) {
        let mut known = self.lock();
        let entry = known.entry(language.to_owned()).or_default();
        entry.proven = entry.proven.max(Some(began));
    }

    pub(crate) fn proven_since(&self, language: &str, since: Instant) -> bool {
        let known = self.lock();
        let proven = known.get(language).and_then(|entry| entry.proven);
        proven.is_some_and(|began| began >= since)
    }

    /// Every change is one assignment, so a thread that died in between left nothing half done.
    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
