//! Moments, as people write them on a command line.

use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{Date, OffsetDateTime};

/// A day (midnight in UTC) or a time with its zone; ms since 1970 in UTC.
pub(super) fn moment_ms(text: &str) -> Result<i64, &'static str> {
    let day = format_description!("[year]-[month]-[day]");
    let midnight = |date: Date| date.midnight().assume_utc();
    OffsetDateTime::parse(text, &Rfc3339)
        .or_else(|_| Date::parse(text, day).map(midnight))
        .ok()
        .and_then(|moment| i64::try_from(moment.unix_timestamp_nanos() / 1_000_000).ok())
        .ok_or("write 2026-11-23 (midnight in UTC) or 2026-11-23T10:00:00Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_a_day_or_a_time_with_its_zone() {
        assert_eq!(moment_ms("1970-01-02"), Ok(86_400_000));
        assert_eq!(moment_ms("1970-01-01T01:00:00+01:00"), Ok(0));
        assert_eq!(moment_ms("1970-01-01T00:00:00.5Z"), Ok(500));
        assert!(moment_ms("yesterday").is_err());
    }
}
