//! Who answers the walk of [`crate::grade`]: the box, for a judgement; or what a judgement recorded, to decide it again.

use std::collections::HashMap;

use crate::grade::{Examiner, Grades, Marked, Stop, grade};
use crate::package::{Group, Package, PackageProgram, StaticValidation};
use crate::trial::Trial;
use crate::worker::{Rules, Step, Worker};
use crate::{CaseResult, Fault, Judgement, NearLimit, Verdict};

/// Runs what is asked for, and notes it in the judgement.
struct Live<'a, 'b> {
    worker: &'a mut Worker,
    trial: &'a Trial<'b>,
    near_limit: NearLimit,
    judgement: &'a mut Judgement,
    on_step: &'a mut dyn FnMut(Step),
}

impl Worker {
    /// Runs the cases in the order and as far as grading wants them, and grades.
    pub(crate) fn examine(
        &mut self,
        trial: &Trial<'_>,
        rules: Rules,
        judgement: &mut Judgement,
        on_step: &mut dyn FnMut(Step),
    ) -> Result<(), Fault> {
        let mut live = Live {
            worker: self,
            trial,
            near_limit: rules.near_limit,
            judgement,
            on_step,
        };
        let grades = grade(trial.package, rules.stop, &mut live)?;
        judgement.take_grades(trial.package, grades);
        Ok(())
    }
}

impl Live<'_, '_> {
    fn note(&mut self, result: CaseResult) -> Marked {
        let marked = Marked::from(&result);
        (self.on_step)(Step::Case {
            index: self.judgement.cases.len(),
            total: self.judgement.case_count,
            result: Box::new(result.clone()),
        });
        self.judgement.add(result);
        marked
    }
}

impl Examiner for Live<'_, '_> {
    fn case(&mut self, index: usize) -> Result<Marked, Fault> {
        let case = &self.trial.package.cases[index];
        let result = self
            .worker
            .judge_case_surely(self.trial, case, self.near_limit)?;
        Ok(self.note(result))
    }

    fn static_validation(
        &mut self,
        group: &Group,
        validation: &StaticValidation,
    ) -> Result<Marked, Fault> {
        let result = self.worker.validate_source(self.trial, group, validation)?;
        Ok(self.note(result))
    }

    fn custom_grader(
        &mut self,
        group: &Group,
        program: &PackageProgram,
        flags: &[String],
        lines: String,
    ) -> Result<String, Fault> {
        let Trial {
            package, cancel, ..
        } = self.trial;
        let grader = (program, flags);
        self.worker
            .run_grader(package, group, grader, &lines, cancel)
    }
}

/// Answers from what was recorded; only graders of the package are run again.
struct Recorded<'a> {
    worker: &'a mut Worker,
    package: &'a Package,
    cancel: &'a sandbox::Cancel,
    cases: HashMap<String, Marked>,
}

impl Worker {
    /// Grades a judgement anew after its cases' verdicts were changed.
    pub(crate) fn grade_again(
        &mut self,
        package: &Package,
        stop: Stop,
        judgement: &mut Judgement,
        cancel: &sandbox::Cancel,
    ) -> Result<(), Fault> {
        let marked = |case: &CaseResult| (case.name.clone(), Marked::from(case));
        let mut recorded = Recorded {
            worker: self,
            package,
            cancel,
            cases: judgement.cases.iter().map(marked).collect(),
        };
        let grades = grade(package, stop, &mut recorded)?;
        judgement.take_grades(package, grades);
        Ok(())
    }
}

impl Recorded<'_> {
    fn find(&self, name: &str) -> Result<Marked, Fault> {
        self.cases.get(name).cloned().ok_or_else(|| Fault::Grading {
            group: "data".to_owned(),
            what: format!(
                "{name} was not run, but would be under a lower time limit: a grader gives more for less"
            ),
        })
    }
}

impl Examiner for Recorded<'_> {
    fn case(&mut self, index: usize) -> Result<Marked, Fault> {
        self.find(&self.package.cases[index].name)
    }

    fn static_validation(
        &mut self,
        group: &Group,
        _validation: &StaticValidation,
    ) -> Result<Marked, Fault> {
        self.find(&source_case(group))
    }

    fn custom_grader(
        &mut self,
        group: &Group,
        program: &PackageProgram,
        flags: &[String],
        lines: String,
    ) -> Result<String, Fault> {
        let grader = (program, flags);
        self.worker
            .run_grader(self.package, group, grader, &lines, self.cancel)
    }
}

/// What a static validation is called among the cases: no file in a package can be called so.
pub(crate) fn source_case(group: &Group) -> String {
    format!("{} (source)", group.name)
}

impl From<&CaseResult> for Marked {
    fn from(case: &CaseResult) -> Marked {
        Marked {
            verdict: case.verdict,
            files: case.score_files.clone(),
        }
    }
}

impl Judgement {
    /// Takes the next case in: the slowest and the largest are reported.
    fn add(&mut self, case: CaseResult) {
        self.cpu = self.cpu.max(case.cpu);
        self.wall = self.wall.max(case.wall);
        self.memory_bytes = self.memory_bytes.max(case.memory_bytes);
        self.cases.push(case);
    }

    /// The verdict of the whole, with the reason of the first case that has it.
    fn take_grades(&mut self, package: &Package, grades: Grades) {
        let decided = |case: &&CaseResult| {
            case.verdict == grades.verdict && case.verdict != Verdict::Accepted
        };
        let reason = self.cases.iter().find(decided).map(|case| &case.reason);
        self.reason = reason.cloned().flatten();
        self.verdict = grades.verdict;
        self.score = grades.score;
        self.groups = grades.groups;
        let scores: HashMap<&str, f64> = grades
            .cases
            .iter()
            .map(|(index, score)| (package.cases[*index].name.as_str(), *score))
            .collect();
        for case in &mut self.cases {
            case.score = scores.get(case.name.as_str()).copied();
        }
    }
}
