//! Which submissions.

use serde::Serialize;
use store::Value;

/// Submissions that have a verdict and match everything that is given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Selection {
    /// For this problem.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem_id: Option<String>,
    /// One of these, unless the list is empty.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub submission_ids: Vec<String>,
    /// Accepted then or later, ms since 1970 in UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since_ms: Option<i64>,
}

impl Selection {
    /// Its one way to be written: the same selection is the same text, however it was asked for.
    pub(super) fn text(&self, shadow: bool) -> String {
        let mut ids = self.submission_ids.clone();
        ids.sort();
        ids.dedup();
        serde_json::json!({
            "problem": self.problem_id,
            "submissions": ids,
            "since_ms": self.since_ms,
            "shadow": shadow,
        })
        .to_string()
    }

    /// Conditions on the table `submissions s`, their parameters numbered from `first`.
    pub(super) fn conditions(&self, first: usize) -> (String, Vec<Value>) {
        let (mut conditions, mut values) = (Vec::new(), Vec::<Value>::new());
        let mut next = first;
        if let Some(problem_id) = &self.problem_id {
            conditions.push(format!("s.problem_id = ${next}"));
            values.push(problem_id.as_str().into());
            next += 1;
        }
        if let Some(since_ms) = self.since_ms {
            conditions.push(format!("s.accepted_at_ms >= ${next}"));
            values.push(since_ms.into());
            next += 1;
        }
        if !self.submission_ids.is_empty() {
            let names = crate::placeholders::list(next, self.submission_ids.len());
            conditions.push(format!("s.submission_id IN ({names})"));
            values.extend(self.submission_ids.iter().map(|id| id.as_str().into()));
        }
        if conditions.is_empty() {
            conditions.push("1 = 1".to_owned());
        }
        (conditions.join(" AND "), values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_selection_is_the_same_text() {
        let ids = |ids: &[&str]| Selection {
            submission_ids: ids.iter().map(|id| (*id).to_owned()).collect(),
            ..Selection::default()
        };
        assert_eq!(
            ids(&["b", "a", "b"]).text(false),
            ids(&["a", "b"]).text(false)
        );
        assert_ne!(ids(&["a"]).text(false), ids(&["a"]).text(true));
        assert_ne!(ids(&["a"]).text(false), Selection::default().text(false));
    }
}
