//! The arguments of the default validator.

use super::float::parse_float;

/// What the default validator is told.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Flags {
    /// `A` and `a` differ.
    pub case_sensitive: bool,
    /// The amount and kind of whitespace must be that of the answer.
    pub space_change_sensitive: bool,
    /// A number may differ by this much, if set.
    pub absolute_tolerance: Option<f64>,
    /// A number may differ by this share of the answer, if set.
    pub relative_tolerance: Option<f64>,
}

/// Why arguments mean nothing to the default validator.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FlagsError {
    /// No such flag.
    #[error("the default validator knows no argument {0:?}")]
    Unknown(String),
    /// A tolerance needs a number ≥ 0 after it.
    #[error("{flag} needs a number that is not negative, not {got:?}")]
    BadTolerance {
        /// The flag.
        flag: String,
        /// What came after it, if anything.
        got: Option<String>,
    },
    /// A tolerance is given twice, by one flag or by two.
    #[error("{0} gives a tolerance that is given already")]
    Twice(String),
}

impl Flags {
    /// Reads the arguments, in any order.
    ///
    /// # Errors
    /// For unknown words, and for tolerances that are missing, negative, not numbers or given twice.
    pub fn parse(args: &[String]) -> Result<Self, FlagsError> {
        let mut flags = Self::default();
        let mut args = args.iter();
        while let Some(flag) = args.next() {
            let (absolute, relative) = match flag.as_str() {
                "case_sensitive" => {
                    flags.case_sensitive = true;
                    continue;
                }
                "space_change_sensitive" => {
                    flags.space_change_sensitive = true;
                    continue;
                }
                flag => kinds(flag).ok_or_else(|| FlagsError::Unknown(flag.to_owned()))?,
            };
            let tolerance = tolerance(flag, args.next())?;
            for (given, slot) in [
                (absolute, &mut flags.absolute_tolerance),
                (relative, &mut flags.relative_tolerance),
            ] {
                if given && slot.replace(tolerance).is_some() {
                    return Err(FlagsError::Twice(flag.clone()));
                }
            }
        }
        Ok(flags)
    }

    /// The same arguments with one tolerance of each kind: in the legacy format the last one counts.
    #[must_use]
    pub fn last_wins(args: &[String]) -> Vec<String> {
        let (mut words, mut absolute, mut relative) = (Vec::new(), None, None);
        let mut args = args.iter();
        while let Some(flag) = args.next() {
            match (kinds(flag), args.as_slice().first()) {
                (Some((is_absolute, is_relative)), Some(tolerance)) => {
                    args.next();
                    absolute = Some(tolerance).filter(|_| is_absolute).or(absolute);
                    relative = Some(tolerance).filter(|_| is_relative).or(relative);
                }
                _ => words.push(flag.clone()),
            }
        }
        for (flag, tolerance) in [
            ("float_absolute_tolerance", absolute),
            ("float_relative_tolerance", relative),
        ] {
            words.extend(
                tolerance
                    .map(|tolerance| [flag.to_owned(), tolerance.clone()])
                    .into_iter()
                    .flatten(),
            );
        }
        words
    }

    pub(super) fn has_tolerance(&self) -> bool {
        self.absolute_tolerance.is_some() || self.relative_tolerance.is_some()
    }

    pub(super) fn tolerates(&self, answer: f64, value: f64) -> bool {
        let difference = (value - answer).abs();
        let within = |bound: f64| difference <= bound;
        self.absolute_tolerance.is_some_and(within)
            || self
                .relative_tolerance
                .is_some_and(|share| within(share * answer.abs()))
    }
}

/// Which tolerances a flag sets: absolute, relative; `None` = it sets none.
fn kinds(flag: &str) -> Option<(bool, bool)> {
    match flag {
        "float_absolute_tolerance" => Some((true, false)),
        "float_relative_tolerance" => Some((false, true)),
        "float_tolerance" => Some((true, true)),
        _ => None,
    }
}

fn tolerance(flag: &str, word: Option<&String>) -> Result<f64, FlagsError> {
    word.and_then(|word| parse_float(word.as_bytes()))
        .filter(|tolerance| *tolerance >= 0.0)
        .ok_or_else(|| FlagsError::BadTolerance {
            flag: flag.to_owned(),
            got: word.cloned(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Flags, FlagsError> {
        let words: Vec<_> = text.split_whitespace().map(str::to_owned).collect();
        Flags::parse(&words)
    }

    #[test]
    fn flags_come_in_any_order() {
        let flags = Flags {
            case_sensitive: true,
            space_change_sensitive: true,
            absolute_tolerance: Some(1e-6),
            relative_tolerance: Some(0.5),
        };
        let text = "float_relative_tolerance .5 space_change_sensitive float_absolute_tolerance 1e-6 case_sensitive";
        assert_eq!(parse(text), Ok(flags));
    }

    #[test]
    fn float_tolerance_sets_both() {
        let flags = Flags {
            absolute_tolerance: Some(0.1),
            relative_tolerance: Some(0.1),
            ..Flags::default()
        };
        assert_eq!(parse("float_tolerance 0.1"), Ok(flags));
    }

    #[test]
    fn a_tolerance_must_be_a_number_that_is_not_negative() {
        for text in ["", "nan", "inf", "-1", "0x1", "case_sensitive"] {
            let error = parse(&format!("float_tolerance {text}"));
            assert!(
                matches!(error, Err(FlagsError::BadTolerance { .. })),
                "{text}"
            );
        }
    }

    #[test]
    fn no_tolerance_may_be_given_twice() {
        for text in [
            "float_tolerance 1 float_tolerance 1",
            "float_tolerance 1 float_absolute_tolerance 1",
            "float_relative_tolerance 1 float_tolerance 1",
        ] {
            assert!(matches!(parse(text), Err(FlagsError::Twice(_))), "{text}");
        }
    }

    #[test]
    fn of_several_tolerances_the_last_of_each_kind_can_be_kept() {
        let last = |text: &str| {
            let words: Vec<_> = text.split_whitespace().map(str::to_owned).collect();
            Flags::last_wins(&words).join(" ")
        };
        assert_eq!(
            last("float_tolerance 1 case_sensitive float_relative_tolerance 2"),
            "case_sensitive float_absolute_tolerance 1 float_relative_tolerance 2"
        );
        assert_eq!(last("guess float_tolerance"), "guess float_tolerance");
    }

    #[test]
    fn an_unknown_word_is_refused_by_name() {
        assert_eq!(
            parse("case_sensitiv"),
            Err(FlagsError::Unknown("case_sensitiv".to_owned()))
        );
    }
}
