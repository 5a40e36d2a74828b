//! The keys of a YAML file, taken one by one, so that what nobody took is known to be unknown.

use serde_yaml_ng::{Mapping, Value};

use super::error::{PackageError, Warning};
use super::tree::Tree;

/// A mapping of a settings file.
pub(super) struct Fields {
    pub(super) file: String,
    /// Path of keys that leads here, with a dot at its end: `limits.`
    prefix: String,
    map: Mapping,
}

impl Fields {
    /// Reads a file; `None` when it does not exist. An empty file is an empty mapping.
    pub(super) fn read(tree: &Tree, file: &str) -> Result<Option<Self>, PackageError> {
        tree.text(file)?
            .map(|text| Self::parse(file, &text))
            .transpose()
    }

    pub(super) fn parse(file: &str, text: &str) -> Result<Self, PackageError> {
        let syntax = |line, problem| PackageError::Syntax {
            file: file.to_owned(),
            line,
            problem,
        };
        let value: Value = serde_yaml_ng::from_str(text)
            .map_err(|error| syntax(error.location().map(|at| at.line()), error.to_string()))?;
        let map = match value {
            Value::Mapping(map) => map,
            Value::Null => Mapping::new(),
            _ => return Err(syntax(Some(1), "must hold keys with values".to_owned())),
        };
        Ok(Self {
            file: file.to_owned(),
            prefix: String::new(),
            map,
        })
    }

    /// An error about one key.
    pub(super) fn error(&self, key: &str, problem: &str) -> PackageError {
        PackageError::invalid(&self.file, format!("{}{key} {problem}", self.prefix))
    }

    /// A key's value; a null counts as absent.
    pub(super) fn take(&mut self, key: &str) -> Option<Value> {
        self.map.remove(key).filter(|value| !value.is_null())
    }

    /// Drops keys that are known and mean nothing to a judge.
    pub(super) fn skip(&mut self, keys: &[&str]) {
        for key in keys {
            self.map.remove(*key);
        }
    }

    /// Refuses keys that the other format knows and that decide how output is judged.
    pub(super) fn refuse(&self, keys: &[&str], advice: &str) -> Result<(), PackageError> {
        match keys.iter().find(|key| self.map.contains_key(**key)) {
            Some(key) => Err(PackageError::unsupported(
                &format!("{key} in this format version"),
                &self.file,
                advice,
            )),
            None => Ok(()),
        }
    }

    pub(super) fn string(&mut self, key: &str) -> Result<Option<String>, PackageError> {
        self.take(key)
            .map(|value| scalar(&value).ok_or_else(|| self.error(key, "must be a text")))
            .transpose()
    }

    pub(super) fn boolean(&mut self, key: &str) -> Result<Option<bool>, PackageError> {
        self.take(key)
            .map(|value| {
                value
                    .as_bool()
                    .ok_or_else(|| self.error(key, "must be true or false"))
            })
            .transpose()
    }

    /// A number that is at least `least` and at most `most`.
    pub(super) fn number(
        &mut self,
        key: &str,
        least: f64,
        most: f64,
    ) -> Result<Option<f64>, PackageError> {
        self.take(key)
            .map(|value| {
                value
                    .as_f64()
                    .filter(|number| (least..=most).contains(number))
                    .ok_or_else(|| {
                        let range = format!("must be a number from {least} to {most}");
                        self.error(key, &range)
                    })
            })
            .transpose()
    }

    /// A list of words. Numbers are taken as written, since `[float_tolerance, 1e-6]` is common.
    pub(super) fn list(&mut self, key: &str) -> Result<Option<Vec<String>>, PackageError> {
        self.take(key)
            .map(|value| {
                value
                    .as_sequence()
                    .and_then(|items| items.iter().map(scalar).collect())
                    .ok_or_else(|| self.error(key, "must be a list of words"))
            })
            .transpose()
    }

    /// One word or a list of words.
    pub(super) fn word_or_list(&mut self, key: &str) -> Result<Option<Vec<String>>, PackageError> {
        match self.map.get(key) {
            Some(Value::Sequence(_)) => self.list(key),
            _ => Ok(self.string(key)?.map(|word| vec![word])),
        }
    }

    /// A text that is split into words as a shell does.
    pub(super) fn shell_words(&mut self, key: &str) -> Result<Option<Vec<String>>, PackageError> {
        self.string(key)?
            .map(|text| {
                shlex::split(&text).ok_or_else(|| self.error(key, "has a quote that is not closed"))
            })
            .transpose()
    }

    /// A mapping below a key.
    pub(super) fn section(&mut self, key: &str) -> Result<Option<Self>, PackageError> {
        match self.take(key) {
            None => Ok(None),
            Some(Value::Mapping(map)) => Ok(Some(Self {
                file: self.file.clone(),
                prefix: format!("{}{key}.", self.prefix),
                map,
            })),
            Some(_) => Err(self.error(key, "must hold keys with values")),
        }
    }

    /// Whether a key holds a mapping.
    pub(super) fn is_section(&self, key: &str) -> bool {
        self.map.get(key).is_some_and(Value::is_mapping)
    }

    /// The keys that are left, in the order of the file.
    pub(super) fn keys(&self) -> Vec<String> {
        self.map.keys().filter_map(scalar).collect()
    }

    /// Every key that nobody took becomes a warning.
    pub(super) fn finish(self, warnings: &mut Vec<Warning>) {
        for key in self.map.keys() {
            let key = scalar(key).unwrap_or_else(|| "(not a text)".to_owned());
            warnings.push(Warning {
                file: self.file.clone(),
                message: format!("unknown key {}{key}, not read", self.prefix),
            });
        }
    }
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        _ => None,
    }
}
