//! Numbers for the boxes of this process: their users and their control groups are counted by them.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

/// A number that no other living box of this process has.
#[derive(Debug)]
pub(crate) struct Slot(pub(crate) u32);

static TAKEN: Mutex<BTreeSet<u32>> = Mutex::new(BTreeSet::new());

impl Slot {
    pub(crate) fn take() -> Slot {
        let mut taken = TAKEN.lock().unwrap_or_else(PoisonError::into_inner);
        let mut number = 0;
        while !taken.insert(number) {
            number += 1;
        }
        Slot(number)
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        TAKEN
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&self.0);
    }
}
