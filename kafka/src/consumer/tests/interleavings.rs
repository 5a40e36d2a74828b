//! Every order in which the consumer's threads can meet, tried by loom.
//!
//! [`shared`] is the product's file, compiled once more with loom's locks and atomics in the place of the standard library's; the
//! core behind its lock is the product's own. A wait of loom never times out: a wake-up that is missed, and that the next commit
//! interval would make good, ends here in a deadlock, which loom tells.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex as StdMutex};
use std::time::Duration;

use loom::sync::{Condvar, Mutex, MutexGuard};
use loom::thread::{self, JoinHandle};
use tokio::sync::mpsc;

use super::memory_log::{DEADLINE_MS, MemoryLog, Owner, id};
use crate::ClientConfig;
use crate::consumer::tracker::Wish;
use crate::consumer::{
    ConsumerConfig, ConsumerError, ConsumerStatus, Event, PartitionId, Token, assignment,
};
use assignment::{Assignment, CommitLine};
use shared::{Order, Shared};

#[path = "../shared.rs"]
#[expect(
    dead_code,
    clippy::duplicate_mod,
    reason = "once more, with loom's locks; what only the client's thread calls is not modelled"
)]
mod shared;

/// What [`shared`] is made of here.
mod threads {
    pub(super) use loom::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
    pub(super) use loom::sync::{Condvar, Mutex, MutexGuard};
}

/// More than a thread of loom has by itself: the core is not compiled for small stacks.
const STACK_WORDS: usize = 1 << 16;
/// How often threads may be stopped against their will: each time more multiplies the orders, and fewer do not reach every end.
const PREEMPTIONS: usize = 3;

/// The record of the models, as its one owner here calls it.
const TOKEN: Token = Token {
    partition: PartitionId {
        topic: 0,
        partition: 0,
    },
    epoch: 1,
    offset: 0,
};

/// Lets a model happen in every order, and tells how it ended.
fn ends_of(model: impl Fn() -> String + Send + Sync + 'static) -> BTreeSet<String> {
    let ends = Arc::new(StdMutex::new(BTreeSet::new()));
    let (model, seen) = (Arc::new(model), Arc::clone(&ends));
    let mut orders = loom::model::Builder::new();
    orders.preemption_bound = Some(PREEMPTIONS);
    orders.max_branches = 10_000;
    orders.check(move || {
        let (model, seen) = (Arc::clone(&model), Arc::clone(&seen));
        let main = spawn(move || seen.lock().expect("is not poisoned").insert(model()));
        main.join().expect("loom told");
    });
    let ends = ends.lock().expect("is not poisoned");
    ends.clone()
}

fn spawn<T: Send + 'static>(run: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
    let thread = thread::Builder::new().stack_size(STACK_WORDS);
    thread.spawn(run).expect("loom has room")
}

/// The log and the group's coordinator.
struct Cluster {
    state: Mutex<ClusterState>,
    answered: Condvar,
}

struct ClusterState {
    log: MemoryLog,
    commits: usize,
    /// So many commits are refused before one is stored.
    refusals: usize,
}

impl Cluster {
    fn commit(&self, lines: &[CommitLine]) -> bool {
        let mut state = self.lock();
        state.commits += 1;
        let stored = state.refusals == 0;
        if stored {
            state.log.store(lines);
        }
        state.refusals = state.refusals.saturating_sub(1);
        stored
    }

    fn lock(&self) -> MutexGuard<'_, ClusterState> {
        self.state.lock().expect("is not poisoned")
    }
}

/// A process that owns partition 0 with its one record, and has its first commit acknowledged: a fresh record may start.
struct Process {
    shared: Arc<Shared>,
    cluster: Arc<Cluster>,
    events: mpsc::Receiver<Event>,
}

