//! The jury submissions of a package.

use super::{Expectation, PackageFile};

/// A jury submission and its expectation.
#[derive(Clone, Debug, PartialEq)]
pub struct JurySubmission {
    /// Path below `submissions/`: `accepted/fast.cpp`, or a directory.
    pub path: String,
    /// Its files, by name; no directories in the names.
    pub files: Vec<PackageFile>,
    /// Language, where named by the package.
    pub language: Option<String>,
    /// Entry point, where named by the package.
    pub entry_point: Option<String>,
    /// What it should get.
    pub expectation: Expectation,
}
