//! How far a running judgement is. Best effort: nothing may depend on it.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::codec::{Codec, uuid_text};
use crate::message::Message;
use crate::released;
use crate::verdict::VerdictCode;

/// What the evaluator is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum ProgressState {
    /// A state of a later version that this reader does not know.
    #[default]
    Unknown,
    /// Taken by an evaluator, waiting for its package or slot.
    Taken,
    /// The compiler runs.
    Compiling,
    /// Test cases run.
    Running,
}

/// One step of one judgement.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Progress {
    /// The submission; also the record's key.
    #[serde(with = "uuid_text")]
    pub submission_id: Uuid,
    /// The generation being judged.
    pub generation: i32,
    /// What is going on.
    pub state: ProgressState,
    /// Cases finished so far.
    pub tests_done: i32,
    /// Cases of the package; 0 while unknown.
    pub tests_total: i32,
    /// How the case that just finished ended.
    pub test_verdict: Option<VerdictCode>,
    /// The evaluator's clock, milliseconds since 1970 in UTC.
    pub at_ms: i64,
}

impl Message for Progress {
    const NAME: &'static str = "progress";

    fn codec() -> &'static Codec<Self> {
        static CODEC: LazyLock<Codec<Progress>> = LazyLock::new(|| Codec::new(released::PROGRESS));
        &CODEC
    }
}
