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
    /// A pass-fail tree with a group for each directory of these case names, which are in judging order.
    pub(super) fn of_directories<'a>(names: impl Iterator<Item = &'a str>) -> Self {
        let mut root = Self::default();
        for (index, name) in names.enumerate() {
            root.add(index, name);
        }
        root
    }

    /// Adds a case by the rest of its path below this group.
    fn add(&mut self, index: usize, path: &str) {
        let Some((directory, rest)) = path.split_once('/') else {
            self.children.push(Child::Case(index));
            return;
        };
        let name = match self.name.as_str() {
            "" => directory.to_owned(),
            parent => format!("{parent}/{directory}"),
        };
        if let Some(Child::Group(last)) = self.children.last_mut()
            && last.name == name
        {
            return last.add(index, rest);
        }
        let mut group = Self {
            name,
            ..Self::default()
        };
        group.add(index, rest);
        self.children.push(Child::Group(group));
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
