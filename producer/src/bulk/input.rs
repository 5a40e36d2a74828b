//! The lines of a file or of standard input, read one at a time.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, stdin};
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};

/// The longest line: a submission of the largest size, with every byte escaped.
const MAX_LINE_BYTES: usize = 8 << 20;

/// Where lines come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Input {
    /// Can be read twice: once to check, once to send.
    File(PathBuf),
    /// Can be read once.
    Stdin,
}

impl Input {
    /// `-` is standard input, as everywhere.
    pub(crate) fn of(path: &Path) -> Self {
        if path == Path::new("-") {
            Self::Stdin
        } else {
            Self::File(path.to_owned())
        }
    }

    /// The folder that paths in lines are relative to.
    pub(crate) fn folder(&self) -> PathBuf {
        match self {
            Self::File(path) => path.parent().map(Path::to_owned).unwrap_or_default(),
            Self::Stdin => PathBuf::new(),
        }
    }

    pub(crate) fn lines(&self) -> anyhow::Result<Lines> {
        let reader: Box<dyn BufRead> = match self {
            Self::Stdin => Box::new(BufReader::new(stdin())),
            Self::File(path) => {
                let file = File::open(path)
                    .with_context(|| format!("failed to open {}", path.display()))?;
                Box::new(BufReader::new(file))
            }
        };
        Ok(Lines { reader, number: 0 })
    }
}

/// Lines with their numbers, blank ones left out.
pub(crate) struct Lines {
    reader: Box<dyn BufRead>,
    number: usize,
}

impl Lines {
    fn read(&mut self) -> anyhow::Result<Option<String>> {
        self.number += 1;
        let mut line = Vec::new();
        let mut bounded = (&mut self.reader).take(MAX_LINE_BYTES as u64 + 1);
        let read = bounded
            .read_until(b'\n', &mut line)
            .with_context(|| format!("failed to read line {}", self.number))?;
        ensure!(
            line.len() <= MAX_LINE_BYTES,
            "line {} is longer than {MAX_LINE_BYTES} bytes",
            self.number
        );
        let text = String::from_utf8(line)
            .with_context(|| format!("line {} is not UTF-8", self.number))?;
        Ok((read > 0).then_some(text))
    }
}

impl Iterator for Lines {
    type Item = anyhow::Result<(usize, String)>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match self.read().transpose()? {
                Ok(text) if text.trim().is_empty() => {}
                Ok(text) => return Some(Ok((self.number, text))),
                Err(error) => return Some(Err(error)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blank_lines_are_left_out_but_counted_and_the_last_needs_no_end() -> anyhow::Result<()> {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("in.jsonl");
        std::fs::write(&file, "a\n\n \nb\r\nc")?;
        let lines: Vec<(usize, String)> = Input::of(&file).lines()?.collect::<Result<_, _>>()?;
        let lines: Vec<(usize, &str)> = lines.iter().map(|(n, text)| (*n, text.trim())).collect();
        assert_eq!(lines, [(1, "a"), (4, "b"), (5, "c")]);
        assert_eq!(Input::of(Path::new("-")), Input::Stdin);
        Ok(())
    }

    #[test]
    fn a_line_without_end_does_not_fill_the_memory() -> anyhow::Result<()> {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("in.jsonl");
        std::fs::write(&file, vec![b' '; MAX_LINE_BYTES + 10])?;
        let first = Input::of(&file).lines()?.next();
        assert!(matches!(first, Some(Err(_))), "{first:?}");
        Ok(())
    }
}
