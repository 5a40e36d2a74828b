//! What cannot be judged here and now but may be elsewhere or later: to the next retry topic, a bounded number of times.

use schemas::headers::Passed;

use super::GivenUp;
use crate::evaluator::Evaluator;
use crate::intake::Delivery;
use crate::publish::{Fault, HandOn};

impl Evaluator {
    /// Where the record goes instead of the dead-letter topic: nowhere if nothing can heal it, or if it was everywhere.
    pub(super) fn next_retry(&self, delivery: &Delivery, given_up: &GivenUp) -> Option<HandOn> {
        let passed = delivery.passed();
        let next = usize::try_from(passed.retries).ok()?;
        let topic = self.retries.get(next)?;
        given_up.cause.may_heal().then(|| HandOn {
            topic,
            passed: Passed {
                attempts: given_up.attempt,
                retries: passed.retries + 1,
            },
            fault: Some(Fault {
                class: given_up.cause.code(),
                message: given_up.history.join("; "),
            }),
            package_digest: None,
        })
    }
}
