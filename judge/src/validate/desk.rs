//! Where a validator sits for one case: what it may see of it, and where it leaves its feedback.

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;

use sandbox::{Capture, Mount, Stdin, Volume};

use super::feedback::Feedback;
use crate::Fault;
use crate::package::{Package, TestCase};
use crate::package_program::PackageRun;

const CASE: &str = "/case";
const INPUT: &str = "/case/input";
const ANSWER: &str = "/case/answer";
/// The format wants the directory's name to end with a slash.
pub(crate) const FEEDBACK: &str = "/feedback/";
/// What every file may waste of its last page.
const PAGE_BYTES: u64 = 4096;

/// One validator's place over all passes of a case: the input changes, the answer and the feedback stay.
pub(crate) struct Desk {
    /// These two files and nothing else of the package.
    case: Arc<Volume>,
    pub(crate) feedback: Feedback,
    args: Vec<String>,
}

impl Desk {
    pub(crate) fn new(package: &Package, case: &TestCase, args: &[String]) -> Result<Desk, Fault> {
        let mut bytes = 0;
        for path in [&case.input, &case.answer] {
            let metadata = std::fs::metadata(path).map_err(Fault::io("read", path))?;
            bytes += metadata.len() + PAGE_BYTES;
        }
        if package.kind.passes.is_some() {
            // The next pass's input comes from the feedback.
            bytes += package.limits.validation_output_bytes;
        }
        let volume = Volume::new(bytes + PAGE_BYTES, 16)?;
        for (name, path) in [("input", &case.input), ("answer", &case.answer)] {
            let content = std::fs::read(path).map_err(Fault::io("read", path))?;
            volume.write(name, &content, 0o644)?;
        }
        Ok(Desk {
            case: Arc::new(volume),
            feedback: Feedback::new(package, case)?,
            args: args.to_vec(),
        })
    }

    /// Puts the input of the next pass in the place of the last one's.
    pub(crate) fn lay_input(&self, content: &[u8]) -> Result<(), Fault> {
        Ok(self.case.write("input", content, 0o644)?)
    }

    /// The validator's call by the protocol.
    pub(crate) fn call(&self, stdin: Stdin, stdout: Capture) -> PackageRun {
        let places = [INPUT, ANSWER, FEEDBACK].map(OsString::from).into_iter();
        PackageRun {
            args: places.chain(self.args.iter().map(OsString::from)).collect(),
            stdin,
            stdout,
            mounts: vec![
                Mount::Volume {
                    volume: Arc::clone(&self.case),
                    target: PathBuf::from(CASE),
                    writable: false,
                },
                self.feedback.mount(),
            ],
            cwd: None,
        }
    }
}
