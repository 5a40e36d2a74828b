//! The digest that names a compiled program: equal digests may share an artefact, so everything that could change it goes in.

use sha2::{Digest, Sha256};

use crate::SourceFile;
use crate::languages::{HeadStart, Language};

/// What a compiler is given: the submission with the package's include files laid over it.
#[derive(Debug)]
pub(crate) struct Unit<'a> {
    pub(crate) language: &'a Language,
    /// As the compiler sees them, in any order; names are distinct.
    pub(crate) files: Vec<SourceFile>,
    /// Names of the main file or class to try, best first.
    pub(crate) entry_points: Vec<String>,
    /// Whether files of the package are among `files`.
    pub(crate) has_include_files: bool,
}

impl Unit<'_> {
    /// Names of the files that go on the compiler's command line, in byte order.
    pub(crate) fn sources(&self) -> Vec<String> {
        let mut names: Vec<String> = self
            .files
            .iter()
            .map(|file| file.name.clone())
            .filter(|name| self.language.owns(name))
            .collect();
        names.sort();
        names
    }

    /// The file that the compiler starts from, where the language has one: the first of the entry points that is there.
    pub(crate) fn root(&self) -> Option<&str> {
        let there = |name: &&String| self.files.iter().any(|file| &file.name == *name);
        self.entry_points.iter().find(there).map(String::as_str)
    }

    /// Hex SHA-256 over every name and byte the compiler sees, the entry points, and the language's commands.
    pub(crate) fn source_digest(&self) -> String {
        let mut hash = Lengthed(Sha256::new());
        let mut files: Vec<&SourceFile> = self.files.iter().collect();
        files.sort_by(|left, right| left.name.cmp(&right.name));
        hash.count(files.len());
        for file in files {
            hash.field(file.name.as_bytes());
            hash.field(&file.content);
        }
        hash.list(&self.entry_points);
        hash.field(self.language.id.as_bytes());
        hash.list(&self.language.compile.command);
        hash.list(&self.language.run.command);
        hash.count(self.language.environment.len());
        for (name, value) in &self.language.environment {
            hash.field(name.as_bytes());
            hash.field(value.as_bytes());
        }
        hash.finish()
    }
}

impl HeadStart {
    /// Over all that it is made of.
    pub(super) fn digest(&self) -> String {
        let mut hash = Lengthed(Sha256::new());
        hash.list(&self.command);
        hash.count(self.files.len());
        for (name, content) in &self.files {
            hash.field(name.as_bytes());
            hash.field(content.as_bytes());
        }
        hash.finish()
    }
}

/// The artefact's name: the sources and the toolchain that reads them.
pub(crate) fn artefact_key(source_digest: &str, toolchain: &str) -> String {
    let mut hash = Lengthed(Sha256::new());
    hash.field(source_digest.as_bytes());
    hash.field(toolchain.as_bytes());
    hash.finish()
}

/// What names a toolchain, from all that is known of it.
pub(crate) fn toolchain_digest(parts: &[Vec<u8>]) -> String {
    let mut hash = Lengthed(Sha256::new());
    hash.count(parts.len());
    for part in parts {
        hash.field(part);
    }
    hash.finish()
}

/// Hex SHA-256 of some bytes.
pub(crate) fn content_digest(content: &[u8]) -> String {
    hex(&Sha256::digest(content))
}

/// Length-prefixed fields, so that no two different lists hash alike.
struct Lengthed(Sha256);

impl Lengthed {
    fn count(&mut self, count: usize) {
        self.0.update((count as u64).to_be_bytes());
    }

    fn field(&mut self, bytes: &[u8]) {
        self.count(bytes.len());
        self.0.update(bytes);
    }

    fn list(&mut self, words: &[String]) {
        self.count(words.len());
        for word in words {
            self.field(word.as_bytes());
        }
    }

    fn finish(self) -> String {
        hex(&self.0.finalize())
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Languages;

    fn digest(id: &str, files: &[(&str, &str)], entry_points: &[&str]) -> String {
        let languages = Languages::builtin();
        let unit = Unit {
            language: languages.get(id).expect("builtin"),
            files: files
                .iter()
                .map(|(name, content)| SourceFile {
                    name: (*name).to_owned(),
                    content: content.as_bytes().to_vec(),
                })
                .collect(),
            entry_points: entry_points.iter().map(|name| (*name).to_owned()).collect(),
            has_include_files: false,
        };
        unit.source_digest()
    }

    #[test]
    fn anything_the_compiler_sees_changes_the_digest() {
        let base = digest("cpp", &[("a.cpp", "x"), ("driver.cpp", "y")], &[]);
        let others = [
            digest("cpp", &[("a.cpp", "x"), ("driver.cpp", "z")], &[]),
            digest("cpp", &[("a.cpp", "xy"), ("driver.cpp", "")], &[]),
            digest("cpp", &[("a.cpp", "x"), ("driver2.cpp", "y")], &[]),
            digest("cpp", &[("a.cpp", "x")], &[]),
            digest("cpp", &[("a.cpp", "x"), ("driver.cpp", "y")], &["Main"]),
            digest("c", &[("a.cpp", "x"), ("driver.cpp", "y")], &[]),
        ];
        for other in &others {
            assert_ne!(&base, other);
        }
        assert_ne!(artefact_key(&base, "g++ 12"), artefact_key(&base, "g++ 13"));
    }

    #[test]
    fn the_order_of_files_does_not_matter() {
        assert_eq!(
            digest("c", &[("a.c", "1"), ("b.c", "2")], &[]),
            digest("c", &[("b.c", "2"), ("a.c", "1")], &[])
        );
    }
}
