//! What the name of a directory below `submissions/` promises.

use super::expectation::{Expectation, Rule, Share};
use super::metadata::Metadata;
use super::version::Style;
use crate::Verdict::{self, *};

/// The formats know no memory or output limit verdict: both are run-time errors to them.
pub(super) const RUN_ERRORS: [Verdict; 3] = [RunTimeError, MemoryLimit, OutputLimit];
/// Everything a program that was started may get.
pub(super) const ANY_RUN: [Verdict; 6] = [
    Accepted,
    WrongAnswer,
    TimeLimit,
    RunTimeError,
    MemoryLimit,
    OutputLimit,
];

/// What a directory promises of the submissions in it.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Folder {
    /// A rule about all cases.
    Rule(Rule),
    /// Where a grader decides: what the whole gets. The rule only says what times mean.
    Whole(Rule, Share),
    /// It must not compile.
    CompileError,
    /// Whatever happens is fine, unless said elsewhere. `true` = the name is meant so.
    Anything(bool),
}

/// Reads a directory's name; beside the formats' own names, those met in the wild.
pub(super) fn folder(metadata: &Metadata, directory: &str) -> Folder {
    let name = directory.to_ascii_lowercase().replace('-', "_");
    let is_graded = metadata.kind.scoring && metadata.style == Style::Testdata;
    let mut folder = by_name(metadata.version.is_legacy() || is_graded, &name);
    if let Folder::Rule(rule) = &mut folder {
        rule.said_by = format!("submissions/{directory}");
    }
    match folder {
        Folder::Rule(rule) if is_graded => {
            let share = match name.as_str() {
                "accepted" => Share::Full,
                "partially_accepted" => Share::Partial,
                _ => Share::Any,
            };
            Folder::Whole(rule, share)
        }
        folder => folder,
    }
}

fn by_name(is_legacy: bool, name: &str) -> Folder {
    let rule = match name {
        "accepted" => Rule {
            lower_bound: true,
            ..only(&[], Accepted)
        },
        // Some of the score: 2025-09 has no such directory, so there only rules can say how much.
        "partially_accepted" if !is_legacy => return Folder::Anything(true),
        // Too slow for the usual margin, yet right: its time says nothing about the limit.
        "slow_accepted" | "partially_accepted" => only(&[], Accepted),
        "wrong_answer" | "no_output" => Rule {
            lower_bound: !is_legacy,
            ..only(&[Accepted], WrongAnswer)
        },
        "time_limit_exceeded" | "time_limit" | "timelimit" => Rule {
            upper_bound: true,
            ..if is_legacy {
                only(&[Accepted, WrongAnswer], TimeLimit)
            } else {
                only(&[Accepted], TimeLimit)
            }
        },
        "run_time_error" | "runtime_error" | "run_error" => run_time_error(is_legacy),
        "memory_limit_exceeded" | "memory_limit" => only(&[Accepted], MemoryLimit),
        "output_limit_exceeded" | "output_limit" => only(&[Accepted], OutputLimit),
        "rejected" if !is_legacy => Rule {
            required: [&RUN_ERRORS[..], &[TimeLimit, WrongAnswer]].concat(),
            ..Rule::default()
        },
        "brute_force" if !is_legacy => Rule {
            permitted: [&[Accepted, TimeLimit][..], &RUN_ERRORS].concat(),
            required: [&RUN_ERRORS[..], &[TimeLimit]].concat(),
            ..Rule::default()
        },
        "compiler_error" | "compile_error" | "compilation_error" => return Folder::CompileError,
        "mixed" | "mixed_verdicts" | "multiple" | "check_manually" => {
            return Folder::Anything(true);
        }
        _ => return Folder::Anything(false),
    };
    Folder::Rule(rule)
}

/// Some case shows `verdict`, and every other is in order or one of `besides`.
fn only(besides: &[Verdict], verdict: Verdict) -> Rule {
    Rule {
        permitted: [besides, &[verdict]].concat(),
        required: vec![verdict],
        ..Rule::default()
    }
}

fn run_time_error(is_legacy: bool) -> Rule {
    let required = RUN_ERRORS.to_vec();
    if is_legacy {
        return Rule {
            required,
            ..Rule::default()
        };
    }
    Rule {
        permitted: [&[Accepted][..], &RUN_ERRORS].concat(),
        required,
        lower_bound: true,
        ..Rule::default()
    }
}

impl Folder {
    pub(super) fn rule(&self) -> Option<&Rule> {
        match self {
            Self::Rule(rule) => Some(rule),
            Self::Whole(..) | Self::CompileError | Self::Anything(_) => None,
        }
    }

    pub(super) fn expectation(self) -> Expectation {
        match self {
            Self::Rule(rule) => Expectation::of_rules(vec![rule]),
            Self::Whole(rule, share) => Expectation {
                verdicts: rule.required,
                rules: vec![Rule {
                    lower_bound: rule.lower_bound,
                    upper_bound: rule.upper_bound,
                    said_by: rule.said_by,
                    ..Rule::default()
                }],
                as_a_whole: true,
                share,
                ..Expectation::default()
            },
            Self::CompileError => Expectation {
                verdicts: vec![CompileError],
                ..Expectation::default()
            },
            Self::Anything(_) => Expectation {
                verdicts: ANY_RUN.to_vec(),
                ..Expectation::default()
            },
        }
    }
}
