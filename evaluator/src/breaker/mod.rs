//! The circuit breaker: a storm of dead letters stops the intake instead of draining the topic into `submissions.dlq`.
//!
//! **States.** *Closed*: records pass, and how they end is counted over a sliding window. The dead letter that would exceed a
//! limit is not written; the breaker *opens* instead. Open: nothing passes. Whoever has not started waits at [`Breaker::pass`],
//! with the credit by which it was handed out, so the consumers soon hand out nothing more; whoever would become a dead letter
//! waits too. After the cool-down it is *trying*: one record passes. If it gets a verdict, the breaker closes and starts
//! to count anew; if it is another dead letter, that one is written and the next trial comes a cool-down later; if it
//! ends without saying anything (revoked, moved elsewhere), another takes its place.

mod window;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use crate::health::Health;
use window::{Counts, Window};

/// A share says something from so many records on.
const SHARE_FROM: u32 = 20;

/// When the breaker opens, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BreakerLimits {
    /// Over how long dead letters are counted. Default: 300 s.
    pub window: Duration,
    /// More dead letters than this within the window open it; 0: any number is fine. Default: 100.
    pub dead_letters: u32,
    /// More hundredths of the records that ended within the window than this open it, from 20 records on; 100: any share
    /// is fine. Default: 50.
    pub percent: u32,
    /// How long it stays open before each trial. Default: 60 s.
    pub cool_down: Duration,
}

impl Default for BreakerLimits {
    fn default() -> Self {
        Self {
            window: Duration::from_secs(300),
            dead_letters: 100,
            percent: 50,
            cool_down: Duration::from_secs(60),
        }
    }
}

impl BreakerLimits {
    fn exceeded_by(&self, counts: Counts) -> bool {
        let Counts {
            ended,
            dead_letters,
        } = counts;
        let too_many = self.dead_letters > 0 && dead_letters > self.dead_letters;
        let share = u64::from(dead_letters) * 100 > u64::from(ended) * u64::from(self.percent);
        too_many || (share && ended >= SHARE_FROM)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Closed,
    Open { until: Instant },
    Trying,
}

/// The breaker of this process.
#[derive(Debug)]
pub(crate) struct Breaker {
    limits: BreakerLimits,
    state: watch::Sender<State>,
    window: Mutex<Window>,
    /// Readiness tells of an open breaker.
    health: Health,
}

impl Breaker {
    pub(crate) fn new(limits: BreakerLimits, health: Health) -> Self {
        Self {
            limits,
            state: watch::Sender::new(State::Closed),
            window: Mutex::new(Window::new(limits.window)),
            health,
        }
    }

    /// Waits until a record may pass.
    pub(crate) async fn pass(&self) -> Pass<'_> {
        let mut state = self.state.subscribe();
        loop {
            let now = Instant::now();
            let mut trial = None;
            self.state.send_if_modified(|state| match *state {
                State::Closed => {
                    trial = Some(false);
                    false
                }
                State::Open { until } if until <= now => {
                    trial = Some(true);
                    *state = State::Trying;
                    true
                }
                State::Open { .. } | State::Trying => false,
            });
            if let Some(trial) = trial {
                return Pass {
                    breaker: self,
                    trial,
                };
            }
            let seen = *state.borrow_and_update();
            match seen {
                State::Closed => {}
                // The sender lives in `self`, so a wait for a change cannot fail.
                State::Trying => drop(state.changed().await),
                State::Open { until } => {
                    drop(tokio::time::timeout_at(until, state.changed()).await);
                }
            }
        }
    }

    /// For what need not wait, and is no trial.
    pub(crate) fn pass_at_once(&self) -> Pass<'_> {
        Pass {
            breaker: self,
            trial: false,
        }
    }

    /// For the metric: 0 closed, 1 open, 2 trying.
    pub(crate) fn state_code(&self) -> i64 {
        match *self.state.borrow() {
            State::Closed => 0,
            State::Open { .. } => 1,
            State::Trying => 2,
        }
    }

    fn open(&self) {
        let until = Instant::now() + self.limits.cool_down;
        self.state.send_replace(State::Open { until });
    }

    fn advice(&self, counts: Counts) -> String {
        let BreakerLimits {
            window,
            dead_letters,
            percent,
            cool_down,
        } = self.limits;
        format!(
            "intake stopped by the circuit breaker: {} of {} records within {} s would be dead letters (limits: {dead_letters}, or {percent} %); \
             see `tribunal dlq list` for the cause and mend it: a trial record every {} s lets the work go on by itself; \
             if they are meant to be dead letters, restart with higher breaker_dead_letters and breaker_percent",
            counts.dead_letters,
            counts.ended,
            window.as_secs(),
            cool_down.as_secs(),
        )
    }

    fn window(&self) -> MutexGuard<'_, Window> {
        self.window.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The right of one record to be worked on. A trial that is dropped without an answer gives its place to another.
#[derive(Debug)]
pub(crate) struct Pass<'a> {
    breaker: &'a Breaker,
    trial: bool,
}

