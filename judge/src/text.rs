//! Bytes of unknown make, made fit to be shown and stored.

/// `bytes` as text of at most `cap` bytes: what is not UTF-8 is replaced, NUL as well, and a cut is said.
pub(crate) fn capped_text(bytes: &[u8], cap: usize) -> String {
    const CUT: &str = "\n[cut]";
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(cap)]).replace('\0', "\u{fffd}");
    if bytes.len() <= cap && text.len() <= cap {
        return text;
    }
    let mut end = cap.saturating_sub(CUT.len()).min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}{CUT}", &text[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_valid_and_never_longer_than_its_cap() {
        assert_eq!(capped_text(b"abc", 10), "abc");
        assert_eq!(capped_text(b"a\xff\0", 10), "a\u{fffd}\u{fffd}");
        for bytes in [&[0xff_u8; 100][..], "é".repeat(50).as_bytes(), &[0; 21]] {
            let text = capped_text(bytes, 20);
            assert!(text.len() <= 20, "{text:?}");
            assert!(text.ends_with("[cut]"));
        }
    }
}
