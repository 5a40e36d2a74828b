//! A submission as the judge sees it: named files and nothing of who sent them.

/// One source file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFile {
    /// Plain file name (`^[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,254}$`), no directories.
    pub name: String,
    /// The bytes as they came.
    pub content: Vec<u8>,
}

/// A program to judge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// At least one file.
    pub files: Vec<SourceFile>,
    /// Language id (`c`, `cpp`, `python3`, `java`, …); `None` = by file ending.
    pub language: Option<String>,
    /// Main file or class where the language needs one; `None` = the language's default.
    pub entry_point: Option<String>,
}
