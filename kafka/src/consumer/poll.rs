//! The polling thread: owns the client, takes records in, answers rebalances.

use std::io;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rdkafka::consumer::Consumer;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};

use super::group::{self, Client};
use super::shared::{Order, Shared};
use super::{ConsumerError, committer};
use crate::{Record, closing};

/// Records taken between two looks at commits and pauses.
const BATCH: usize = 64;

/// Runs until it is told to end.
pub(super) fn run(shared: &Arc<Shared>, client: Client) {
    let _end = End(shared);
    let client = Arc::new(client);
    let committing = match start_committer(shared, &client) {
        Ok(thread) => thread,
        Err(error) => {
            return shared.fail(ConsumerError::Client {
                group: shared.group_id.clone(),
                cause: format!("failed to start its committing thread: {error}"),
            });
        }
    };
    poll(shared, &client);
    closing::close(&shared.group_id, closing::PATIENCE, move || {
        // A panic of the thread has been told. It may still wait for a commit's answer.
        let _ = committing.join();
        // Dropping the client leaves the group; it would hang for ever while a partition list of it were alive.
        drop(client);
    });
}

fn start_committer(shared: &Arc<Shared>, client: &Arc<Client>) -> io::Result<JoinHandle<()>> {
    let (shared, client) = (Arc::clone(shared), Arc::clone(client));
    let name = format!("commit {}", shared.group_id);
    thread::Builder::new().name(name).spawn(move || {
        let _death = Death(&shared, "committing");
        committer::run(&shared, &client);
    })
}

fn poll(shared: &Shared, client: &Client) {
    let _death = Death(shared, "polling");
    let _close = CloseCommits(shared);
    while shared.ordered() == Order::Run {
        take_records(shared, client);
        shared.lock().hand_out_due();
        shared.wake_committer();
        turn_taps(shared, client);
        shared.beat();
    }
    leave(shared, client);
}

fn take_records(shared: &Shared, client: &Client) {
    let mut timeout = shared.poll_timeout;
    for _ in 0..BATCH {
        if !turn(shared, client, timeout) {
            break;
        }
        timeout = Duration::ZERO;
    }
}

/// Polls once. `true` if a record came.
fn turn(shared: &Shared, client: &Client, timeout: Duration) -> bool {
    match client.poll(timeout) {
        None => false,
        Some(Ok(message)) => {
            let record = Record::copy_of(&message);
            let mut assignment = shared.lock();
            if let Some(id) = assignment.partition_id(&record.topic, record.partition) {
                assignment.receive(id, record);
            }
            true
        }
        Some(Err(error)) => {
            report(shared, &error);
            false
        }
    }
}

fn turn_taps(shared: &Shared, client: &Client) {
    let (pause, resume) = shared.lock().turn_taps();
    let failed = [
        (!pause.is_empty()).then(|| client.pause(&group::named(shared, &pause))),
        (!resume.is_empty()).then(|| client.resume(&group::named(shared, &resume))),
    ];
    for error in failed.into_iter().flatten().filter_map(Result::err) {
        tracing::warn!(group = %shared.group_id, %error, "failed to pause or resume partitions");
    }
}

/// The revoke that this causes writes the clean mark.
///
/// A static member stays one while it is away, and to unsubscribe is to leave for good. So it writes the mark unasked; closing
/// the client then revokes what is nobody's here any more.
fn leave(shared: &Shared, client: &Client) {
    if shared.is_static {
        let ids = shared.lock().partitions();
        return shared.let_go(&ids, true);
    }
    client.unsubscribe();
    let give_up = Instant::now() + 2 * shared.revoke_timeout;
    while !shared.lock().partitions().is_empty() && Instant::now() < give_up {
        turn(shared, client, shared.poll_timeout);
    }
}

fn report(shared: &Shared, error: &KafkaError) {
    use RDKafkaErrorCode::{
        AutoOffsetReset, GroupAuthorizationFailed, OffsetOutOfRange, TopicAuthorizationFailed,
    };
    let group = shared.group_id.clone();
    let cause = error.to_string();
    match error {
        KafkaError::MessageConsumption(AutoOffsetReset | OffsetOutOfRange) => {
            shared.fail(ConsumerError::OffsetOutOfRange { group, cause });
        }
        KafkaError::MessageConsumption(TopicAuthorizationFailed | GroupAuthorizationFailed) => {
            shared.fail(ConsumerError::NotAuthorized { group, cause });
        }
        KafkaError::MessageConsumptionFatal(_) => {
            shared.fail(ConsumerError::Client { group, cause })
        }
        _ => shared.lock().count_client_error(),
    }
}

/// Ends the committer however the polling ends.
struct CloseCommits<'a>(&'a Shared);

impl Drop for CloseCommits<'_> {
    fn drop(&mut self) {
        self.0.close_commits();
    }
}

/// Tells that a thread panicked, and ends the other: without either, nothing moves.
struct Death<'a>(&'a Shared, &'static str);

impl Drop for Death<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.fail(ConsumerError::Client {
                group: self.0.group_id.clone(),
                cause: format!("the {} thread panicked", self.1),
            });
            self.0.order(Order::Stop);
        }
    }
}

/// Marks the end however it comes.
struct End<'a>(&'a Shared);

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.0.mark_stopped();
    }
}
