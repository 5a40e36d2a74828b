//! What `verify` prints for people: tables on standard output, the summary beside them.

use std::time::Duration;

use comfy_table::{ColumnConstraint, Table, presets};
use judge::package::Package;
use judge::verify::{Bound, Clock, Verified, VerifyReport};

use crate::commands::report::points;
use crate::local_judge::{print as print_line, tell};

const HEADER: [&str; 8] = [
    "",
    "submission",
    "language",
    "expected",
    "got",
    "score",
    "slowest",
    "largest",
];
const SCORE: usize = 5;

/// The jury submissions, their groups, and everything that is not as it should be.
pub(super) fn print(report: &VerifyReport, package: &Package) -> anyhow::Result<()> {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING).set_header(HEADER);
    for verified in &report.submissions {
        table.add_row(row(verified));
    }
    if let Some(column) = table.column_mut(SCORE).filter(|_| !package.kind.scoring) {
        column.set_constraint(ColumnConstraint::Hidden);
    }
    print_line(&table.trim_fmt())?;
    print_groups(report, package)?;
    for verified in report.submissions.iter().filter(|one| !one.is_ok()) {
        print_disagreements(verified)?;
    }
    for error in report.errors() {
        print_line(&format!("error: {error}"))?;
    }
    Ok(())
}

fn row(verified: &Verified) -> [String; 8] {
    let expected: Vec<&str> = verified.expected.iter().map(|one| one.code()).collect();
    let judgement = verified.judgement.as_ref();
    let shown = |text: Option<String>| text.unwrap_or_default();
    let mark = match (verified.is_ok(), &verified.unavailable) {
        (true, None) => "ok",
        (true, Some(_)) => "skipped",
        (false, _) => "NOT",
    };
    [
        mark.to_owned(),
        verified.submission.clone(),
        verified.language.clone(),
        expected.join(" "),
        verified
            .verdict()
            .unwrap_or("not available here")
            .to_owned(),
        shown(judgement.and_then(|it| it.score).map(points)),
        shown(judgement.map(|it| format!("{} ms", it.cpu.as_millis()))),
        shown(judgement.map(|it| format!("{} KiB", it.memory_bytes >> 10))),
    ]
}

/// A column for each group that has points, except the one that holds them all.
fn print_groups(report: &VerifyReport, package: &Package) -> anyhow::Result<()> {
    let groups = package.groups.all();
    let leaves = groups
        .iter()
        .filter(|group| !group.name.is_empty() && group.cases().len() < package.cases.len());
    let names: Vec<&str> = leaves.map(|group| group.name.as_str()).collect();
    if !package.kind.scoring || names.is_empty() {
        return Ok(());
    }
    let mut table = Table::new();
    let header = std::iter::once("submission").chain(names.iter().copied());
    table.load_preset(presets::NOTHING).set_header(header);
    for verified in &report.submissions {
        let Some(judgement) = &verified.judgement else {
            continue;
        };
        let cell = |name: &&str| {
            let group = judgement.groups.iter().find(|group| group.name == **name);
            group.map_or("-".to_owned(), |group| match group.score {
                Some(score) => format!("{} {}", group.verdict, points(score)),
                None => group.verdict.to_string(),
            })
        };
        let cells = names.iter().map(cell);
        table.add_row(std::iter::once(verified.submission.clone()).chain(cells));
    }
    print_line(&table.trim_fmt())
}

fn print_disagreements(verified: &Verified) -> anyhow::Result<()> {
    for disagreement in &verified.disagreements {
        print_line(&format!("{}: {disagreement}", verified.submission))?;
    }
    let log = verified
        .judgement
        .as_ref()
        .map(|it| it.compile_log.trim_end());
    match log {
        None | Some("") => Ok(()),
        Some(log) => print_line(log),
    }
}

/// The summary, and what somebody should look at, for the person at the terminal.
pub(super) fn tell_summary(report: &VerifyReport, package: &Package) {
    for warning in report.warnings() {
        tell(&format!("warning: {warning}"));
    }
    let checked = report.checked;
    tell(&format!(
        "{}: {} inputs, {} answers and {} tests of validators looked at; {} errors, {} warnings",
        package.id,
        checked.inputs,
        checked.answers,
        checked.self_tests,
        report.errors().count(),
        report.warnings().count(),
    ));
    let agree = |one: &&Verified| one.is_ok() && one.unavailable.is_none();
    let limit = match (report.time_limit, report.time_limit_is_given) {
        (None, _) => "none".to_owned(),
        (Some(limit), true) => format!("{} ms (given)", limit.as_millis()),
        (Some(limit), false) => format!("{} ms (computed)", limit.as_millis()),
    };
    tell(&format!(
        "{}: {} of {} agree; time limit {limit}, slowest within it {}, fastest over it {}",
        package.id,
        report.submissions.iter().filter(agree).count(),
        package.submissions.len(),
        bound(report.margins.slowest_accepted.as_ref()),
        bound(report.margins.fastest_too_slow.as_ref()),
    ));
}

fn bound(bound: Option<&Bound>) -> String {
    let Some(bound) = bound else {
        return "none".to_owned();
    };
    let name = &bound.submission;
    format!("{} ({name})", time(bound.clock, bound.cpu, bound.wall))
}

/// `12 ms`, or, where the wall limit ended it, both times.
fn time(clock: Clock, cpu: Duration, wall: Duration) -> String {
    match clock {
        Clock::Cpu => format!("{} ms", cpu.as_millis()),
        Clock::Wall => format!(
            "{} ms by the wall clock, {} ms of CPU time",
            wall.as_millis(),
            cpu.as_millis()
        ),
    }
}
