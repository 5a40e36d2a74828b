//! The load's own list of what was acknowledged: a file outside of Kafka, synced batch by batch.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use anyhow::Context;
use schemas::VerdictCode;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A submission for which the producer had its delivery report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Acknowledged {
    pub(super) submission_id: Uuid,
    pub(super) topic: String,
    /// The verdict that is true.
    pub(super) expected: VerdictCode,
    /// It kills its evaluator.
    pub(super) killer: bool,
}

/// The list, open for writing.
pub(super) struct List(File);

impl List {
    pub(super) fn create(path: &Path) -> anyhow::Result<Self> {
        let file = File::options().create_new(true).append(true).open(path);
        Ok(Self(file.context("failed to make the list")?))
    }

    /// When this returns they are on the disk.
    pub(super) fn append(&mut self, batch: &[Acknowledged]) -> anyhow::Result<()> {
        let mut lines = Vec::new();
        for one in batch {
            serde_json::to_writer(&mut lines, one)?;
            lines.push(b'\n');
        }
        self.0.write_all(&lines)?;
        self.0.sync_data().context("failed to sync the list")
    }
}

/// Everything on the list.
pub(super) fn read(path: &Path) -> anyhow::Result<Vec<Acknowledged>> {
    let text = std::fs::read_to_string(path).context("failed to read the list")?;
    let lines = text.lines().map(serde_json::from_str);
    Ok(lines.collect::<Result<_, _>>()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_appended_is_read_back_in_order() -> anyhow::Result<()> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("acknowledged");
        let one = |expected, killer| Acknowledged {
            submission_id: Uuid::new_v4(),
            topic: "submissions".to_owned(),
            expected,
            killer,
        };
        let all = [one(VerdictCode::Ac, false), one(VerdictCode::Je, true)];
        let mut list = List::create(&path)?;
        list.append(&all[..1])?;
        list.append(&all[1..])?;
        assert_eq!(read(&path)?, all);
        Ok(())
    }
}
