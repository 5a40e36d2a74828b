//! `submissions/submissions.yaml` of 2025-09: what submissions and the cases they run on should get.

use super::error::{PackageError, Warning};
use super::expectation::Rule;
use super::fields::Fields;
use super::folder::{Folder, RUN_ERRORS};
use super::kind::ProblemKind;
use super::number::number;
use super::pattern::Pattern;
use super::tree::Tree;
use crate::Verdict;

pub(super) const FILE: &str = "submissions/submissions.yaml";

/// One top key of the file.
struct Entry {
    pattern: Pattern,
    line: usize,
    language: Option<String>,
    entry_point: Option<String>,
    rule: Partial,
    /// With the lines that say so.
    of_cases: Vec<(Pattern, Partial, usize)>,
}

/// The keys of a rule, each given or not.
#[derive(Clone, Default, PartialEq)]
struct Partial {
    permitted: Option<Vec<Verdict>>,
    required: Option<Vec<Verdict>>,
    message: Option<String>,
    score: Option<(f64, f64)>,
    bounds: Option<Bounds>,
}

/// What `use_for_time_limit` says.
#[derive(Clone, Copy, PartialEq)]
enum Bounds {
    AsUsual,
    None,
    Lower,
    Upper,
}

/// The whole file.
#[derive(Default)]
pub(super) struct Rules {
    entries: Vec<Entry>,
}

/// What the file says of one submission.
#[derive(Default)]
pub(super) struct Covered {
    pub(super) language: Option<String>,
    pub(super) entry_point: Option<String>,
    /// Empty when the file says nothing, not even by replacing the directory's own rule.
    pub(super) rules: Vec<Rule>,
}

impl Rules {
    pub(super) fn read(
        tree: &Tree,
        kind: ProblemKind,
        warnings: &mut Vec<Warning>,
    ) -> Result<Self, PackageError> {
        let mut rules = Self::default();
        let Some(mut fields) = Fields::read(tree, FILE)? else {
            return Ok(rules);
        };
        for key in fields.keys() {
            let line = fields.line(&key).unwrap_or(1);
            let pattern = Pattern::parse(key.trim_end_matches('/'))
                .map_err(|problem| PackageError::invalid(FILE, problem).at(line))?;
            match fields.section(&key)? {
                Some(section) => {
                    let entry = entry(pattern, line, section, kind, warnings)?;
                    rules.entries.push(entry);
                }
                None => warnings.push(fields.warning(&key, "says nothing, not read")),
            }
        }
        fields.finish(warnings);
        Ok(rules)
    }

    /// Tells of patterns that cover none of these submissions, or of these cases and groups: most are slips.
    pub(super) fn warn_of_idle(
        &self,
        paths: &[&str],
        judged: &[&str],
        warnings: &mut Vec<Warning>,
    ) {
        let mut warn_unless = |covered: bool, pattern: &Pattern, what: &str, line: usize| {
            if !covered {
                let message = format!("{pattern} matches no {what}");
                warnings.push(Warning::new(FILE, message).at(line));
            }
        };
        for entry in &self.entries {
            let covers =
                |pattern: &Pattern, names: &[&str]| names.iter().any(|it| pattern.covers(it));
            let covered = covers(&entry.pattern, paths);
            warn_unless(covered, &entry.pattern, "submission", entry.line);
            for (cases, _, line) in &entry.of_cases {
                warn_unless(covers(cases, judged), cases, "test case or group", *line);
            }
        }
    }

    /// What holds for a submission (path below `submissions/`) in a directory that promises `folder`.
    pub(super) fn of(&self, path: &str, directory: &str, folder: &Folder) -> Covered {
        let mut covered = Covered::default();
        let mut own = folder.rule().cloned();
        for entry in self.entries.iter().filter(|e| e.pattern.covers(path)) {
            covered.language = entry.language.clone().or(covered.language);
            covered.entry_point = entry.entry_point.clone().or(covered.entry_point);
            if entry.rule != Partial::default() {
                if entry.pattern.to_string() == directory {
                    own = Some(entry.rule.over(own.take().unwrap_or_default(), entry.line));
                } else {
                    let rule = entry.rule.over(Rule::default(), entry.line);
                    covered.rules.push(rule);
                }
            }
            let of_cases = entry.of_cases.iter().map(|(cases, rule, line)| Rule {
                cases: Some(cases.clone()),
                ..rule.over(Rule::default(), *line)
            });
            covered.rules.extend(of_cases);
        }
        let says_something = !covered.rules.is_empty() || own.as_ref() != folder.rule();
        if says_something {
            covered.rules.extend(own);
        }
        covered
    }
}

