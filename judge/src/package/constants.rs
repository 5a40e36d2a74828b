//! Constants of 2025-09: `{{name}}` in the package's programs and group settings stands for a value.
//!
//! Test data is never touched, and a name that nobody gave stays as it is.

use std::sync::Arc;

use super::error::{PackageError, Warning};
use super::fields::Fields;

/// What `constants` of `problem.yaml` says; cheap to copy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Constants {
    /// `{{name}}` or `{{name.variant}}`, and the text in its place.
    tokens: Arc<Vec<(String, String)>>,
}

impl Constants {
    pub(super) fn read(
        fields: &mut Fields,
        warnings: &mut Vec<Warning>,
    ) -> Result<Self, PackageError> {
        let mut tokens = Vec::new();
        let Some(mut section) = fields.section("constants")? else {
            return Ok(Self::default());
        };
        for name in section.keys() {
            check_name(&section, &name)?;
            if !section.is_section(&name) {
                let value = section.string(&name)?.unwrap_or_default();
                tokens.push((format!("{{{{{name}.value}}}}"), value.clone()));
                tokens.push((format!("{{{{{name}}}}}"), value));
                continue;
            }
            let Some(mut variants) = section.section(&name)? else {
                continue;
            };
            for variant in variants.keys() {
                check_name(&variants, &variant)?;
                let value = variants.string(&variant)?.unwrap_or_default();
                if variant == "value" {
                    tokens.push((format!("{{{{{name}}}}}"), value.clone()));
                }
                tokens.push((format!("{{{{{name}.{variant}}}}}"), value));
            }
            variants.finish(warnings);
        }
        section.finish(warnings);
        Ok(Self {
            tokens: Arc::new(tokens),
        })
    }

    /// The text with every constant in its place, in one go: a value is not looked at again.
    pub(super) fn fill(&self, text: &str) -> String {
        String::from_utf8_lossy(&self.fill_bytes(text.as_bytes())).into_owned()
    }

    /// The same for files that need not be text.
    pub(super) fn fill_bytes(&self, mut rest: &[u8]) -> Vec<u8> {
        let mut filled = Vec::with_capacity(rest.len());
        while let Some(at) = rest.windows(2).position(|pair| pair == b"{{") {
            let (before, here) = rest.split_at(at);
            filled.extend_from_slice(before);
            let is_here = |(token, _): &&(String, String)| here.starts_with(token.as_bytes());
            rest = match self.tokens.iter().find(is_here) {
                Some((token, value)) => {
                    filled.extend_from_slice(value.as_bytes());
                    &here[token.len()..]
                }
                None => {
                    filled.push(b'{');
                    &here[1..]
                }
            };
        }
        filled.extend_from_slice(rest);
        filled
    }

    pub(super) fn is_empty(&self) -> bool {
        self.tokens.is_empty()
    }
}

fn check_name(fields: &Fields, name: &str) -> Result<(), PackageError> {
    let mut bytes = name.bytes();
    let starts = bytes
        .next()
        .is_some_and(|b| b.is_ascii_alphabetic() || b == b'_');
    if starts && bytes.all(|b| b.is_ascii_alphanumeric() || b == b'_') {
        return Ok(());
    }
    Err(fields.error(name, "is no name: letters, digits and `_`, no digit first"))
}
