//! `include/<language>/`: files laid over a submission before it is compiled.

use std::collections::BTreeMap;

use super::error::Warning;
use super::file::{self, PackageFile};
use super::metadata::Metadata;
use super::tree::Tree;

/// The key for languages without a directory of their own; legacy knows none.
pub(super) const FALLBACK: &str = "default";

pub(super) fn read(
    tree: &Tree,
    metadata: &Metadata,
    warnings: &mut Vec<Warning>,
) -> BTreeMap<String, Vec<PackageFile>> {
    let mut include = BTreeMap::new();
    for (name, is_directory) in tree.children("include") {
        let path = format!("include/{name}");
        let problem = if !is_directory {
            "not in the directory of a language, not used"
        } else if name == FALLBACK && metadata.version.is_legacy() {
            "the legacy format has no fallback, not used"
        } else {
            let mut files = file::below(tree, &path);
            file::set_constants(&mut files, &metadata.constants);
            include.insert(name.to_owned(), files);
            continue;
        };
        warnings.push(Warning::new(path, problem));
    }
    include
}
