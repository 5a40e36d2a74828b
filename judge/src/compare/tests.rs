use super::*;

fn judge(answer: &str, output: &str, flags: &Flags) -> Result<(), Difference> {
    default_validator(answer.as_bytes(), output.as_bytes(), flags).map_err(|m| m.difference)
}

#[test]
fn every_c_whitespace_byte_separates_tokens_and_no_other_does() {
    let flags = Flags::default();
    assert_eq!(judge("1 2", "\u{b}1\u{c}\r\n\t2", &flags), Ok(()));
    let no_break_space = judge("1 2", "1\u{a0}2", &flags);
    assert_eq!(no_break_space, Err(Difference::Token));
}

#[test]
fn the_offsets_point_at_the_tokens_that_differ() {
    let mismatch = default_validator(b"1  2\n3", b"1 2 4", &Flags::default());
    let offsets = mismatch.map_err(|m| (m.answer_offset, m.output_offset));
    assert_eq!(offsets, Err((5, 4)));
}

#[test]
fn a_nul_byte_does_not_end_a_token() {
    assert_eq!(
        judge("a\0b", "a\0c", &Flags::default()),
        Err(Difference::Token)
    );
}

#[test]
fn a_message_stays_short_however_long_the_tokens() {
    let answer = "x".repeat(1_000_000);
    let output = "x".repeat(500_000) + &"\u{1}".repeat(500_000);
    let mismatch = default_validator(answer.as_bytes(), output.as_bytes(), &Flags::default());
    let message = mismatch
        .map_err(|m| m.to_string())
        .err()
        .unwrap_or_default();
    assert!(message.contains("\\x01"), "{message}");
    assert!(message.len() < 1024, "{message}");
}
