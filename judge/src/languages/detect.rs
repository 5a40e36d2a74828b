//! Which language a submission is in.

use super::{Language, Languages};
use crate::{Source, SourceFile};

/// Why no language could be chosen. Always the submission's own fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LanguageError {
    /// There is no file.
    #[error("the submission has no files")]
    Empty,
    /// The named language is not one we know.
    #[error("unknown language {id}; known are {known}")]
    UnknownId {
        /// As named.
        id: String,
        /// Ids, comma separated.
        known: String,
    },
    /// No file has an ending we know, or none of the named language.
    #[error("no source file among {files}; known endings are {endings}")]
    NoSource {
        /// Names, comma separated.
        files: String,
        /// Endings, comma separated.
        endings: String,
    },
    /// Files of more than one language, and none was named.
    #[error("files of several languages ({languages}); name one")]
    Mixed {
        /// Ids, comma separated.
        languages: String,
    },
}

impl LanguageError {
    /// The reason code of the compile error it becomes.
    pub fn code(&self) -> &'static str {
        match self {
            LanguageError::Empty => "no-files",
            LanguageError::UnknownId { .. } => "unknown-language",
            LanguageError::NoSource { .. } => "no-source-file",
            LanguageError::Mixed { .. } => "mixed-languages",
        }
    }
}

impl Languages {
    /// The language of `source`: the named one, else the one that its files' endings agree on; or the variant that was put in
    /// its place. Files with endings that belong to no language (headers, data) come along without a vote.
    pub fn detect(&self, source: &Source) -> Result<&Language, LanguageError> {
        if source.files.is_empty() {
            return Err(LanguageError::Empty);
        }
        let language = match &source.language {
            Some(id) => self.named(id, source)?,
            None => self.agreed(source)?,
        };
        Ok(self.in_place_of(language))
    }

    fn named(&self, id: &str, source: &Source) -> Result<&Language, LanguageError> {
        let language = self.get(id).ok_or_else(|| self.unknown(id))?;
        if source.files.iter().any(|file| language.owns(&file.name)) {
            return Ok(language);
        }
        let endings = language.endings.iter().chain(&language.named_endings);
        Err(no_source(source, endings))
    }

    fn agreed(&self, source: &Source) -> Result<&Language, LanguageError> {
        let mut ids: Vec<&str> = Vec::new();
        for file in &source.files {
            if let Some(id) = self.claimant(file)
                && !ids.contains(&id)
            {
                ids.push(id);
            }
        }
        ids.sort_unstable();
        match ids.as_slice() {
            [id] => self.get(id).ok_or_else(|| self.unknown(id)),
            [] => {
                let endings = self.iter().flat_map(|language| &language.endings);
                Err(no_source(source, endings))
            }
            several => Err(LanguageError::Mixed {
                languages: several.join(", "),
            }),
        }
    }

    /// The id of the language that a file speaks for: by its ending, unless its first line says otherwise.
    fn claimant(&self, file: &SourceFile) -> Option<&str> {
        let language = self.iter().find(|language| language.claims(&file.name))?;
        let first_line = file.content.split(|&byte| byte == b'\n').next()?;
        let first_line = String::from_utf8_lossy(first_line);
        let other = language
            .first_line
            .iter()
            .find(|(_, word)| first_line.starts_with("#!") && first_line.contains(word.as_str()));
        Some(other.map_or(&language.id, |(id, _)| id))
    }

    fn unknown(&self, id: &str) -> LanguageError {
        LanguageError::UnknownId {
            id: id.to_owned(),
            known: join(self.iter().map(|language| language.id.as_str())),
        }
    }
}

fn no_source<'a>(source: &Source, endings: impl Iterator<Item = &'a String>) -> LanguageError {
    LanguageError::NoSource {
        files: join(source.files.iter().map(|file| file.name.as_str())),
        endings: join(endings.map(String::as_str)),
    }
}