/// What becomes of a record that is given up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Burial {
    /// It may be written.
    Granted,
    /// It must wait: it opened the breaker just now.
    Opened(String),
    /// It must wait: the breaker is not closed.
    Refused,
}

impl Pass<'_> {
    /// It got its verdict.
    pub(crate) fn judged(mut self) {
        let breaker = self.breaker;
        if std::mem::take(&mut self.trial) {
            tracing::info!("the circuit breaker closes: its trial got a verdict");
            breaker.window().clear();
            breaker.health.breaker_closed();
            breaker.state.send_replace(State::Closed);
        }
        breaker.window().note(false, Instant::now());
    }

    /// It is to become a dead letter.
    pub(crate) fn bury(&mut self) -> Burial {
        if std::mem::take(&mut self.trial) {
            self.breaker.open();
            return Burial::Granted;
        }
        let now = Instant::now();
        let mut window = self.breaker.window();
        if *self.breaker.state.borrow() != State::Closed {
            return Burial::Refused;
        }
        let counts = window.counts(now);
        let with_this = Counts {
            ended: counts.ended + 1,
            dead_letters: counts.dead_letters + 1,
        };
        if self.breaker.limits.exceeded_by(with_this) {
            let why = self.breaker.advice(with_this);
            self.breaker.health.breaker_open(&why);
            self.breaker.open();
            return Burial::Opened(why);
        }
        window.note(true, now);
        Burial::Granted
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        if self.trial {
            let until = Instant::now();
            self.breaker.state.send_replace(State::Open { until });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn breaker(dead_letters: u32, percent: u32) -> Breaker {
        let limits = BreakerLimits {
            dead_letters,
            percent,
            ..BreakerLimits::default()
        };
        Breaker::new(limits, Health::starting())
    }

    async fn passes(breaker: &Breaker) -> bool {
        let waited = Duration::from_millis(1);
        tokio::time::timeout(waited, breaker.pass()).await.is_ok()
    }

    async fn open_breaker() -> Breaker {
        let breaker = breaker(2, 100);
        for _ in 0..2 {
            assert_eq!(breaker.pass().await.bury(), Burial::Granted);
        }
        assert!(matches!(breaker.pass().await.bury(), Burial::Opened(_)));
        breaker
    }

    #[tokio::test(start_paused = true)]
    async fn more_dead_letters_than_the_limit_open_it_and_the_one_too_many_is_not_written() {
        let breaker = open_breaker().await;
        assert!(!passes(&breaker).await);
        let told = breaker.health.reasons().join(" ");
        for word in ["3 of 3 records", "tribunal dlq list", "breaker_percent"] {
            assert!(told.contains(word), "{word}: {told}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_large_share_opens_it_only_from_twenty_records_on() {
        let breaker = breaker(0, 50);
        for _ in 0..19 {
            assert_eq!(breaker.pass().await.bury(), Burial::Granted);
        }
        assert!(matches!(breaker.pass().await.bury(), Burial::Opened(_)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_share_within_the_limit_and_letters_spread_over_time_leave_it_closed() {
        let breaker = breaker(4, 50);
        for _ in 0..100 {
            breaker.pass().await.judged();
            assert_eq!(breaker.pass().await.bury(), Burial::Granted);
            tokio::time::advance(2 * MINUTE).await;
        }
        assert_eq!(breaker.state_code(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn a_storm_writes_one_letter_a_cool_down_once_it_is_open() {
        let breaker = open_breaker().await;
        let mut written = 0;
        for _ in 0..10 {
            tokio::time::advance(MINUTE).await;
            let mut trial = breaker.pass().await;
            assert!(!passes(&breaker).await, "one at a time");
            written += u32::from(trial.bury() == Burial::Granted);
            drop(trial);
            assert!(!passes(&breaker).await, "until the next cool-down");
        }
        assert_eq!(written, 10);
    }

    #[tokio::test(start_paused = true)]
    async fn a_trial_that_gets_its_verdict_closes_it_and_all_who_wait_pass() {
        let breaker = open_breaker().await;
        let (_, trial) = tokio::join!(tokio::time::sleep(MINUTE), breaker.pass());
        let waiting = async { drop(breaker.pass().await) };
        let closing = async { trial.judged() };
        tokio::join!(waiting, closing);
        assert_eq!(breaker.state_code(), 0);
        let reasons = breaker.health.reasons().join(" ");
        assert!(!reasons.contains("breaker"), "{reasons}");
        assert_eq!(breaker.pass().await.bury(), Burial::Granted);
    }

    #[tokio::test(start_paused = true)]
    async fn a_trial_that_ends_without_an_answer_gives_its_place_to_another() {
        let breaker = open_breaker().await;
        tokio::time::advance(MINUTE).await;
        drop(breaker.pass().await);
        assert!(passes(&breaker).await);
    }

    #[tokio::test(start_paused = true)]
    async fn what_passed_before_it_opened_is_not_written_either() {
        let breaker = breaker(2, 100);
        let mut early = breaker.pass().await;
        for _ in 0..3 {
            breaker.pass().await.bury();
        }
        assert_eq!(early.bury(), Burial::Refused);
    }
}
