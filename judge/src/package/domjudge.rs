//! What DOMjudge writes beside `problem.yaml`: `domjudge-problem.ini` and `submissions.json`.

use std::collections::BTreeMap;

use super::OutputValidator;
use super::error::{PackageError, Warning};
use super::fields::Fields;
use super::metadata::Metadata;
use super::tree::Tree;

pub(super) const INI_FILE: &str = "domjudge-problem.ini";
/// Beside `problem.yaml`, or beside what it is about.
pub(super) const JSON_FILES: [&str; 2] = ["submissions.json", "submissions/submissions.json"];

/// Keys that say something about a contest, or repeat what the directory's name says.
const SKIPPED: [&str; 10] = [
    "timelimit",
    "short-name",
    "probid",
    "cid",
    "externalid",
    "external-id",
    "allow_submit",
    "allow_judge",
    "points",
    "color",
];

/// A line `key = value` of the file.
pub(super) struct Setting {
    pub(super) line: usize,
    pub(super) value: String,
}

/// The settings in the file, by key in lower case.
pub(super) fn settings(tree: &Tree) -> Result<BTreeMap<String, Setting>, PackageError> {
    let text = tree.text(INI_FILE)?.unwrap_or_default();
    let mut settings = BTreeMap::new();
    for (index, line) in text.lines().enumerate() {
        let is_comment = line.trim_start().starts_with([';', '#', '[']);
        let Some((key, value)) = line.split_once('=').filter(|_| !is_comment) else {
            continue;
        };
        let value = value.trim().trim_matches(['"', '\'']).to_owned();
        let setting = Setting {
            line: index + 1,
            value,
        };
        settings.insert(key.trim().to_ascii_lowercase(), setting);
    }
    Ok(settings)
}

/// Takes in what the file says beside the time limit.
pub(super) fn read(
    tree: &Tree,
    metadata: &mut Metadata,
    warnings: &mut Vec<Warning>,
) -> Result<(), PackageError> {
    for (key, setting) in settings(tree)? {
        match key.as_str() {
            "name" => {
                metadata.name.get_or_insert(setting.value);
            }
            "special_compare" | "special_run" if !setting.value.is_empty() => {
                // The programs of a DOMjudge server come before those of the package only when it has none.
                if metadata.validator == OutputValidator::Default {
                    let feature = format!("{key}, a program of a DOMjudge server,");
                    let advice = "put it into output_validators/ and set validation: custom";
                    let error = PackageError::unsupported(&feature, INI_FILE, advice);
                    return Err(error.at(setting.line));
                }
                let message = format!("{key} is not read, the package has a validator");
                warnings.push(Warning::new(INI_FILE, message).at(setting.line));
            }
            key if SKIPPED.contains(&key) || setting.value.is_empty() => {}
            key => {
                let message = format!("unknown key {key}, not read");
                warnings.push(Warning::new(INI_FILE, message).at(setting.line));
            }
        }
    }
    Ok(())
}

/// What `submissions.json` says of one jury submission.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Details {
    /// The submission, below `submissions/`.
    pub(super) path: String,
    /// Where it is said.
    pub(super) file: &'static str,
    pub(super) line: usize,
    pub(super) language: Option<String>,
    pub(super) entry_point: Option<String>,
}

/// The same of all, by path below `submissions/`.
pub(super) fn submissions(
    tree: &Tree,
    warnings: &mut Vec<Warning>,
) -> Result<BTreeMap<String, Details>, PackageError> {
    let mut all = BTreeMap::new();
    for file in JSON_FILES {
        for details in submissions_in(tree, file, warnings)? {
            all.insert(details.path.clone(), details);
        }
    }
    Ok(all)
}

fn submissions_in(
    tree: &Tree,
    file: &'static str,
    warnings: &mut Vec<Warning>,
) -> Result<Vec<Details>, PackageError> {
    let mut all = Vec::new();
    let Some(mut fields) = Fields::read(tree, file)? else {
        return Ok(all);
    };
    for key in fields.keys() {
        let line = fields.line(&key).unwrap_or(1);
        let Some(mut section) = fields.section(&key)? else {
            warnings.push(fields.warning(&key, "says nothing, not read"));
            continue;
        };
        section.skip(&["team", "user", "author"]);
        let mut language = section.string("langid")?;
        for key in ["language_id", "language"] {
            language = section.string(key)?.or(language);
        }
        let path = key.trim_matches('/');
        let path = path.strip_prefix("submissions/").unwrap_or(path);
        all.push(Details {
            path: path.to_owned(),
            file,
            line,
            language: language.map(|id| language_id(&id).to_owned()),
            entry_point: section.string("entry_point")?,
        });
        section.finish(warnings);
    }
    fields.finish(warnings);
    Ok(all)
}

/// DOMjudge calls some languages by their endings.
fn language_id(domjudge: &str) -> &str {
    match domjudge {
        "py" | "py3" | "python" => "python3",
        "js" => "javascript",
        "kt" => "kotlin",
        "rs" => "rust",
        "rb" => "ruby",
        "hs" => "haskell",
        "pas" => "pascal",
        "cs" => "csharp",
        "c++" | "cc" => "cpp",
        other => other,
    }
}
