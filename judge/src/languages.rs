//! The languages this judge knows, read from one data file each.

mod definition;
mod detect;

use sandbox::SandboxConfig;

pub use definition::{EntryPointRule, Language, SelfTest, Step};
pub use detect::LanguageError;

pub(crate) use definition::Placeholders;

/// One file a language; a new one is added here and nowhere else.
const BUILTIN: [&str; 4] = [
    include_str!("../languages/c.toml"),
    include_str!("../languages/cpp.toml"),
    include_str!("../languages/java.toml"),
    include_str!("../languages/python3.toml"),
];

/// A set of languages with distinct ids.
#[derive(Clone, Debug)]
pub struct Languages {
    languages: Vec<Language>,
}

impl Languages {
    /// C, C++, Java and Python 3.
    pub fn builtin() -> Languages {
        #[expect(
            clippy::expect_used,
            reason = "the files are part of the binary and a test reads them"
        )]
        let languages = BUILTIN
            .iter()
            .map(|text| toml::from_str(text).expect("a builtin language is valid"))
            .collect();
        Languages { languages }
    }

    /// Exactly these, for an operator's or a test's own set.
    pub fn from_list(languages: Vec<Language>) -> Languages {
        Languages { languages }
    }

    /// The language with this id.
    pub fn get(&self, id: &str) -> Option<&Language> {
        self.languages.iter().find(|language| language.id == id)
    }

    /// The default sandbox, showing every box what the toolchains of these languages need.
    pub fn sandbox_config(&self) -> SandboxConfig {
        let mut config = SandboxConfig::default();
        for directory in self.iter().flat_map(|language| &language.mounts) {
            if !config.toolchain.contains(directory) {
                config.toolchain.push(directory.clone());
            }
        }
        config
    }

    /// All of them, by id.
    pub fn iter(&self) -> impl Iterator<Item = &Language> {
        self.languages.iter()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn builtin_languages_are_well_formed_and_distinct() {
        let languages = Languages::builtin();
        let mut ids = BTreeSet::new();
        let mut endings = BTreeSet::new();
        for language in languages.iter() {
            assert!(ids.insert(&language.id), "{} twice", language.id);
            for ending in &language.endings {
                assert!(ending.starts_with('.'));
                assert!(endings.insert(ending), "{ending} belongs to two languages");
            }
            for command in [
                &language.version,
                &language.compile.command,
                &language.run.command,
            ] {
                assert!(command[0].starts_with(['/', '{']), "{command:?}");
            }
            assert!(language.owns(&language.self_test.file));
        }
        assert_eq!(ids.len(), BUILTIN.len());
    }
}
