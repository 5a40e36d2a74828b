//! The globs of `submissions.yaml`: `*` within one path component, `{a,b}`, nothing else.

use std::fmt;

/// A glob over paths that also covers everything below what it matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    text: String,
    /// The pattern with its braces multiplied out, each split at `/`.
    alternatives: Vec<Vec<String>>,
}

/// Braces multiply; more than this is no honest package.
const MAX_ALTERNATIVES: usize = 1024;

impl Pattern {
    /// Reads a glob; the error says what is wrong with it.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        if text.contains("**") || text.contains(['[', ']', '?', '\\']) {
            return Err(format!("{text:?}: a pattern knows only `*` and `{{a,b}}`"));
        }
        let alternatives = multiply_out(text)?
            .iter()
            .map(|path| path.split('/').map(str::to_owned).collect())
            .collect();
        Ok(Self {
            text: text.to_owned(),
            alternatives,
        })
    }

    /// Whether the path or one of its parents matches.
    #[must_use]
    pub fn covers(&self, path: &str) -> bool {
        self.alternatives.iter().any(|pattern| {
            let mut components = path.split('/');
            pattern
                .iter()
                .all(|part| components.next().is_some_and(|name| matches(part, name)))
        })
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Expands the innermost first group until no brace is left.
fn multiply_out(text: &str) -> Result<Vec<String>, String> {
    let mut open = vec![text.to_owned()];
    let mut done = Vec::new();
    while let Some(text) = open.pop() {
        let Some(end) = text.find('}') else {
            if text.contains('{') {
                return Err(format!("{text:?}: a brace is not closed"));
            }
            done.push(text);
            continue;
        };
        let start = text[..end]
            .rfind('{')
            .ok_or_else(|| format!("{text:?}: a brace is not opened"))?;
        for choice in text[start + 1..end].split(',') {
            open.push(format!("{}{choice}{}", &text[..start], &text[end + 1..]));
        }
        if open.len() + done.len() > MAX_ALTERNATIVES {
            return Err(format!("{text:?}: too many alternatives"));
        }
    }
    Ok(done)
}

/// Matches one component: the pieces between stars in order, the first and last anchored.
fn matches(pattern: &str, name: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else {
        return pattern == name;
    };
    let Some(mut name) = name.strip_prefix(first) else {
        return false;
    };
    let mut pieces: Vec<&str> = rest.split('*').collect();
    let last = pieces.pop().unwrap_or("");
    for piece in pieces {
        match name.find(piece) {
            Some(at) => name = &name[at + piece.len()..],
            None => return false,
        }
    }
    name.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn covers(pattern: &str, path: &str) -> bool {
        Pattern::parse(pattern).map(|p| p.covers(path)) == Ok(true)
    }

    #[test]
    fn a_star_stays_within_its_component() {
        assert!(covers("secret/*-hard", "secret/3-hard"));
        assert!(covers("*/slow.*", "accepted/slow.py"));
        assert!(!covers("*-hard", "secret/3-hard"));
        assert!(!covers("a*b*c", "acb"));
        assert!(covers("a*b*c", "a-b-b-c"));
    }

    #[test]
    fn a_pattern_covers_what_lies_below_it() {
        assert!(covers("accepted", "accepted/a.cpp"));
        assert!(!covers("accept", "accepted/a.cpp"));
        assert!(!covers("accepted/a.cpp", "accepted"));
    }

    #[test]
    fn braces_offer_alternatives_also_when_nested() {
        assert!(covers("{a,b{c,d}}/x", "bd/x"));
        assert!(!covers("{a,b}", "c"));
    }

    #[test]
    fn what_is_no_pattern_is_refused() {
        for text in ["a/**", "[ab]", "{a", "a}", &"{a,b}".repeat(12)] {
            assert!(Pattern::parse(text).is_err(), "{text}");
        }
    }
}
