//! What goes on the wire comes back, fits, and never surprises the reader.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use schemas::cap::{MAX_FILE_BYTES, MAX_TESTS, MAX_VERDICT_BYTES};
use schemas::codec::{FRAME_BYTES, decode, encode};
use schemas::{
    CaseRun, Certainty, Conditions, Coordinates, DecodeError, EncodeError, GroupVerdict,
    InvalidSubmission, Progress, Reason, SourceFile, Submission, TestVerdict, Verdict, VerdictCode,
};
use uuid::Uuid;

fn submission() -> Submission {
    Submission {
        submission_id: Uuid::from_u128(7),
        generation: 0,
        tenant: "default".into(),
        contest_id: None,
        user_id: "ada".into(),
        problem_id: "hello".into(),
        language: "cpp".into(),
        entry_point: None,
        files: vec![SourceFile {
            name: "hello.cpp".into(),
            content: b"int main() {}\n\xff".to_vec(),
        }],
        submitted_at_ms: 1_700_000_000_000,
        idempotency_key: Some("k".into()),
        package_digest: None,
    }
}

#[test]
fn a_submission_travels_in_the_registry_frame_and_comes_back() {
    let bytes = encode(&submission()).unwrap();
    assert_eq!(bytes[..FRAME_BYTES], [0, 0x7d, 0x2b, 0x75, 0x65]); // 2,100,000,101
    assert_eq!(decode::<Submission>(&bytes).unwrap(), submission());
}

#[test]
fn an_unknown_schema_id_is_our_fault_and_not_poison() {
    let mut bytes = encode(&submission()).unwrap();
    bytes[4] = 99;
    let error = decode::<Submission>(&bytes).unwrap_err();
    assert!(
        matches!(
            error,
            DecodeError::UnknownSchema {
                id: 2_100_000_099,
                ..
            }
        ),
        "{error}"
    );
    assert!(!error.is_poison());
    let verdict = encode(&Verdict::default()).unwrap();
    let error = decode::<Submission>(&verdict).unwrap_err();
    assert!(
        matches!(error, DecodeError::UnknownSchema { .. }),
        "a verdict is no submission"
    );
}

#[test]
fn bytes_that_do_not_fit_their_schema_are_poison() {
    let bytes = encode(&submission()).unwrap();
    for cut in FRAME_BYTES..bytes.len() {
        let error = decode::<Submission>(&bytes[..cut]).unwrap_err();
        assert!(
            matches!(error, DecodeError::Malformed { .. }),
            "cut at {cut}: {error}"
        );
        assert!(error.is_poison());
    }
    let mut longer = bytes.clone();
    longer.push(0);
    assert!(matches!(
        decode::<Submission>(&longer),
        Err(DecodeError::Malformed { .. })
    ));
    for unframed in [&b""[..], b"{}", &bytes[..4]] {
        let error = decode::<Submission>(unframed).unwrap_err();
        assert!(matches!(error, DecodeError::NotFramed { .. }), "{error}");
    }
}

#[test]
fn a_length_prefix_that_lies_does_not_take_the_memory_it_claims() {
    let mut bytes = encode(&Progress::default()).unwrap()[..FRAME_BYTES].to_vec();
    bytes.extend([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]);
    assert!(matches!(
        decode::<Progress>(&bytes),
        Err(DecodeError::Malformed { .. })
    ));
}

