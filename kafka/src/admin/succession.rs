//! What must hold between a topic and those whose records move on to it, as the cluster has them.
//!
//! The declaration holds by a test of its own; but an operator may give a source more time or room
//! than declared, and then a record could outlive, or outgrow, the topic it has to move on to.

use std::collections::BTreeMap;

use super::{Difference, TopicSpec};

/// A topic whose records move on to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Its name.
    pub topic: String,
    /// What moving on may add to a record, in bytes.
    pub headroom_bytes: u64,
}

type Settings = BTreeMap<String, String>;

/// The relations of a topic to its sources that do not hold. A source that is not looked at is left out.
pub(super) fn succession_differences(
    spec: &TopicSpec,
    configs: &BTreeMap<String, Settings>,
) -> Vec<Difference> {
    let Some(own) = configs.get(&spec.name) else {
        return Vec::new();
    };
    let known = spec.successor_of.iter();
    let known = known.filter_map(|source| Some((source, configs.get(&source.topic)?)));
    let broken = known.flat_map(|(source, settings)| {
        let broken = |name: &str, actual: String, needed: String| Difference::Succession {
            topic: spec.name.clone(),
            source: source.topic.clone(),
            name: name.to_owned(),
            actual,
            needed,
        };
        let time =
            too_short(own, settings).map(|(actual, needed)| broken("retention.ms", actual, needed));
        let room = too_small(own, settings, source.headroom_bytes)
            .map(|(actual, needed)| broken("max.message.bytes", actual, needed));
        [time, room].into_iter().flatten()
    });
    broken.collect()
}

fn too_short(own: &Settings, source: &Settings) -> Option<(String, String)> {
    let (kept_ms, needed_ms) = (kept_ms(own)?, kept_ms(source)?);
    let text = |ms: u64| match ms {
        u64::MAX => "-1".to_owned(),
        ms => ms.to_string(),
    };
    (kept_ms < needed_ms).then(|| (text(kept_ms), format!("at least {}", text(needed_ms))))
}

/// How long records stay: for ever, where nothing is deleted by age.
fn kept_ms(settings: &Settings) -> Option<u64> {
    if settings
        .get("cleanup.policy")
        .is_some_and(|it| it == "compact")
    {
        return Some(u64::MAX);
    }
    let retention_ms: i64 = settings.get("retention.ms")?.parse().ok()?;
    Some(u64::try_from(retention_ms).unwrap_or(u64::MAX))
}

fn too_small(own: &Settings, source: &Settings, headroom: u64) -> Option<(String, String)> {
    let bytes =
        |settings: &Settings| -> Option<u64> { settings.get("max.message.bytes")?.parse().ok() };
    let (room, needed) = (bytes(own)?, bytes(source)? + headroom);
    (room < needed).then(|| (room.to_string(), format!("at least {needed}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(pairs: &[(&str, &str)]) -> Settings {
        let owned = pairs
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
        owned.collect()
    }

    fn found(successor: &[(&str, &str)], source: &[(&str, &str)]) -> Vec<String> {
        let spec = TopicSpec {
            name: "parked".to_owned(),
            successor_of: vec![Source {
                topic: "lane".to_owned(),
                headroom_bytes: 10,
            }],
            ..TopicSpec::default()
        };
        let configs = BTreeMap::from([
            ("parked".to_owned(), settings(successor)),
            ("lane".to_owned(), settings(source)),
        ]);
        let found = succession_differences(&spec, &configs);
        found.iter().map(Difference::to_string).collect()
    }

    #[test]
    fn a_source_that_keeps_its_records_longer_is_found() {
        let week = [("retention.ms", "700"), ("cleanup.policy", "delete")];
        assert_eq!(found(&week, &week), Vec::<String>::new());
        let texts = found(&week, &[("retention.ms", "701")]);
        assert!(
            texts[0].contains("`parked` has retention.ms=700"),
            "{texts:?}"
        );
        assert!(
            texts[0].contains("`lane`") && texts[0].contains("at least 701"),
            "{texts:?}"
        );
        let texts = found(&week, &[("retention.ms", "-1")]);
        assert!(texts[0].contains("at least -1"), "{texts:?}");
    }

    #[test]
    fn what_is_compacted_or_kept_for_ever_outlives_every_source() {
        let ever = [("retention.ms", "-1")];
        assert_eq!(found(&ever, &ever), Vec::<String>::new());
        let compacted = [("retention.ms", "5"), ("cleanup.policy", "compact")];
        assert_eq!(
            found(&compacted, &[("retention.ms", "9")]),
            Vec::<String>::new()
        );
    }

    #[test]
    fn a_record_must_fit_with_what_moving_on_adds() {
        let source = [("max.message.bytes", "100")];
        assert_eq!(
            found(&[("max.message.bytes", "110")], &source),
            Vec::<String>::new()
        );
        let texts = found(&[("max.message.bytes", "109")], &source);
        assert!(texts[0].contains("at least 110"), "{texts:?}");
    }
}
