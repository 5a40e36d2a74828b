//! How long a judgement may take, for the hints that a next owner of the partition waits by.

use std::time::Duration;

use judge::NearLimit;

use crate::packages::Resolved;

/// No hint is longer: a next owner would wait for it in vain if this host died after leaving in order.
pub(crate) const LONGEST_EVALUATION: Duration = Duration::from_secs(600);

/// Taken for the time limit while it is still to be computed.
const UNKNOWN_TIME_LIMIT: Duration = Duration::from_secs(10);

/// How long compiling and running every case may take, if one of them has to run again; capped.
pub(super) fn bound(resolved: &Resolved, near_limit: NearLimit) -> Duration {
    let package = &resolved.package;
    let limits = &package.limits;
    let time_limit = time_limit(resolved);
    let case = judge::wall_limit(time_limit) + limits.validation_time;
    let longest = near_limit
        .longest_case(time_limit)
        .saturating_add(limits.validation_time);
    let cases = u32::try_from(package.cases.len()).unwrap_or(u32::MAX);
    let compilers = limits.compilation_time.saturating_mul(2);
    case.saturating_mul(cases)
        .saturating_add(longest)
        .saturating_add(compilers)
        .min(LONGEST_EVALUATION)
}

/// The time limit of a case, as far as it is known.
pub(super) fn time_limit(resolved: &Resolved) -> Duration {
    let given = resolved
        .published_time_limit
        .or(resolved.package.limits.time);
    given.unwrap_or(UNKNOWN_TIME_LIMIT)
}
