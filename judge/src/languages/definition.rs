//! One language as its file in `judge/languages/` describes it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::{EntryPointRule, HeadStart};

/// A language: pure data, so adding one is adding a file.
///
/// Commands are argument lists, never shell lines. See `Placeholders` for what may stand in them.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Language {
    /// Short code of the package format: `cpp`.
    pub id: String,
    /// For people: `C++ (gnu++20)`.
    pub name: String,
    /// Endings of its source files, with the dot; upper and lower case differ.
    pub endings: Vec<String>,
    /// Endings of its source files once it was chosen by name, because they belong to another language by default.
    #[serde(default)]
    pub named_endings: Vec<String>,
    /// The language whose programs it runs too: what a package says of that one (include files, allowed languages) holds for it.
    #[serde(default)]
    pub variant_of: Option<String>,
    /// First lines `#!…WORD…` that claim a file for another language, by that language's id.
    #[serde(default)]
    pub first_line: BTreeMap<String, String>,
    /// Debian's packages that bring the toolchain.
    pub debian: Vec<String>,
    /// The file that must exist after compiling: the program, or its main file.
    pub produces: String,
    /// Prints the toolchain's version; its first line that is not empty names it.
    pub version: Vec<String>,
    /// Files of the toolchain besides the programs that the commands begin with.
    #[serde(default)]
    pub needs: Vec<PathBuf>,
    /// Host paths its toolchain needs besides the usual ones: see [`super::Languages::sandbox_config`].
    #[serde(default)]
    pub mounts: Vec<PathBuf>,
    /// Added to the fixed environment that every language gets.
    #[serde(default)]
    pub environment: BTreeMap<String, String>,
    /// Files that the compiler finds beside the submission's, unless it brings its own of the same name.
    #[serde(default)]
    pub files: BTreeMap<String, String>,
    /// How the main file or class is found.
    pub entry_point: EntryPointRule,
    /// How sources become a program.
    pub compile: Step,
    /// How the program starts.
    pub run: Step,
    /// A program that proves the toolchain works here.
    pub self_test: SelfTest,
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
    /// What the compiler can be given ready-made.
    #[serde(default)]
    pub head_start: Option<HeadStart>,
}

/// A program that proves the toolchain works here: it reads, prints, imports from the standard library, and starts a thread
/// where the runtime has any.
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
    /// `{directory}`: the program's directory inside the box.
    pub(crate) directory: &'a str,
    /// `{entry_point}`: the main file or class. `{entry_stem}` is a file's without its ending, `{entry_path}` a class's as a path.
    pub(crate) entry_point: &'a str,
    /// `{memory_mib}`: the memory limit. `{total_memory_mib}` has the step's `extra_memory_mib` on top.
    pub(crate) memory_mib: u64,
    /// `{compile_memory_mib}`: the compiler's memory limit.
    pub(crate) compile_memory_mib: u64,
    /// An argument that is exactly `{sources}` becomes every source file.
    pub(crate) sources: &'a [String],
    /// An argument that is exactly `{head_start}` becomes those of the head start, if there is one.
    pub(crate) head_start: &'a [String],
}

impl Placeholders<'_> {
    /// One word with its placeholders filled in; the entry point comes last, because a submission may have named it.
    pub(crate) fn fill(&self, word: &str, extra_memory_mib: u64) -> String {
        let total_memory_mib = self.memory_mib + extra_memory_mib;
        word.replace("{directory}", self.directory)
            .replace("{memory_mib}", &self.memory_mib.to_string())
            .replace("{total_memory_mib}", &total_memory_mib.to_string())
            .replace("{compile_memory_mib}", &self.compile_memory_mib.to_string())
            .replace("{entry_stem}", stem(self.entry_point))
            .replace("{entry_path}", &self.entry_point.replace('.', "/"))
            .replace("{entry_point}", self.entry_point)
    }
}

/// A file's name without its ending.
pub(super) fn stem(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

impl Step {
    /// The command with its placeholders filled in.
    pub(crate) fn argv(&self, values: &Placeholders<'_>) -> Vec<String> {
        let mut argv = Vec::with_capacity(self.command.len() + values.sources.len());
        for word in &self.command {
            match word.as_str() {
                "{sources}" => argv.extend_from_slice(values.sources),
                "{head_start}" => argv.extend_from_slice(values.head_start),
                _ => argv.push(values.fill(word, self.extra_memory_mib)),
            }
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

    /// Whether `file` is a source file of this language, once that is settled.
    pub(crate) fn owns(&self, file: &str) -> bool {
        self.claims(file) || has_ending(file, &self.named_endings)
    }

    /// Whether `file` speaks for this language when none is named.
    pub(super) fn claims(&self, file: &str) -> bool {
        has_ending(file, &self.endings)
    }

    /// What to do when its toolchain is missing or broken.
    pub fn advice(&self) -> String {
        format!("on Debian: apt-get install {}", self.debian.join(" "))
    }

    /// Every file of the host that its toolchain is known to need.
    pub(crate) fn toolchain_files(&self) -> BTreeSet<&Path> {
        let commands = [&self.version, &self.compile.command, &self.run.command];
        let words = commands.into_iter().flatten().map(String::as_str);
        let files = words.filter(|word| word.starts_with("/usr/") && !word.contains([':', '{']));
        let shell = self.compile.command.first().map(String::as_str);
        files
            .chain(shell.filter(|program| program.starts_with('/')))
            .map(Path::new)
            .chain(self.needs.iter().map(PathBuf::as_path))
            .collect()
    }

    /// Whether nothing of its toolchain is missing here; only its self-test tells whether it works.
    pub fn is_installed(&self) -> bool {
        self.missing_file().is_none()
    }

    /// A file that its toolchain needs and this host lacks.
    pub(crate) fn missing_file(&self) -> Option<&Path> {
        let mut files = self.toolchain_files().into_iter();
        files.find(|file| !file.exists())
    }

    /// Its id, then that of the language it is a variant of: what a package says of either holds for it.
    pub(crate) fn codes(&self) -> impl Iterator<Item = &str> {
        [Some(&self.id), self.variant_of.as_ref()]
            .into_iter()
            .flatten()
            .map(String::as_str)
    }
}

fn has_ending(file: &str, endings: &[String]) -> bool {
    endings
        .iter()
        .any(|ending| file.len() > ending.len() && file.ends_with(ending.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_filled_and_sources_become_separate_arguments() {
        let step = Step {
            command: [
                "cc",
                "-o{directory}/x",
                "{sources}",
                "-m{memory_mib}",
                "-t{total_memory_mib}",
                "{entry_stem}.js",
                "{entry_path}.class",
            ]
            .map(String::from)
            .to_vec(),
            processes: 1,
            extra_memory_mib: 6,
            heap_exhausted_status: None,
            head_start: None,
        };
        let sources = vec!["a b.c".to_owned(), "c.c".to_owned()];
        let argv = step.argv(&Placeholders {
            directory: "/program",
            entry_point: "org.Main",
            memory_mib: 64,
            sources: &sources,
            ..Placeholders::default()
        });
        assert_eq!(
            argv,
            [
                "cc",
                "-o/program/x",
                "a b.c",
                "c.c",
                "-m64",
                "-t70",
                "org.js",
                "org/Main.class"
            ]
        );
    }

    #[test]
    fn an_entry_point_is_not_read_for_placeholders() {
        let values = Placeholders {
            entry_point: "{memory_mib}",
            memory_mib: 64,
            ..Placeholders::default()
        };
        assert_eq!(values.fill("x{entry_point}", 0), "x{memory_mib}");
    }
}
