//! Records that a former owner may still finish: watches `verdicts` for them, only while there are any.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use kafka::{ClientConfig, Start, Tail, TailError};
use schemas::topics;
use tokio::sync::oneshot;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::evaluation::LONGEST_EVALUATION;
use crate::identity::Identity;

/// Clocks of hosts and brokers may differ by this much without a verdict being overlooked.
const CLOCK_DIFFERENCE: Duration = Duration::from_secs(60);
/// Between two tries to read `verdicts`. Until it can be read, holds end at their deadlines.
const RETRY: Duration = Duration::from_secs(1);

/// How a hold ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Resolution {
    /// Its verdict is on `verdicts`.
    VerdictSeen,
    /// Nobody else will finish it any more.
    DeadlinePassed,
}

/// All holds of this process.
#[derive(Clone, Debug)]
pub(crate) struct Holds {
    client: ClientConfig,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    waiting: HashMap<Identity, Vec<oneshot::Sender<()>>>,
    /// What the present watch has read: a hold may come after its verdict.
    seen: HashSet<Identity>,
    watch: Option<Watch>,
}

#[derive(Debug)]
struct Watch {
    from_ms: i64,
    _stop: DropGuard,
}

impl Holds {
    pub(crate) fn new(client: ClientConfig) -> Self {
        Self {
            client,
            state: Arc::default(),
        }
    }

    /// Waits for the verdict of `identity` or the deadline, whichever comes first.
    pub(crate) async fn wait(
        &self,
        identity: Option<Identity>,
        appended_ms: Option<i64>,
        deadline: SystemTime,
    ) -> Resolution {
        let Some(identity) = identity else {
            return Resolution::DeadlinePassed;
        };
        let left = deadline
            .duration_since(SystemTime::now())
            .unwrap_or_default();
        let Some(seen) = self.watch_for(identity, earliest_ms(appended_ms)) else {
            return Resolution::VerdictSeen;
        };
        let _leave = Leave { holds: self };
        tokio::select! {
            biased;
            Ok(()) = seen => Resolution::VerdictSeen,
            () = tokio::time::sleep(left) => Resolution::DeadlinePassed,
        }
    }

    /// How many records are held.
    pub(crate) fn held(&self) -> usize {
        self.lock().waiting.values().map(Vec::len).sum()
    }

    /// `None` when the verdict was read already.
    fn watch_for(&self, identity: Identity, from_ms: i64) -> Option<oneshot::Receiver<()>> {
        let mut state = self.lock();
        if state.seen.contains(&identity) {
            return None;
        }
        let (resolve, resolved) = oneshot::channel();
        state.waiting.entry(identity).or_default().push(resolve);
        if state
            .watch
            .as_ref()
            .is_none_or(|watch| from_ms < watch.from_ms)
        {
            let stop = CancellationToken::new();
            tokio::spawn(follow(self.clone(), from_ms, stop.clone()));
            let _stop = stop.drop_guard();
            state.watch = Some(Watch { from_ms, _stop });
        }
        Some(resolved)
    }

    fn saw(&self, identity: Identity) {
        let mut state = self.lock();
        state.seen.insert(identity);
        for resolve in state.waiting.remove(&identity).into_iter().flatten() {
            // It may have reached its deadline just now.
            let _ = resolve.send(());
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes a hold that has ended out, however it ended, and ends the watch with the last one.
struct Leave<'a> {
    holds: &'a Holds,
}

impl Drop for Leave<'_> {
    fn drop(&mut self) {
        let mut state = self.holds.lock();
        state.waiting.retain(|_, waiting| {
            waiting.retain(|resolve| !resolve.is_closed());
            !waiting.is_empty()
        });
        if state.waiting.is_empty() {
            *state = State::default();
        }
    }
}

/// No verdict of a held record is older: neither than the record, nor than a former owner's longest evaluation.
fn earliest_ms(appended_ms: Option<i64>) -> i64 {
    let earliest = SystemTime::now() - LONGEST_EVALUATION;
    let since_epoch = earliest.duration_since(UNIX_EPOCH).unwrap_or_default();
    let started_ms = i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX);
    let difference_ms = CLOCK_DIFFERENCE.as_millis() as i64;
    started_ms.max(appended_ms.unwrap_or(i64::MIN)) - difference_ms
}

