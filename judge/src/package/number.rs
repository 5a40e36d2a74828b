//! Numbers as people write them into settings.

/// A number as YAML writes them.
pub(super) fn number(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let sign = if text.starts_with('-') { -1.0 } else { 1.0 };
    match unsigned.to_ascii_lowercase().as_str() {
        ".inf" | "inf" => Some(sign * f64::INFINITY),
        // A number to YAML and none to us: no limit or score can be it.
        ".nan" | "nan" | "infinity" => None,
        _ => text.replace('_', "").parse().ok(),
    }
}

/// An amount with its unit; everybody means powers of two.
pub(super) fn bytes(text: &str, unit: u64) -> Option<f64> {
    let is_unit = |c: char| c.is_ascii_alphabetic();
    let split = text.trim_end_matches(is_unit).len();
    let factor = match text[split..].to_ascii_lowercase().as_str() {
        "" => unit,
        "b" | "bytes" => 1,
        "k" | "kb" | "kib" => 1 << 10,
        "m" | "mb" | "mib" => 1 << 20,
        "g" | "gb" | "gib" => 1 << 30,
        _ => return None,
    };
    Some(number(text[..split].trim())? * factor as f64)
}
