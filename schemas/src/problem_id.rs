//! The rule for problem ids: they name folders, topics' keys and rows, so they stay plain.

/// The longest problem id, in bytes.
pub const MAX_LENGTH: usize = 64;

/// Why a text is not a problem id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidProblemId {
    /// Nothing was given.
    #[error("problem id is empty: use the package's short name, for example `hello`")]
    Empty,
    /// More than [`MAX_LENGTH`] bytes.
    #[error("problem id has {length} bytes: at most {MAX_LENGTH} are allowed")]
    TooLong {
        /// Bytes given.
        length: usize,
    },
    /// A character outside `a-z` and `0-9`.
    #[error("problem id `{id}` contains {character:?}: only a-z and 0-9 are allowed")]
    Character {
        /// What was given.
        id: String,
        /// The first character that is not allowed.
        character: char,
    },
}

/// Accepts `[a-z0-9]+` of at most [`MAX_LENGTH`] bytes, as the package format's short names are.
pub fn check_problem_id(id: &str) -> Result<(), InvalidProblemId> {
    if id.is_empty() {
        return Err(InvalidProblemId::Empty);
    }
    if id.len() > MAX_LENGTH {
        return Err(InvalidProblemId::TooLong { length: id.len() });
    }
    match id.chars().find(|c| !matches!(c, 'a'..='z' | '0'..='9')) {
        None => Ok(()),
        Some(character) => Err(InvalidProblemId::Character {
            id: id.to_owned(),
            character,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lower_case_letters_and_digits_are_a_problem_id() {
        assert_eq!(check_problem_id("aplusb2"), Ok(()));
        assert_eq!(check_problem_id(&"a".repeat(MAX_LENGTH)), Ok(()));
    }

    #[test]
    fn anything_else_is_refused_by_its_reason() {
        assert_eq!(check_problem_id(""), Err(InvalidProblemId::Empty));
        let long = "a".repeat(MAX_LENGTH + 1);
        assert_eq!(
            check_problem_id(&long),
            Err(InvalidProblemId::TooLong { length: 65 })
        );
        for (id, character) in [("A", 'A'), ("a/../b", '/'), ("a-b", '-'), ("é", 'é')] {
            assert_eq!(
                check_problem_id(id),
                Err(InvalidProblemId::Character {
                    id: id.to_owned(),
                    character
                })
            );
        }
    }
}