#[test]
fn a_submission_over_a_cap_or_against_a_rule_is_refused_before_it_is_sent() {
    let refused = |change: fn(&mut Submission)| {
        let mut changed = submission();
        change(&mut changed);
        match encode(&changed).unwrap_err() {
            EncodeError::Invalid(reason) => reason,
            other => panic!("{other}"),
        }
    };
    let too_large = refused(|s| s.files[0].content = vec![b' '; MAX_FILE_BYTES + 1]);
    assert_eq!(
        too_large.to_string(),
        "hello.cpp has 262145 bytes: at most 262144 are allowed"
    );
    let in_total = refused(|s| {
        let file = |index| SourceFile {
            name: format!("f{index}"),
            content: vec![b' '; MAX_FILE_BYTES],
        };
        s.files = (0..5).map(file).collect();
    });
    assert!(
        matches!(in_total, InvalidSubmission::TooLarge { .. }),
        "{in_total}"
    );
    assert!(matches!(
        refused(|s| s.files = vec![s.files[0].clone(); 101]),
        InvalidSubmission::TooManyFiles { actual: 101 }
    ));
    assert!(matches!(
        refused(|s| s.files.clear()),
        InvalidSubmission::Empty { .. }
    ));
    assert!(matches!(
        refused(|s| s.tenant.clear()),
        InvalidSubmission::Empty { field: "tenant" }
    ));
    assert!(matches!(
        refused(|s| s.user_id = "u".repeat(129)),
        InvalidSubmission::TooLarge { .. }
    ));
    assert!(matches!(
        refused(|s| s.problem_id = "No".into()),
        InvalidSubmission::ProblemId(_)
    ));
    assert!(matches!(
        refused(|s| s.files.push(s.files[0].clone())),
        InvalidSubmission::RepeatedFile { .. }
    ));
}

#[test]
fn a_file_name_that_could_leave_its_folder_is_refused() {
    for name in [
        "",
        "/etc/passwd",
        "../a",
        "a/../b",
        "a//b",
        "./a",
        "a\\b",
        "a\nb",
        "a\0",
    ] {
        let mut changed = submission();
        changed.files[0].name = name.into();
        let error = changed.check().unwrap_err();
        assert!(
            matches!(error, InvalidSubmission::FileName { .. }),
            "{name:?}: {error}"
        );
    }
    let mut nested = submission();
    nested.files[0].name = "src/main.cpp".into();
    assert_eq!(nested.check(), Ok(()));
}

#[test]
fn verdict_codes_keep_their_names_and_order() {
    let names: Vec<&str> = VerdictCode::ALL.iter().map(|code| code.as_str()).collect();
    let schema: serde_json::Value =
        serde_json::from_str(schemas::released::VERDICT.last().unwrap().schema).unwrap();
    assert_eq!(
        schema["fields"][7]["type"]["symbols"],
        serde_json::json!(names)
    );
    for code in VerdictCode::ALL {
        assert_eq!(VerdictCode::from_code(code.as_str()), code);
        assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
    }
    assert_eq!(VerdictCode::from_code("XYZ"), VerdictCode::Unknown);
}

/// A verdict in which every number takes its longest encoding and every text is far too long.
fn worst_verdict() -> Verdict {
    let long = || "é".repeat(100_000);
    let reason = || Reason {
        code: long(),
        args: vec![long(); 100],
    };
    let conditions = Conditions {
        ready_ms: i32::MAX,
        idle_ms: i32::MAX,
        voluntary_switches: i32::MAX,
        involuntary_switches: i32::MAX,
        throttled_periods: i32::MAX,
        throttled_ms: i32::MAX,
        stolen_ms: i32::MAX,
    };
    let run = CaseRun {
        verdict: VerdictCode::Cancelled,
        cpu_ms: i64::MAX,
        wall_ms: i64::MAX,
        conditions,
    };
    let test = TestVerdict {
        name: Some(long()),
        group: Some(long()),
        sample: true,
        verdict: VerdictCode::Cancelled,
        score: Some(f64::MAX),
        passes: i32::MAX,
        cpu_ms: i64::MAX,
        wall_ms: i64::MAX,
        memory_bytes: i64::MAX,
        message: Some(long()),
        certainty: Certainty::Unsure,
        conditions: Some(conditions),
        runs: vec![run; 20],
    };
    // The public part has neither.
    let public_test = TestVerdict {
        conditions: None,
        runs: Vec::new(),
        ..test.clone()
    };
    let group = GroupVerdict {
        name: long(),
        verdict: VerdictCode::Cancelled,
        score: Some(1.0),
        tests_passed: i32::MIN,
        tests_total: i32::MIN,
    };
    let mut verdict = Verdict {
        tenant: long(),
        contest_id: Some(long()),
        user_id: long(),
        problem_id: long(),
        language: long(),
        score: Some(1.0),
        judged_at_ms: i64::MIN,
        ..Verdict::default()
    };
    let public = &mut verdict.public;
    (public.reason, public.compile_log) = (Some(reason()), long());
    (public.cpu_ms, public.wall_ms, public.memory_bytes) = (i64::MIN, i64::MIN, i64::MIN);
    (public.tests_passed, public.tests_total) = (i32::MIN, i32::MIN);
    (public.tests, public.groups) = (vec![public_test; 600], vec![group.clone(); 600]);
    let jury = &mut verdict.jury;
    (jury.reason, jury.compile_log, jury.toolchain) = (Some(reason()), long(), long());
    (jury.tests, jury.groups) = (vec![test; 600], vec![group; 600]);
    (jury.messages, jury.protections) = (vec![long(); 100], vec![long(); 100]);
    (jury.host, jury.attempt) = (long(), i32::MIN);
    jury.digests.source = long();
    jury.digests.package = long();
    jury.digests.toolchain = long();
    jury.limits.time_ms = i64::MIN;
    jury.limits.wall_ms = i64::MIN;
    jury.limits.memory_bytes = i64::MIN;
    jury.limits.output_bytes = i64::MIN;
    jury.conditions = Some(conditions);
    jury.origin = Some(Coordinates {
        topic: long(),
        partition: i32::MIN,
        offset: i64::MIN,
        append_time_ms: i64::MIN,
    });
    verdict
}

