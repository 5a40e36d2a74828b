//! Which dead letters are meant.

use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use super::letter::Letter;

/// All that is given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
pub(super) struct Filter {
    /// Only those for this problem.
    #[arg(long, value_name = "ID")]
    pub(super) problem: Option<String>,
    /// Only those with this cause, as `list` prints it.
    #[arg(long)]
    pub(super) cause: Option<String>,
    /// Only those of this tenant.
    #[arg(long)]
    pub(super) tenant: Option<String>,
    /// Only those of this submission.
    #[arg(long, value_name = "ID")]
    pub(super) submission: Option<Uuid>,
    /// Only those that became dead letters at this time or later: 2026-11-23 or 2026-11-23T10:00:00Z.
    #[arg(long = "since", value_name = "TIME", value_parser = moment_ms)]
    pub(super) since_ms: Option<i64>,
    /// Only those that did before this time.
    #[arg(long = "until", value_name = "TIME", value_parser = moment_ms)]
    pub(super) until_ms: Option<i64>,
}

impl Filter {
    pub(super) fn admits(&self, letter: &Letter) -> bool {
        let is = |wanted: &Option<String>, found: Option<&str>| {
            wanted.is_none() || wanted.as_deref() == found
        };
        let id = letter.identity().map(|(id, _)| id);
        let at_ms = letter.buried_ms();
        is(&self.problem, Some(&letter.problem()))
            && is(&self.cause, Some(letter.cause()))
            && is(&self.tenant, letter.tenant())
            && (self.submission.is_none() || self.submission == id)
            && self.since_ms.is_none_or(|since_ms| since_ms <= at_ms)
            && self.until_ms.is_none_or(|until_ms| at_ms < until_ms)
    }
}

/// A day (midnight in UTC) or a time with its zone; ms since 1970 in UTC.
fn moment_ms(text: &str) -> Result<i64, String> {
    let day = format_description!("[year]-[month]-[day]");
    let moment = OffsetDateTime::parse(text, &Rfc3339)
        .or_else(|_| Date::parse(text, day).map(|date| date.midnight().assume_utc()));
    let moment = moment.map_err(|_| "write 2026-11-23 or 2026-11-23T10:00:00Z".to_owned())?;
    Ok(moment.unix_timestamp() * 1_000)
}

#[cfg(test)]
mod tests {
    use super::super::letter::tests::{letter, whole};
    use super::*;

    #[test]
    fn each_condition_leaves_out_what_does_not_meet_it() {
        let whole = whole(5, 0, 1);
        let at_ms = whole.buried_ms();
        let all = Filter {
            problem: Some("lanterns".to_owned()),
            cause: Some("judge-fault".to_owned()),
            tenant: Some("school".to_owned()),
            submission: Some(Uuid::from_u128(5)),
            since_ms: Some(at_ms),
            until_ms: Some(at_ms + 1),
        };
        assert!(all.admits(&whole));
        let other = || Some("other".to_owned());
        let each = [
            Filter {
                problem: other(),
                ..all.clone()
            },
            Filter {
                cause: other(),
                ..all.clone()
            },
            Filter {
                tenant: other(),
                ..all.clone()
            },
            Filter {
                submission: Some(Uuid::nil()),
                ..all.clone()
            },
            Filter {
                since_ms: Some(at_ms + 1),
                ..all.clone()
            },
            Filter {
                until_ms: Some(at_ms),
                ..all.clone()
            },
        ];
        for filter in each {
            assert!(!filter.admits(&whole), "{filter:?}");
        }
        assert!(!all.admits(&letter(1, vec![0xff])), "nobody's tenant");
        assert!(Filter::default().admits(&letter(1, vec![0xff])));
    }

    #[test]
    fn a_moment_is_a_day_or_a_time_with_its_zone() {
        assert_eq!(moment_ms("1970-01-02"), Ok(86_400_000));
        assert_eq!(moment_ms("1970-01-01T01:00:00+01:00"), Ok(0));
        assert!(moment_ms("yesterday").is_err());
    }
}
