//! What is submitted: mostly sources that ask for a pause in the slot, some real programs, and killers.

use e2e::jury::{JurySubmission, jury_submissions, submission};
use schemas::{Submission, VerdictCode, topics};

use super::chance::Chance;

/// The problem that everybody submits to.
const HOT: &str = "lanterns";
const PROBLEMS: [&str; 7] = [
    HOT,
    "clockhands",
    "drowsyfrog",
    "gardenpath",
    "oddsocks",
    "tidepool",
    "twocakes",
];
const USERS: u64 = 20;

/// A submission, its lane, and what must come of it.
pub(super) struct Program {
    pub(super) submission: Submission,
    pub(super) topic: &'static str,
    pub(super) expected: VerdictCode,
    pub(super) killer: bool,
}

/// Chooses what is submitted next.
pub(super) struct Programs {
    chance: Chance,
    jury: Vec<JurySubmission>,
}

impl Programs {
    pub(super) fn new(seed: u64) -> anyhow::Result<Self> {
        let mut jury = Vec::new();
        for problem in PROBLEMS {
            jury.extend(jury_submissions(problem, "c")?);
        }
        // What needs its whole limit would be most of the load.
        jury.retain(|program| {
            use VerdictCode::{Ac, Ce, Rte, Wa};
            matches!(program.expected, Ac | Ce | Rte | Wa)
        });
        Ok(Self {
            chance: Chance::new(seed, "load"),
            jury,
        })
    }

    /// One of many kinds.
    pub(super) fn next(&mut self) -> anyhow::Result<Program> {
        let topic = if self.chance.percent(15) {
            topics::SUBMISSIONS_BULK
        } else {
            topics::SUBMISSIONS
        };
        if self.chance.percent(20) {
            return self.real(topic);
        }
        let problem = if self.chance.percent(40) {
            HOT
        } else {
            self.chance.pick(&PROBLEMS)
        };
        Ok(self.pause(problem, topic))
    }

    /// One more for the problem that is hot.
    pub(super) fn hot(&mut self) -> Program {
        self.pause(HOT, topics::SUBMISSIONS)
    }

    /// One that ends every evaluator that starts it.
    pub(super) fn killer(&mut self) -> Program {
        let problem = self.chance.pick(&PROBLEMS);
        let source = self.unlike_others("// tribunal-hook: die\n");
        Program {
            submission: self.of_somebody(submission(problem, "c", "main.c", source)),
            topic: topics::SUBMISSIONS,
            expected: VerdictCode::Je,
            killer: true,
        }
    }

    fn pause(&mut self, problem: &str, topic: &'static str) -> Program {
        let milliseconds = self.chance.between(10, 250).as_millis();
        let source = self.unlike_others(&format!("// tribunal-hook: sleep {milliseconds}\n"));
        Program {
            submission: self.of_somebody(submission(problem, "c", "main.c", source)),
            topic,
            expected: VerdictCode::Ac,
            killer: false,
        }
    }

    /// A program of the jury's; one in four is compiled anew.
    fn real(&mut self, topic: &'static str) -> anyhow::Result<Program> {
        let program = self.chance.pick(&self.jury);
        let (expected, mut submission) = (program.expected, program.submission()?);
        if self.chance.percent(25) {
            let remark = self.unlike_others("");
            submission.files[0].content.extend(remark.into_bytes());
        }
        Ok(Program {
            submission: self.of_somebody(submission),
            topic,
            expected,
            killer: false,
        })
    }

    fn unlike_others(&mut self, source: &str) -> String {
        format!("{source}\n// {}\n", self.chance.below(u64::MAX))
    }

    fn of_somebody(&mut self, submission: Submission) -> Submission {
        Submission {
            tenant: "campaign".to_owned(),
            user_id: format!("user-{}", self.chance.below(USERS)),
            ..submission
        }
    }
}