#[test]
fn the_worst_verdict_there_can_be_still_fits() {
    let mut verdict = worst_verdict();
    let bytes = encode(&verdict).unwrap();
    assert!(bytes.len() <= MAX_VERDICT_BYTES, "{} bytes", bytes.len());
    // Messages that are exactly cut to nothing cost least: also try many short ones.
    for test in verdict
        .public
        .tests
        .iter_mut()
        .chain(&mut verdict.jury.tests)
    {
        test.message = Some("m".repeat(64));
    }
    verdict.jury.messages = vec!["m".repeat(600); 100];
    let bytes = encode(&verdict).unwrap();
    assert!(bytes.len() <= MAX_VERDICT_BYTES, "{} bytes", bytes.len());
}

#[test]
fn what_was_cut_from_a_verdict_is_said() {
    let cut: Verdict = decode(&encode(&worst_verdict()).unwrap()).unwrap();
    assert_eq!(cut.jury.tests.len(), MAX_TESTS);
    assert_eq!(cut.jury.tests_omitted, 600 - 512);
    assert!(cut.jury.compile_log.ends_with("[cut]"));
    let small = Verdict {
        tenant: "t".into(),
        ..Verdict::default()
    };
    assert_eq!(decode::<Verdict>(&encode(&small).unwrap()).unwrap(), small);
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        ".{0,40}",
        ".{200,400}",
        (0..40_000_usize).prop_map(|n| "ü".repeat(n))
    ]
}

fn any_code() -> impl Strategy<Value = VerdictCode> {
    proptest::sample::select(VerdictCode::ALL.to_vec())
}

fn conditions(numbers: [i32; 7]) -> Conditions {
    let [
        ready_ms,
        idle_ms,
        voluntary_switches,
        involuntary_switches,
        throttled_periods,
        throttled_ms,
        stolen_ms,
    ] = numbers;
    Conditions {
        ready_ms,
        idle_ms,
        voluntary_switches,
        involuntary_switches,
        throttled_periods,
        throttled_ms,
        stolen_ms,
    }
}

prop_compose! {
    fn any_test()(
        name in option::of(any_text()),
        group in option::of(".{0,60}"),
        message in option::of(any_text()),
        (sample, passes) in any::<(bool, i32)>(),
        verdict in any_code(),
        score in option::of(any::<f64>().prop_filter("comparable", |score| !score.is_nan())),
        (cpu_ms, wall_ms, memory_bytes) in any::<(i64, i64, i64)>(),
        numbers in option::of(any::<[i32; 7]>()),
        runs in 0..12_usize,
    ) -> TestVerdict {
        let conditions = numbers.map(conditions);
        let run = CaseRun { verdict, cpu_ms, wall_ms, conditions: conditions.unwrap_or_default() };
        TestVerdict {
            name, group, sample, verdict, score, passes, cpu_ms, wall_ms, memory_bytes, message,
            certainty: Certainty::NearLimit, conditions, runs: vec![run; runs],
        }
    }
}

