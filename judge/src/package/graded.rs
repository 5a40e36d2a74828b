//! Says of every group of the tree how it is judged.

use std::collections::BTreeMap;

use super::error::{PackageError, Warning};
use super::grading::{Aggregation, Grading};
use super::group::{Child, Group, OnReject};
use super::metadata::Metadata;
use super::test_group::{self, TestGroup};
use super::testdata::Testdata;
use super::tree::Tree;

/// Legacy: every group has a grader, whose settings were inherited.
pub(super) fn by_testdata(
    tree: &Tree,
    metadata: &Metadata,
    all: &BTreeMap<String, Testdata>,
    group: &mut Group,
) -> Result<(), PackageError> {
    let settings = all.get(&group.name).unwrap_or(&metadata.testdata);
    group.on_reject = settings.on_reject;
    group.grading = settings.grading(tree, metadata.kind, group.name.is_empty())?;
    for child in &mut group.children {
        if let Child::Group(group) = child {
            by_testdata(tree, metadata, all, group)?;
        }
    }
    Ok(())
}

/// 2025-09: sample is pass-fail, secret and its groups have scores, and secret's is that of the whole.
pub(super) fn by_scores(
    all: &BTreeMap<String, TestGroup>,
    root: &mut Group,
    warnings: &mut Vec<Warning>,
) -> Result<(), PackageError> {
    add_static_validation(all, root);
    root.on_reject = OnReject::Continue;
    let groups: Vec<String> = root.all().iter().map(|group| group.name.clone()).collect();
    for child in &mut root.children {
        let Child::Group(secret) = child else {
            continue;
        };
        let settings = all.get(&secret.name).cloned().unwrap_or_default();
        if secret.name != "secret" {
            continue;
        }
        let grading = settings.secret_grading()?;
        let mut bounds = Vec::new();
        for child in &mut secret.children {
            let Child::Group(group) = child else {
                continue;
            };
            let of_group = all.get(&group.name).cloned().unwrap_or_default();
            group.grading = of_group.group_grading(&grading)?;
            group.on_reject = test_group::on_reject(&group.grading);
            check_requirements(&of_group, group, &groups)?;
            if let Grading::Modern {
                max_score: Some(points),
                ..
            } = group.grading
            {
                bounds.push((of_group, points));
            }
        }
        settings.check_bounds(&grading, &bounds, warnings)?;
        secret.on_reject = test_group::on_reject(&grading);
        root.grading = grading.clone();
        secret.grading = grading;
    }
    if let Grading::Modern {
        require_pass,
        aggregation,
        ..
    } = &mut root.grading
    {
        require_pass.clear();
        *aggregation = Aggregation::Sum;
    }
    Ok(())
}

fn check_requirements(
    settings: &TestGroup,
    group: &Group,
    groups: &[String],
) -> Result<(), PackageError> {
    let Grading::Modern { require_pass, .. } = &group.grading else {
        return Ok(());
    };
    for name in require_pass {
        if name != "sample" && *name >= group.name {
            let problem = format!("names {name}, which does not come before {}", group.name);
            return Err(settings.wrong_requirement(&problem));
        }
        if !groups.contains(name) {
            return Err(settings.wrong_requirement(&format!("names {name}, which is no group")));
        }
    }
    Ok(())
}

/// Where the package asks for its static validator.
pub(super) fn add_static_validation(all: &BTreeMap<String, TestGroup>, group: &mut Group) {
    group.static_validation = all.get(&group.name).and_then(TestGroup::static_validation);
    for child in &mut group.children {
        if let Child::Group(group) = child {
            add_static_validation(all, group);
        }
    }
}