fn join<'a>(words: impl Iterator<Item = &'a str>) -> String {
    words.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SourceFile;

    fn source(language: Option<&str>, names: &[&str]) -> Source {
        Source {
            files: names
                .iter()
                .map(|name| SourceFile {
                    name: (*name).to_owned(),
                    content: Vec::new(),
                })
                .collect(),
            language: language.map(String::from),
            entry_point: None,
        }
    }

    fn detected(language: Option<&str>, names: &[&str]) -> Result<String, &'static str> {
        Languages::builtin()
            .detect(&source(language, names))
            .map(|language| language.id.clone())
            .map_err(|error| error.code())
    }

    #[test]
    fn endings_decide_and_headers_come_along() {
        assert_eq!(detected(None, &["a.c"]), Ok("c".into()));
        assert_eq!(detected(None, &["a.C"]), Ok("cpp".into()));
        assert_eq!(detected(None, &["a.h", "b.cc"]), Ok("cpp".into()));
        assert_eq!(detected(None, &["x.py", "data.txt"]), Ok("python3".into()));
        assert_eq!(detected(None, &["Main.java"]), Ok("java".into()));
    }

    #[test]
    fn what_cannot_be_decided_has_a_code() {
        assert_eq!(detected(None, &[]), Err("no-files"));
        assert_eq!(detected(None, &["a.c", "b.py"]), Err("mixed-languages"));
        assert_eq!(detected(None, &["notes.txt"]), Err("no-source-file"));
        assert_eq!(detected(None, &[".py"]), Err("no-source-file"));
        assert_eq!(detected(Some("cobol"), &["a.c"]), Err("unknown-language"));
        assert_eq!(detected(Some("java"), &["a.c"]), Err("no-source-file"));
    }

    #[test]
    fn a_shared_ending_is_its_owners_unless_another_is_named() {
        assert_eq!(detected(None, &["a.py"]), Ok("python3".into()));
        assert_eq!(detected(Some("pypy3"), &["a.py"]), Ok("pypy3".into()));
        assert_eq!(detected(None, &["a.pl"]), Err("no-source-file"));
        assert_eq!(detected(Some("perl"), &["a.pl"]), Ok("perl".into()));
    }

    #[test]
    fn a_variant_can_be_put_in_its_languages_place() {
        let languages = Languages::builtin().with_variants(&["pypy3".to_owned()]);
        let languages = languages.expect("a variant");
        for named in [None, Some("python3"), Some("pypy3")] {
            let source = source(named, &["a.py"]);
            let id = languages.detect(&source).map(|language| &*language.id);
            assert_eq!(id, Ok("pypy3"), "{named:?}");
        }
        for id in ["java", "no-such-language"] {
            let refused = Languages::builtin().with_variants(&[id.to_owned()]);
            assert!(refused.is_err(), "{id}");
        }
    }

    #[test]
    fn a_first_line_may_claim_a_python_file_for_python_2() {
        let mut old = source(None, &["a.py"]);
        for (line, expected) in [
            ("#!/usr/bin/env python2", Err("unknown-language")),
            ("#!/usr/bin/python2.7 -u", Err("unknown-language")),
            ("#!/usr/bin/python3", Ok("python3")),
            ("# python2", Ok("python3")),
        ] {
            old.files[0].content = format!("{line}\nprint(1)\n").into_bytes();
            let languages = Languages::builtin();
            let found = languages.detect(&old);
            let found = found.map(|language| &*language.id).map_err(|e| e.code());
            assert_eq!(found, expected, "{line}");
        }
        old.files[0].content = b"#!/usr/bin/python2\n".to_vec();
        old.language = Some("python3".to_owned());
        assert!(
            Languages::builtin().detect(&old).is_ok(),
            "a name settles it"
        );
    }

    #[test]
    fn a_named_language_settles_a_mixture() {
        assert_eq!(detected(Some("c"), &["a.c", "b.py"]), Ok("c".into()));
    }
}
