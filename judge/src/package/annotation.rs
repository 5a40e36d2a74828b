//! DOMjudge's `@EXPECTED_RESULTS@: ` and `@EXPECTED_SCORE@: ` lines in the source of a jury submission.

use super::folder::{ANY_RUN, RUN_ERRORS};
use crate::Verdict::{self, *};

const RESULTS: &str = "@expected_results@: ";
const SCORE: &str = "@expected_score@: ";

/// What a source says of its own judgement.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Annotation {
    /// One of these.
    pub(super) verdicts: Option<Vec<Verdict>>,
    pub(super) score: Option<f64>,
}

impl Annotation {
    /// Takes in what another file of the same submission says.
    ///
    /// # Errors
    /// The mark that both have.
    pub(super) fn join(&mut self, other: Self) -> Result<(), &'static str> {
        if self.verdicts.is_some() && other.verdicts.is_some() {
            return Err("@EXPECTED_RESULTS@");
        }
        if self.score.is_some() && other.score.is_some() {
            return Err("@EXPECTED_SCORE@");
        }
        self.verdicts = other.verdicts.or(self.verdicts.take());
        self.score = other.score.or(self.score);
        Ok(())
    }
}

/// The expectation written in one source, if any.
///
/// # Errors
/// Says what is wrong when there are two of a kind, or a word that means nothing.
pub(super) fn read(text: &str) -> Result<Annotation, String> {
    let mut annotation = Annotation::default();
    if let Some(line) = line_after(text, RESULTS)? {
        annotation.verdicts = Some(verdicts(line)?);
    }
    let Some(line) = line_after(text, SCORE)? else {
        return Ok(annotation);
    };
    match line.parse().ok().filter(|score: &f64| score.is_finite()) {
        Some(score) => annotation.score = Some(score),
        // DOMjudge knew this mark before it knew scores, and takes results after it.
        None => {
            let results = verdicts(line)?;
            if annotation.verdicts.replace(results).is_some() {
                return Err("has @EXPECTED_RESULTS@ twice".to_owned());
            }
        }
    }
    Ok(annotation)
}

/// What follows the only mark of its kind, without the end of a comment.
fn line_after<'a>(text: &'a str, mark: &str) -> Result<Option<&'a str>, String> {
    // Only ASCII is folded, so offsets stay those of the text.
    let folded = text.to_ascii_lowercase();
    let mut marks = folded.match_indices(mark);
    let Some((at, _)) = marks.next() else {
        return Ok(None);
    };
    if marks.next().is_some() {
        let name = mark.trim_end_matches(": ").to_ascii_uppercase();
        return Err(format!("has two {name} lines"));
    }
    let line = text[at + mark.len()..].lines().next().unwrap_or_default();
    let line = line.trim_end();
    let ends = ["*/", "-->", "*)", "-}"];
    let line = ends
        .iter()
        .find_map(|end| line.strip_suffix(end))
        .unwrap_or(line);
    Ok(Some(line.trim()))
}

fn verdicts(line: &str) -> Result<Vec<Verdict>, String> {
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
    Ok(verdicts)
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

    fn results(text: &str) -> Result<Option<Vec<Verdict>>, String> {
        read(text).map(|annotation| annotation.verdicts)
    }

    #[test]
    fn a_list_is_read_to_the_end_of_its_line_in_any_case() {
        let text = "// @Expected_Results@: wrong-answer, TIMELIMIT\nint main() {}";
        assert_eq!(results(text), Ok(Some(vec![WrongAnswer, TimeLimit])));
        let text = "/* @EXPECTED_RESULTS@: CORRECT */\r\nint main() {}";
        assert_eq!(results(text), Ok(Some(vec![Accepted])));
    }

    #[test]
    fn a_source_without_the_mark_says_nothing() {
        assert_eq!(results("@EXPECTED_RESULTS@:none, no space"), Ok(None));
    }

    #[test]
    fn run_error_stands_for_memory_and_output_too() {
        assert_eq!(
            results("# @EXPECTED_RESULTS@: RUN-ERROR"),
            Ok(Some(RUN_ERRORS.to_vec()))
        );
    }

    #[test]
    fn a_score_is_a_number_beside_or_without_results() {
        let annotation = read("# @EXPECTED_RESULTS@: CORRECT\n# @EXPECTED_SCORE@: 88.5\n");
        let expected = Annotation {
            verdicts: Some(vec![Accepted]),
            score: Some(88.5),
        };
        assert_eq!(annotation, Ok(expected));
        assert!(read("@EXPECTED_SCORE@: inf").is_err());
        assert_eq!(
            results("@EXPECTED_SCORE@: CORRECT"),
            Ok(Some(vec![Accepted]))
        );
        assert!(read("@EXPECTED_SCORE@: 1\n@EXPECTED_SCORE@: 2").is_err());
    }

    #[test]
    fn two_marks_or_an_unknown_word_are_refused() {
        let two = "@EXPECTED_RESULTS@: CORRECT\n@EXPECTED_RESULTS@: CORRECT";
        assert!(read(two).is_err());
        assert!(read("@EXPECTED_RESULTS@: PERFECT").is_err());
    }
}
