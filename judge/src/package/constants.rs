//! Constants of 2025-09: `{{name}}` in sources stands for a value. Not filled in here, so refused.

use std::fs::File;
use std::io::{BufRead as _, BufReader};

use super::error::PackageError;
use super::fields::Fields;
use super::metadata;
use super::tree::{self, Entry, Tree};

/// Where a judge would have to fill them in. Statements and generators do not concern it.
const DIRECTORIES: [&str; 4] = ["output_validator", "include", "submissions", "data"];

/// Refuses a package that uses a constant where judging would see it.
pub(super) fn refuse_used(tree: &Tree, fields: &mut Fields) -> Result<(), PackageError> {
    let Some(constants) = fields.section("constants")? else {
        return Ok(());
    };
    let names = constants.keys();
    for directory in DIRECTORIES {
        for (path, entry) in tree.below(directory) {
            // Test data is never changed, only the settings of its groups.
            if directory == "data" && !path.ends_with("test_group.yaml") {
                continue;
            }
            if let Some(name) = used(entry, &names)? {
                return Err(PackageError::unsupported(
                    &format!("the constant {{{{{name}}}}}"),
                    &format!("{directory}/{path}"),
                    &format!("write its value there, or drop it from {}", metadata::FILE),
                ));
            }
        }
    }
    Ok(())
}

/// The first constant in a file, read line by line.
fn used<'a>(entry: &Entry, names: &'a [String]) -> Result<Option<&'a String>, PackageError> {
    let failed = |source| tree::io(&entry.path, source);
    let file = File::open(&entry.path).map_err(failed)?;
    for line in BufReader::new(file).split(b'\n') {
        let line = line.map_err(failed)?;
        let text = String::from_utf8_lossy(&line);
        let found = text.split("{{").skip(1).find_map(|rest| {
            names.iter().find(|name| {
                rest.strip_prefix(name.as_str())
                    .is_some_and(|rest| rest.starts_with("}}") || rest.starts_with('.'))
            })
        });
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}
