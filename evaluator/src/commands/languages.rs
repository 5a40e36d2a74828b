//! `evaluator languages`: which languages work here, in which versions.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use judge::{Cancel, Language, Languages};
use sandbox::Sandbox;
use serde::Serialize;

use crate::local_judge::{DISAGREES, LocalJudgeArgs, print};

/// Where a file keeps the table that `--write` replaces.
const MARKERS: [&str; 2] = ["<!-- languages -->", "<!-- /languages -->"];

/// Compile and run each language's self-test in the sandbox, and say which work here.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Exit status: 0 every installed language works, 1 one is installed and broken."
)]
pub(crate) struct Args {
    /// Print a JSON line for each.
    #[arg(long)]
    json: bool,
    /// Print a table for a page in Markdown.
    #[arg(long, conflicts_with = "json")]
    markdown: bool,
    /// Replace the table between `<!-- languages -->` and `<!-- /languages -->` in this file.
    #[arg(long, value_name = "FILE", conflicts_with = "json")]
    write: Option<PathBuf>,
    #[command(flatten)]
    judge: LocalJudgeArgs,
}

/// What came of trying a language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum State {
    /// Its self-test passed.
    Works,
    /// Its toolchain is not installed.
    Missing,
    /// Its toolchain is installed and does not do what it should.
    Broken,
}

/// Whether one language works here.
#[derive(Clone, Debug, Serialize)]
pub(super) struct LanguageCheck {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) state: State,
    /// Its toolchain's version, where it works.
    pub(super) toolchain: Option<String>,
    /// What is wrong, and what to do.
    pub(super) problem: Option<String>,
    endings: Vec<String>,
    debian: Vec<String>,
}

/// Tries all, prints, and tells by the exit status whether any is broken.
pub(crate) fn execute(args: &Args) -> anyhow::Result<ExitCode> {
    let checks = check(&args.judge, args.judge.judging().languages()?)?;
    if args.json {
        for check in &checks {
            print(&serde_json::to_string(check)?)?;
        }
    } else if let Some(file) = &args.write {
        write_between_markers(file, &markdown(&checks))?;
    } else if args.markdown {
        print(markdown(&checks).trim_end())?;
    } else {
        for check in &checks {
            print(&check.to_string())?;
        }
    }
    let broken = checks.iter().any(|check| check.state == State::Broken);
    Ok(ExitCode::from(if broken { DISAGREES } else { 0 }))
}

/// Runs the self-test of every language.
pub(super) fn check(
    args: &LocalJudgeArgs,
    languages: Languages,
) -> anyhow::Result<Vec<LanguageCheck>> {
    let sandbox = Sandbox::open(args.judging().sandbox_config(&languages))?;
    let judge = args.judge_in(sandbox, languages)?;
    let cancel = Cancel::new()?;
    let mut worker = judge.worker()?;
    let checks = judge.languages().iter().map(|language| {
        let tried = worker.canary(&language.id, &cancel);
        LanguageCheck::new(language, tried.map_err(|fault| fault.to_string()))
    });
    Ok(checks.collect())
}

impl LanguageCheck {
    pub(super) fn new(language: &Language, tried: Result<String, String>) -> LanguageCheck {
        LanguageCheck {
            id: language.id.clone(),
            name: language.name.clone(),
            state: match &tried {
                Ok(_) => State::Works,
                Err(_) if language.is_installed() => State::Broken,
                Err(_) => State::Missing,
            },
            toolchain: tried.as_ref().ok().cloned(),
            problem: tried.err(),
            endings: [&language.endings[..], &language.named_endings].concat(),
            debian: language.debian.clone(),
        }
    }
}

impl std::fmt::Display for LanguageCheck {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let word = match self.state {
            State::Works => "works  ",
            State::Missing => "missing",
            State::Broken => "BROKEN ",
        };
        let said = self.toolchain.as_ref().or(self.problem.as_ref());
        let said = said.map_or("", String::as_str).trim_end();
        write!(formatter, "  {word}  {}: {said}", self.id)
    }
}

fn markdown(checks: &[LanguageCheck]) -> String {
    let mut table =
        "| language | code | endings | tried with | Debian's packages |\n|---|---|---|---|---|\n"
            .to_owned();
    for check in checks {
        let version = match (check.state, &check.toolchain) {
            (State::Works, Some(version)) => version.replace('|', "\\|"),
            (State::Missing, _) => "not available here".to_owned(),
            _ => "broken here".to_owned(),
        };
        let endings: Vec<_> = check.endings.iter().map(|it| format!("`{it}`")).collect();
        table += &format!(
            "| {} | `{}` | {} | {version} | {} |\n",
            check.name,
            check.id,
            endings.join(" "),
            check.debian.join(" ")
        );
    }
    table
}

fn write_between_markers(file: &Path, table: &str) -> anyhow::Result<()> {
    let name = file.display();
    let text = std::fs::read_to_string(file).with_context(|| format!("failed to read {name}"))?;
    let text = between_markers(&text, table)
        .with_context(|| format!("{name} has no lines {} and {}", MARKERS[0], MARKERS[1]))?;
    std::fs::write(file, text).with_context(|| format!("failed to write {name}"))
}

/// `text` with `table` between its markers.
fn between_markers(text: &str, table: &str) -> Option<String> {
    let [open, close] = MARKERS;
    let (before, rest) = text.split_once(open)?;
    let (_, after) = rest.split_once(close)?;
    Some(format!("{before}{open}\n{table}{close}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(tried: Result<&str, &str>) -> LanguageCheck {
        let languages = Languages::builtin();
        let mut language = languages.get("c").cloned().expect("builtin");
        if tried == Err("gone") {
            language.run.command = vec!["/usr/bin/no-such-program".to_owned()];
        }
        LanguageCheck::new(&language, tried.map(str::to_owned).map_err(str::to_owned))
    }

    #[test]
    fn missing_is_told_from_broken() {
        assert_eq!(check(Ok("gcc 12")).state, State::Works);
        assert_eq!(check(Err("its self-test fails")).state, State::Broken);
        assert_eq!(check(Err("gone")).state, State::Missing);
        assert_eq!(check(Err("gone")).to_string(), "  missing  c: gone");
    }

    #[test]
    fn the_table_goes_between_the_markers_and_nowhere_else() {
        let table = markdown(&[check(Ok("gcc | 12"))]);
        assert!(table.ends_with("| C (gnu17) | `c` | `.c` | gcc \\| 12 | gcc libc6-dev |\n"));
        let text = "a\n<!-- languages -->\nold\n<!-- /languages -->\nb\n";
        let written = between_markers(text, "new\n").unwrap_or_default();
        assert_eq!(
            written,
            "a\n<!-- languages -->\nnew\n<!-- /languages -->\nb\n"
        );
        assert_eq!(between_markers("no markers", "new\n"), None);
    }

    #[test]
    fn the_readme_lists_every_language() -> anyhow::Result<()> {
        let readme = concat!(env!("CARGO_MANIFEST_DIR"), "/../README.md");
        let readme = std::fs::read_to_string(readme)?;
        let table = readme.split_once(MARKERS[0]).context("no table")?.1;
        let table = table.split_once(MARKERS[1]).context("no end")?.0;
        for language in Languages::builtin().iter() {
            let row = format!("| {} | `{}` |", language.name, language.id);
            assert!(
                table.contains(&row),
                "no row {row}: run `just language-table`"
            );
        }
        Ok(())
    }
}
