//! What the consumer's threads share is made of these. A test puts loom's in their place, to meet in every order.

pub(super) use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
pub(super) use std::sync::{Condvar, Mutex, MutexGuard};
