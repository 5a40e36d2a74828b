//! Bugs that a test can switch on, to see that what looks for them finds them.
//!
//! A checker that has never failed proves nothing. Each bug here is one that systems like this one had, sits at a single point
//! of the code and breaks one step of `docs/design/delivery.md`, which also says what finds it. They exist only under the cargo
//! feature `hooks`: without it [`bug`] is `false` as it is compiled, and no binary has a release build with it.

use std::fmt;

#[cfg(feature = "hooks")]
mod switches;

#[cfg(feature = "hooks")]
pub use switches::{Sown, bug, sow};

/// Names of the bugs that a process is to have, with commas between.
pub const VARIABLE: &str = "TRIBUNAL_HOOK_BUGS";

/// What may be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bug {
    /// The consumer commits the highest offset it has seen, and not its frontier.
    CommitHighest,
    /// The consumer takes a token for one of the present assignment, whatever its epoch.
    SkipEpoch,
    /// The evaluator marks a record done when its successor is sent, and not when it is acknowledged.
    DoneBeforeReport,
    /// A projection sets its offset without looking whether it is still where it was read.
    NoCompareAndSet,
    /// The next owner suspects only what is named, and not all that may have started below the horizon.
    NoStartHorizon,
    /// The reconciler asks again for whatever has no verdict.
    NoReconcilerRule,
}

impl Bug {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::CommitHighest,
        Self::SkipEpoch,
        Self::DoneBeforeReport,
        Self::NoCompareAndSet,
        Self::NoStartHorizon,
        Self::NoReconcilerRule,
    ];

    /// What it is called in [`VARIABLE`].
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::CommitHighest => "commit-highest",
            Self::SkipEpoch => "skip-epoch",
            Self::DoneBeforeReport => "done-before-report",
            Self::NoCompareAndSet => "no-compare-and-set",
            Self::NoStartHorizon => "no-start-horizon",
            Self::NoReconcilerRule => "no-reconciler-rule",
        }
    }
}

impl fmt::Display for Bug {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl std::str::FromStr for Bug {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let known = Self::ALL.into_iter().find(|bug| bug.name() == name);
        known.ok_or_else(|| {
            let names = Self::ALL.map(Self::name).join(", ");
            format!("no bug is called `{name}`; there are {names}")
        })
    }
}

/// Whether we have this bug: never.
#[cfg(not(feature = "hooks"))]
#[must_use]
#[inline]
pub const fn bug(_: Bug) -> bool {
    false
}

/// For every binary, to be called as it is compiled with `cfg!(debug_assertions)`: there is no release build of it with hooks.
pub const fn refuse_in_release(debug_build: bool) {
    assert!(
        !cfg!(feature = "hooks") || debug_build,
        "feature `hooks` lets a submission kill its evaluator or choose its verdict, and lets bugs be switched on: it is for tests, never for a release build"
    );
}
