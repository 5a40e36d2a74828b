//! The walk over the tree of groups: which case comes next, and what the results so far amount to.

use super::points::{Scale, ScoreFiles, points};
use super::{Examiner, Grades, GroupResult, Marked, Part, Stop, legacy, modern};
use crate::package::{Aggregation, Child, Grader, Grading, Group, OnReject, Package};
use crate::{Fault, Verdict};

/// The group whose score is the submission's in 2025-09.
const SECRET: &str = "secret";
/// The group that `ignore_sample` leaves out.
const SAMPLE: &str = "sample";

/// Walks the package's groups; `examiner` answers for the cases.
pub(crate) fn grade(
    package: &Package,
    stop: Stop,
    examiner: &mut dyn Examiner,
) -> Result<Grades, Fault> {
    let mut walk = Walk {
        package,
        stop,
        examiner,
        ended: false,
        groups: Vec::new(),
        cases: Vec::new(),
        written: ScoreFiles::default(),
    };
    let root = walk.children(&package.groups)?;
    let secret = || walk.groups.iter().find(|group| group.name == SECRET);
    let score = match package.groups.grading {
        Grading::Legacy { .. } => root.score,
        Grading::PassFail | Grading::Modern { .. } => {
            secret().and_then(|it| it.score).or(Some(0.0))
        }
    };
    let scoring = package.kind.scoring;
    Ok(Grades {
        verdict: root.verdict,
        score: score.filter(|_| scoring),
        groups: if scoring { walk.groups } else { Vec::new() },
        cases: walk.cases,
    })
}

struct Walk<'a> {
    package: &'a Package,
    stop: Stop,
    examiner: &'a mut dyn Examiner,
    /// The whole is decided; nothing more is run.
    ended: bool,
    groups: Vec<GroupResult>,
    cases: Vec<(usize, f64)>,
    /// One file of each kind, as they were met: a validator keeps to one kind.
    written: ScoreFiles,
}

