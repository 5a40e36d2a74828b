//! What is written about metrics agrees with the code: the page, the dashboard, the alerts.

mod page;
mod queries;

use service::metrics::Description;

fn roles() -> anyhow::Result<[(&'static str, Vec<Description>); 3]> {
    Ok([
        ("Evaluator", evaluator::describe_metrics()?),
        ("Results sink", results_sink::Metrics::describe()?),
        ("Analytics", analytics::Metrics::describe()?),
    ])
}
