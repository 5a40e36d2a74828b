//! Which language a program is written in, told by the endings of its files.

/// Language codes and file endings of the package format, and those that our judges know beside them. A language without an ending here, or a
/// variant of one, is chosen by name.
const ENDINGS: &[(&str, &[&str])] = &[
    ("ada", &["adb", "ads"]),
    ("algol68", &["a68"]),
    ("apl", &["apl"]),
    ("bash", &["sh"]),
    ("c", &["c"]),
    ("cobol", &["cob"]),
    ("cpp", &["cc", "cpp", "cxx", "c++", "C"]),
    ("crystal", &["cr"]),
    ("csharp", &["cs"]),
    ("d", &["d"]),
    ("dart", &["dart"]),
    ("elixir", &["ex"]),
    ("erlang", &["erl"]),
    ("forth", &["fth", "4th", "forth"]),
    ("fortran", &["f90"]),
    ("fsharp", &["fs"]),
    ("gerbil", &["ss"]),
    ("go", &["go"]),
    ("haskell", &["hs"]),
    ("java", &["java"]),
    ("javascript", &["js", "mjs", "cjs"]),
    ("julia", &["jl"]),
    ("kotlin", &["kt"]),
    ("lisp", &["lisp", "cl"]),
    ("lua", &["lua"]),
    ("modula2", &["mod"]),
    ("nim", &["nim"]),
    ("objectivec", &["m"]),
    ("ocaml", &["ml"]),
    ("odin", &["odin"]),
    ("pascal", &["pas"]),
    ("perl", &["pm"]),
    ("php", &["php"]),
    ("prolog", &["pl"]),
    ("python2", &["py2"]),
    ("python3", &["py", "py3"]),
    ("racket", &["rkt"]),
    ("ruby", &["rb"]),
    ("rust", &["rs"]),
    ("scala", &["scala"]),
    ("simula", &["sim"]),
    ("smalltalk", &["st"]),
    ("snobol", &["sno"]),
    ("swift", &["swift"]),
    ("typescript", &["ts"]),
    ("visualbasic", &["vb"]),
    ("zig", &["zig"]),
];

/// Why no language could be told.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LanguageError {
    /// No file has an ending that names a language.
    #[error("cannot tell the language from the file names ({}): give it with --language", .files.join(", "))]
    Unknown {
        /// The files' names.
        files: Vec<String>,
    },
    /// Files of several languages.
    #[error("files of several languages ({}): give the one to use with --language", .languages.join(", "))]
    Several {
        /// Their codes.
        languages: Vec<&'static str>,
    },
    /// A code that no language could have.
    #[error("language `{code}` is not a language code: use one like `cpp`, `python3` or `java`")]
    Code {
        /// What was given.
        code: String,
    },
}

/// The one language that these files' endings name. Files of other endings, such as headers and
/// data, do not count.
pub fn guess<'a>(
    file_names: impl IntoIterator<Item = &'a str>,
) -> Result<&'static str, LanguageError> {
    let files: Vec<&str> = file_names.into_iter().collect();
    let mut languages: Vec<&'static str> = files.iter().filter_map(|name| of_file(name)).collect();
    languages.sort_unstable();
    languages.dedup();
    match languages[..] {
        [language] => Ok(language),
        [] => Err(LanguageError::Unknown {
            files: files.into_iter().map(str::to_owned).collect(),
        }),
        _ => Err(LanguageError::Several { languages }),
    }
}

/// Accepts a code that was given by name: which languages exist is for the evaluators to say.
pub fn check(code: &str) -> Result<(), LanguageError> {
    let plain = code
        .bytes()
        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    if plain && !code.is_empty() {
        return Ok(());
    }
    Err(LanguageError::Code {
        code: code.to_owned(),
    })
}

fn of_file(name: &str) -> Option<&'static str> {
    let (_, ending) = name.rsplit_once('.')?;
    let mut table = ENDINGS.iter();
    table
        .find(|(_, endings)| endings.contains(&ending))
        .map(|(language, _)| *language)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ending_tells_the_language() {
        for (file, language) in [
            ("a.c", "c"),
            ("a.cpp", "cpp"),
            ("a.C", "cpp"),
            ("dir.d/Main.java", "java"),
            ("x.py", "python3"),
            ("x.py2", "python2"),
            ("main.rs", "rust"),
            ("a.tar.go", "go"),
        ] {
            assert_eq!(guess([file]), Ok(language), "{file}");
        }
    }

    #[test]
    fn headers_and_data_do_not_count_but_two_languages_do() {
        assert_eq!(guess(["a.cpp", "a.h", "notes.txt"]), Ok("cpp"));
        assert_eq!(
            guess(["a.py", "b.c"]),
            Err(LanguageError::Several {
                languages: vec!["c", "python3"]
            })
        );
        let error = guess(["Makefile", "a.h"]);
        assert!(
            matches!(error, Err(LanguageError::Unknown { .. })),
            "{error:?}"
        );
    }

    #[test]
    fn no_ending_names_two_languages() {
        let mut endings: Vec<&str> = ENDINGS
            .iter()
            .flat_map(|(_, all)| all.iter().copied())
            .collect();
        let all = endings.len();
        endings.sort_unstable();
        endings.dedup();
        assert_eq!(endings.len(), all);
    }

    #[test]
    fn a_code_is_plain() {
        assert_eq!(check("python3numpy"), Ok(()));
        for code in ["", "C++", "../x", "c pp"] {
            assert!(check(code).is_err(), "{code}");
        }
    }
}
