//! The languages this judge knows, read from one data file each.

mod by_hand;
mod definition;
mod detect;
mod entry_point;
mod head_start;

use sandbox::SandboxConfig;

pub use by_hand::ByHand;
pub use definition::{Language, SelfTest, Step};
pub use detect::LanguageError;
pub use entry_point::EntryPointRule;
pub use head_start::{HeadStart, Shape};

pub(crate) use definition::Placeholders;

/// One file a language; a new one is added here and nowhere else.
const BUILTIN: [&str; 18] = [
    include_str!("../languages/c.toml"),
    include_str!("../languages/cpp.toml"),
    include_str!("../languages/csharp.toml"),
    include_str!("../languages/go.toml"),
    include_str!("../languages/haskell.toml"),
    include_str!("../languages/java.toml"),
    include_str!("../languages/javascript.toml"),
    include_str!("../languages/kotlin.toml"),
    include_str!("../languages/lua.toml"),
    include_str!("../languages/ocaml.toml"),
    include_str!("../languages/pascal.toml"),
    include_str!("../languages/perl.toml"),
    include_str!("../languages/php.toml"),
    include_str!("../languages/pypy3.toml"),
    include_str!("../languages/python3.toml"),
    include_str!("../languages/ruby.toml"),
    include_str!("../languages/rust.toml"),
    include_str!("../languages/typescript.toml"),
];

/// A set of languages with distinct ids.
#[derive(Clone, Debug)]
pub struct Languages {
    languages: Vec<Language>,
    /// Ids of the variants that take the place of the languages they are variants of.
    variants: Vec<String>,
}

impl Languages {
    /// All that `judge/languages/` describes, by id.
    pub fn builtin() -> Languages {
        #[expect(
            clippy::expect_used,
            reason = "the files are part of the binary and a test reads them"
        )]
        let languages = BUILTIN
            .iter()
            .map(|text| toml::from_str(text).expect("a builtin language is valid"))
            .collect();
        Languages::from_list(languages)
    }

    /// Exactly these, for an operator's or a test's own set.
    pub fn from_list(languages: Vec<Language>) -> Languages {
        Languages {
            languages,
            variants: Vec::new(),
        }
    }

    /// The same, with these variants in the place of the languages they are variants of: `pypy3` for `python3`.
    pub fn with_variants(mut self, ids: &[String]) -> Result<Languages, String> {
        for id in ids {
            let variant = self.get(id).is_some_and(|it| it.variant_of.is_some());
            if !variant {
                let known = self.iter().filter(|it| it.variant_of.is_some());
                let known: Vec<&str> = known.map(|it| it.id.as_str()).collect();
                let known = known.join(", ");
                return Err(format!(
                    "`{id}` is no variant of a language; known are {known}"
                ));
            }
        }
        self.variants = ids.to_vec();
        Ok(self)
    }

    /// The language with this id.
    pub fn get(&self, id: &str) -> Option<&Language> {
        self.languages.iter().find(|language| language.id == id)
    }

    /// `language`, or the variant that was put in its place.
    fn in_place_of<'a>(&'a self, language: &'a Language) -> &'a Language {
        self.variants
            .iter()
            .filter_map(|id| self.get(id))
            .find(|variant| variant.variant_of.as_ref() == Some(&language.id))
            .unwrap_or(language)
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

    /// The most processes that a program or a compiler of these may have at a time.
    pub fn most_processes(&self) -> u32 {
        let steps = self.iter().flat_map(|it| [&it.compile, &it.run]);
        steps.map(|step| step.processes).max().unwrap_or(0)
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
            assert!(!language.debian.is_empty(), "{}", language.id);
            if let Some(base) = &language.variant_of {
                assert!(languages.get(base).is_some(), "{base}");
            }
        }
    }

    #[test]
    fn every_file_of_the_folder_is_built_in() -> anyhow::Result<()> {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/languages");
        let mut files = BTreeSet::new();
        for entry in std::fs::read_dir(folder)? {
            files.insert(entry?.file_name().to_string_lossy().into_owned());
        }
        let languages = Languages::builtin();
        let ids: Vec<String> = languages.iter().map(|it| it.id.clone()).collect();
        assert!(ids.is_sorted(), "{ids:?}");
        let named: BTreeSet<String> = ids.iter().map(|id| format!("{id}.toml")).collect();
        assert_eq!(files, named);
        Ok(())
    }
}