prop_compose! {
    fn any_verdict()(
        id in any::<u128>(),
        generation in any::<i32>(),
        names in [".{0,300}", ".{0,300}", ".{0,300}", ".{0,300}"],
        verdict in any_code(),
        tests in vec(any_test(), 0..30),
        repeat in 1..40_usize,
        logs in [any_text(), any_text(), any_text()],
        messages in vec(any_text(), 0..50),
    ) -> Verdict {
        let [tenant, user_id, problem_id, host] = names;
        let [public_log, jury_log, arg] = logs;
        let mut value = Verdict {
            submission_id: Uuid::from_u128(id),
            generation, tenant, user_id, problem_id, verdict,
            ..Verdict::default()
        };
        value.public.tests = vec![tests; repeat].concat();
        value.public.compile_log = public_log;
        value.jury.tests = value.public.tests.clone();
        for test in &mut value.public.tests {
            (test.conditions, test.runs) = (None, Vec::new());
        }
        value.jury.compile_log = jury_log;
        value.jury.reason = Some(Reason { code: "code".into(), args: vec![arg] });
        value.jury.messages = messages;
        value.jury.host = host;
        value
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_verdict_encodes_to_at_most_its_cap_and_is_not_cut_twice(verdict in any_verdict()) {
        let bytes = encode(&verdict).unwrap();
        prop_assert!(bytes.len() <= MAX_VERDICT_BYTES);
        let decoded: Verdict = decode(&bytes).unwrap();
        prop_assert_eq!(&decoded, &schemas::cap::verdict(verdict));
        prop_assert_eq!(encode(&decoded).unwrap(), bytes);
    }
}

proptest! {
    #[test]
    fn any_submission_comes_back_as_it_was(
        id in any::<u128>(),
        generation in any::<i32>(),
        names in ["[^\\p{Cc}]{1,20}", "[^\\p{Cc}]{1,20}", "[a-z0-9]{1,64}", "[a-z0-9]{1,10}"],
        options in [option::of(".{0,20}"), option::of(".{0,20}"), option::of(".{0,20}")],
        contents in vec(vec(any::<u8>(), 0..500), 1..5),
        submitted_at_ms in any::<i64>(),
    ) {
        let [tenant, user_id, problem_id, language] = names;
        let [contest_id, entry_point, idempotency_key] = options;
        let file = |(index, content)| SourceFile { name: format!("dir/{index}.c"), content };
        let sent = Submission {
            submission_id: Uuid::from_u128(id),
            files: contents.into_iter().enumerate().map(file).collect(),
            package_digest: None,
            generation, tenant, contest_id, user_id, problem_id, language, entry_point,
            idempotency_key, submitted_at_ms,
        };
        prop_assert_eq!(decode::<Submission>(&encode(&sent).unwrap()).unwrap(), sent);
    }

    #[test]
    fn no_bytes_make_the_decoder_panic(body in vec(any::<u8>(), 0..400), kind in 0..4_u8) {
        let id = schemas::released::RESERVED_IDS + u32::from(kind + 1) * 100 + 1;
        let mut bytes = vec![0];
        bytes.extend(id.to_be_bytes());
        bytes.extend(&body);
        let _ = decode::<Submission>(&bytes);
        let _ = decode::<Verdict>(&bytes);
        let _ = decode::<Progress>(&bytes);
        let _ = decode::<schemas::Problem>(&bytes);
    }

    #[test]
    fn flipped_bytes_are_an_error_or_another_submission_but_never_a_panic(
        at in FRAME_BYTES..60_usize,
        bits in 1..=255_u8,
    ) {
        let mut bytes = encode(&submission()).unwrap();
        bytes[at] ^= bits;
        let _ = decode::<Submission>(&bytes);
    }
}
