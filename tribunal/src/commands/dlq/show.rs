//! One dead letter in full. Nothing of it reaches the terminal as it came: its bytes are somebody else's.

use std::fmt::Write;

use schemas::Submission;
use schemas::headers::dead_letter;
use serde_json::{Map, Value, json};

use super::letter::{Letter, moment};

/// Text in which every character is one that shows: control characters and those that turn the direction of writing are
/// escaped.
pub(super) fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '"' | '\'' | '\\' => shown.push(character),
            _ => shown.extend(character.escape_debug()),
        }
    }
    shown
}

/// For people.
pub(super) fn text(letter: &Letter) -> String {
    let mut lines = format!(
        "dead letter {} of {}\ncause       {}\nmessage     {}\n\nheaders\n",
        letter.place(),
        moment(letter.buried_ms()),
        visible(letter.cause()),
        visible(letter.message()),
    );
    for (name, value) in &letter.record.headers {
        let value = header(name, value);
        let value = value.as_str().map_or_else(|| value.to_string(), visible);
        // Writing to a string cannot fail.
        let _ = writeln!(lines, "  {:<34} {value}", visible(name));
    }
    lines.push('\n');
    match &letter.submission {
        Ok(submission) => lines.push_str(&program(submission)),
        Err(error) => {
            let bytes = letter.record.payload.len();
            let error = visible(&error.to_string());
            let _ = write!(
                lines,
                "its {bytes} bytes are no submission: {error}; it cannot be replayed"
            );
        }
    }
    lines
}

fn program(submission: &Submission) -> String {
    let mut lines = format!(
        "submission  {} generation {}\nproblem     {}\ntenant      {}\nuser        {}\nlanguage    {}\n",
        submission.submission_id,
        submission.generation,
        visible(&submission.problem_id),
        visible(&submission.tenant),
        visible(&submission.user_id),
        visible(&submission.language),
    );
    for file in &submission.files {
        let _ = writeln!(
            lines,
            "\n{} ({} bytes)",
            visible(&file.name),
            file.content.len()
        );
        for line in String::from_utf8_lossy(&file.content).lines() {
            let _ = writeln!(lines, "  | {}", visible(line));
        }
    }
    lines.truncate(lines.trim_end().len());
    lines
}

/// For programs: what `list` says, with headers and submission. JSON escapes what a terminal would obey.
pub(super) fn json(letter: &Letter) -> Value {
    let headers: Map<_, _> = letter
        .record
        .headers
        .iter()
        .map(|(name, value)| (name.clone(), header(name, value)))
        .collect();
    let submission = letter.submission.as_ref();
    let submission = submission.map_or_else(
        |error| json!({ "error": error.to_string() }),
        |submission| {
            let file = |file: &schemas::SourceFile| json!({ "name": file.name, "content": String::from_utf8_lossy(&file.content) });
            json!({
                "user_id": submission.user_id,
                "contest_id": submission.contest_id,
                "language": submission.language,
                "entry_point": submission.entry_point,
                "package_digest": submission.package_digest,
                "submitted_at_ms": submission.submitted_at_ms,
                "files": submission.files.iter().map(file).collect::<Vec<_>>(),
            })
        },
    );
    let mut all = letter.summary();
    all["headers"] = Value::Object(headers);
    all["submission"] = submission;
    all
}

/// A header as text, or as the number that Spring's names stand for, or in hexadecimal digits.
fn header(name: &str, value: &[u8]) -> Value {
    let number = match name {
        dead_letter::ORIGINAL_PARTITION => {
            let bytes = value.try_into().ok();
            bytes.map(|bytes| i64::from(i32::from_be_bytes(bytes)))
        }
        dead_letter::ORIGINAL_OFFSET | dead_letter::ORIGINAL_TIMESTAMP => {
            value.try_into().ok().map(i64::from_be_bytes)
        }
        _ => None,
    };
    match (number, std::str::from_utf8(value)) {
        (Some(number), _) => json!(number),
        (None, Ok(text)) => json!(text),
        (None, Err(_)) => json!(hexadecimal(value)),
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::super::letter::tests::{letter, whole};
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_shown_and_all_else_is_as_it_was() {
        let text = "a\tb\u{1b}[2J \u{202e}ba \"\\n' äß \u{7f}";
        assert_eq!(
            visible(text),
            "a\\tb\\u{1b}[2J \\u{202e}ba \"\\n' äß \\u{7f}"
        );
    }

    #[test]
    fn a_letter_is_shown_with_its_numbers_and_its_program_line_by_line() {
        let shown = text(&whole(5, 1, 3));
        for line in [
            "dead letter 1/3 of 2026-01-01T00:00:00Z",
            "  kafka_dlt-original-offset          9",
            "  kafka_dlt-original-topic           submissions",
            "main.c (22 bytes)",
            "  | int main(void) {}",
            "  | \\u{1b}[2J",
        ] {
            assert!(shown.contains(line), "{line}:\n{shown}");
        }
        assert!(!shown.contains('\u{1b}'));
    }

    #[test]
    fn poison_is_shown_as_what_it_is() {
        let poison = letter(3, vec![0xff, 1]);
        let shown = text(&poison);
        assert!(
            shown.contains("2 bytes are no submission") && shown.contains("cannot be replayed"),
            "{shown}"
        );
        let json = json(&poison);
        assert_eq!(json["headers"]["kafka_dlt-original-partition"], 2);
        assert!(json["submission"]["error"].is_string());
    }
}
