//! Sending many: bounded in number and bytes, noted in batches.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;

use anyhow::anyhow;
use schemas::Submission;

use super::{Journal, LineResult, Report};
use crate::failure::Failure;
use crate::{Accepted, Lane, SubmitError, Submitter};

/// Bytes of source in flight: half of what the client's queue holds, so that it never refuses.
const MAX_IN_FLIGHT_BYTES: usize = 32 << 20;
/// Acknowledged lines noted by one write and one sync.
const BATCH: usize = 100;

type Delivery = Pin<Box<dyn Future<Output = Result<Accepted, SubmitError>> + Send>>;

/// Lines sent, in order, that have not been settled.
pub(crate) struct InFlight {
    limit: usize,
    lines: VecDeque<Sent>,
    bytes: usize,
}

struct Sent {
    number: usize,
    bytes: usize,
    delivery: Delivery,
}

impl InFlight {
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            limit: limit.max(1),
            lines: VecDeque::new(),
            bytes: 0,
        }
    }

    fn has_room_for(&self, bytes: usize) -> bool {
        self.lines.is_empty()
            || (self.lines.len() < self.limit && self.bytes + bytes <= MAX_IN_FLIGHT_BYTES)
    }
}

/// One bulk run.
pub(crate) struct Run {
    pub(crate) submitter: Submitter,
    pub(crate) journal: Option<Journal>,
    pub(crate) in_flight: InFlight,
    pub(crate) report: Report,
}

impl Run {
    /// Sends one line, unless it was accepted before. Waits for room first.
    pub(crate) async fn submit(
        &mut self,
        number: usize,
        submission: &Submission,
    ) -> Result<(), Failure> {
        let id = submission.submission_id;
        if self.journal.as_ref().is_some_and(|journal| journal.has(id)) {
            self.report.line(number, &LineResult::AlreadyAccepted(id));
            return Ok(());
        }
        let bytes = submission.files.iter().map(|file| file.content.len()).sum();
        while !self.in_flight.has_room_for(bytes) {
            self.settle().await?;
        }
        let delivery = self.submitter.send(submission, Lane::Bulk)?;
        self.in_flight.bytes += bytes;
        self.in_flight.lines.push_back(Sent {
            number,
            bytes,
            delivery: Box::pin(delivery),
        });
        Ok(())
    }

    /// Waits for everything sent, also after a failure: what was accepted must be noted.
    pub(crate) async fn finish(&mut self) -> Result<(), Failure> {
        let mut first = Ok(());
        while !self.in_flight.lines.is_empty() {
            let settled = self.settle().await;
            first = first.and(settled);
        }
        self.report.finish();
        first
    }

    /// Awaits the oldest batch, notes it, then says it. The first failure that is not about a line's
    /// own content is returned after all of that.
    async fn settle(&mut self) -> Result<(), Failure> {
        let batch = self.in_flight.lines.len().min(BATCH);
        let mut results = Vec::with_capacity(batch);
        let mut failed = Ok(());
        for sent in self.in_flight.lines.drain(..batch) {
            self.in_flight.bytes -= sent.bytes;
            match sent.delivery.await {
                Ok(accepted) => results.push((sent.number, LineResult::Accepted(accepted))),
                Err(error) if error.is_about_input() => {
                    results.push((sent.number, LineResult::Refused(error.to_string())));
                }
                Err(error) => failed = failed.and(Err(stopped_at(sent.number, &error))),
            }
        }
        self.note(&results)?;
        for (number, result) in &results {
            self.report.line(*number, result);
        }
        failed
    }

    fn note(&mut self, results: &[(usize, LineResult)]) -> Result<(), Failure> {
        let Some(journal) = &mut self.journal else {
            return Ok(());
        };
        let accepted = results.iter().filter_map(|(_, result)| match result {
            LineResult::Accepted(accepted) => Some(accepted.clone()),
            _ => None,
        });
        let accepted: Vec<Accepted> = accepted.collect();
        journal.note(&accepted).map_err(Failure::NotAccepted)
    }
}

fn stopped_at(number: usize, error: &SubmitError) -> Failure {
    Failure::NotAccepted(anyhow!(
        "stopped: line {number} is not known to be accepted: {error}; repeat the same command to go on, \
         what is accepted counts once"
    ))
}
