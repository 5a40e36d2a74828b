//! One language as its file in `judge/languages/` describes it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;

/// A language: pure data, so adding one is adding a file.
///
/// Commands are argument lists, never shell lines. `{directory}` stands for the program's directory inside the box,
/// `{entry_point}` for the main file or class, `{memory_mib}` and `{compile_memory_mib}` for limits; an argument that is
/// exactly `{sources}` becomes every source file.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Language {
    /// Short code of the package format: `cpp`.
    pub id: String,
    /// For people: `C++ (gnu++20)`.
    pub name: String,
    /// Endings of its source files, with the dot; upper and lower case differ.
    pub endings: Vec<String>,
    /// Prints the toolchain's version; its first line names it.
    pub version: Vec<String>,
    /// Host directories its toolchain needs besides the usual ones: see [`super::Languages::sandbox_config`].
    #[serde(default)]
    pub mounts: Vec<PathBuf>,
    /// Added to the fixed environment that every language gets.
    #[serde(default)]
    pub environment: BTreeMap<String, String>,
    /// How the main file or class is found.
    pub entry_point: EntryPointRule,
    /// How sources become a program.
    pub compile: Step,
    /// How the program starts.
    pub run: Step,
    /// A program that proves the toolchain works here.
    pub self_test: SelfTest,
}

/// How the main file or class is found.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum EntryPointRule {
    /// All sources become one program; there is nothing to choose.
    Linked,
    /// A source file is run.
    File {
        /// Taken if such a file exists; a driver of a package has this name.
        default: String,
    },
    /// A class is run; a file `NAME.java` is taken to hold the class `NAME`.
    Class {
        /// Taken if such a class was compiled; a driver of a package has this name.
        default: String,
    },
}

/// One command and what it needs beyond the package's limits.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Absolute path of the program, then its arguments.
    pub command: Vec<String>,
    /// Processes and threads alive at one time.
    pub processes: u32,
    /// MiB on top of the memory limit that belong to the runtime, not to the user.
    #[serde(default)]
    pub extra_memory_mib: u64,
    /// The exit status by which the runtime says that its heap (= the memory limit) is full.
    #[serde(default)]
    pub heap_exhausted_status: Option<i32>,
}

/// A program that proves the toolchain works here.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SelfTest {
    /// Its file name.
    pub file: String,
    /// Its text.
    pub source: String,
    /// Its standard input.
    pub input: String,
    /// What it must print, to the byte.
    pub output: String,
}

/// Values for the placeholders of a command.
#[derive(Clone, Debug, Default)]
pub(crate) struct Placeholders<'a> {
    pub(crate) directory: &'a str,
    pub(crate) entry_point: &'a str,
    pub(crate) memory_mib: u64,
    pub(crate) compile_memory_mib: u64,
    pub(crate) sources: &'a [String],
}

impl Step {
    /// The command with its placeholders filled in.
    pub(crate) fn argv(&self, values: &Placeholders<'_>) -> Vec<String> {
        let mut argv = Vec::with_capacity(self.command.len() + values.sources.len());
        for word in &self.command {
            if word == "{sources}" {
                argv.extend_from_slice(values.sources);
                continue;
            }
            argv.push(
                word.replace("{directory}", values.directory)
                    .replace("{memory_mib}", &values.memory_mib.to_string())
                    .replace(
                        "{compile_memory_mib}",
                        &values.compile_memory_mib.to_string(),
                    )
                    .replace("{entry_point}", values.entry_point),
            );
        }
        argv
    }
}

impl Language {
    /// The whole environment of its programs: fixed, nothing of the host's.
    pub(crate) fn env(&self) -> Vec<(std::ffi::OsString, std::ffi::OsString)> {
        let mut env = BTreeMap::from([
            ("PATH", "/usr/local/bin:/usr/bin:/bin"),
            ("HOME", "/tmp"),
            ("LC_ALL", "C.UTF-8"),
            ("TZ", "UTC"),
        ]);
        env.extend(
            self.environment
                .iter()
                .map(|(key, value)| (key.as_str(), value.as_str())),
        );
        env.into_iter()
            .map(|(key, value)| (key.into(), value.into()))
            .collect()
    }

    /// Whether `file` is a source file of this language.
    pub(crate) fn owns(&self, file: &str) -> bool {
        self.endings
            .iter()
            .any(|ending| file.len() > ending.len() && file.ends_with(ending.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_filled_and_sources_become_separate_arguments() {
        let step = Step {
            command: ["cc", "-o{directory}/x", "{sources}", "-m{memory_mib}"]
                .map(String::from)
                .to_vec(),
            processes: 1,
            extra_memory_mib: 0,
            heap_exhausted_status: None,
        };
        let sources = vec!["a b.c".to_owned(), "c.c".to_owned()];
        let argv = step.argv(&Placeholders {
            directory: "/program",
            memory_mib: 64,
            sources: &sources,
            ..Placeholders::default()
        });
        assert_eq!(argv, ["cc", "-o/program/x", "a b.c", "c.c", "-m64"]);
    }
}
