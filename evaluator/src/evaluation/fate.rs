//! How a submission's way can end without a judgement.

use schemas::Submission;

use crate::publish::{HandOn, JudgeErrorCause};

/// Everything that is no verdict of the program.
#[derive(Debug)]
pub(crate) enum Otherwise {
    /// A former owner's verdict for it is on `verdicts`: nothing is left to do.
    SeenElsewhere,
    /// It goes on on another topic.
    HandedOn(HandOn),
    /// Nobody can judge it: to the dead-letter topic.
    GivenUp(GivenUp),
    /// Not ours to finish, or not now.
    LeftUndone(LeftUndone),
}

/// A record that becomes a dead letter and, if we know whose it is, a judge error.
#[derive(Debug)]
pub(crate) struct GivenUp {
    /// Why.
    pub(crate) cause: JudgeErrorCause,
    /// What was tried, for the jury and the dead-letter headers.
    pub(crate) history: Vec<String>,
    /// Whose it is; of a malformed record only what its headers tell. `None`: not even those tell.
    pub(crate) submission: Option<Box<Submission>>,
    /// Tries, crashes included.
    pub(crate) attempt: i32,
}

/// Why a record stays on the log as it is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum LeftUndone {
    /// Its partition was revoked before it could start, or the evaluator stops taking work.
    #[error("it may not start here any more")]
    NotOurs,
    /// The evaluator's grace was over before it was judged.
    #[error("judging was cancelled by the shutdown")]
    Cancelled,
    /// This evaluator cannot judge anything until something is mended.
    #[error("this evaluator is unfit: {0}")]
    Unfit(String),
    /// The cluster will not take its successor until somebody mends something.
    #[error("its successor is refused: {0}")]
    Refused(String),
    /// The producer will never write again.
    #[error("its verdict cannot be published: {0}")]
    Unpublished(String),
}

impl From<HandOn> for Otherwise {
    fn from(hand_on: HandOn) -> Self {
        Self::HandedOn(hand_on)
    }
}

impl From<GivenUp> for Otherwise {
    fn from(given_up: GivenUp) -> Self {
        Self::GivenUp(given_up)
    }
}

impl From<LeftUndone> for Otherwise {
    fn from(why: LeftUndone) -> Self {
        Self::LeftUndone(why)
    }
}