impl Partial {
    /// The rule with its gaps filled from `default`, as said by a line of the file.
    fn over(&self, default: Rule, line: usize) -> Rule {
        let permitted = self.permitted.clone().unwrap_or(default.permitted);
        let required = self.required.clone().unwrap_or(default.required);
        let lacks_time_limit = !permitted.is_empty() && !permitted.contains(&Verdict::TimeLimit);
        let (lower_bound, upper_bound) = match self.bounds.unwrap_or(Bounds::AsUsual) {
            Bounds::AsUsual => (lacks_time_limit, required == [Verdict::TimeLimit]),
            Bounds::None => (false, false),
            Bounds::Lower => (true, false),
            Bounds::Upper => (false, true),
        };
        Rule {
            cases: default.cases,
            permitted,
            required,
            message: self.message.clone().or(default.message),
            score: self.score.or(default.score),
            lower_bound,
            upper_bound,
            said_by: format!("{FILE}:{line}"),
        }
    }
}

fn entry(
    pattern: Pattern,
    line: usize,
    mut fields: Fields,
    kind: ProblemKind,
    warnings: &mut Vec<Warning>,
) -> Result<Entry, PackageError> {
    fields.skip(&["authors", "model_solution"]);
    let language = fields.string("language")?;
    let entry_point = fields.string("entrypoint")?;
    let rule = partial(&mut fields, kind, warnings)?;
    let mut of_cases = Vec::new();
    for key in fields.keys() {
        if !fields.is_section(&key) {
            continue;
        }
        let cases = Pattern::parse(&key).map_err(|problem| fields.error(&key, &problem))?;
        let line = fields.line(&key).unwrap_or(line);
        if let Some(mut section) = fields.section(&key)? {
            let rule = partial(&mut section, kind, warnings)?;
            of_cases.push((cases, rule, line));
            section.finish(warnings);
        }
    }
    fields.finish(warnings);
    Ok(Entry {
        pattern,
        line,
        language,
        entry_point,
        rule,
        of_cases,
    })
}

fn partial(
    fields: &mut Fields,
    kind: ProblemKind,
    warnings: &mut Vec<Warning>,
) -> Result<Partial, PackageError> {
    let rule = Partial {
        permitted: verdicts(fields, "permitted")?,
        required: verdicts(fields, "required")?,
        message: fields.string("message")?,
        score: score(fields)?,
        bounds: bounds(fields)?,
    };
    if kind.scoring || rule.score.is_none() {
        return Ok(rule);
    }
    let message = "has no meaning in a pass-fail package, not read";
    warnings.push(fields.warning("score", message));
    Ok(Partial {
        score: None,
        ..rule
    })
}

/// A number, or the lowest and the highest.
fn score(fields: &mut Fields) -> Result<Option<(f64, f64)>, PackageError> {
    let Some(words) = fields.word_or_list("score")? else {
        return Ok(None);
    };
    let numbers: Option<Vec<f64>> = words.iter().map(|word| number(word)).collect();
    match numbers.as_deref() {
        Some([score]) => Ok(Some((*score, *score))),
        Some([low, high]) if low <= high => Ok(Some((*low, *high))),
        _ => Err(fields.error(
            "score",
            "must be a number, or a list of the lowest and the highest",
        )),
    }
}

fn verdicts(fields: &mut Fields, key: &str) -> Result<Option<Vec<Verdict>>, PackageError> {
    let Some(words) = fields.list(key)? else {
        return Ok(None);
    };
    let mut verdicts = Vec::new();
    for word in &words {
        match word.as_str() {
            "AC" => verdicts.push(Verdict::Accepted),
            "WA" => verdicts.push(Verdict::WrongAnswer),
            "TLE" => verdicts.push(Verdict::TimeLimit),
            "RTE" => verdicts.extend(RUN_ERRORS),
            _ => {
                return Err(fields.error(key, &format!("has {word:?}; AC, WA, TLE, RTE are known")));
            }
        }
    }
    if verdicts.is_empty() {
        return Err(fields.error(key, "must not be empty"));
    }
    Ok(Some(verdicts))
}

fn bounds(fields: &mut Fields) -> Result<Option<Bounds>, PackageError> {
    let key = "use_for_time_limit";
    Ok(match fields.string(key)?.as_deref() {
        None => None,
        Some("true") => Some(Bounds::AsUsual),
        Some("false") => Some(Bounds::None),
        Some("lower") => Some(Bounds::Lower),
        Some("upper") => Some(Bounds::Upper),
        Some(_) => return Err(fields.error(key, "must be true, false, lower or upper")),
    })
}
