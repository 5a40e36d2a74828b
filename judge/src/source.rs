//! A submission as the judge sees it: named files and nothing of who sent them.

use std::collections::BTreeSet;

use crate::Reason;

/// One source file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFile {
    /// Plain file name (`^[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,254}$`), no directories.
    pub name: String,
    /// The bytes as they came.
    pub content: Vec<u8>,
}

/// A program to judge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// At least one file.
    pub files: Vec<SourceFile>,
    /// Language id (`c`, `cpp`, `python3`, `java`, …); `None` = by file ending.
    pub language: Option<String>,
    /// Main file or class where the language needs one; `None` = the language's default.
    pub entry_point: Option<String>,
}

impl Source {
    /// Sum of the files' sizes.
    pub fn bytes(&self) -> u64 {
        self.files
            .iter()
            .map(|file| file.content.len() as u64)
            .sum()
    }

    /// Why no compiler should see this at all, if so.
    pub(crate) fn refusal(&self, code_limit_bytes: u64) -> Option<Reason> {
        let mut names = BTreeSet::new();
        for file in &self.files {
            if !is_plain_name(&file.name) {
                return Some(Reason::new("bad-file-name", [&file.name]));
            }
            if !names.insert(&file.name) {
                return Some(Reason::new("duplicate-file-name", [&file.name]));
            }
        }
        // The entry point becomes an argument: it must not be able to look like an option or a path.
        if let Some(entry_point) = &self.entry_point
            && !entry_point.split('.').all(is_plain_name)
        {
            return Some(Reason::new("bad-entry-point", [entry_point]));
        }
        let bytes = self.bytes();
        (bytes > code_limit_bytes).then(|| {
            Reason::new(
                "code-limit",
                [bytes.to_string(), code_limit_bytes.to_string()],
            )
        })
    }
}

/// Whether `name` is one the package format allows: no directories, no leading dot or dash.
pub(crate) fn is_plain_name(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
    name.len() <= 255
        && name.bytes().all(allowed)
        && name
            .bytes()
            .next()
            .is_some_and(|first| first.is_ascii_alphanumeric() || first == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(names: &[&str], entry_point: Option<&str>) -> Option<String> {
        let source = Source {
            files: names
                .iter()
                .map(|name| SourceFile {
                    name: (*name).to_owned(),
                    content: b"12345".to_vec(),
                })
                .collect(),
            language: None,
            entry_point: entry_point.map(String::from),
        };
        source.refusal(10).map(|reason| reason.code)
    }

    #[test]
    fn only_plain_distinct_names_within_the_code_limit_are_let_through() {
        assert_eq!(refusal(&["a.c", "b.c"], Some("Main")), None);
        assert_eq!(
            refusal(&["a", "b", "c"], None).as_deref(),
            Some("code-limit")
        );
        for name in ["", ".a", "-o", "a/b", "..", "é.c", "a b", "a\0"] {
            assert_eq!(
                refusal(&[name], None).as_deref(),
                Some("bad-file-name"),
                "{name:?}"
            );
        }
        assert_eq!(
            refusal(&["a", "a"], None).as_deref(),
            Some("duplicate-file-name")
        );
    }

    #[test]
    fn an_entry_point_cannot_be_an_option_or_leave_the_directory() {
        assert_eq!(refusal(&["a.c"], Some("org.example.Main")), None);
        assert_eq!(refusal(&["a.py"], Some("__main__.py")), None);
        for name in ["-jar", "../x", "/bin/sh", "", "a..b", "--"] {
            assert_eq!(
                refusal(&["a.c"], Some(name)).as_deref(),
                Some("bad-entry-point"),
                "{name:?}"
            );
        }
    }
}
