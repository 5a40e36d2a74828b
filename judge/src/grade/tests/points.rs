//! The points of a case: what a validator may write, and what is its fault.

use super::*;
use crate::Verdict::*;
use crate::grade::points::{Scale, points};

/// A rule about the files of a case: `Ok` its points, or a piece of the complaint.
fn rule(scale: Scale, marked: &Marked, expected: Result<Option<f64>, &str>) {
    let got = points(scale, marked);
    let agrees = match (&got, expected) {
        (Ok(points), Ok(expected)) => *points == expected,
        (Err(complaint), Err(piece)) => complaint.contains(piece),
        _ => false,
    };
    assert!(agrees, "{scale:?} {marked:?}: {got:?}, not {expected:?}");
}

#[test]
fn a_case_of_a_bounded_group_gets_what_its_validator_says_within_the_bounds() {
    let scale = Scale::Bounded(40.0);
    rule(scale, &mark(Accepted, None, None), Ok(Some(40.0)));
    rule(scale, &mark(TimeLimit, None, None), Ok(Some(0.0)));
    rule(
        scale,
        &mark(Accepted, Some(" 12.5\n"), None),
        Ok(Some(12.5)),
    );
    rule(scale, &mark(Accepted, None, Some("0.25")), Ok(Some(10.0)));
    rule(scale, &mark(Accepted, None, Some("1e0")), Ok(Some(40.0)));
    rule(scale, &mark(Accepted, Some("40.0"), None), Ok(Some(40.0)));
    rule(
        scale,
        &mark(Accepted, Some("40.1"), None),
        Err("40 at most"),
    );
    rule(scale, &mark(Accepted, Some("-1"), None), Err("negative"));
    rule(scale, &mark(Accepted, None, Some("1.5")), Err("0 to 1"));
    rule(scale, &mark(Accepted, None, Some("-0.5")), Err("negative"));
    rule(scale, &mark(Accepted, Some("1"), Some("1")), Err("both"));
    for text in ["", "ten", "nan", "inf", "0x10", "1 2"] {
        rule(scale, &mark(Accepted, Some(text), None), Err("no number"));
        rule(scale, &mark(Accepted, None, Some(text)), Err("no number"));
    }
}

#[test]
fn a_case_of_an_unbounded_group_gets_what_its_validator_says() {
    let scale = Scale::Unbounded;
    rule(scale, &mark(Accepted, Some("1e6"), None), Ok(Some(1e6)));
    rule(scale, &mark(RunTimeError, None, None), Ok(Some(0.0)));
    rule(scale, &mark(Accepted, None, None), Err("without score.txt"));
    rule(scale, &mark(Accepted, Some("-2"), None), Err("negative"));
    for score in [None, Some("1")] {
        let multiplied = mark(Accepted, score, Some("1"));
        rule(scale, &multiplied, Err("score_multiplier.txt"));
    }
}

#[test]
fn a_score_for_what_is_rejected_or_has_no_score_is_the_validators_fault() {
    let legacy = Scale::Legacy {
        accept: 1.0,
        reject: 0.0,
        custom: true,
    };
    let scales = [
        Scale::Bounded(1.0),
        Scale::Unbounded,
        Scale::Forbidden,
        legacy,
    ];
    for scale in scales {
        let rejected = mark(WrongAnswer, Some("0"), None);
        rule(scale, &rejected, Err("rejects and writes score.txt"));
        let rejected = mark(WrongAnswer, None, Some("0"));
        rule(scale, &rejected, Err("rejects and writes score_multiplier"));
    }
    let accepted = mark(Accepted, None, Some("1"));
    rule(Scale::Forbidden, &accepted, Err("pass-fail group"));
    rule(Scale::Forbidden, &mark(Accepted, None, None), Ok(None));
    rule(
        Scale::Ignored,
        &mark(WrongAnswer, Some("x"), None),
        Ok(None),
    );
    // It was not the validator that failed these.
    rule(legacy, &mark(TimeLimit, Some("1"), None), Ok(Some(0.0)));
}

#[test]
fn a_legacy_case_gets_its_groups_scores_or_its_validators() {
    let scale = |custom| Scale::Legacy {
        accept: 5.0,
        reject: -1.0,
        custom,
    };
    rule(scale(false), &mark(Accepted, None, None), Ok(Some(5.0)));
    rule(scale(false), &mark(WrongAnswer, None, None), Ok(Some(-1.0)));
    let scored = mark(Accepted, Some("-3.5"), None);
    rule(scale(true), &scored, Ok(Some(-3.5)));
    rule(scale(false), &scored, Err("custom score"));
    rule(scale(true), &mark(Accepted, None, None), Err("without"));
    rule(scale(true), &mark(OutputLimit, None, None), Ok(Some(-1.0)));
    rule(scale(true), &mark(Accepted, Some("a"), None), Err("number"));
}
