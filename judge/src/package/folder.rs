//! What the name of a directory below `submissions/` promises.

use super::expectation::{Expectation, Rule};
use super::metadata::Format;
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
    /// It must not compile.
    CompileError,
    /// Whatever happens is fine, unless said elsewhere. `true` = the name is meant so.
    Anything(bool),
}

/// Reads a directory's name; beside the formats' own names, those met in the wild.
pub(super) fn folder(format: Format, name: &str) -> Folder {
    let name = name.to_ascii_lowercase().replace('-', "_");
    let is_legacy = format == Format::Legacy;
    let rule = match name.as_str() {
        "accepted" => Rule {
            lower_bound: true,
            ..only(&[], Accepted)
        },
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
        "mixed" | "multiple" | "check_manually" => return Folder::Anything(true),
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
            Self::CompileError | Self::Anything(_) => None,
        }
    }

    pub(super) fn expectation(self) -> Expectation {
        match self {
            Self::Rule(rule) => Expectation::of_rules(vec![rule]),
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
