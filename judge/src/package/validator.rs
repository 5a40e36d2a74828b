//! How the output of a package's cases is judged.

use super::PackageFile;

/// How output is judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OutputValidator {
    /// [`crate::compare::default_validator`], in-process; its flags are per case.
    Default,
    /// The package's own program, by the 42/43 protocol.
    Custom {
        /// The program's name in the package, for messages.
        name: String,
        /// Its sources, or a `build` or `run` script and what that needs.
        files: Vec<PackageFile>,
    },
}
