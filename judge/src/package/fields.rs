//! The keys of a YAML file, taken one by one, so that what nobody took is known to be unknown.

use super::error::{PackageError, Warning};
use super::number::{bytes, number};
use super::tree::Tree;
use super::yaml::{Key, Node, Yaml};

/// A mapping of a settings file.
pub(super) struct Fields {
    pub(super) file: String,
    /// Path of keys that leads here, with a dot at its end: `limits.`
    prefix: String,
    /// What is left, in the order of the file.
    entries: Vec<(Key, Node)>,
    /// The line of every key that was ever there, taken or not.
    lines: Vec<Key>,
    /// Keys whose value a later one of the same name replaces, as most YAML readers do.
    replaced: Vec<Key>,
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
            line: Some(line),
            problem,
        };
        let node = Node::parse(text).map_err(|broken| syntax(broken.line, broken.problem))?;
        match node.value {
            Yaml::Map(entries) => Ok(Self::of(file, String::new(), entries)),
            Yaml::Null => Ok(Self::of(file, String::new(), Vec::new())),
            _ => Err(syntax(node.line, "must hold keys with values".to_owned())),
        }
    }

    fn of(file: &str, prefix: String, all: Vec<(Key, Node)>) -> Self {
        let mut entries: Vec<(Key, Node)> = Vec::new();
        let mut replaced = Vec::new();
        for (key, node) in all {
            let mut before = entries.iter();
            if let Some(at) = before.position(|(other, _)| other.name == key.name) {
                replaced.push(entries.remove(at).0);
            }
            entries.push((key, node));
        }
        Self {
            file: file.to_owned(),
            prefix,
            lines: entries.iter().map(|(key, _)| key.clone()).collect(),
            entries,
            replaced,
        }
    }

    /// An error about one key.
    pub(super) fn error(&self, key: &str, problem: &str) -> PackageError {
        let error = PackageError::invalid(&self.file, format!("{}{key} {problem}", self.prefix));
        match self.line(key) {
            Some(line) => error.at(line),
            None => error,
        }
    }

    /// Refuses a feature that one key asks for.
    pub(super) fn unsupported(&self, key: &str, feature: &str, advice: &str) -> PackageError {
        let error = PackageError::unsupported(feature, &self.file, advice);
        match self.line(key) {
            Some(line) => error.at(line),
            None => error,
        }
    }

    /// A warning about one key.
    pub(super) fn warning(&self, key: &str, message: &str) -> Warning {
        let warning = Warning::new(&self.file, format!("{}{key} {message}", self.prefix));
        match self.line(key) {
            Some(line) => warning.at(line),
            None => warning,
        }
    }

    /// The line of a key, also of one that was taken.
    pub(super) fn line(&self, key: &str) -> Option<usize> {
        let found = self.lines.iter().find(|found| found.name == key);
        found.map(|found| found.line)
    }

    /// Whether a key is there and not yet taken.
    pub(super) fn has(&self, key: &str) -> bool {
        self.get(key).is_some_and(|node| node.value != Yaml::Null)
    }

    fn get(&self, key: &str) -> Option<&Node> {
        let mut entries = self.entries.iter();
        let found = entries.find(|(found, _)| found.name == key);
        found.map(|(_, node)| node)
    }

    /// A key's value; a null counts as absent.
    pub(super) fn take(&mut self, key: &str) -> Option<Yaml> {
        let at = self
            .entries
            .iter()
            .position(|(found, _)| found.name == key)?;
        let (_, node) = self.entries.remove(at);
        Some(node.value).filter(|value| *value != Yaml::Null)
    }

    /// Drops keys that are known and mean nothing to a judge.
    pub(super) fn skip(&mut self, keys: &[&str]) {
        self.entries
            .retain(|(key, _)| !keys.contains(&key.name.as_str()));
    }

    /// Refuses keys that the other format knows and that decide how output is judged.
    pub(super) fn refuse(&self, keys: &[&str], advice: &str) -> Result<(), PackageError> {
        match keys.iter().find(|key| self.has(key)) {
            Some(key) => {
                Err(self.unsupported(key, &format!("{key} in this format version"), advice))
            }
            None => Ok(()),
        }
    }

    pub(super) fn string(&mut self, key: &str) -> Result<Option<String>, PackageError> {
        match self.take(key) {
            None => Ok(None),
            Some(Yaml::Text(text)) => Ok(Some(text)),
            Some(_) => Err(self.error(key, "must be a text")),
        }
    }

    /// A truth value, also in the words of old YAML.
    pub(super) fn boolean(&mut self, key: &str) -> Result<Option<bool>, PackageError> {
        let word = self.string(key)?.map(|word| word.to_ascii_lowercase());
        match word.as_deref() {
            None => Ok(None),
            Some("true" | "yes" | "on") => Ok(Some(true)),
            Some("false" | "no" | "off") => Ok(Some(false)),
            Some(_) => Err(self.error(key, "must be true or false")),
        }
    }

    /// A number that is at least `least` and at most `most`.
    pub(super) fn number(
        &mut self,
        key: &str,
        least: f64,
        most: f64,
    ) -> Result<Option<f64>, PackageError> {
        let Some(value) = self.take(key) else {
            return Ok(None);
        };
        let number = match value {
            Yaml::Text(text) => number(&text),
            _ => None,
        };
        let within = number.filter(|number| (least..=most).contains(number));
        within.map(Some).ok_or_else(|| {
            let range = format!("must be a number from {least} to {most}");
            self.error(key, &range)
        })
    }

    /// A number of bytes, counted in `unit` unless the package names one (`512 MB`, met in the wild).
    pub(super) fn amount(
        &mut self,
        key: &str,
        unit: u64,
        most: u64,
    ) -> Result<Option<u64>, PackageError> {
        let Some(value) = self.take(key) else {
            return Ok(None);
        };
        let bytes = match &value {
            Yaml::Text(text) => bytes(text, unit),
            _ => None,
        };
        // Rounded up, so that no limit becomes 0.
        let bytes = bytes.filter(|bytes| *bytes > 0.0).map(f64::ceil);
        match bytes {
            Some(bytes) if bytes <= most as f64 => Ok(Some(bytes as u64)),
            _ => Err(self.error(
                key,
                "must be a number greater than 0, and less than any disk",
            )),
        }
    }

    /// A list of words. Numbers are taken as written, since `[float_tolerance, 1e-6]` is common.
    pub(super) fn list(&mut self, key: &str) -> Result<Option<Vec<String>>, PackageError> {
        let Some(value) = self.take(key) else {
            return Ok(None);
        };
        let words = words(value);
        words
            .map(Some)
            .ok_or_else(|| self.error(key, "must be a list of words"))
    }

    /// One word or a list of words.
    pub(super) fn word_or_list(&mut self, key: &str) -> Result<Option<Vec<String>>, PackageError> {
        if self.is_list(key) {
            return self.list(key);
        }
        Ok(self.string(key)?.map(|word| vec![word]))
    }

    /// A text that is split into words as a shell does, or a list of words.
    pub(super) fn shell_words(&mut self, key: &str) -> Result<Option<Vec<String>>, PackageError> {
        if self.is_list(key) {
            return self.list(key);
        }
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
            Some(Yaml::Map(entries)) => {
                let prefix = format!("{}{key}.", self.prefix);
                Ok(Some(Self::of(&self.file, prefix, entries)))
            }
            Some(_) => Err(self.error(key, "must hold keys with values")),
        }
    }

    /// Whether a key holds a mapping.
    pub(super) fn is_section(&self, key: &str) -> bool {
        matches!(
            self.get(key),
            Some(Node {
                value: Yaml::Map(_),
                ..
            })
        )
    }

    /// Whether a key holds a list.
    pub(super) fn is_list(&self, key: &str) -> bool {
        matches!(
            self.get(key),
            Some(Node {
                value: Yaml::List(_),
                ..
            })
        )
    }

    /// The keys that are left, in the order of the file.
    pub(super) fn keys(&self) -> Vec<String> {
        self.entries
            .iter()
            .map(|(key, _)| key.name.clone())
            .collect()
    }

    /// Every key that nobody took becomes a warning, and so does one that is there twice.
    pub(super) fn finish(self, warnings: &mut Vec<Warning>) {
        for key in &self.replaced {
            let message = format!(
                "{}{} is there again below, and that one counts",
                self.prefix, key.name
            );
            warnings.push(Warning::new(&self.file, message).at(key.line));
        }
        for (key, _) in &self.entries {
            let message = format!("unknown key {}{}, not read", self.prefix, key.name);
            warnings.push(Warning::new(&self.file, message).at(key.line));
        }
    }
}

/// The words of a list; `None` when it is none, or holds more than words.
pub(super) fn words(value: Yaml) -> Option<Vec<String>> {
    let Yaml::List(items) = value else {
        return None;
    };
    let word = |item: Node| match item.value {
        Yaml::Text(text) => Some(text),
        Yaml::Null | Yaml::List(_) | Yaml::Map(_) => None,
    };
    items.into_iter().map(word).collect()
}
