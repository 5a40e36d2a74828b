//! What is accepted already, on disk beside the input, so that a repeated command goes on from there.

use std::collections::HashSet;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use uuid::Uuid;

use crate::Accepted;

/// One line for each accepted submission: its id, and where it is.
pub(crate) struct Journal {
    file: File,
    path: PathBuf,
    accepted: HashSet<Uuid>,
}

impl Journal {
    /// Opens or begins a journal. What a crash left of a last line is cut off: it was not synced, so
    /// it was never said.
    pub(crate) fn open(path: &Path) -> anyhow::Result<Self> {
        let failed = || format!("failed to open the journal {}", path.display());
        let mut file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .open(path)
            .with_context(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                bail!("the journal {} is used by another producer", path.display())
            }
            Err(TryLockError::Error(error)) => return Err(error).with_context(failed),
        }
        let mut text = String::new();
        file.read_to_string(&mut text).with_context(failed)?;
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        file.set_len(whole as u64).with_context(failed)?;
        let ids = text[..whole].lines().enumerate().map(|(index, line)| {
            let id = line.split(' ').next().unwrap_or_default();
            Uuid::parse_str(id).with_context(|| {
                format!(
                    "line {} of {} is not of a journal",
                    index + 1,
                    path.display()
                )
            })
        });
        Ok(Self {
            accepted: ids.collect::<anyhow::Result<_>>()?,
            file,
            path: path.to_owned(),
        })
    }

    pub(crate) fn has(&self, submission_id: Uuid) -> bool {
        self.accepted.contains(&submission_id)
    }

    /// Notes what was accepted; when this returns it is on disk.
    pub(crate) fn note(&mut self, accepted: &[Accepted]) -> anyhow::Result<()> {
        let mut lines = String::new();
        for Accepted {
            submission_id,
            topic,
            partition,
            offset,
        } in accepted
        {
            lines.push_str(&format!("{submission_id} {topic}/{partition}@{offset}\n"));
            self.accepted.insert(*submission_id);
        }
        self.file
            .write_all(lines.as_bytes())
            .and_then(|()| self.file.sync_data())
            .with_context(|| format!("failed to write the journal {}", self.path.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepted(n: u128) -> Accepted {
        Accepted {
            submission_id: Uuid::from_u128(n),
            topic: "submissions.bulk",
            partition: 1,
            offset: 7,
        }
    }

    #[test]
    fn what_was_noted_is_known_after_opening_again_and_a_torn_line_is_not() -> anyhow::Result<()> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("in.jsonl.accepted");
        Journal::open(&path)?.note(&[accepted(1), accepted(2)])?;
        let torn = "00000000-0000-0000-0000-000000000003 submissi";
        OpenOptions::new()
            .append(true)
            .open(&path)?
            .write_all(torn.as_bytes())?;
        let mut journal = Journal::open(&path)?;
        assert!(journal.has(Uuid::from_u128(1)) && journal.has(Uuid::from_u128(2)));
        assert!(!journal.has(Uuid::from_u128(3)));
        journal.note(&[accepted(4)])?;
        drop(journal);
        let text = std::fs::read_to_string(&path)?;
        assert_eq!(
            text.lines().last(),
            Some("00000000-0000-0000-0000-000000000004 submissions.bulk/1@7")
        );
        assert_eq!(text.lines().count(), 3);
        Ok(())
    }

    #[test]
    fn a_file_that_is_no_journal_and_a_journal_in_use_are_left_alone() -> anyhow::Result<()> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("notes.txt");
        std::fs::write(&path, "my notes\n")?;
        assert!(Journal::open(&path).is_err());
        assert_eq!(std::fs::read_to_string(&path)?, "my notes\n");
        let used = folder.path().join("in.accepted");
        let _first = Journal::open(&used)?;
        assert!(Journal::open(&used).is_err());
        Ok(())
    }
}
