//! What a person would type to compile and start one program, without the judge around it.

use std::ffi::OsString;

use super::{Language, Placeholders};
use crate::package::PackageLimits;

/// The same commands as the judge's, without what it may give a compiler ready-made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ByHand {
    /// Compiles; to be typed in the program's directory.
    pub compile: Vec<String>,
    /// Starts what was compiled.
    pub run: Vec<String>,
    /// The whole environment of both.
    pub environment: Vec<(OsString, OsString)>,
}

impl Language {
    /// The commands for a program whose only source is `file` in `directory`, under a package's limits.
    pub fn by_hand(&self, directory: &str, file: &str, limits: &PackageLimits) -> ByHand {
        let sources = [file.to_owned()];
        let entry_points = self.entry_points(None, false, &sources);
        // The default comes first, and stands for a file or class of another name.
        let entry_point = entry_points.last().map_or("", String::as_str);
        let values = Placeholders {
            directory,
            entry_point,
            memory_mib: limits.memory_bytes >> 20,
            compile_memory_mib: limits.compilation_memory_bytes >> 20,
            sources: &sources,
            head_start: &[],
        };
        ByHand {
            compile: self.compile.argv(&values),
            run: self.run.argv(&values),
            environment: self.env(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Languages;

    #[test]
    fn the_commands_name_the_one_file_or_the_class_in_it() -> anyhow::Result<()> {
        let limits = PackageLimits {
            memory_bytes: 64 << 20,
            ..PackageLimits::default()
        };
        let typed = |id: &str, file: &str| {
            let languages = Languages::builtin();
            let language = languages.get(id);
            language.map(|language| language.by_hand("/work", file, &limits))
        };
        let kotlin = typed("kotlin", "hello.kt").ok_or_else(|| anyhow::anyhow!("no Kotlin"))?;
        assert_eq!(kotlin.compile.last().map(String::as_str), Some("hello.kt"));
        assert_eq!(kotlin.run.last().map(String::as_str), Some("HelloKt"));
        assert!(kotlin.run.contains(&"-Xmx64m".to_owned()), "{kotlin:?}");
        let cpp = typed("cpp", "hello.cpp").ok_or_else(|| anyhow::anyhow!("no C++"))?;
        assert!(cpp.compile.contains(&"hello.cpp".to_owned()), "{cpp:?}");
        assert!(!cpp.compile.iter().any(|word| word.contains("head")));
        assert_eq!(cpp.run, ["/work/.program"]);
        Ok(())
    }
}
