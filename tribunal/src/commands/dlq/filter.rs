//! Which dead letters are meant.

use uuid::Uuid;

use super::letter::Letter;
use crate::commands::moment::moment_ms;

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
}
