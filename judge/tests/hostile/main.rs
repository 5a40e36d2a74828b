//! Programs that mean harm, each judged by the real judge as a user's submission would be.
//!
//! A file (or a directory: several files) in `programs/PLACE/VERDICTS/` is a test; its path says what it may get:
//!
//! | place | what it is |
//! |---|---|
//! | `run` | a submission |
//! | `files` | a submission to a problem whose programs may write files |
//! | `compile` | a submission that attacks the compiler, or us by way of it |
//! | `validator` | an output validator, which judges an honest submission; `JE` is a fault that it caused |
//! | `passes` | a submission to a multi-pass problem: it runs twice, and the second pass must know nothing of the first |
//! | `interactive` | a submission to a problem that is interactive too, and talks to `programs/interactor.c` |
//!
//! A program that must not succeed at something says `refused`, or else what it achieved; only `refused` is the right answer. On standard input
//! it is told what an attacker would like to know ([`bait::Bait`]). After each, an honest submission gets AC in the same box, nothing
//! that was not there before is left on the host, and nothing of the host has been read, written or called.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on should say where"
)]

mod bait;
mod court;
mod fixture;
mod made;
mod problems;
mod traces;

use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};
use std::sync::{Arc, Mutex};

use libtest_mimic::{Arguments, Failed, Trial};

use court::Court;
use fixture::Fixture;

fn main() -> ExitCode {
    if std::env::var_os(bait::VARIABLE).is_none() {
        start_again_with_a_secret();
    }
    sandbox::become_root();
    let mut arguments = Arguments::from_args();
    // One after the other, in one box: each has to leave it as it was.
    arguments.test_threads = Some(1);
    let court = Arc::new(Mutex::new(None));
    let trials = fixture::all()
        .into_iter()
        .chain(made::all())
        .map(|fixture| trial(fixture, Arc::clone(&court)));
    libtest_mimic::run(&arguments, trials.collect()).exit_code()
}

/// The environment of a process with one thread is the only one that can be changed: one that does not exist yet.
fn start_again_with_a_secret() -> ! {
    let since = std::time::UNIX_EPOCH.elapsed().unwrap();
    let error = Command::new("/proc/self/exe")
        .args(std::env::args_os().skip(1))
        .env(
            bait::VARIABLE,
            format!("hostile-secret-{}", since.as_nanos()),
        )
        .exec();
    panic!("cannot start again: {error}");
}

fn trial(fixture: Fixture, court: Arc<Mutex<Option<Court>>>) -> Trial {
    Trial::test(fixture.name.clone(), move || {
        // A poisoned lock would be the fault of another test, which has failed already.
        let mut court = court.lock().unwrap_or_else(|poison| poison.into_inner());
        let court = court.get_or_insert_with(Court::open);
        court.hear(&fixture).map_err(Failed::from)
    })
}
