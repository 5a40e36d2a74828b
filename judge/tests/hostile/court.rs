//! The judge before whom all programs appear, one after the other, in one box.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use judge::package::Package;
use judge::{
    Cancel, Fault, Judge, JudgeConfig, JudgeOptions, Judgement, Languages, Source, SourceFile,
    Worker,
};
use sandbox::{Sandbox, SandboxConfig};
use tempfile::TempDir;

use crate::bait::Bait;
use crate::fixture::{Fixture, Place};
use crate::problems::Problems;
use crate::traces::Traces;

/// What an honest submission does.
const HONEST: &str = "#include <stdio.h>\nint main(void) { return puts(\"refused\") < 0; }\n";
/// Time limit of a case on a host where programs start in no time.
const TIME: Duration = Duration::from_millis(250);
/// What starting a program may be of the time limit.
const STARTS: u32 = 20;
/// Virtual machines take this much longer to start, beyond what a slow host does to everybody.
const MANAGED: u32 = 8;
/// Boxes of one evaluator; we have one.
const BOXES: u32 = 16;

/// How many times slower the host is than one for which the times above are made, where somebody knows it: an emulated
/// processor is. Never less than what the honest submission shows.
const SLOWER: &str = "TRIBUNAL_TESTS_SLOWER";

/// A directory of compiled programs that may be there from an earlier time, for hosts that are slow to compile.
const CACHE: &str = "TRIBUNAL_HOSTILE_CACHE";

/// So many failures tell that something is wrong with all.
const ENOUGH: usize = 10;

pub(crate) struct Court {
    worker: Worker,
    /// For programs that attack the compiler.
    compiling: Worker,
    bait: Bait,
    /// Where all of it lies, as long as it is needed.
    _directory: TempDir,
    /// Of the boxes.
    users: std::ops::Range<u32>,
    /// Time limit of a case: what the honest submission takes, with room.
    time: Duration,
    problems: Problems,
    before: Option<Traces>,
    /// How many were found guilty.
    guilty: usize,
}

impl Court {
    pub(crate) fn open() -> Court {
        let directory = tempfile::tempdir().unwrap();
        let languages = Languages::builtin();
        let config = SandboxConfig {
            uid_base: first_user(),
            ..languages.sandbox_config()
        };
        let users = config.uid_base..config.uid_base + BOXES;
        let sandbox = match Sandbox::open(config) {
            Ok(sandbox) => sandbox,
            Err(error) => panic!("these tests need root and control groups: {error}"),
        };
        let fresh = directory.path().join("cache");
        let cache = std::env::var_os(CACHE).map_or(fresh, PathBuf::from);
        let known = std::env::var(SLOWER).map_or(1, |factor| factor.parse().unwrap());
        let config = JudgeConfig {
            slower: known,
            ..JudgeConfig::new(cache)
        };
        let judge = Judge::new(sandbox, languages, config).unwrap();
        let bait = Bait::lay(directory.path().join("bait"));
        let mut court = Court {
            worker: judge.worker().unwrap(),
            compiling: judge.worker().unwrap(),
            problems: Problems::make(directory.path(), &bait),
            bait,
            _directory: directory,
            users,
            time: Duration::from_secs(60),
            before: None,
            guilty: 0,
        };
        let honest = court.honest(Place::Run).unwrap().cpu;
        court.time = (TIME * known).max(honest * STARTS);
        let slower = court.time.as_secs_f64() / TIME.as_secs_f64();
        court.problems.allow_time(slower);
        for place in [
            Place::Run,
            Place::Compile,
            Place::Passes,
            Place::Interactive,
        ] {
            court.honest(place).unwrap();
        }
        court.make_head_starts();
        court.before = Some(Traces::at_rest(court.users.clone()));
        court
    }

    /// Makes now what compilers are given after some compiles, and what stays: nobody's program left it.
    fn make_head_starts(&mut self) {
        let cancel = Cancel::new().unwrap();
        let languages: Vec<_> = Languages::builtin()
            .iter()
            .map(|it| it.id.clone())
            .collect();
        for language in languages {
            self.compiling.prepare(&language, &cancel);
        }
    }

