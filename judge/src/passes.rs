//! One case: as many passes over it as its validator asks for.
//!
//! A pass is a run of the program and the validator's word on it. A validator of a multi-pass problem that accepts may leave the input of another
//! pass; answer and feedback stay the same, and every limit holds for each pass by itself.

use crate::package::TestCase;
use crate::trial::Trial;
use crate::worker::Worker;
use crate::{CaseResult, Fault};

/// What came of one pass.
pub(crate) struct Pass {
    pub(crate) result: CaseResult,
    /// The input of the pass that the validator asks for.
    pub(crate) next_input: Option<Vec<u8>>,
}

impl Worker {
    /// Runs the program on one case and decides it.
    pub(crate) fn judge_case(
        &mut self,
        trial: &Trial<'_>,
        case: &TestCase,
    ) -> Result<CaseResult, Fault> {
        let passes = trial.package.kind.passes.unwrap_or(1);
        let mut desks = Vec::new();
        let mut input = None;
        let mut so_far: Option<CaseResult> = None;
        for _ in 0..passes {
            let pass = self.run_pass(trial, case, &mut desks, input.as_deref())?;
            let result = match so_far {
                Some(before) => pass.result.after(&before),
                None => pass.result,
            };
            let Some(next) = pass.next_input else {
                return Ok(result);
            };
            for desk in &desks {
                desk.lay_input(&next)?;
            }
            input = Some(next);
            so_far = Some(result);
        }
        Err(Fault::Validator {
            case: case.name.clone(),
            what: format!("it asks for more than the {passes} passes of limits.validation_passes"),
        })
    }
}

impl CaseResult {
    /// This last pass stands for the case, with the time of the slowest one and the memory of the largest.
    fn after(mut self, before: &CaseResult) -> CaseResult {
        if before.cpu > self.cpu {
            self.cpu = before.cpu;
            self.timing = before.timing.clone();
        }
        self.wall = self.wall.max(before.wall);
        self.memory_bytes = self.memory_bytes.max(before.memory_bytes);
        self
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::Verdict;

    #[test]
    fn of_several_passes_the_slowest_and_the_largest_count_and_not_their_sum() {
        let seconds = Duration::from_secs;
        let pass = |cpu, wall, memory_bytes| CaseResult {
            memory_bytes,
            ..CaseResult::measured(Verdict::Accepted, None, [seconds(cpu), seconds(wall)])
        };
        let case = pass(2, 9, 100)
            .after(&pass(3, 4, 300))
            .after(&pass(1, 1, 1));
        assert_eq!((case.cpu, case.wall), (seconds(3), seconds(9)));
        assert_eq!(case.memory_bytes, 300);
    }
}
