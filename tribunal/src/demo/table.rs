//! What was expected and what came, as a table with a total.

use comfy_table::{CellAlignment, Table, presets};
use schemas::Verdict;

use super::JuryEntry;

/// How many agreed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Verdicts as expected.
    pub(crate) agreed: usize,
    /// Others.
    pub(crate) differed: usize,
    /// No recorded verdict at all.
    pub(crate) missing: usize,
}

impl Tally {
    /// Whether every submission got what its package expects.
    pub(crate) fn is_clean(&self) -> bool {
        self.differed == 0 && self.missing == 0
    }
}

/// The table and its tally; a verdict stands beside its entry.
pub(crate) fn render(results: &[(JuryEntry, Option<Verdict>)]) -> (Table, Tally) {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING);
    table.set_header([
        "",
        "problem",
        "submission",
        "language",
        "expected",
        "got",
        "score",
        "cases",
        "cpu",
        "memory",
    ]);
    let mut tally = Tally::default();
    for (entry, verdict) in results {
        table.add_row(row(entry, verdict.as_ref()));
        match verdict {
            None => tally.missing += 1,
            Some(verdict) if entry.agrees(verdict.verdict.as_str()) => tally.agreed += 1,
            Some(_) => tally.differed += 1,
        }
    }
    for column in 6..10 {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    (table, tally)
}

fn row(entry: &JuryEntry, verdict: Option<&Verdict>) -> [String; 10] {
    let mark = match verdict {
        None => "missing",
        Some(verdict) if entry.agrees(verdict.verdict.as_str()) => "ok",
        Some(_) => "differs",
    };
    let public = verdict.map(|verdict| &verdict.public);
    let shown = |text: Option<String>| text.unwrap_or_default();
    [
        mark.to_owned(),
        entry.problem_id.clone(),
        entry.path.clone(),
        shown(verdict.map(|verdict| verdict.language.clone())),
        entry.expected.join("|"),
        shown(verdict.map(|verdict| verdict.verdict.to_string())),
        shown(verdict.and_then(|verdict| verdict.score).map(points)),
        shown(public.map(|it| format!("{}/{}", it.tests_passed, it.tests_total))),
        shown(public.map(|it| format!("{} ms", it.cpu_ms))),
        shown(public.map(|it| format!("{:.1} MB", it.memory_bytes as f64 / 1e6))),
    ]
}

/// Three decimals are enough to look at.
fn points(score: f64) -> String {
    ((score * 1000.0).round() / 1000.0).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(expected: &'static str) -> JuryEntry {
        JuryEntry {
            problem_id: "hello".to_owned(),
            path: "accepted/a.c".to_owned(),
            language: None,
            entry_point: None,
            files: Vec::new(),
            expected: vec![expected],
        }
    }

    fn verdict(code: schemas::VerdictCode) -> Verdict {
        Verdict {
            verdict: code,
            score: Some(100.0 / 3.0),
            ..Verdict::default()
        }
    }

    #[test]
    fn a_missing_verdict_and_another_verdict_both_spoil_the_tally() {
        let got = verdict(schemas::VerdictCode::Ac);
        let results = [
            (entry("AC"), Some(got.clone())),
            (entry("WA"), Some(got)),
            (entry("AC"), None),
        ];
        let (table, tally) = render(&results);
        let expected = Tally {
            agreed: 1,
            differed: 1,
            missing: 1,
        };
        assert_eq!(tally, expected);
        assert!(!tally.is_clean());
        let text = table.to_string();
        assert!(
            text.contains("differs") && text.contains("missing"),
            "{text}"
        );
        assert!(text.contains(" 33.333 "), "{text}");
    }
}
