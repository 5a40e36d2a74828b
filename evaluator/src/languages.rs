//! The languages this evaluator serves.

use judge::Languages;

/// Languages served here, among those that judges know.
#[derive(Clone, Debug)]
pub(crate) struct Served {
    known: Languages,
    ids: Vec<String>,
}

impl Served {
    /// `ids`: what the configuration names; none named = all known.
    pub(crate) fn choose(known: Languages, ids: &[String]) -> anyhow::Result<Self> {
        let all = || {
            known
                .iter()
                .map(|language| language.id.clone())
                .collect::<Vec<_>>()
        };
        for id in ids {
            anyhow::ensure!(
                known.get(id).is_some(),
                "language `{id}` is not known; known are: {}",
                all().join(", ")
            );
        }
        let ids = if ids.is_empty() { all() } else { ids.to_vec() };
        Ok(Self { known, ids })
    }

    pub(crate) fn ids(&self) -> &[String] {
        &self.ids
    }

    /// Why a submission in this language is no work for this evaluator. A language that no judge knows is the
    /// submitter's error instead, and the judge says so.
    pub(crate) fn refusal(&self, language: &str) -> Option<String> {
        let unavailable =
            self.known.get(language).is_some() && !self.ids.iter().any(|id| id == language);
        unavailable.then(|| format!("language `{language}` is not served by this evaluator"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_language_that_is_not_served_is_our_lack_and_an_unknown_one_the_submitters_error()
    -> anyhow::Result<()> {
        let served = Served::choose(Languages::builtin(), &["c".to_owned()])?;
        assert_eq!(served.refusal("c"), None);
        assert!(served.refusal("java").is_some());
        assert_eq!(served.refusal("intercal"), None);
        Ok(())
    }

    #[test]
    fn all_known_languages_are_served_unless_some_are_named_and_unknown_names_are_refused()
    -> anyhow::Result<()> {
        let served = Served::choose(Languages::builtin(), &[])?;
        assert_eq!(served.ids().len(), Languages::builtin().iter().count());
        let refused = Served::choose(Languages::builtin(), &["intercal".to_owned()]);
        assert!(refused.is_err_and(|error| error.to_string().contains("java")));
        Ok(())
    }
}
