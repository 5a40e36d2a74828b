//! From what the supervisor measured to a verdict. The order of the checks is the written precedence of `docs/design/judge.md`.

use std::time::Duration;

use sandbox::{Ending, Outcome};

use crate::package::Package;
use crate::program::Runnable;
use crate::{CaseResult, Reason, Verdict};

/// The one reason that comes before time.
const MEMORY_LIMIT: &str = "memory-limit";
/// It slept its time away.
pub(crate) const IDLE: &str = "idle";
/// It was kept waiting, or waited and computed in turn.
pub(crate) const WALL_LIMIT: &str = "wall-limit";

/// What one case may use, as it was set.
#[derive(Clone, Debug)]
pub(crate) struct CaseLimits {
    pub(crate) cpu: Duration,
    pub(crate) memory_bytes: u64,
    pub(crate) output_bytes: u64,
    /// The exit status by which the language's runtime says that its heap is full.
    pub(crate) heap_exhausted_status: Option<i32>,
}

impl CaseLimits {
    /// The limits of `package` under `time_limit`, for a program of one language.
    pub(crate) fn new(time_limit: Duration, package: &Package, program: &Runnable) -> CaseLimits {
        CaseLimits {
            cpu: time_limit,
            memory_bytes: package.limits.memory_bytes,
            output_bytes: package.limits.output_bytes,
            heap_exhausted_status: program.language.run.heap_exhausted_status,
        }
    }

    pub(crate) fn wall(&self) -> Duration {
        wall_limit(self.cpu)
    }
}

/// Time by the clock that goes with a CPU time limit: a program may wait for the disk or for a busy host, but not sleep
/// its way through the queue.
pub fn wall_limit(cpu: Duration) -> Duration {
    cpu * 2 + Duration::from_secs(1)
}

/// The CPU time limit whose wall limit is this one.
pub(crate) fn limit_of_wall(wall: Duration) -> Duration {
    wall.saturating_sub(Duration::from_secs(1)) / 2
}

/// Why a program was too slow, if it was; however it ended, using more than its time comes first.
///
/// `busy` is the time in which it computed or was ready to: who waits for a core is not idle.
fn too_slow(over_cpu: bool, over_wall: bool, busy: Duration, limit: Duration) -> Option<Reason> {
    let code = match (over_cpu, over_wall) {
        (true, _) => "cpu-limit",
        (false, true) if busy < limit / 2 => IDLE,
        (false, true) => WALL_LIMIT,
        (false, false) => return None,
    };
    Some(Reason::plain(code))
}

/// Decides a case again that was measured under a higher time limit.
pub(crate) fn under_lower_limit(case: &mut CaseResult, limit: Duration) {
    if case.ended_by_validator {
        // What it did after the validator's no does not count.
        case.cpu = case.cpu.min(limit);
        case.wall = case.wall.min(wall_limit(limit));
        return;
    }
    let over_wall = case.wall > wall_limit(limit);
    let memory = |reason: &Reason| reason.code == MEMORY_LIMIT;
    if case.reason.as_ref().is_some_and(memory) {
        return;
    }
    let busy = case.cpu + case.timing.conditions.ready;
    if let Some(reason) = too_slow(case.cpu > limit, over_wall, busy, limit) {
        case.verdict = Verdict::TimeLimit;
        case.reason = Some(reason);
    }
}

