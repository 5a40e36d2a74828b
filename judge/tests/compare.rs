//! The default validator: directories of examples, and properties.
//!
//! A directory in `fixtures/default_validator` holds `args.txt`, `judge.ans`, `user.out` and
//! `expected`: `AC`, or `WA`, the kind of difference and its offsets in answer and output.

use std::fs;
use std::path::{Path, PathBuf};

use judge::compare::{Flags, default_validator};
use proptest::prelude::*;

fn examples() -> anyhow::Result<Vec<PathBuf>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/default_validator");
    let entries: Result<Vec<_>, _> = fs::read_dir(folder)?.map(|e| e.map(|e| e.path())).collect();
    let mut examples = entries?;
    examples.retain(|path| path.is_dir());
    examples.sort();
    Ok(examples)
}

fn judged(example: &Path) -> anyhow::Result<String> {
    let words = fs::read_to_string(example.join("args.txt"))?;
    let words: Vec<_> = words.split_whitespace().map(str::to_owned).collect();
    let answer = fs::read(example.join("judge.ans"))?;
    let output = fs::read(example.join("user.out"))?;
    Ok(
        match default_validator(&answer, &output, &Flags::parse(&words)?) {
            Ok(()) => "AC".to_owned(),
            Err(mismatch) => {
                let kind = format!("{:?}", mismatch.difference);
                let kind = kind.split(' ').next().unwrap_or_default();
                let (answer, output) = (mismatch.answer_offset, mismatch.output_offset);
                format!("WA {kind} {answer} {output}")
            }
        },
    )
}

#[test]
fn every_example_is_judged_as_its_directory_expects() -> anyhow::Result<()> {
    let mut wrong = Vec::new();
    let examples = examples()?;
    for example in &examples {
        let expected = fs::read_to_string(example.join("expected"))?;
        let got = judged(example)?;
        if got != expected.trim() {
            wrong.push(format!(
                "{}: got {got}, expected {expected}",
                example.display()
            ));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    assert!(examples.len() >= 24, "only {} examples", examples.len());
    Ok(())
}

fn tokens() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec("[!-~]{1,12}", 1..40)
}

fn spaces() -> impl Strategy<Value = Vec<String>> {
    let space = prop::sample::select(vec![" ", "\n", "\t", "\r\n", "\u{b}", "\u{c} ", "   "]);
    prop::collection::vec(space.prop_map(str::to_owned), 41)
}

/// The tokens with one of the spaces before, between and after them.
fn spread(tokens: &[String], spaces: &[String]) -> String {
    let mut text = spaces[tokens.len()].clone();
    for (token, space) in tokens.iter().zip(spaces) {
        text.push_str(token);
        text.push_str(space);
    }
    text
}

fn accepts(answer: &str, output: &str, flags: &Flags) -> bool {
    default_validator(answer.as_bytes(), output.as_bytes(), flags).is_ok()
}

fn tolerance(absolute: Option<f64>, relative: Option<f64>) -> Flags {
    Flags {
        absolute_tolerance: absolute,
        relative_tolerance: relative,
        ..Flags::default()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn equal_tokens_are_right_whatever_lies_between_them(
        tokens in tokens(), one in spaces(), other in spaces(),
        case_sensitive: bool, has_tolerance: bool,
    ) {
        let flags = Flags {
            case_sensitive,
            ..tolerance(has_tolerance.then_some(0.0), None)
        };
        prop_assert!(accepts(&spread(&tokens, &one), &spread(&tokens, &other), &flags));
    }

    #[test]
    fn one_token_changed_is_wrong(
        tokens in tokens(), one in spaces(), other in spaces(), which: prop::sample::Index,
    ) {
        let mut changed = tokens.clone();
        which.get_mut(&mut changed).push('~');
        let flags = Flags::default();
        prop_assert!(!accepts(&spread(&tokens, &one), &spread(&changed, &other), &flags));
    }

    #[test]
    fn one_token_dropped_or_added_is_wrong(
        tokens in tokens(), one in spaces(), other in spaces(),
    ) {
        let fewer = spread(&tokens[1..], &other);
        let all = spread(&tokens, &one);
        // Dropping one of several equal tokens still leaves a different number of them.
        prop_assert!(!accepts(&all, &fewer, &Flags::default()));
        prop_assert!(!accepts(&fewer, &all, &Flags::default()));
    }

    #[test]
    fn where_spaces_matter_only_the_same_spaces_are_right(
        tokens in tokens(), one in spaces(), other in spaces(),
    ) {
        let flags = Flags { space_change_sensitive: true, ..Flags::default() };
        let (answer, output) = (spread(&tokens, &one), spread(&tokens, &other));
        prop_assert_eq!(accepts(&answer, &output, &flags), answer == output);
        // The same through the token loop, which equal texts never enter.
        prop_assert!(accepts(&answer.to_ascii_lowercase(), &answer.to_ascii_uppercase(), &flags));
    }

    // Multiples of 1/1024 are exact as numbers, as decimals, and in every sum below.
    #[test]
    fn the_absolute_tolerance_is_inclusive_and_nothing_beyond_is_right(
        answer in -1_000_000_i32..1_000_000, bound in 0..10_000, beyond in 1..1000, up: bool,
    ) {
        let number = |n: i32| f64::from(n) / 1024.0;
        let sign = if up { 1 } else { -1 };
        let flags = tolerance(Some(number(bound)), None);
        let text = |n: i32| number(n).to_string();
        prop_assert!(accepts(&text(answer), &text(answer + sign * bound), &flags));
        prop_assert!(!accepts(&text(answer), &text(answer + sign * (bound + beyond)), &flags));
    }

    #[test]
    fn the_relative_tolerance_is_a_share_of_the_answer_not_of_the_output(
        answer in 1..1_000_000, up: bool,
    ) {
        let flags = tolerance(None, Some(0.25));
        let text = |n: i32| f64::from(n).to_string();
        let sign = if up { 1 } else { -1 };
        let answer = answer * 4;
        prop_assert!(accepts(&text(answer), &text(answer + sign * answer / 4), &flags));
        prop_assert!(!accepts(&text(answer), &text(answer + sign * (answer / 4 + 1)), &flags));
    }

    #[test]
    fn no_bytes_make_it_panic(
        answer: Vec<u8>, output: Vec<u8>, space_change_sensitive: bool,
    ) {
        let flags = Flags {
            space_change_sensitive,
            ..tolerance(Some(1.0), Some(1.0))
        };
        let verdict = default_validator(&answer, &output, &flags);
        if let Err(mismatch) = verdict {
            prop_assert!(mismatch.answer_offset <= answer.len());
            prop_assert!(mismatch.output_offset <= output.len());
            prop_assert!(mismatch.to_string().len() < 2048);
        }
    }
}
