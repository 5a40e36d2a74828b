//! What a validator leaves in its feedback directory, read as hostile: it may leave anything under any name.

use std::io::Read;
use std::path::PathBuf;
use std::sync::Arc;

use sandbox::{Ending, Mount, Outcome, Volume, VolumeError};

use crate::package::{Package, TestCase};
use crate::run::MESSAGE_BYTES;
use crate::text::capped_text;
use crate::{Fault, ScoreFiles, Verdict};

use super::{ACCEPT, FEEDBACK, Judged, WRONG_ANSWER, ended_wrongly};

/// Files and directories a validator may make.
const INODES: u64 = 256;
const NEXT_INPUT: &str = "nextpass.in";

/// The feedback directory of one validator and one case; all passes share it.
pub(crate) struct Feedback {
    volume: Arc<Volume>,
    cap_bytes: u64,
    /// For messages.
    case: String,
    is_scoring: bool,
    has_passes: bool,
}

impl Feedback {
    pub(crate) fn new(package: &Package, case: &TestCase) -> Result<Feedback, Fault> {
        let cap_bytes = package.limits.validation_output_bytes;
        Ok(Feedback {
            volume: Arc::new(Volume::new(cap_bytes, INODES)?),
            cap_bytes,
            case: case.name.clone(),
            is_scoring: package.kind.scoring,
            has_passes: package.kind.passes.is_some(),
        })
    }

    pub(crate) fn mount(&self) -> Mount {
        Mount::Volume {
            volume: Arc::clone(&self.volume),
            target: PathBuf::from(FEEDBACK.trim_end_matches('/')),
            writable: true,
        }
    }

    /// The validator's word, by its exit status.
    pub(crate) fn verdict(&self, outcome: &Outcome) -> Result<Verdict, Fault> {
        match outcome.ending {
            Ending::Exited(ACCEPT) => Ok(Verdict::Accepted),
            Ending::Exited(WRONG_ANSWER) => Ok(Verdict::WrongAnswer),
            _ => Err(self.misbehaved(ended_wrongly(outcome))),
        }
    }

    /// What the validator said with its word, and what it wrote besides.
    pub(crate) fn judged(&self, verdict: Verdict, outcome: &Outcome) -> Result<Judged, Fault> {
        let mut jury_message = self.text("judgemessage.txt")?.unwrap_or_default();
        if jury_message.is_empty() {
            jury_message = capped_text(&outcome.stderr, MESSAGE_BYTES);
        }
        Ok(Judged {
            verdict,
            jury_message,
            team_message: self.text("teammessage.txt")?.unwrap_or_default(),
            score_files: self.score_files()?,
            next_input: None,
        })
    }

    /// Takes the input of another pass away, if there is one. Only a validator that accepts may ask for it.
    pub(crate) fn take_next_input(&self, verdict: Verdict) -> Result<Option<Vec<u8>>, Fault> {
        if !self.has_passes {
            return Ok(None);
        }
        let content = match self.volume.read(NEXT_INPUT, self.cap_bytes) {
            Err(VolumeError::Missing(_)) => return self.without_next_input(),
            content => content.map_err(|error| self.unreadable(&error))?,
        };
        if verdict != Verdict::Accepted {
            return Err(self.misbehaved(format!("it rejects and leaves {NEXT_INPUT}")));
        }
        self.volume.remove(NEXT_INPUT)?;
        Ok(Some(content))
    }

    /// There is no such file: unless there is a link of that name, which must not pass for an end without another pass.
    fn without_next_input(&self) -> Result<Option<Vec<u8>>, Fault> {
        match self.volume.remove(NEXT_INPUT) {
            Err(VolumeError::Missing(_)) => Ok(None),
            _ => Err(self.misbehaved(format!("{NEXT_INPUT} is not a regular file"))),
        }
    }

    /// What it left about points; it means nothing in a pass-fail problem, and is not read.
    fn score_files(&self) -> Result<ScoreFiles, Fault> {
        if !self.is_scoring {
            return Ok(ScoreFiles::default());
        }
        Ok(ScoreFiles {
            score: self.text("score.txt")?,
            multiplier: self.text("score_multiplier.txt")?,
        })
    }

    /// A text, cut where it becomes too long.
    fn text(&self, name: &str) -> Result<Option<String>, Fault> {
        match self.volume.open(name) {
            Ok(file) => {
                let mut bytes = Vec::new();
                file.take(MESSAGE_BYTES as u64 + 1)
                    .read_to_end(&mut bytes)
                    .map_err(Fault::io("read the feedback of", &self.case))?;
                Ok(Some(capped_text(&bytes, MESSAGE_BYTES)))
            }
            Err(VolumeError::Missing(_)) => Ok(None),
            Err(error @ VolumeError::NotRegular(_)) => Err(self.unreadable(&error)),
            Err(error) => Err(error.into()),
        }
    }

    fn unreadable(&self, error: &VolumeError) -> Fault {
        self.misbehaved(format!("its feedback cannot be read: {error}"))
    }

    pub(crate) fn misbehaved(&self, what: String) -> Fault {
        Fault::Validator {
            case: self.case.clone(),
            what,
        }
    }
}