impl Process {
    fn new(mut log: MemoryLog, refusals: usize) -> Self {
        let topics = vec!["submissions".to_owned()];
        let mut config = ConsumerConfig::new(ClientConfig::default(), "evaluators", topics);
        config.window = 64;
        config.ready_ahead = 8;
        // No clock decides anything: whatever there is to commit is due, and no wait is given up.
        config.commit_interval = Duration::ZERO;
        config.revoke_timeout = Duration::from_secs(3_600);
        let (sender, events) = mpsc::channel(config.events_capacity());
        let shared = Shared::new(&config, Assignment::new(&config, sender));
        shared.lock().assign(id(0), log.committed(0));
        shared.lock().receive(id(0), log.record(0));
        let lines = shared.next_commit().expect("a first commit is due");
        log.store(&lines);
        shared.commit_returned(true);
        let state = ClusterState {
            log,
            commits: 0,
            refusals,
        };
        let cluster = Cluster {
            state: Mutex::new(state),
            answered: Condvar::new(),
        };
        Self {
            shared: Arc::new(shared),
            cluster: Arc::new(cluster),
            events,
        }
    }

    /// The committing thread, with the cluster in the place of its client.
    fn start_committer(&self) -> JoinHandle<()> {
        let (shared, cluster) = (Arc::clone(&self.shared), Arc::clone(&self.cluster));
        spawn(move || {
            while let Some(lines) = shared.next_commit() {
                let stored = cluster.commit(&lines);
                shared.commit_returned(stored);
                // Under the lock, so that nobody is between a look and a wait.
                let _state = cluster.lock();
                cluster.answered.notify_all();
            }
        })
    }

    /// A slot, or whoever acts for it.
    fn start_slot<T: Send + 'static>(
        &self,
        run: impl FnOnce(&Shared) -> T + Send + 'static,
    ) -> JoinHandle<T> {
        let shared = Arc::clone(&self.shared);
        spawn(move || run(&shared))
    }

    /// Gives the partition up while a slot and the committer are at work. Tells what the slot did, and what a next owner is told.
    fn hand_over(self, ours: bool, slot: fn(&Shared) -> &'static str) -> String {
        let (committer, slot) = (self.start_committer(), self.start_slot(slot));
        self.shared.wake_committer();
        self.shared.let_go(&[id(0)], ours);
        let commits = self.cluster.lock().commits;
        let did = slot.join().expect("loom told");
        self.end(committer);
        let mut state = self.cluster.lock();
        assert_eq!(state.commits, commits, "committed after it let go");
        let told = Owner::of(&mut state.log).told();
        format!("{did}: {}", told.join(", "))
    }

    fn end(&self, committer: JoinHandle<()>) {
        self.shared.close_commits();
        committer.join().expect("loom told");
    }

    /// Waits for answers of the cluster until a start is granted.
    fn wait_for_grant(&mut self) {
        let mut state = self.cluster.lock();
        let mut events = std::iter::from_fn(|| self.events.try_recv().ok());
        while !events.any(|event| matches!(event, Event::Granted { .. })) {
            let answered = self.cluster.answered.wait(state);
            state = answered.expect("is not poisoned");
        }
    }
}

/// A log whose one record is new.
fn fresh() -> MemoryLog {
    MemoryLog::with(0..1)
}

/// A log whose one record ran when its owner died.
fn accusing() -> MemoryLog {
    let mut log = fresh();
    let mut owner = Owner::of(&mut log);
    let token = owner.token(0);
    assert!(owner.start(token));
    owner.commit(&mut log);
    log
}

fn judge(shared: &Shared) -> &'static str {
    if !shared.lock().try_start(TOKEN, DEADLINE_MS) {
        return "not started";
    }
    shared.lock().complete(TOKEN);
    "judged"
}

fn ask(shared: &Shared) -> bool {
    let wish = Wish {
        alone: false,
        deadline_ms: DEADLINE_MS,
    };
    shared.lock().request_start(TOKEN, wish)
}

fn accuse(shared: &Shared) -> &'static str {
    match ask(shared) && shared.lock().try_start(TOKEN, DEADLINE_MS) {
        true => "started",
        false => "not started",
    }
}

