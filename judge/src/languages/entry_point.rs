//! Which file or class of a program is the main one.

use serde::Deserialize;

use super::definition::stem;
use super::{Language, Placeholders};

/// How the main file or class is found.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum EntryPointRule {
    /// All sources become one program; there is nothing to choose.
    Linked,
    /// One source is compiled and names the others.
    Root {
        /// Taken if such a file exists; a driver of a package has this name.
        default: String,
    },
    /// A source file is run.
    File {
        /// Taken if such a file exists; a driver of a package has this name.
        default: String,
    },
    /// A class is run, whose name follows from its file's.
    Class {
        /// Taken if such a class was compiled.
        default: String,
        /// The file that a package's driver is in.
        driver: String,
        /// What the class of a file `name.kt` has after its name, which then begins with a capital letter; empty: the name as it is.
        #[serde(default)]
        suffix: String,
    },
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
        let default = match &self.entry_point {
            EntryPointRule::Linked => return Vec::new(),
            EntryPointRule::Root { default }
            | EntryPointRule::File { default }
            | EntryPointRule::Class { default, .. } => default,
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
        let mut names = vec![default.clone()];
        names.extend(files.into_iter().map(|file| self.entry_of(file)));
        names
    }

    /// The entry point that a file is, or holds.
    fn entry_of(&self, file: &str) -> String {
        match &self.entry_point {
            EntryPointRule::Class { suffix, .. } if suffix.is_empty() => stem(file).to_owned(),
            EntryPointRule::Class { suffix, .. } => format!("{}{suffix}", capitalised(stem(file))),
            _ => file.to_owned(),
        }
    }

    /// Name of the file that must exist after compiling for `entry_point` to be runnable.
    pub(crate) fn entry_file(&self, entry_point: &str) -> String {
        let values = Placeholders {
            entry_point,
            ..Placeholders::default()
        };
        values.fill(&self.produces, 0)
    }

    /// Whether the compiler has to be told which file is the main one.
    pub(crate) fn has_root(&self) -> bool {
        matches!(self.entry_point, EntryPointRule::Root { .. })
    }

    /// File name that a package's driver has, where the language knows one.
    pub(crate) fn driver_name(&self) -> Option<&str> {
        match &self.entry_point {
            EntryPointRule::Linked => None,
            EntryPointRule::Root { default } | EntryPointRule::File { default } => Some(default),
            EntryPointRule::Class { driver, .. } => Some(driver),
        }
    }
}

fn capitalised(name: &str) -> String {
    let mut letters = name.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use crate::Languages;

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
            entry_points("rust", None, false, &["solver.rs"]),
            ["main.rs", "solver.rs"]
        );
        assert!(entry_points("cpp", Some("x"), false, &["a.cc"]).is_empty());
    }

    #[test]
    fn a_class_is_called_after_its_file() {
        assert_eq!(
            entry_points("java", None, false, &["Solver.java"]),
            ["Main", "Solver"]
        );
        assert_eq!(
            entry_points("kotlin", None, false, &["solver.kt", "Main.kt"]),
            ["MainKt", "MainKt", "SolverKt"]
        );
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

    #[test]
    fn what_must_exist_after_compiling_follows_from_the_entry_point() {
        let languages = Languages::builtin();
        let produced = |id: &str, entry_point: &str| {
            let language = languages.get(id);
            language.map(|language| language.entry_file(entry_point))
        };
        for (id, entry_point, file) in [
            ("java", "org.example.Main", "org/example/Main.class"),
            ("typescript", "main.ts", "main.js"),
            ("python3", "a.py", "a.py"),
            ("cpp", "", ".program"),
        ] {
            assert_eq!(produced(id, entry_point).as_deref(), Some(file));
        }
    }
}
