//! Many ask for one thing, one fetches it, all get the result.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::OnceCell;

type Flights<K, V> = HashMap<K, Arc<OnceCell<V>>>;

/// Joins concurrent calls for the same key. Nothing is remembered once a call has its result.
#[derive(Debug)]
pub(super) struct SingleFlight<K, V> {
    flights: Mutex<Flights<K, V>>,
}

impl<K, V> Default for SingleFlight<K, V> {
    fn default() -> Self {
        Self {
            flights: Mutex::default(),
        }
    }
}

impl<K: Clone + Eq + Hash, V: Clone> SingleFlight<K, V> {
    /// The result of `fetch`, or of another call's that was under way. A caller that gives up hands the fetch on.
    pub(super) async fn run(&self, key: &K, fetch: impl AsyncFnOnce() -> V) -> V {
        let flight = Arc::clone(self.lock().entry(key.clone()).or_default());
        let value = flight.get_or_init(|| fetch()).await.clone();
        let mut flights = self.lock();
        if flights
            .get(key)
            .is_some_and(|current| Arc::ptr_eq(current, &flight))
        {
            flights.remove(key);
        }
        value
    }

    fn lock(&self) -> MutexGuard<'_, Flights<K, V>> {
        self.flights.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use tokio::sync::Notify;

    use super::*;

    #[tokio::test]
    async fn callers_at_the_same_time_share_one_fetch_and_later_ones_fetch_again() {
        let flights = SingleFlight::default();
        let (fetches, landed) = (AtomicU32::new(0), Notify::new());
        let fetch = async || {
            landed.notified().await;
            fetches.fetch_add(1, Ordering::Relaxed)
        };
        let (a, b, ()) = tokio::join!(
            flights.run(&"hello", fetch),
            flights.run(&"hello", fetch),
            async { landed.notify_one() }
        );
        assert_eq!((a, b), (0, 0));
        landed.notify_one();
        assert_eq!(flights.run(&"hello", fetch).await, 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_caller_that_gives_up_hands_the_fetch_on() {
        let flights = SingleFlight::default();
        let never = flights.run(&"hello", async || std::future::pending().await);
        let given_up = tokio::time::timeout(std::time::Duration::from_millis(1), never).await;
        assert!(given_up.is_err());
        assert_eq!(flights.run(&"hello", async || 7).await, 7);
    }
}
