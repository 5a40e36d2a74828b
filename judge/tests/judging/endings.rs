//! Every way a program can end, with the verdict it earns.

use std::time::Duration;

use judge::{Cancel, Fault};

use crate::workshop::{Workshop, source};

fn c(body: &str) -> String {
    format!(
        "#include <signal.h>\n#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n#include <unistd.h>\n\
         int main(void) {{ {body} return 0; }}\n"
    )
}

fn verdict(body: &str) -> String {
    let mut workshop = Workshop::new();
    // The wall limit is a second more than twice this, so that even a busy host lets a loop use it up.
    workshop.package.limits.time = Some(Duration::from_millis(200));
    workshop.verdict("main.c", &c(body))
}

#[test]
fn the_right_answer_is_accepted() {
    assert_eq!(
        verdict(r#"int a, b; scanf("%d %d", &a, &b); printf("%d\n", a + b);"#),
        "AC"
    );
}

#[test]
fn a_wrong_answer_is_told_from_no_answer() {
    assert_eq!(verdict(r#"puts("8");"#), "WA");
    assert_eq!(verdict(""), "WA no-output");
}

#[test]
fn a_busy_loop_uses_up_its_cpu_time() {
    assert_eq!(verdict("for (volatile int i = 0;;) i++;"), "TLE cpu-limit");
}

#[test]
fn cpu_time_of_children_counts() {
    assert_eq!(
        verdict("if (fork() == 0) for (volatile int i = 0;;) i++; pause();"),
        "TLE cpu-limit"
    );
}

#[test]
fn a_sleeper_is_idle() {
    assert_eq!(verdict("for (;;) pause();"), "TLE idle");
}

#[test]
fn touching_more_memory_than_allowed_is_a_memory_limit() {
    let mut workshop = Workshop::new();
    workshop.package.limits.memory_bytes = 64 << 20;
    let hoarder = "for (;;) { char *more = malloc(1 << 20); if (more) memset(more, 1, 1 << 20); else pause(); }";
    assert_eq!(workshop.verdict("main.c", &c(hoarder)), "MLE memory-limit");
}

#[test]
fn printing_for_ever_is_an_output_limit() {
    assert_eq!(verdict(r#"for (;;) puts("flood");"#), "OLE output-limit");
    assert_eq!(
        verdict(r#"for (;;) fputs("flood", stderr);"#),
        "OLE output-limit"
    );
}

#[test]
fn a_crash_names_its_signal_and_a_failed_exit_its_status() {
    assert_eq!(verdict("*(volatile int *)0 = 1;"), "RTE signal SIGSEGV");
    assert_eq!(verdict("abort();"), "RTE signal SIGABRT");
    assert_eq!(verdict("raise(SIGKILL);"), "RTE signal SIGKILL");
    assert_eq!(verdict("exit(42);"), "RTE exit-status 42");
}

#[test]
fn a_right_answer_does_not_excuse_a_failed_exit() {
    assert_eq!(verdict(r#"puts("7"); exit(1);"#), "RTE exit-status 1");
}

#[test]
fn what_the_program_said_last_is_kept_for_the_jury() {
    let mut workshop = Workshop::new();
    let judgement = workshop.judge("main.c", &c(r#"fputs("broken", stderr); exit(1);"#));
    assert_eq!(judgement.cases[0].jury_message, "broken");
    assert_eq!(judgement.cases[0].team_message, "");
}

#[test]
fn times_and_memory_are_measured() {
    let mut workshop = Workshop::new();
    let body = r#"char *touched = malloc(64 << 20); memset(touched, 1, 64 << 20);
        volatile unsigned sum = 0; for (unsigned i = 0; i < 100000000u; i++) sum += touched[i % 64];
        puts("7");"#;
    let judgement = workshop.judge("main.c", &c(body));
    assert_eq!(judgement.cases.len(), 1);
    assert!(judgement.cpu > Duration::from_millis(20), "{judgement:?}");
    assert!(judgement.wall >= judgement.cpu / 2, "{judgement:?}");
    assert!(judgement.memory_bytes > 64 << 20, "{judgement:?}");
    assert!(judgement.memory_bytes < 80 << 20, "{judgement:?}");
    assert!(!judgement.protections.is_empty());
}

#[test]
fn a_cancelled_judgement_is_no_verdict() {
    let mut workshop = Workshop::new();
    let cancel = Cancel::new().unwrap();
    cancel.cancel();
    let sleeper = source(&[("main.c", &c("pause();"))]);
    let judged = workshop.worker.judge(
        &workshop.package,
        &sleeper,
        &workshop.options,
        &cancel,
        &mut |_| {},
    );
    assert!(matches!(judged, Err(Fault::Cancelled)), "{judged:?}");
}
