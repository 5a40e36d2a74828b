//! Interactive problems: validator and program run at the same time, each in a box of its own, and talk through pipes.

mod course;
mod pipes;
mod referee;
mod switches;
mod table;

use std::sync::mpsc::{self, Sender};
use std::thread::{self, Builder};
use std::time::Duration;

use sandbox::{Cancel, Capture, Ending, Outcome, Program, SandboxBox, Stdin};

use crate::boxes::Pair;
use crate::decide::{failure, wall_limit};
use crate::package::TestCase;
use crate::package_program::{self, executed};
use crate::passes::Pass;
use crate::run::{Start, started, stderr_message};
use crate::trial::Trial;
use crate::validate::{ACCEPT, CustomValidator, Desk, Validator, WRONG_ANSWER, ended_wrongly};
use crate::worker::Worker;
use crate::{Fault, ScoreFiles, Verdict};

use course::Both;
use pipes::Pipe;
use referee::{Ended, Referee};
use switches::Switches;
use table::{First, Word, decide};

/// Beyond what the referee waits for: the runs' own wall limits are only there in case that it cannot.
const BEYOND: Duration = Duration::from_secs(10);

impl Worker {
    /// One pass of an interactive problem. The program sees nothing of the case but what the validator tells it.
    pub(crate) fn talk_over(
        &mut self,
        trial: &Trial<'_>,
        case: &TestCase,
        desks: &mut Vec<Desk>,
    ) -> Result<Pass, Fault> {
        if desks.is_empty() {
            *desks = trial.validator.desks(trial.package, case)?;
        }
        let (validator, desk) = match (&trial.validator, desks.as_slice()) {
            (Validator::Custom(validators), [desk]) => (&validators[0], desk),
            _ => {
                return Err(Fault::Package {
                    package: trial.package.id.clone(),
                    why: "an interactive problem has exactly one output validator of its own"
                        .to_owned(),
                });
            }
        };
        let start = Start {
            args: &case.args,
            stdin: Stdin::Null,
            directory: trial.directory(case)?,
        };
        let program = start.call(&trial.program, &trial.limits);
        let Both {
            program,
            validator: judging,
        } = self.talk(trial, program, validator, desk)?;
        let judging = executed(&validator.runnable, judging)?;
        let word =
            word(&judging).ok_or_else(|| desk.feedback.misbehaved(ended_wrongly(&judging)))?;
        let program = started(&trial.program, program)?;
        conclude(trial, case, desk, word, program, &judging)
    }

    /// Runs both to their ends.
    fn talk(
        &mut self,
        trial: &Trial<'_>,
        mut program: Program,
        validator: &CustomValidator,
        desk: &Desk,
    ) -> Result<Both, Fault> {
        let limits = &trial.package.limits;
        let (words, answers) = (Pipe::new()?, Pipe::new()?);
        let ours = (words.copies()?, answers.copies()?);
        program.stdin = Stdin::Fd(answers.read);
        program.stdout = Capture::Fd(words.write);
        let call = desk.call(Stdin::Fd(words.read), Capture::Fd(answers.write));
        let mut judging = package_program::command(&validator.runnable, call, limits);
        let patience = wall_limit(limits.validation_time);
        program.limits.wall += limits.validation_time * 2 + BEYOND;
        judging.limits.wall = program.limits.wall + patience + BEYOND;
        let boxes = self.boxes.pair()?;
        let switches = Switches::new()?;
        let (tell, ended) = mpsc::channel();
        let referee = Referee {
            limits: &trial.limits,
            patience,
            leftover_bytes: limits.validation_output_bytes,
            words: ours.0,
            answers: ours.1,
            caller: trial.cancel,
            switches: &switches,
            meter: boxes.validator.cpu_meter(),
            ended,
        };
        let both = run_both(boxes, (program, judging), &tell, referee);
        self.boxes.replace_damaged()?;
        both
    }
}

/// Starts both runs on threads of their own, and lets the referee watch them from this one.
fn run_both(
    boxes: Pair<'_>,
    (program, judging): (Program, Program),
    tell: &Sender<Ended>,
    referee: Referee<'_>,
) -> Result<Both, Fault> {
    let switches = referee.switches;
    thread::scope(|scope| {
        let start = |name: &str, run: Box<dyn FnOnce() -> Ended + Send>| {
            let tell = tell.clone();
            let run = move || {
                // The referee may have given up, and then nobody wants to know.
                let _ = tell.send(run());
                switches.ring();
            };
            let thread = Builder::new().name(name.to_owned());
            let started = thread.spawn_scoped(scope, run);
            started.map_err(Fault::io("start", "a thread")).map(drop)
        };
        let Pair {
            program: first,
            validator: second,
        } = boxes;
        start(
            "program",
            Box::new(|| Ended::Program(run(first, program, &switches.program))),
        )?;
        let started = start(
            "validator",
            Box::new(|| Ended::Validator(run(second, judging, &switches.validator))),
        );
        if started.is_err() {
            // Its thread is waited for, so it must not wait for a validator that never comes.
            switches.program.cancel();
        }
        started.and_then(|()| referee.watch())
    })
}

fn run(sandbox_box: &mut SandboxBox, program: Program, switch: &Cancel) -> Result<Outcome, Fault> {
    Ok(sandbox_box.run(program, switch)?)
}

/// What the validator's end says, if it says anything.
fn word(judging: &Outcome) -> Option<Word> {
    match judging.ending {
        Ending::Exited(ACCEPT) => Some(Word::Accept),
        Ending::Exited(WRONG_ANSWER) => Some(Word::Reject),
        Ending::Cancelled => Some(Word::None),
        _ => None,
    }
}

fn conclude(
    trial: &Trial<'_>,
    case: &TestCase,
    desk: &Desk,
    word: Word,
    mut program: Outcome,
    judging: &Outcome,
) -> Result<Pass, Fault> {
    let first = match judging.ended < program.ended {
        true => First::Validator,
        false => First::Program,
    };
    let decision = decide(word, first, failure(&program, &trial.limits));
    let mut judged = desk.feedback.judged(decision.verdict, judging)?;
    judged.next_input = match word {
        Word::Accept => desk.feedback.take_next_input(Verdict::Accepted)?,
        Word::Reject => desk.feedback.take_next_input(Verdict::WrongAnswer)?,
        Word::None => None,
    };
    // The validator did not know yet that the program would fail.
    if decision.verdict != Verdict::Accepted && word != Word::Reject {
        judged.next_input = None;
        judged.score_files = ScoreFiles::default();
    }
    if judged.jury_message.is_empty() && decision.reason.is_some() {
        judged.jury_message = stderr_message(&program);
    }
    if decision.ended_by_validator {
        program.cpu = program.cpu.min(trial.limits.cpu);
        program.wall = program.wall.min(trial.limits.wall());
    }
    let mut pass = Pass::new(case, &program, judged, decision.reason);
    pass.result.ended_by_validator = decision.ended_by_validator;
    Ok(pass)
}
