//! The time limit of a package that gives none: computed from its jury submissions, once per package digest and cache directory.

use std::io::Write;
use std::path::Path;
use std::time::Duration;

use sandbox::Cancel;

use crate::grade::Stop;
use crate::package::{JurySubmission, Package, PackageLimits};
use crate::program::read_files;
use crate::worker::{Rules, Worker};
use crate::{Fault, NearLimit, Source};

/// What a jury submission may use while no limit is known.
const GENEROUS: Duration = Duration::from_secs(60);

/// What a jury submission means for the limit that does not get what it should.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Failing {
    EndsIt,
    IsLeftOut,
}

impl Worker {
    /// The package's time limit: its own, or the cached one, or computed now.
    pub fn time_limit(&mut self, package: &Package, cancel: &Cancel) -> Result<Duration, Fault> {
        if let Some(limit) = package.limits.time {
            return Ok(limit);
        }
        let path = self.shared.time_limits.join(&package.digest);
        if let Some(limit) = read(&path) {
            return Ok(limit);
        }
        let slowest = self.slowest_lower_bound(package, Failing::EndsIt, cancel)?;
        let limit = computed(slowest, &package.limits);
        publish(&path, limit)
    }

    /// What the limit would be without the jury submissions that do not get what they should: enough to see what the others get.
    pub(crate) fn time_limit_of_the_rest(
        &mut self,
        package: &Package,
        cancel: &Cancel,
    ) -> Result<Duration, Fault> {
        let slowest = self.slowest_lower_bound(package, Failing::IsLeftOut, cancel)?;
        Ok(computed(slowest, &package.limits))
    }

    /// The slowest case that the limit must leave room for.
    fn slowest_lower_bound(
        &mut self,
        package: &Package,
        failing: Failing,
        cancel: &Cancel,
    ) -> Result<Duration, Fault> {
        let rules = Rules {
            time_limit: Some(GENEROUS),
            near_limit: NearLimit::OFF,
            stop: Stop::AtTimeLimit,
        };
        let mut slowest = None;
        for submission in &package.submissions {
            let expectation = &submission.expectation;
            let mut names = package.cases.iter().map(|case| &case.name);
            if !names.any(|name| expectation.is_lower_bound(name)) {
                continue;
            }
            let source = neutral_source(submission)?;
            let judgement = match self.judge_by(rules, package, &source, cancel, &mut |_| {}) {
                // What cannot run here says nothing of the limit; verifying tells of it.
                Err(Fault::NotAvailable { .. }) => continue,
                judgement => judgement?,
            };
            if judgement.unknown_language().is_some() {
                continue;
            }
            let disagreements = expectation.disagreements(&judgement);
            if let Some(disagreement) = disagreements.first() {
                if failing == Failing::IsLeftOut {
                    continue;
                }
                return Err(Fault::NoTimeLimit {
                    package: package.id.clone(),
                    why: format!(
                        "submissions/{} cannot help to compute one: {disagreement}",
                        submission.path
                    ),
                });
            }
            let times = judgement.cases.iter();
            let times = times.filter(|case| expectation.is_lower_bound(&case.name));
            // How long it went on after the validator had ended it says nothing.
            let times = times.filter(|case| !case.ended_by_validator);
            slowest = slowest.max(times.map(|case| case.cpu).max());
        }
        slowest.ok_or_else(|| Fault::NoTimeLimit {
            package: package.id.clone(),
            why: "no jury submission that one could be computed from was judged here; write \
                  limits.time_limit into problem.yaml"
                .to_owned(),
        })
    }
}

/// The smallest multiple of the resolution, at least one, that leaves the factor of room.
fn computed(slowest: Duration, limits: &PackageLimits) -> Duration {
    let resolution = limits.time_resolution.as_secs_f64();
    let wanted = slowest.as_secs_f64() * limits.ac_to_time_limit;
    Duration::from_secs_f64((wanted / resolution).ceil().max(1.0) * resolution)
}

/// What the judge gets of a jury submission: its files by their own names, and nothing of the folder that says what it should get.
pub(crate) fn neutral_source(submission: &JurySubmission) -> Result<Source, Fault> {
    Ok(Source {
        files: read_files(&submission.files)?,
        language: submission.language.clone(),
        entry_point: submission.entry_point.clone(),
    })
}

fn read(path: &Path) -> Option<Duration> {
    let text = std::fs::read_to_string(path).ok()?;
    let milliseconds: u64 = text.trim().parse().ok()?;
    (milliseconds > 0).then(|| Duration::from_millis(milliseconds))
}

/// Stores the limit; if another slot was quicker, its limit is the one that counts from now on.
fn publish(path: &Path, limit: Duration) -> Result<Duration, Fault> {
    let directory = path.parent().unwrap_or(path);
    let mut file = tempfile::NamedTempFile::new_in(directory)
        .map_err(Fault::io("create a file in", directory))?;
    writeln!(file, "{}", limit.as_millis()).map_err(Fault::io("write", path))?;
    match file.persist_noclobber(path) {
        Ok(_) => Ok(limit),
        Err(_) => match read(path) {
            Some(first) => Ok(first),
            None => Err(Fault::io("publish", path)(std::io::Error::other(
                "a damaged file is in its place; delete it",
            ))),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_published_limit_counts() -> anyhow::Result<()> {
        let directory = tempfile::tempdir()?;
        let path = directory.path().join("digest");
        assert_eq!(read(&path), None);
        let (first, second) = (Duration::from_secs(1), Duration::from_secs(2));
        assert_eq!(publish(&path, first)?, first);
        assert_eq!(publish(&path, second)?, first);
        assert_eq!(read(&path), Some(first));
        Ok(())
    }
}
