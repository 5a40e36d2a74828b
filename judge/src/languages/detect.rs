//! Which language a submission is in, and which of its files is the main one.

use super::{EntryPointRule, Language, Languages};
use crate::Source;

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
    /// The language of `source`: the named one, else the one that its files' endings agree on.
    /// Files with endings that belong to no language (headers, data) come along without a vote.
    pub fn detect(&self, source: &Source) -> Result<&Language, LanguageError> {
        if source.files.is_empty() {
            return Err(LanguageError::Empty);
        }
        let candidates: Vec<&Language> = match &source.language {
            Some(id) => vec![self.get(id).ok_or_else(|| LanguageError::UnknownId {
                id: id.clone(),
                known: join(self.iter().map(|language| language.id.as_str())),
            })?],
            None => self.iter().collect(),
        };
        let found: Vec<&Language> = candidates
            .iter()
            .filter(|language| source.files.iter().any(|file| language.owns(&file.name)))
            .copied()
            .collect();
        match found.as_slice() {
            [language] => Ok(language),
            [] => Err(LanguageError::NoSource {
                files: join(source.files.iter().map(|file| file.name.as_str())),
                endings: join(
                    candidates
                        .iter()
                        .flat_map(|language| language.endings.iter().map(String::as_str)),
                ),
            }),
            several => Err(LanguageError::Mixed {
                languages: join(several.iter().map(|language| language.id.as_str())),
            }),
        }
    }
}

fn join<'a>(words: impl Iterator<Item = &'a str>) -> String {
    words.collect::<Vec<_>>().join(", ")
}

impl Language {
    /// Names of the main file or class to try, best first; empty when the language links everything together.
    ///
    /// `driven` means that the package laid a driver with the default name over the submission: then it is the only choice,
    /// whatever the submission asks for.
    pub(crate) fn entry_points(
        &self,
        named: Option<&str>,
        driven: bool,
        sources: &[String],
    ) -> Vec<String> {
        let (default, class) = match &self.entry_point {
            EntryPointRule::Linked => return Vec::new(),
            EntryPointRule::File { default } => (default, false),
            EntryPointRule::Class { default } => (default, true),
        };
        if driven {
            return vec![default.clone()];
        }
        if let Some(named) = named {
            return vec![named.to_owned()];
        }
        let is_main = |name: &&String| name.to_ascii_lowercase().starts_with("main.");
        let mut files: Vec<&String> = sources.iter().filter(is_main).collect();
        let mut rest: Vec<&String> = sources.iter().filter(|name| !is_main(name)).collect();
        rest.sort();
        files.append(&mut rest);
        let stem = |name: &String| match (class, name.rsplit_once('.')) {
            (true, Some((stem, _))) => stem.to_owned(),
            _ => name.clone(),
        };
        let mut names = vec![default.clone()];
        names.extend(files.into_iter().map(stem));
        names
    }

    /// Name of the file that must exist after compiling for `entry_point` to be runnable.
    pub(crate) fn entry_file(&self, entry_point: &str) -> Option<String> {
        match &self.entry_point {
            EntryPointRule::Linked => None,
            EntryPointRule::File { .. } => Some(entry_point.to_owned()),
            EntryPointRule::Class { .. } => {
                let path = entry_point.replace('.', "/");
                Some(format!("{path}.class"))
            }
        }
    }

    /// File name that a package's driver has, where the language knows one.
    pub(crate) fn driver_name(&self) -> Option<String> {
        match &self.entry_point {
            EntryPointRule::Linked => None,
            EntryPointRule::File { default } => Some(default.clone()),
            EntryPointRule::Class { default } => {
                let ending = self.endings.first().map_or("", String::as_str);
                Some(format!("{default}{ending}"))
            }
        }
    }
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
    fn a_named_language_settles_a_mixture() {
        assert_eq!(detected(Some("c"), &["a.c", "b.py"]), Ok("c".into()));
    }

    fn entry_points(id: &str, named: Option<&str>, driven: bool, sources: &[&str]) -> Vec<String> {
        let languages = Languages::builtin();
        let sources: Vec<String> = sources.iter().map(|name| (*name).to_owned()).collect();
        languages
            .get(id)
            .map(|language| language.entry_points(named, driven, &sources))
            .unwrap_or_default()
    }

    #[test]
    fn the_main_file_is_the_default_then_main_then_the_first_by_name() {
        assert_eq!(
            entry_points("python3", None, false, &["b.py", "a.py", "Main.py"]),
            ["__main__.py", "Main.py", "a.py", "b.py"]
        );
        assert_eq!(
            entry_points("java", None, false, &["Solver.java"]),
            ["Main", "Solver"]
        );
        assert!(entry_points("cpp", Some("x"), false, &["a.cc"]).is_empty());
    }

    #[test]
    fn a_driver_wins_over_the_entry_point_that_a_submission_names() {
        assert_eq!(
            entry_points("python3", Some("mine.py"), true, &["mine.py"]),
            ["__main__.py"]
        );
        assert_eq!(
            entry_points("java", Some("Mine"), false, &["Mine.java"]),
            ["Mine"]
        );
    }
}
