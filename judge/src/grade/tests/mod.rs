//! Every rule of grading, on trees of groups without programs.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on should say where"
)]

use std::collections::HashMap;

use super::*;
use crate::package::{Child, Grading, Package, TestCase};

mod legacy;
mod modern;
mod points;

/// Answers from a table; notes what it was asked.
#[derive(Default)]
struct Table {
    marks: HashMap<usize, Marked>,
    source: Option<Marked>,
    asked: Vec<usize>,
    graders_say: String,
    graders_heard: Vec<String>,
}

impl Examiner for Table {
    fn case(&mut self, index: usize) -> Result<Marked, Fault> {
        self.asked.push(index);
        let accepted = mark(Verdict::Accepted, None, None);
        Ok(self.marks.get(&index).cloned().unwrap_or(accepted))
    }

    fn static_validation(
        &mut self,
        _group: &Group,
        _validation: &StaticValidation,
    ) -> Result<Marked, Fault> {
        Ok(self.source.clone().unwrap())
    }

    fn custom_grader(
        &mut self,
        group: &Group,
        _program: &PackageProgram,
        flags: &[String],
        lines: String,
    ) -> Result<String, Fault> {
        let heard = format!("{} {flags:?}: {lines}", group.name);
        self.graders_heard.push(heard);
        Ok(self.graders_say.clone())
    }
}

fn mark(verdict: Verdict, score: Option<&str>, multiplier: Option<&str>) -> Marked {
    Marked {
        verdict,
        files: ScoreFiles {
            score: score.map(str::to_owned),
            multiplier: multiplier.map(str::to_owned),
        },
    }
}

/// These cases fail so, all others are accepted.
fn failing(marks: &[(usize, Verdict)]) -> Table {
    let marks = marks.iter();
    Table {
        marks: marks
            .map(|(index, verdict)| (*index, mark(*verdict, None, None)))
            .collect(),
        ..Table::default()
    }
}

fn group(name: &str, grading: Grading, children: Vec<Child>) -> Group {
    Group {
        name: name.to_owned(),
        children,
        grading,
        ..Group::default()
    }
}

fn cases(indices: impl IntoIterator<Item = usize>) -> Vec<Child> {
    indices.into_iter().map(Child::Case).collect()
}

/// A package of this tree, with as many cases as its indices need.
fn package(root: Group, scoring: bool) -> Package {
    let count = root.cases().into_iter().max().map_or(0, |last| last + 1);
    let mut package = Package {
        groups: root,
        ..Package::default()
    };
    package.kind.scoring = scoring;
    package.cases = (0..count)
        .map(|index| TestCase {
            name: format!("case/{index}"),
            ..TestCase::default()
        })
        .collect();
    package
}

fn graded(package: &Package, stop: Stop, table: &mut Table) -> (Verdict, Option<f64>) {
    let grades = grade(package, stop, table).unwrap();
    (grades.verdict, grades.score)
}

fn fault(package: &Package, table: &mut Table) -> String {
    grade(package, Stop::Never, table).unwrap_err().to_string()
}
