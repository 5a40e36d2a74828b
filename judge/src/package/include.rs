//! `include/<language>/`: files laid over a submission before it is compiled.

use std::collections::BTreeMap;

use super::error::Warning;
use super::file::{self, PackageFile};
use super::metadata::Format;
use super::tree::Tree;

/// The key for languages without a directory of their own; legacy knows none.
pub(super) const FALLBACK: &str = "default";

pub(super) fn read(
    tree: &Tree,
    format: Format,
    warnings: &mut Vec<Warning>,
) -> BTreeMap<String, Vec<PackageFile>> {
    let mut include = BTreeMap::new();
    for (name, is_directory) in tree.children("include") {
        let path = format!("include/{name}");
        let problem = if !is_directory {
            "not in the directory of a language, not used"
        } else if name == FALLBACK && format == Format::Legacy {
            "the legacy format has no fallback, not used"
        } else {
            include.insert(name.to_owned(), file::below(tree, &path));
            continue;
        };
        warnings.push(Warning {
            file: path,
            message: problem.to_owned(),
        });
    }
    include
}
