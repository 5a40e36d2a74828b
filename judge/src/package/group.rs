//! The tree of test groups: what decides in which order cases run, and how their results become one.

use super::grading::Grading;

/// A directory of cases that are judged together. The root is `data`; its children are `sample` and `secret`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Group {
    /// Path below `data/`: empty for the root, `sample`, `secret`, `secret/group1`.
    pub name: String,
    /// Cases and groups, in judging order.
    pub children: Vec<Child>,
    /// Whether the children after one that is not accepted are run.
    pub on_reject: OnReject,
    /// How the children's results become the group's.
    pub grading: Grading,
    /// What the package's static validator is run for here, once for the group.
    pub static_validation: Option<StaticValidation>,
}

/// What a group holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Child {
    /// An index into [`super::Package::cases`].
    Case(usize),
    /// A group in the group.
    Group(Group),
}

/// What happens in a group after a child that is not accepted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnReject {
    /// The rest is not run, and the grader does not hear of it.
    #[default]
    Break,
    /// The rest is run.
    Continue,
}

/// One run of the static validator.
#[derive(Clone, Debug, PartialEq)]
pub struct StaticValidation {
    /// The most it may give; `None` = it accepts or rejects.
    pub score: Option<f64>,
    /// Its arguments after language, entry point and feedback directory.
    pub args: Vec<String>,
}

impl Group {
    /// Makes the group of this path, if it is not there, and adds a case to it.
    pub(super) fn put(&mut self, path: &str, case: Option<usize>) {
        if self.name == path {
            self.children.extend(case.map(Child::Case));
            return;
        }
        let below = match self.name.len() {
            0 => 0,
            length => length + 1,
        };
        let end = path[below..].find('/').map(|at| below + at);
        let name = &path[..end.unwrap_or(path.len())];
        for child in &mut self.children {
            if let Child::Group(child) = child
                && child.name == name
            {
                return child.put(path, case);
            }
        }
        let mut child = Self {
            name: name.to_owned(),
            ..Self::default()
        };
        child.put(path, case);
        self.children.push(Child::Group(child));
    }

    /// The indices of all cases in it, at any depth, in judging order.
    #[must_use]
    pub fn cases(&self) -> Vec<usize> {
        let mut cases = Vec::new();
        for child in &self.children {
            match child {
                Child::Case(index) => cases.push(*index),
                Child::Group(group) => cases.extend(group.cases()),
            }
        }
        cases
    }

    /// It and every group in it, a parent before its children.
    #[must_use]
    pub fn all(&self) -> Vec<&Group> {
        let mut all = vec![self];
        for child in &self.children {
            if let Child::Group(group) = child {
                all.extend(group.all());
            }
        }
        all
    }
}