impl Walk<'_> {
    /// A group, unless another one that it requires was not wholly accepted.
    fn group(&mut self, group: &Group) -> Result<Part, Fault> {
        let at = self.groups.len();
        let part = match self.missing_requirement(group) {
            Some(verdict) => Part {
                verdict,
                score: Some(0.0),
            },
            None => self.children(group)?,
        };
        let Part { verdict, score } = part;
        let name = group.name.clone();
        let result = GroupResult {
            name,
            verdict,
            score,
        };
        self.groups.insert(at, result);
        Ok(part)
    }

    /// The verdict of a required group that was not accepted.
    fn missing_requirement(&self, group: &Group) -> Option<Verdict> {
        let Grading::Modern { require_pass, .. } = &group.grading else {
            return None;
        };
        let required = |result: &&GroupResult| {
            require_pass.contains(&result.name) && result.verdict != Verdict::Accepted
        };
        let missing = self.groups.iter().find(required);
        missing.map(|result| result.verdict)
    }

    /// What is in a group, in order, as far as it is run; and what that amounts to.
    fn children(&mut self, group: &Group) -> Result<Part, Fault> {
        let mut parts = Vec::new();
        if let Some(validation) = &group.static_validation {
            let marked = self.examiner.static_validation(group, validation)?;
            let scale = self.scale_of_source(group);
            parts.push(self.part(scale, marked, &group.name)?);
        }
        for child in &group.children {
            if parts
                .last()
                .is_some_and(|part| self.ends_after(group, part))
            {
                break;
            }
            parts.push(match child {
                Child::Case(index) => self.case(group, *index)?,
                Child::Group(inner) => {
                    let part = self.group(inner)?;
                    if ignores_sample(group, inner) {
                        continue;
                    }
                    part
                }
            });
        }
        self.aggregate(group, &parts)
    }

    fn case(&mut self, group: &Group, index: usize) -> Result<Part, Fault> {
        let marked = self.examiner.case(index)?;
        let name = &self.package.cases[index].name;
        let part = self.part(self.scale_of_case(group), marked, name)?;
        self.cases.extend(part.score.map(|score| (index, score)));
        Ok(part)
    }

    fn part(&mut self, scale: Scale, marked: Marked, name: &str) -> Result<Part, Fault> {
        let broken = |what: String| Fault::Validator {
            case: name.to_owned(),
            what,
        };
        let score = points(scale, &marked).map_err(broken)?;
        if matches!(scale, Scale::Bounded(_) | Scale::Unbounded) {
            self.written.score = self.written.score.take().or(marked.files.score);
            self.written.multiplier = self.written.multiplier.take().or(marked.files.multiplier);
            if self.written.score.is_some() && self.written.multiplier.is_some() {
                let what = "it writes score.txt for some cases and score_multiplier.txt for others; it must keep to one";
                return Err(broken(what.to_owned()));
            }
        }
        // In a pass-fail problem one case decides the whole, however deep it lies.
        self.ended |= !self.package.kind.scoring && self.makes_needless(marked.verdict);
        Ok(Part {
            verdict: marked.verdict,
            score,
        })
    }

    fn scale_of_case(&self, group: &Group) -> Scale {
        match &group.grading {
            _ if !self.package.kind.scoring => Scale::Ignored,
            Grading::PassFail => Scale::Ignored,
            Grading::Legacy {
                accept_score,
                reject_score,
                ..
            } => Scale::Legacy {
                accept: *accept_score,
                reject: *reject_score,
                custom: self.package.custom_score,
            },
            Grading::Modern {
                max_score,
                aggregation,
                ..
            } => modern::scale_of_case(group, *max_score, *aggregation),
        }
    }

    fn scale_of_source(&self, group: &Group) -> Scale {
        match &group.grading {
            Grading::Modern { aggregation, .. } if self.package.kind.scoring => {
                modern::scale_of_source(group, *aggregation)
            }
            _ => Scale::Ignored,
        }
    }

    /// Whether cases are left out after a part with this verdict, if they do not matter.
    fn makes_needless(&self, verdict: Verdict) -> bool {
        match self.stop {
            Stop::Never => false,
            Stop::WhenDecided => verdict != Verdict::Accepted,
            Stop::AtTimeLimit => verdict == Verdict::TimeLimit,
        }
    }

    /// Whether the rest of a group is left out, because the format says so or because it cannot matter.
    fn ends_after(&self, group: &Group, part: &Part) -> bool {
        let is_root = group.name.is_empty();
        let decides = match &group.grading {
            Grading::Legacy { .. } => {
                return part.verdict != Verdict::Accepted && group.on_reject == OnReject::Break;
            }
            _ if !self.package.kind.scoring => return self.ended,
            // To the root of 2025-09, sample and secret are two things.
            Grading::PassFail => !is_root,
            Grading::Modern { aggregation, .. } => match aggregation {
                Aggregation::PassFail => !is_root,
                Aggregation::Min => part.score == Some(0.0),
                Aggregation::Sum => false,
            },
        };
        decides && self.makes_needless(part.verdict)
    }

    fn aggregate(&mut self, group: &Group, parts: &[Part]) -> Result<Part, Fault> {
        match &group.grading {
            Grading::Modern {
                max_score,
                aggregation,
                ..
            } if !group.name.is_empty() => {
                let score = modern::score(*max_score, *aggregation, parts);
                Ok(Part {
                    verdict: modern::first_error(parts),
                    score: Some(score.map_err(|what| Fault::grading(group, what))?),
                })
            }
            Grading::PassFail | Grading::Modern { .. } => Ok(Part {
                verdict: modern::first_error(parts),
                score: None,
            }),
            Grading::Legacy { .. } if parts.is_empty() => Ok(legacy::EMPTY),
            Grading::Legacy { grader, range, .. } => {
                let part = self.ask(group, grader, parts)?;
                if self.package.kind.scoring {
                    check_range(group, *range, part)?;
                }
                Ok(part)
            }
        }
    }

    fn ask(&mut self, group: &Group, grader: &Grader, parts: &[Part]) -> Result<Part, Fault> {
        match grader {
            Grader::Default(flags) => Ok(legacy::default_grader(*flags, parts)),
            Grader::Custom { program, flags } => {
                let lines = legacy::lines(parts);
                let printed = self.examiner.custom_grader(group, program, flags, lines)?;
                legacy::answer(&printed).map_err(|what| Fault::grading(group, what))
            }
        }
    }
}

/// The score of what is not accepted ranks nobody, and may be anything.
fn check_range(group: &Group, (low, high): (f64, f64), part: Part) -> Result<(), Fault> {
    match part.score {
        Some(score) if part.verdict == Verdict::Accepted && !(low..=high).contains(&score) => {
            Err(Fault::grading(
                group,
                format!("its score of {score} is not within its range of {low} to {high}"),
            ))
        }
        _ => Ok(()),
    }
}

/// Whether a child of the root counts for nothing; it is run, for the user to see.
fn ignores_sample(group: &Group, child: &Group) -> bool {
    let Grading::Legacy {
        grader: Grader::Default(flags),
        ..
    } = &group.grading
    else {
        return false;
    };
    flags.ignore_sample && group.name.is_empty() && child.name == SAMPLE
}
