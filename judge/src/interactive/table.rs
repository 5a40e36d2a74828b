//! The verdict of an interactive run: who ended how, and who ended first.

use crate::{Reason, Verdict};

/// How the validator's run came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    /// It exited with 42.
    Accept,
    /// It exited with 43.
    Reject,
    /// We ended it because the program had passed a limit; that counts as a no.
    None,
}

/// Who was gone first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum First {
    Validator,
    Program,
}

/// What is said of the run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Decision {
    pub(super) verdict: Verdict,
    pub(super) reason: Option<Reason>,
    /// The validator had decided before the program's end.
    pub(super) ended_by_validator: bool,
}

/// The rows of the table in `docs/design/judge.md`, from the top; a validator without a word of its own never gets here.
///
/// `failure` is what is wrong with the program's run by itself.
pub(super) fn decide(word: Word, first: First, failure: Option<(Verdict, Reason)>) -> Decision {
    let (verdict, reason, ended_by_validator) = match (word, first, failure) {
        (Word::Reject, First::Validator, _) => (Verdict::WrongAnswer, None, true),
        (_, _, Some((verdict, reason))) => (verdict, Some(reason), false),
        (Word::Accept, _, None) => (Verdict::Accepted, None, false),
        (Word::Reject | Word::None, _, None) => (Verdict::WrongAnswer, None, false),
    };
    Decision {
        verdict,
        reason,
        ended_by_validator,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(word: Word, first: First, failure: Option<Verdict>) -> (Verdict, bool) {
        let failure = failure.map(|verdict| (verdict, Reason::plain("test")));
        let has_reason = failure.is_some();
        let decision = decide(word, first, failure);
        let failed = !matches!(decision.verdict, Verdict::Accepted | Verdict::WrongAnswer);
        assert_eq!(decision.reason.is_some(), has_reason && failed);
        (decision.verdict, decision.ended_by_validator)
    }

    const FAILURES: [Verdict; 4] = [
        Verdict::TimeLimit,
        Verdict::RunTimeError,
        Verdict::MemoryLimit,
        Verdict::OutputLimit,
    ];

    #[test]
    fn a_no_before_the_programs_end_is_a_wrong_answer_whatever_the_program_does_then() {
        for failure in [None].into_iter().chain(FAILURES.map(Some)) {
            let told = told(Word::Reject, First::Validator, failure);
            assert_eq!(told, (Verdict::WrongAnswer, true), "{failure:?}");
        }
    }

    #[test]
    fn otherwise_a_program_that_failed_has_failed_whatever_the_validator_says() {
        for failure in FAILURES {
            for (word, first) in [
                (Word::Reject, First::Program),
                (Word::Accept, First::Program),
                (Word::Accept, First::Validator),
                (Word::None, First::Program),
            ] {
                assert_eq!(told(word, first, Some(failure)), (failure, false));
            }
        }
    }

    #[test]
    fn after_a_clean_exit_the_validator_decides() {
        let wrong = (Verdict::WrongAnswer, false);
        let right = (Verdict::Accepted, false);
        assert_eq!(told(Word::Reject, First::Program, None), wrong);
        assert_eq!(told(Word::Accept, First::Program, None), right);
        assert_eq!(told(Word::Accept, First::Validator, None), right);
    }
}
