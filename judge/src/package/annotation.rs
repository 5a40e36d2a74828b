//! DOMjudge's `@EXPECTED_RESULTS@: ` line in the source of a jury submission.

use super::folder::{ANY_RUN, RUN_ERRORS};
use crate::Verdict::{self, *};

const MARK: &str = "@expected_results@: ";

/// The expectation written in one source, if any: one of these verdicts.
///
/// # Errors
/// Says what is wrong when there are two, or a word that means no verdict.
pub(super) fn read(text: &str) -> Result<Option<Vec<Verdict>>, String> {
    // Only ASCII is folded, so offsets stay those of the text.
    let folded = text.to_ascii_lowercase();
    let mut marks = folded.match_indices(MARK);
    let Some((at, _)) = marks.next() else {
        return Ok(None);
    };
    if marks.next().is_some() {
        return Err("has two @EXPECTED_RESULTS@ lines".to_owned());
    }
    let line = text[at + MARK.len()..].lines().next().unwrap_or_default();
    let mut verdicts = Vec::new();
    for word in line.split(',') {
        let word = word.trim().to_ascii_uppercase();
        let meant =
            verdicts_of(&word).ok_or_else(|| format!("expects {word:?}, which is no verdict"))?;
        for verdict in meant {
            if !verdicts.contains(verdict) {
                verdicts.push(*verdict);
            }
        }
    }
    Ok(Some(verdicts))
}

fn verdicts_of(word: &str) -> Option<&'static [Verdict]> {
    Some(match word {
        "CORRECT" | "ACCEPTED" => &[Accepted],
        "WRONG-ANSWER" | "WRONG_ANSWER" | "NO-OUTPUT" | "NO_OUTPUT" => &[WrongAnswer],
        "TIMELIMIT" | "TIME_LIMIT_EXCEEDED" => &[TimeLimit],
        "RUN-ERROR" | "RUN_TIME_ERROR" => &RUN_ERRORS,
        "MEMORY-LIMIT" | "MEMORY_LIMIT" => &[MemoryLimit],
        "OUTPUT-LIMIT" | "OUTPUT_LIMIT" => &[OutputLimit],
        "COMPILER-ERROR" | "COMPILER_ERROR" => &[CompileError],
        "CHECK-MANUALLY" | "CHECK_MANUALLY" => &ANY_RUN,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_to_the_end_of_its_line_in_any_case() {
        let text = "// @Expected_Results@: wrong-answer, TIMELIMIT\nint main() {}";
        assert_eq!(read(text), Ok(Some(vec![WrongAnswer, TimeLimit])));
    }

    #[test]
    fn a_source_without_the_mark_says_nothing() {
        assert_eq!(read("@EXPECTED_RESULTS@:none, no space"), Ok(None));
    }

    #[test]
    fn run_error_stands_for_memory_and_output_too() {
        assert_eq!(
            read("# @EXPECTED_RESULTS@: RUN-ERROR"),
            Ok(Some(RUN_ERRORS.to_vec()))
        );
    }

    #[test]
    fn two_marks_or_an_unknown_word_are_refused() {
        let two = "@EXPECTED_RESULTS@: CORRECT\n@EXPECTED_RESULTS@: CORRECT";
        assert!(read(two).is_err());
        assert!(read("@EXPECTED_RESULTS@: PERFECT").is_err());
    }
}