/// Why the program failed, or `None` if its output decides.
pub(crate) fn failure(outcome: &Outcome, limits: &CaseLimits) -> Option<(Verdict, Reason)> {
    let memory = || (Verdict::MemoryLimit, Reason::plain(MEMORY_LIMIT));
    let output = || (Verdict::OutputLimit, Reason::plain("output-limit"));
    // The kernel ended the tree for its memory before any other limit did.
    if outcome.ending == Ending::MemoryLimit {
        return Some(memory());
    }
    let over_wall = outcome.ending == Ending::WallLimit;
    let over_cpu = outcome.ending == Ending::CpuLimit || outcome.cpu > limits.cpu;
    let busy = outcome.cpu + outcome.conditions.ready;
    if let Some(reason) = too_slow(over_cpu, over_wall, busy, limits.cpu) {
        return Some((Verdict::TimeLimit, reason));
    }
    let printed = (outcome.stdout.len() + outcome.stderr.len()) as u64;
    if outcome.ending == Ending::OutputLimit || printed > limits.output_bytes {
        return Some(output());
    }
    match outcome.ending {
        Ending::Exited(0) => None,
        Ending::Exited(status) if Some(status) == limits.heap_exhausted_status => {
            Some((Verdict::MemoryLimit, Reason::plain("heap-limit")))
        }
        Ending::Exited(status) => {
            Some((Verdict::RunTimeError, Reason::new("exit-status", [status])))
        }
        Ending::Signaled(signal) => Some((
            Verdict::RunTimeError,
            Reason::new("signal", [signal_name(signal)]),
        )),
        // Only a damaged program of the submission's own gets here: a missing interpreter is a fault, found by the caller.
        Ending::ExecFailed(errno) => {
            Some((Verdict::RunTimeError, Reason::new("exec-failed", [errno])))
        }
        // The first four are answered above, and a cancelled run is a fault before it gets here.
        Ending::MemoryLimit
        | Ending::CpuLimit
        | Ending::WallLimit
        | Ending::OutputLimit
        | Ending::Cancelled => None,
    }
}