async fn follow(holds: Holds, from_ms: i64, stop: CancellationToken) {
    let following = async {
        loop {
            let error = read_verdicts(&holds, from_ms).await;
            tracing::warn!(%error, "failed to look for verdicts of held records; trying again");
            tokio::time::sleep(RETRY).await;
        }
    };
    stop.run_until_cancelled(following).await;
}

/// Reads until an error.
async fn read_verdicts(holds: &Holds, from_ms: i64) -> TailError {
    let start = Start::Timestamp(from_ms);
    let mut tail = match Tail::open(&holds.client, &[topics::VERDICTS], start).await {
        Ok(tail) => tail,
        Err(error) => return error,
    };
    loop {
        match tail.next_record().await {
            // Only evaluators write this topic, and every verdict of theirs has its identity in the headers.
            Ok(record) => {
                if let Some(identity) = Identity::from_headers(&record) {
                    holds.saw(identity);
                }
            }
            Err(error) => return error,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(number: u128) -> Identity {
        Identity {
            submission_id: uuid::Uuid::from_u128(number),
            generation: 0,
        }
    }

    /// A cluster that is not there: verdicts are fed by the test.
    fn holds() -> Holds {
        Holds::new(ClientConfig::new("127.0.0.1:1", "test"))
    }

    fn in_a_minute() -> SystemTime {
        SystemTime::now() + Duration::from_secs(60)
    }

    #[tokio::test(start_paused = true)]
    async fn a_hold_ends_with_its_own_verdict_only() {
        let holds = holds();
        let mut hold = std::pin::pin!(holds.wait(Some(identity(1)), None, in_a_minute()));
        let early = tokio::time::timeout(Duration::from_secs(1), &mut hold).await;
        assert!(early.is_err());
        holds.saw(identity(2));
        holds.saw(identity(1));
        assert_eq!(hold.await, Resolution::VerdictSeen);
        assert_eq!(holds.held(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn a_hold_without_a_verdict_ends_at_its_deadline() {
        let holds = holds();
        let before = tokio::time::Instant::now();
        let ended = holds.wait(Some(identity(1)), None, in_a_minute()).await;
        assert_eq!(ended, Resolution::DeadlinePassed);
        assert!(before.elapsed() > Duration::from_secs(59));
        assert!(
            holds.lock().watch.is_none(),
            "nothing is watched for nobody"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_verdict_that_was_read_before_its_hold_came_still_counts() {
        let holds = holds();
        let other = tokio::spawn({
            let holds = holds.clone();
            async move { holds.wait(Some(identity(1)), None, in_a_minute()).await }
        });
        while holds.held() == 0 {
            tokio::task::yield_now().await;
        }
        holds.saw(identity(2));
        let ended = holds.wait(Some(identity(2)), None, in_a_minute()).await;
        assert_eq!(ended, Resolution::VerdictSeen);
        other.abort();
    }

    #[tokio::test(start_paused = true)]
    async fn who_has_no_identity_or_a_deadline_long_past_is_not_held() {
        let holds = holds();
        assert_eq!(
            holds.wait(None, None, in_a_minute()).await,
            Resolution::DeadlinePassed
        );
        let past = holds.wait(Some(identity(1)), None, UNIX_EPOCH).await;
        assert_eq!(past, Resolution::DeadlinePassed);
    }

    #[test]
    fn the_watch_starts_at_the_record_or_a_longest_evaluation_ago_whichever_is_later() {
        let now_ms = crate::clock::now_ms();
        let longest_ago = now_ms - LONGEST_EVALUATION.as_millis() as i64;
        assert!(earliest_ms(Some(now_ms)) > now_ms - 61_000);
        assert!(earliest_ms(Some(0)) <= longest_ago - 59_000);
        assert!(earliest_ms(Some(0)) > longest_ago - 90_000);
        assert_eq!(earliest_ms(None) / 10_000, earliest_ms(Some(0)) / 10_000);
    }
}
