//! The languages this evaluator serves.

use judge::Languages;

/// Languages served here, among those that judges know.
#[derive(Clone, Debug)]
pub(crate) struct Served {
    known: Languages,
    /// What the configuration names; none named = whatever was installed at the start.
    ids: Vec<String>,
}

impl Served {
    /// `chosen`: what the configuration names; none named = all that are installed here.
    pub(crate) fn choose(known: Languages, chosen: &[String]) -> anyhow::Result<Self> {
        for id in chosen {
            let all: Vec<&str> = known.iter().map(|language| language.id.as_str()).collect();
            anyhow::ensure!(
                known.get(id).is_some(),
                "language `{id}` is not known; known are: {}",
                all.join(", ")
            );
        }
        let mut ids = chosen.to_vec();
        if ids.is_empty() {
            let installed = known.iter().filter(|language| language.is_installed());
            ids.extend(installed.map(|language| language.id.clone()));
        }
        Ok(Self { known, ids })
    }

    pub(crate) fn ids(&self) -> &[String] {
        &self.ids
    }

    /// Why a submission in this language is no work for this evaluator. A language that no judge knows is the
    /// submitter's error instead, and the judge says so.
    pub(crate) fn refusal(&self, id: &str) -> Option<String> {
        let language = self.known.get(id)?;
        let served = self.ids.iter().any(|served| served == id);
        (!served).then(|| {
            let advice = language.advice();
            format!("language `{id}` is not available here: it is not served by this evaluator; {advice}")
        })
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

    /// The builtin languages, of which Python has lost its interpreter.
    fn without_python() -> Languages {
        let mut languages: Vec<_> = Languages::builtin().iter().cloned().collect();
        for language in &mut languages {
            if language.id == "python3" {
                language.run.command[0] = "/usr/bin/no-such-interpreter".to_owned();
            }
        }
        Languages::from_list(languages)
    }

    #[test]
    fn all_installed_languages_are_served_unless_some_are_named_and_unknown_names_are_refused()
    -> anyhow::Result<()> {
        let served = Served::choose(without_python(), &[])?;
        assert!(served.ids().contains(&"c".to_owned()));
        assert!(!served.ids().contains(&"python3".to_owned()));
        let refusal = served.refusal("python3").unwrap_or_default();
        assert!(refusal.contains("apt-get install python3"), "{refusal}");
        let named = Served::choose(without_python(), &["python3".to_owned()])?;
        assert_eq!(
            named.ids(),
            ["python3"],
            "its canary will say what is wrong"
        );
        let refused = Served::choose(Languages::builtin(), &["intercal".to_owned()]);
        assert!(refused.is_err_and(|error| error.to_string().contains("java")));
        Ok(())
    }
}