/// `SIGSEGV` for 11; the number where it has no common name.
pub(crate) fn signal_name(signal: i32) -> String {
    let name = match signal {
        libc::SIGHUP => "SIGHUP",
        libc::SIGINT => "SIGINT",
        libc::SIGQUIT => "SIGQUIT",
        libc::SIGILL => "SIGILL",
        libc::SIGTRAP => "SIGTRAP",
        libc::SIGABRT => "SIGABRT",
        libc::SIGBUS => "SIGBUS",
        libc::SIGFPE => "SIGFPE",
        libc::SIGKILL => "SIGKILL",
        libc::SIGUSR1 => "SIGUSR1",
        libc::SIGSEGV => "SIGSEGV",
        libc::SIGUSR2 => "SIGUSR2",
        libc::SIGPIPE => "SIGPIPE",
        libc::SIGALRM => "SIGALRM",
        libc::SIGTERM => "SIGTERM",
        libc::SIGXCPU => "SIGXCPU",
        libc::SIGXFSZ => "SIGXFSZ",
        libc::SIGSYS => "SIGSYS",
        _ => return signal.to_string(),
    };
    name.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    fn outcome(ending: Ending, cpu_ms: u32, printed: usize) -> Outcome {
        Outcome {
            ending,
            cpu: MS * cpu_ms,
            wall: MS * cpu_ms,
            memory_peak_bytes: 0,
            written_bytes: 0,
            conditions: sandbox::Conditions::default(),
            phases: sandbox::Phases::default(),
            ended: std::time::Instant::now(),
            stdout: vec![b'x'; printed],
            stderr: Vec::new(),
        }
    }

    fn limits() -> CaseLimits {
        CaseLimits {
            cpu: MS * 1000,
            memory_bytes: 1 << 20,
            output_bytes: 10,
            heap_exhausted_status: Some(3),
        }
    }

    fn decided(ending: Ending, cpu_ms: u32, printed: usize) -> Option<(Verdict, String)> {
        failure(&outcome(ending, cpu_ms, printed), &limits())
            .map(|(verdict, reason)| (verdict, reason.to_string()))
    }

    fn expect(verdict: Verdict, reason: &str) -> Option<(Verdict, String)> {
        Some((verdict, reason.to_owned()))
    }

    #[test]
    fn a_clean_exit_within_all_limits_leaves_it_to_the_validator() {
        assert_eq!(decided(Ending::Exited(0), 1000, 10), None);
    }

    #[test]
    fn memory_comes_before_time() {
        let expected = expect(Verdict::MemoryLimit, "memory-limit");
        assert_eq!(decided(Ending::MemoryLimit, 2000, 11), expected);
    }

    #[test]
    fn cpu_time_comes_before_every_way_to_end() {
        for ending in [
            Ending::CpuLimit,
            Ending::WallLimit,
            Ending::OutputLimit,
            Ending::Signaled(11),
            Ending::Exited(0),
            Ending::Exited(1),
        ] {
            let expected = expect(Verdict::TimeLimit, "cpu-limit");
            assert_eq!(decided(ending, 1001, 11), expected, "{ending:?}");
        }
    }

    #[test]
    fn a_sleeper_is_told_from_a_program_that_was_kept_waiting() {
        assert_eq!(
            decided(Ending::WallLimit, 10, 0),
            expect(Verdict::TimeLimit, "idle")
        );
        assert_eq!(
            decided(Ending::WallLimit, 900, 0),
            expect(Verdict::TimeLimit, "wall-limit")
        );
        let kept_waiting = Outcome {
            conditions: sandbox::Conditions {
                ready: MS * 500,
                ..sandbox::Conditions::default()
            },
            ..outcome(Ending::WallLimit, 10, 0)
        };
        let reason = failure(&kept_waiting, &limits()).map(|(_, reason)| reason.code);
        assert_eq!(reason.as_deref(), Some("wall-limit"));
    }

    #[test]
    fn output_comes_before_the_exit() {
        for ending in [Ending::OutputLimit, Ending::Exited(1), Ending::Signaled(6)] {
            let expected = expect(Verdict::OutputLimit, "output-limit");
            assert_eq!(decided(ending, 1, 11), expected, "{ending:?}");
        }
    }

    #[test]
    fn the_exit_is_named() {
        assert_eq!(
            decided(Ending::Exited(42), 1, 0),
            expect(Verdict::RunTimeError, "exit-status 42")
        );
        assert_eq!(
            decided(Ending::Signaled(11), 1, 0),
            expect(Verdict::RunTimeError, "signal SIGSEGV")
        );
        assert_eq!(
            decided(Ending::Exited(3), 1, 0),
            expect(Verdict::MemoryLimit, "heap-limit")
        );
    }

    #[test]
    fn a_case_measured_under_a_higher_limit_is_decided_again_by_the_same_order() {
        let case = |verdict, code: Option<&str>, cpu_ms: u32, wall_ms: u32| {
            CaseResult::measured(verdict, code, [MS * cpu_ms, MS * wall_ms])
        };
        let decided = |mut case: CaseResult| {
            under_lower_limit(&mut case, MS * 1000);
            let code = case.reason.map(|reason| reason.code);
            (case.verdict, code.unwrap_or_default())
        };
        let [ac, rte, mle, tle] = [
            Verdict::Accepted,
            Verdict::RunTimeError,
            Verdict::MemoryLimit,
            Verdict::TimeLimit,
        ];
        assert_eq!(decided(case(ac, None, 1000, 3000)), (ac, String::new()));
        for (verdict, code) in [(ac, None), (rte, Some("signal")), (mle, Some("heap-limit"))] {
            let decided = decided(case(verdict, code, 1001, 1001));
            assert_eq!(decided, (tle, "cpu-limit".to_owned()));
        }
        let memory = case(mle, Some("memory-limit"), 1001, 1001);
        assert_eq!(decided(memory), (mle, "memory-limit".to_owned()));
        assert_eq!(decided(case(ac, None, 10, 3001)), (tle, "idle".to_owned()));
    }

    #[test]
    fn the_wall_limit_leaves_room_for_a_busy_host() {
        let limits = CaseLimits {
            cpu: MS * 1500,
            memory_bytes: 0,
            output_bytes: 0,
            heap_exhausted_status: None,
        };
        assert_eq!(limits.wall(), MS * 4000);
    }
}
