//! Every metric and label that the dashboard and the alert rules ask for exists.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use service::metrics::Description;

use crate::roles;

const DASHBOARD: &str = include_str!("../../../deploy/grafana/dashboards/tribunal.json");
const ALERTS: &str = include_str!("../../../deploy/alerts.yml");

/// What Prometheus adds to every metric, and a histogram to its buckets.
const ADDED: [&str; 3] = ["instance", "job", "le"];

type Metrics = BTreeMap<String, Description>;

fn metrics() -> anyhow::Result<Metrics> {
    let all = roles()?.into_iter().flat_map(|(_, metrics)| metrics);
    Ok(all.map(|metric| (metric.name.clone(), metric)).collect())
}

/// What is wrong with a query and the text that shows its answer; `labels` are those that text names.
fn faults(metrics: &Metrics, query: &str, shown: &BTreeSet<String>) -> Vec<String> {
    let (mut faults, mut known) = (Vec::new(), BTreeSet::from(ADDED.map(str::to_owned)));
    for (at, _) in query.match_indices("tribunal_") {
        let name = word(&query[at..]);
        let rest = &query[at + name.len()..];
        match find(metrics, name) {
            None => faults.push(format!("no metric {name}")),
            Some(metric) => {
                known.extend(metric.labels.iter().cloned());
                let own = |label: &&str| {
                    metric.labels.iter().any(|known| known == label) || ADDED.contains(label)
                };
                let matched = matchers(rest);
                let wrong = matched.iter().filter(|label| !own(label));
                faults.extend(wrong.map(|label| format!("{name} has no label {label}")));
            }
        }
    }
    let grouped = groupings(query).into_iter().chain(shown.iter().cloned());
    let unknown = grouped.filter(|label| !known.contains(label));
    faults.extend(unknown.map(|label| format!("no metric of the query has a label {label}")));
    faults
        .iter()
        .map(|fault| format!("{fault}: {query}"))
        .collect()
}

/// A histogram is asked for by one of its parts, anything else by its name.
fn find<'a>(metrics: &'a Metrics, name: &str) -> Option<&'a Description> {
    let parts = ["_bucket", "_sum", "_count"];
    let base = parts.iter().find_map(|part| name.strip_suffix(part));
    let histogram = base.and_then(|base| metrics.get(base));
    histogram
        .filter(|metric| metric.kind == "histogram")
        .or_else(|| {
            metrics
                .get(name)
                .filter(|metric| metric.kind != "histogram")
        })
}

fn word(text: &str) -> &str {
    let end = text.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
    &text[..end.unwrap_or(text.len())]
}

/// The labels between the braces right behind a name.
fn matchers(rest: &str) -> Vec<&str> {
    let inside = rest.strip_prefix('{').and_then(|rest| rest.split_once('}'));
    let inside = inside.map_or("", |(inside, _)| inside);
    // Values hold no commas here.
    inside
        .split(',')
        .map(|one| word(one.trim()))
        .filter(|label| !label.is_empty())
        .collect()
}

/// The labels of each `by (…)`.
fn groupings(query: &str) -> Vec<String> {
    let lists = query.split("by (").skip(1);
    let lists = lists.filter_map(|rest| Some(rest.split_once(')')?.0));
    lists
        .flat_map(|list| list.split(',').map(|label| label.trim().to_owned()))
        .collect()
}

/// The labels between these, as a template names them.
fn named(text: &str, before: &str, after: &str) -> BTreeSet<String> {
    let names = text.split(before).skip(1);
    names
        .filter_map(|rest| Some(rest.split_once(after)?.0.trim().to_owned()))
        .collect()
}

/// Every object below that has an `expr`.
fn targets<'a>(value: &'a Value, found: &mut Vec<&'a Value>) {
    if value.get("expr").is_some() {
        found.push(value);
    }
    match value {
        Value::Array(values) => values.iter().for_each(|value| targets(value, found)),
        Value::Object(fields) => fields.values().for_each(|value| targets(value, found)),
        _ => {}
    }
}

#[test]
fn the_dashboard_asks_only_for_metrics_and_labels_that_exist() -> anyhow::Result<()> {
    let metrics = metrics()?;
    let dashboard: Value = serde_json::from_str(DASHBOARD)?;
    let mut found = Vec::new();
    targets(&dashboard, &mut found);
    assert!(found.len() > 50, "the dashboard's queries are not found");
    let text = |target: &Value, field: &str| target[field].as_str().unwrap_or_default().to_owned();
    let faults: Vec<_> = found
        .into_iter()
        .flat_map(|target| {
            let shown = named(&text(target, "legendFormat"), "{{", "}}");
            faults(&metrics, &text(target, "expr"), &shown)
        })
        .collect();
    assert!(faults.is_empty(), "{faults:#?}");
    Ok(())
}

#[test]
fn the_alerts_ask_only_for_metrics_and_labels_that_exist() -> anyhow::Result<()> {
    let metrics = metrics()?;
    let rules = ALERTS.split("- alert:").skip(1);
    let faults: Vec<_> = rules
        .flat_map(|rule| {
            let lines = rule
                .lines()
                .filter(|line| !line.trim_start().starts_with('#'));
            let rule = lines.collect::<Vec<_>>().join("\n");
            faults(&metrics, &rule, &named(&rule, "$labels.", " "))
        })
        .collect();
    assert!(faults.is_empty(), "{faults:#?}");
    Ok(())
}

#[test]
fn a_metric_or_label_that_does_not_exist_is_found() -> anyhow::Result<()> {
    let metrics = metrics()?;
    let wrong = |query: &str| faults(&metrics, query, &BTreeSet::new()).len();
    assert_eq!(
        wrong("sum by (topic) (tribunal_evaluator_frontier_lag{topic=\"a\"})"),
        0
    );
    assert_eq!(
        wrong("rate(tribunal_evaluator_phase_seconds_bucket{phase=\"run\"}[1m])"),
        0
    );
    assert_eq!(wrong("tribunal_evaluator_frontier_lagg"), 1);
    assert_eq!(wrong("tribunal_evaluator_frontier_lag{lane=\"a\"}"), 1);
    assert_eq!(wrong("sum by (lane) (tribunal_evaluator_frontier_lag)"), 1);
    assert_eq!(
        wrong("tribunal_evaluator_phase_seconds"),
        1,
        "a histogram has parts"
    );
    Ok(())
}