    /// Judges the program, and looks what became of the host. After many failures nothing more is learnt, and each may
    /// cost all patience.
    pub(crate) fn hear(&mut self, fixture: &Fixture) -> Result<(), String> {
        if self.guilty >= ENOUGH {
            return Err(format!("not tried: {ENOUGH} others failed"));
        }
        let heard = self.judge_and_look(fixture);
        self.guilty += usize::from(heard.is_err());
        heard
    }

    fn judge_and_look(&mut self, fixture: &Fixture) -> Result<(), String> {
        let judged = match fixture.place {
            Place::Validator => self.judge_with_validator(fixture),
            _ => self.judge_submission(fixture),
        };
        let told = match &judged {
            Ok(judgement) => tell(judgement),
            Err(fault @ Fault::Validator { .. }) if fixture.place == Place::Validator => {
                format!("JE {fault}")
            }
            Err(fault) => return Err(format!("it caused a fault of ours: {fault}")),
        };
        if self.bait.is_in(&told) {
            return Err(format!("it got a secret: {told}"));
        }
        let verdict = told.split_whitespace().next().unwrap_or_default();
        if !fixture.allowed.iter().any(|allowed| allowed == verdict) {
            return Err(format!(
                "{told}, where {} is allowed",
                fixture.allowed.join(",")
            ));
        }
        self.check(fixture.place)
    }

    /// The host is as it was, and the box still judges.
    fn check(&mut self, place: Place) -> Result<(), String> {
        let honest = self.honest(place).map(|judgement| tell(&judgement));
        match honest {
            Ok(told) if told.starts_with("AC") => {}
            other => return Err(format!("an honest submission then gets {other:?}")),
        }
        self.bait.check()?;
        let before = self.before.as_ref().unwrap();
        before
            .until_as_before(self.users.clone())
            .map_err(|left| format!("it left {left}"))
    }

    fn honest(&mut self, place: Place) -> Result<Judgement, Fault> {
        let (time, problem) = (self.time, self.problems.of(place));
        let worker = match place {
            Place::Compile => &mut self.compiling,
            _ => &mut self.worker,
        };
        judge(worker, problem, vec![honest_file()], None, time)
    }

    fn judge_submission(&mut self, fixture: &Fixture) -> Result<Judgement, Fault> {
        let worker = match fixture.place {
            Place::Compile => &mut self.compiling,
            _ => &mut self.worker,
        };
        let problem = self.problems.of(fixture.place);
        let managed = fixture
            .files
            .iter()
            .any(|file| file.name.ends_with(".java"));
        let time = self.time * if managed { MANAGED } else { 1 };
        let entry_point = fixture.entry_point.clone();
        judge(worker, problem, fixture.files.clone(), entry_point, time)
    }

    fn judge_with_validator(&mut self, fixture: &Fixture) -> Result<Judgement, Fault> {
        let (package, root) = self.problems.with_validator(fixture, &self.bait);
        let time = self.time;
        let judged = judge(&mut self.worker, &package, vec![honest_file()], None, time);
        fs::remove_dir_all(root).unwrap();
        judged
    }
}

fn honest_file() -> SourceFile {
    SourceFile {
        name: "honest.c".to_owned(),
        content: HONEST.as_bytes().to_vec(),
    }
}

/// The first of a row of users that nobody else here has; a user namespace holds few.
fn first_user() -> u32 {
    let map = fs::read_to_string("/proc/self/uid_map").unwrap();
    if map.contains(&u32::MAX.to_string()) {
        1_000_000_000 + 100 * std::process::id()
    } else {
        1000 + 100 * (std::process::id() % 600)
    }
}

fn judge(
    worker: &mut Worker,
    package: &Package,
    files: Vec<SourceFile>,
    entry_point: Option<String>,
    time: Duration,
) -> Result<Judgement, Fault> {
    let source = Source {
        files,
        language: None,
        entry_point,
    };
    let options = JudgeOptions {
        time_limit: Some(time),
        ..JudgeOptions::default()
    };
    worker.judge(package, &source, &options, &Cancel::new()?, &mut |_| {})
}

/// Verdict, reason, and everything that anybody would be shown.
fn tell(judgement: &Judgement) -> String {
    let mut told = judgement.verdict.to_string();
    if let Some(reason) = &judgement.reason {
        told += &format!(" {reason}");
    }
    told += &format!(" {}", judgement.compile_log);
    for case in &judgement.cases {
        told += &format!(" {} {}", case.jury_message, case.team_message);
    }
    told
}
