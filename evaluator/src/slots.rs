//! The threads that judge: one a slot, each with a judge worker of its own.
//!
//! Judging blocks, so it has no place on the async threads. A slot takes the next task from one queue; who may put a
//! task there is decided by [`crate::schedule`]. A task that panics costs its slot the worker, not the process.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use judge::Fault;
use tokio::sync::oneshot;

/// Why a task has no result.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SlotError {
    /// A bug of ours; the slot goes on with a new worker.
    #[error("the slot panicked: {0}")]
    Panicked(String),
    /// The slot could not get a new worker after a panic.
    #[error("the slot has no judge worker: {0}")]
    NoWorker(String),
}

/// Answers its caller itself and tells the slot whether the worker is spoiled.
type Task<W> = Box<dyn FnOnce(Result<&mut W, SlotError>) -> bool + Send>;
type NewWorker<W> = dyn Fn() -> anyhow::Result<W> + Send + Sync;

/// The slots of this process. Dropping the last clone ends the threads when their tasks are done.
pub(crate) struct Slots<W> {
    tasks: Sender<Task<W>>,
}

impl<W> Clone for Slots<W> {
    fn clone(&self) -> Self {
        Self {
            tasks: self.tasks.clone(),
        }
    }
}

impl<W: 'static> Slots<W> {
    /// Starts `count` threads; the first workers are made at once, so that what is missing is missed at the start.
    pub(crate) fn start(
        count: usize,
        new_worker: impl Fn() -> anyhow::Result<W> + Send + Sync + 'static,
    ) -> anyhow::Result<Self>
    where
        W: Send,
    {
        let (tasks, queue) = channel();
        let queue = Arc::new(Mutex::new(queue));
        let new_worker: Arc<NewWorker<W>> = Arc::new(new_worker);
        for index in 0..count {
            let mut slot = Slot {
                worker: Some(new_worker()?),
                new_worker: Arc::clone(&new_worker),
            };
            let queue = Arc::clone(&queue);
            thread::Builder::new()
                .name(format!("slot-{index}"))
                .spawn(move || slot.run(&queue))?;
        }
        Ok(Self { tasks })
    }

    /// Runs `task` in the next free slot. Afterwards the slot gets a new worker if `spoils` says so of the result.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        task: impl FnOnce(&mut W) -> T + Send + 'static,
        spoils: fn(&T) -> bool,
    ) -> Result<T, SlotError> {
        let (answer, answered) = oneshot::channel();
        let task: Task<W> = Box::new(move |worker| {
            let result = worker.and_then(|worker| run_caught(worker, task));
            let spoiled = result.as_ref().map_or(true, spoils);
            // Nobody waits any more when the process is stopping.
            let _ = answer.send(result);
            spoiled
        });
        let gone = || SlotError::NoWorker("all slots have ended".to_owned());
        self.tasks.send(task).map_err(|_| gone())?;
        answered.await.map_err(|_| gone())?
    }

    /// Runs a task of the judge. What could not be done with this worker's box may be with another: its control groups may be gone, and
    /// a box that stands need not see a toolchain that was mended.
    pub(crate) async fn run_unless_spoiled<T: Send + 'static>(
        &self,
        task: impl FnOnce(&mut W) -> Result<T, Fault> + Send + 'static,
    ) -> Result<Result<T, Fault>, SlotError> {
        self.run(task, |result| {
            matches!(result, Err(Fault::Sandbox(_) | Fault::NotAvailable { .. }))
        })
        .await
    }
}

fn run_caught<W, T>(worker: &mut W, task: impl FnOnce(&mut W) -> T) -> Result<T, SlotError> {
    // The worker is thrown away after a panic, so nobody sees it half changed.
    catch_unwind(AssertUnwindSafe(|| task(worker)))
        .map_err(|panic| SlotError::Panicked(panic_message(panic.as_ref())))
}

fn panic_message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no message")
        .to_owned()
}

struct Slot<W> {
    worker: Option<W>,
    new_worker: Arc<NewWorker<W>>,
}

impl<W> Slot<W> {
    fn run(&mut self, queue: &Mutex<Receiver<Task<W>>>) {
        // It watches clocks while a program computes. Where it may not rise, programs rank lower instead.
        sandbox::outrank_boxes();
        loop {
            // The lock is held while waiting: exactly one idle slot waits on the queue, the others on the lock.
            let task = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
            let Ok(task) = task else { return };
            let spoiled = task(self.worker());
            if spoiled {
                self.worker = None;
            }
        }
    }

    fn worker(&mut self) -> Result<&mut W, SlotError> {
        match &mut self.worker {
            Some(worker) => Ok(worker),
            missing => {
                let worker = (self.new_worker)();
                let worker = worker.map_err(|error| SlotError::NoWorker(format!("{error:#}")))?;
                Ok(missing.insert(worker))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    fn keep(_: &u32) -> bool {
        false
    }

    #[tokio::test]
    async fn a_worker_that_a_task_spoils_is_replaced() -> anyhow::Result<()> {
        let slots = numbered_workers(1)?;
        assert_eq!(slots.run(|worker| *worker, |_| true).await?, 0);
        assert_eq!(slots.run(|worker| *worker, keep).await?, 1);
        Ok(())
    }

    fn numbered_workers(count: usize) -> anyhow::Result<Slots<u32>> {
        let made = AtomicU32::new(0);
        Slots::start(count, move || Ok(made.fetch_add(1, Ordering::Relaxed)))
    }

    #[tokio::test]
    async fn as_many_tasks_run_at_once_as_there_are_slots() -> anyhow::Result<()> {
        let slots = numbered_workers(3)?;
        let barrier = Arc::new(Barrier::new(3));
        let met =
            |barrier: Arc<Barrier>| slots.run(move |worker| (barrier.wait(), *worker).1, keep);
        let (a, b, c) = tokio::join!(
            met(Arc::clone(&barrier)),
            met(Arc::clone(&barrier)),
            met(barrier)
        );
        let mut workers = [a?, b?, c?];
        workers.sort_unstable();
        assert_eq!(workers, [0, 1, 2], "each slot has a worker of its own");
        Ok(())
    }

    #[tokio::test]
    async fn a_panic_is_an_error_of_that_task_and_the_slot_goes_on_with_a_new_worker()
    -> anyhow::Result<()> {
        let slots = numbered_workers(1)?;
        let panicked = slots
            .run(|_| -> () { panic!("out of cheese") }, |()| false)
            .await;
        assert!(matches!(panicked, Err(SlotError::Panicked(text)) if text == "out of cheese"));
        assert_eq!(slots.run(|worker| *worker, keep).await?, 1);
        Ok(())
    }

    #[tokio::test]
    async fn a_slot_without_a_worker_says_so_and_tries_again() -> anyhow::Result<()> {
        let made = AtomicU32::new(0);
        let slots = Slots::start(1, move || match made.fetch_add(1, Ordering::Relaxed) {
            1 => anyhow::bail!("no box"),
            number => Ok(number),
        })?;
        let _ = slots.run(|_| -> () { panic!() }, |()| false).await;
        let refused = slots.run(|worker| *worker, keep).await;
        assert!(matches!(refused, Err(SlotError::NoWorker(text)) if text == "no box"));
        assert_eq!(slots.run(|worker| *worker, keep).await?, 2);
        Ok(())
    }
}
