//! Which tokens are numbers.

/// The value of a token of the form `sign? (d*.d+ | d+. | d+) ([eE] sign? d+)?`.
///
/// Words like `inf` and `nan`, hexadecimal, and numbers beyond what an `f64` holds are not
/// numbers: they are compared as the strings they are.
pub(crate) fn parse_float(token: &[u8]) -> Option<f64> {
    let unsigned = strip_sign(token);
    let (mantissa, exponent) = match unsigned.iter().position(|b| matches!(b, b'e' | b'E')) {
        Some(at) => (&unsigned[..at], Some(strip_sign(&unsigned[at + 1..]))),
        None => (unsigned, None),
    };
    let mut parts = mantissa.splitn(2, |&b| b == b'.');
    let whole = parts.next().unwrap_or_default();
    let fraction = parts.next().unwrap_or_default();
    let digits = |text: &[u8]| text.iter().all(u8::is_ascii_digit);
    let is_number = digits(whole)
        && digits(fraction)
        && !(whole.is_empty() && fraction.is_empty())
        && exponent.is_none_or(|e| !e.is_empty() && digits(e));
    let text = std::str::from_utf8(token).ok().filter(|_| is_number)?;
    text.parse().ok().filter(|value: &f64| value.is_finite())
}

fn strip_sign(text: &[u8]) -> &[u8] {
    match text {
        [b'+' | b'-', rest @ ..] => rest,
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::parse_float;

    #[test]
    fn the_grammar_takes_decimal_numbers() {
        for (token, value) in [
            ("0", 0.0),
            ("-.5", -0.5),
            ("5.", 5.0),
            ("+1.25E-2", 0.0125),
            ("1e+3", 1000.0),
            ("007", 7.0),
            ("1e-999", 0.0),
        ] {
            assert_eq!(parse_float(token.as_bytes()), Some(value), "{token}");
        }
    }

    #[test]
    fn everything_else_is_a_string() {
        for token in [
            "",
            "+",
            ".",
            "e5",
            ".e5",
            "1e",
            "1e+",
            "0x10",
            "inf",
            "-Infinity",
            "nan",
            "1_000",
            "1.2.3",
            "1e5.0",
            "--1",
            "1e999",
            "1f",
            "1,5",
            "\u{661}",
        ] {
            assert_eq!(parse_float(token.as_bytes()), None, "{token}");
        }
    }
}