fn set<const N: usize>(ends: [&str; N]) -> BTreeSet<String> {
    ends.map(str::to_owned).into()
}

#[test]
fn a_record_that_a_hand_over_meets_is_done_or_held_or_handed_out_again() {
    let ends = ends_of(|| Process::new(fresh(), 0).hand_over(true, judge));
    let expected = [
        "judged: ",
        "judged: held 0 crashed 0",
        "not started: ready 0",
    ];
    assert_eq!(ends, set(expected));
}

#[test]
fn a_hand_over_whose_commits_are_refused_at_first_ends_alike() {
    let ends = ends_of(|| Process::new(fresh(), 1).hand_over(true, judge));
    let expected = [
        "judged: ",
        "judged: held 0 crashed 0",
        "not started: ready 0",
    ];
    assert_eq!(ends, set(expected));
}

#[test]
fn an_accused_that_a_hand_over_meets_is_held_or_accused_as_before() {
    let ends = ends_of(|| Process::new(accusing(), 0).hand_over(true, accuse));
    let expected = [
        "not started: suspect 0 crashed 1",
        "started: held 0 crashed 1",
    ];
    assert_eq!(ends, set(expected));
}

#[test]
fn nothing_more_is_said_of_a_partition_that_is_lost() {
    let ends = ends_of(|| Process::new(fresh(), 0).hand_over(false, judge));
    let expected = [
        "judged: ",
        "judged: suspect 0 crashed 1",
        "not started: suspect 0 crashed 1",
    ];
    assert_eq!(ends, set(expected));
}

#[test]
fn a_partition_of_which_nothing_is_known_leaves_without_a_commit() {
    let ends = ends_of(|| {
        let process = Process::new(fresh(), 0);
        process.shared.lock().assign(id(1), None);
        let committer = process.start_committer();
        process.shared.let_go(&[id(1)], true);
        process.end(committer);
        format!("{:?}", process.cluster.lock().log.committed(1))
    });
    assert_eq!(ends, set(["None"]));
}

#[test]
fn one_look_of_the_polling_thread_is_enough_for_a_start_that_waits() {
    let ends = ends_of(|| {
        let mut process = Process::new(accusing(), 0);
        let committer = process.start_committer();
        let asked = process.start_slot(ask).join().expect("loom told");
        process.shared.wake_committer();
        process.wait_for_grant();
        process.end(committer);
        let started = process.shared.lock().try_start(TOKEN, DEADLINE_MS);
        format!("asked {asked}, started {started}")
    });
    assert_eq!(ends, set(["asked true, started true"]));
}

#[test]
fn the_committer_ends_whenever_it_is_told_to() {
    let ends = ends_of(|| {
        let process = Process::new(fresh(), 0);
        let (committer, slot) = (process.start_committer(), process.start_slot(judge));
        process.end(committer);
        slot.join().expect("loom told").to_owned()
    });
    assert_eq!(ends, set(["judged"]));
}

#[test]
fn the_first_order_stands_and_one_failure_is_told() {
    let ends = ends_of(|| {
        let mut process = Process::new(fresh(), 0);
        let failing = |order| {
            move |shared: &Shared| {
                let (group, cause) = ("evaluators".to_owned(), format!("{order:?}"));
                shared.fail(ConsumerError::Client { group, cause });
                shared.order(order);
                shared.ordered()
            }
        };
        let stopped = process.start_slot(failing(Order::Stop));
        let abandoned = process.start_slot(failing(Order::Abandon));
        let seen = [stopped, abandoned].map(|slot| slot.join().expect("loom told"));
        assert_eq!(seen[0], seen[1], "an order was changed");
        let events = std::iter::from_fn(|| process.events.try_recv().ok());
        let fatal = events.filter(|event| matches!(event, Event::Fatal(_)));
        format!("{:?}, {} failure", seen[0], fatal.count())
    });
    assert_eq!(ends, set(["Abandon, 1 failure", "Stop, 1 failure"]));
}
