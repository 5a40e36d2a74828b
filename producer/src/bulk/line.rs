//! One line: a JSON object that is a submission.

use std::collections::HashMap;
use std::path::PathBuf;

use anyhow::{Context, bail};
use schemas::{SourceFile, Submission};
use serde::Deserialize;
use uuid::Uuid;

use crate::cli::WhoArgs;
use crate::{NewSubmission, sources};

/// The namespace of keys for lines that bring none.
const LINE_KEYS: Uuid = Uuid::from_u128(0x2f4d_6d51_93d5_4a0a_8f0e_0b6f_58c1_7a3d);

/// What a line may say; `problem` and one of `files` and `path` are required.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    problem: String,
    language: Option<String>,
    entry_point: Option<String>,
    files: Option<Vec<InlineFile>>,
    path: Option<PathBuf>,
    user: Option<String>,
    tenant: Option<String>,
    contest: Option<String>,
    idempotency_key: Option<String>,
    package_digest: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct InlineFile {
    name: String,
    content: String,
}

/// Turns lines into submissions. A line without a key gets one from its text and from how many equal
/// lines came before it, so that reading the same input again gives the same submissions.
pub(crate) struct Parser {
    who: WhoArgs,
    folder: PathBuf,
    seen: HashMap<Uuid, u32>,
}

impl Parser {
    /// Lines that name no one are by `who`; paths in them are below `folder`.
    pub(crate) fn new(who: WhoArgs, folder: PathBuf) -> Self {
        Self {
            who,
            folder,
            seen: HashMap::new(),
        }
    }

    pub(crate) fn parse(&mut self, text: &str) -> anyhow::Result<Submission> {
        let text = text.trim();
        let line: Line = serde_json::from_str(text).context("not a submission as JSON")?;
        let key = match line.idempotency_key {
            Some(key) => key,
            None => self.key_of(text),
        };
        let files = match (line.files, line.path) {
            (Some(files), None) => files.into_iter().map(InlineFile::into_source).collect(),
            (None, Some(path)) => sources::read(&[self.folder.join(path)])?,
            _ => bail!("give either `files` or `path`"),
        };
        let new = NewSubmission {
            tenant: line.tenant.unwrap_or_else(|| self.who.tenant.clone()),
            contest_id: line.contest.or_else(|| self.who.contest.clone()),
            user_id: line.user.unwrap_or_else(|| self.who.user.clone()),
            problem_id: line.problem,
            language: line.language,
            entry_point: line.entry_point,
            files,
            idempotency_key: Some(key),
            package_digest: line.package_digest,
        };
        Ok(new.prepare()?)
    }

    fn key_of(&mut self, text: &str) -> String {
        let line = Uuid::new_v5(&LINE_KEYS, text.as_bytes());
        let before = self.seen.entry(line).or_insert(0);
        let key = Uuid::new_v5(&line, &before.to_be_bytes());
        *before += 1;
        format!("line-{key}")
    }
}

impl InlineFile {
    fn into_source(self) -> SourceFile {
        SourceFile {
            name: self.name,
            content: self.content.into_bytes(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parser() -> Parser {
        let who = WhoArgs {
            tenant: "default".to_owned(),
            user: "ada".to_owned(),
            contest: None,
        };
        Parser::new(who, PathBuf::new())
    }

    const LEAST: &str = r#"{"problem":"hello","files":[{"name":"a.py","content":"print()"}]}"#;

    #[test]
    fn the_same_input_gives_the_same_submissions_and_equal_lines_are_told_apart()
    -> anyhow::Result<()> {
        let read = || -> anyhow::Result<Vec<Uuid>> {
            let mut parser = parser();
            let lines = [LEAST, LEAST];
            lines
                .iter()
                .map(|line| Ok(parser.parse(line)?.submission_id))
                .collect()
        };
        let first = read()?;
        assert_ne!(first[0], first[1]);
        assert_eq!(read()?, first);
        Ok(())
    }

    #[test]
    fn a_line_says_who_and_what_and_the_rest_comes_from_the_flags() -> anyhow::Result<()> {
        let full = r#"{"problem":"p","language":"cpp","entry_point":"e","user":"bob","tenant":"t",
            "contest":"c","idempotency_key":"k","package_digest":"d","files":[{"name":"x","content":"y"}]}"#;
        let submission = parser().parse(full)?;
        assert_eq!(submission.user_id, "bob");
        assert_eq!(submission.tenant, "t");
        assert_eq!(submission.contest_id.as_deref(), Some("c"));
        assert_eq!(submission.idempotency_key.as_deref(), Some("k"));
        assert_eq!(submission.package_digest.as_deref(), Some("d"));
        assert_eq!(submission.entry_point.as_deref(), Some("e"));
        assert_eq!(parser().parse(LEAST)?.user_id, "ada");
        Ok(())
    }

    #[test]
    fn a_bad_line_is_refused_with_its_reason() {
        for (line, reason) in [
            ("{", "not a submission as JSON"),
            (r#"{"problem":"p"}"#, "give either `files` or `path`"),
            (
                r#"{"problem":"P!","files":[{"name":"a.py","content":""}]}"#,
                "only a-z and 0-9",
            ),
            (
                r#"{"problem":"p","files":[{"name":"a","content":""}]}"#,
                "cannot tell the language",
            ),
            (r#"{"problem":"p","file":[]}"#, "unknown field `file`"),
            (
                r#"{"problem":"p","path":"nowhere.c"}"#,
                "failed to read nowhere.c",
            ),
        ] {
            let error = parser().parse(line).err();
            let error = error.map(|error| format!("{error:#}")).unwrap_or_default();
            assert!(error.contains(reason), "{line}: {error}");
        }
    }
}
