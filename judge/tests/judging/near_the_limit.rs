//! A time near the limit is measured again, every measurement is told, and nothing is waited for without end.

use std::time::Duration;

use judge::{Certainty, Judge, JudgeConfig, NearLimit, Verdict};

use crate::workshop::Workshop;

/// The wall limit is a second more than twice this, so that even a busy host lets a program use it up.
const LIMIT: Duration = Duration::from_millis(120);

/// Computes for so many milliseconds of CPU time, then answers right.
fn takes(milliseconds: u32) -> String {
    format!(
        "#include <stdio.h>\n#include <time.h>\nint main(void) {{\n\
         while (clock() < (clock_t)({milliseconds}.0 * CLOCKS_PER_SEC / 1000)) {{}}\nputs(\"7\"); }}\n"
    )
}

fn workshop() -> Workshop {
    let mut workshop = Workshop::new();
    workshop.package.limits.time = Some(LIMIT);
    workshop
}

#[test]
fn an_endless_loop_is_ended_at_the_limit_and_confirmed_by_one_more_run() {
    let judgement = workshop().judge("main.c", "int main(void) { for (;;) {} }");
    let case = &judgement.cases[0];
    assert_eq!(case.verdict, Verdict::TimeLimit);
    // The host may have been robbed, which makes it unsure; but near the limit it is not.
    assert_ne!(case.timing.certainty, Certainty::NearLimit);
    let [first, second] = case.timing.runs.as_slice() else {
        panic!("two runs, not {:?}", case.timing.runs);
    };
    assert_eq!((case.cpu, case.wall), (first.cpu, first.wall));
    assert!(first.cpu >= LIMIT && second.cpu >= LIMIT * 5 / 4);
    assert_eq!(judgement.certainty(), Some(case.timing.certainty));
}

#[test]
fn what_is_a_little_too_slow_runs_three_times_and_is_told_to_be_near() {
    let judgement = workshop().judge("main.c", &takes(135));
    let case = &judgement.cases[0];
    assert_eq!(case.verdict, Verdict::TimeLimit);
    assert_eq!(case.timing.certainty, Certainty::NearLimit);
    assert_eq!(case.timing.runs.len(), 3);
    // But for the first, which was ended, they ended by themselves.
    let ended = &case.timing.runs[1..];
    assert!(ended.iter().all(|run| run.cpu < LIMIT * 5 / 4), "{ended:?}");
}

#[test]
fn what_just_makes_it_is_accepted_at_once_and_told_to_be_near() {
    let judgement = workshop().judge("main.c", &takes(108));
    let case = &judgement.cases[0];
    assert_eq!(case.verdict, Verdict::Accepted);
    assert_eq!(case.timing.certainty, Certainty::NearLimit);
    assert!(case.timing.runs.is_empty());
}

#[test]
fn a_quick_answer_is_sure() {
    let judgement = workshop().judge("main.c", &takes(1));
    assert_eq!(judgement.certainty(), Some(Certainty::Sure));
}

fn with_config(workshop: &Workshop, change: impl FnOnce(&mut JudgeConfig)) -> Judge {
    let mut config = JudgeConfig::new(workshop.cache_dir());
    change(&mut config);
    let languages = workshop.slots.languages().clone();
    Judge::new(workshop.slots.sandbox().clone(), languages, config).unwrap()
}

#[test]
fn each_slot_has_a_processor_of_its_own_and_there_are_no_more_slots_than_these() {
    let mut workshop = workshop();
    let judge = with_config(&workshop, |config| config.pin = true);
    let mut workers: Vec<_> = std::iter::from_fn(|| judge.worker().ok()).collect();
    assert_eq!(workers.len(), sandbox::Core::count().unwrap());
    let refused = judge.worker().map(drop).unwrap_err();
    assert!(refused.to_string().contains("do not pin"), "{refused}");
    workshop.worker = workers.pop().unwrap();
    let script = "import os\nprint(7 if len(os.sched_getaffinity(0)) == 1 else 0)";
    assert_eq!(workshop.verdict("main.py", script), "AC");
}

#[test]
fn without_reruns_one_run_decides() {
    let mut workshop = workshop();
    let judge = with_config(&workshop, |config| config.near_limit = NearLimit::OFF);
    workshop.worker = judge.worker().unwrap();
    let judgement = workshop.judge("main.c", &takes(135));
    assert_eq!(judgement.verdict, Verdict::TimeLimit);
    assert!(judgement.cases[0].timing.runs.is_empty());
}
