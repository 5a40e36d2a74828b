//! The operators' page of metrics says what the code says.

use std::fmt::Write;

use crate::roles;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/metrics.md");
/// Between these lines the page is the code's.
const BEGIN: &str = "<!-- from the code: begin -->\n";
const END: &str = "<!-- from the code: end -->\n";

/// With this variable the page is written anew instead of compared.
const WRITE: &str = "TRIBUNAL_WRITE_METRICS";

/// As the name tells it, by Prometheus's custom of ending with the unit.
fn unit(name: &str) -> &'static str {
    let ends = |end| name.ends_with(end);
    match name.strip_suffix("_total").unwrap_or(name) {
        _ if ends("_timestamp_ms") => "ms since 1970",
        _ if ends("_cpu_seconds") => "CPU-seconds",
        base if base.ends_with("_seconds") => "seconds",
        _ if ends("_lag") || ends("outstanding") || ends("queued") => "records",
        _ => "count",
    }
}

fn tables() -> anyhow::Result<String> {
    let mut text = String::new();
    for (role, metrics) in roles()? {
        writeln!(text, "\n## {role}\n")?;
        writeln!(text, "| name | type | labels | unit | meaning |")?;
        writeln!(text, "|---|---|---|---|---|")?;
        for metric in metrics {
            let labels: Vec<_> = metric
                .labels
                .iter()
                .map(|label| format!("`{label}`"))
                .collect();
            writeln!(
                text,
                "| `{}` | {} | {} | {} | {} |",
                metric.name,
                metric.kind,
                labels.join(", "),
                unit(&metric.name),
                metric.help
            )?;
        }
    }
    text.push('\n');
    Ok(text)
}

#[test]
fn the_page_of_metrics_lists_every_metric_as_the_code_describes_it() -> anyhow::Result<()> {
    let page = std::fs::read_to_string(PAGE)?;
    let (before, rest) = page.split_once(BEGIN).unwrap_or((&page, ""));
    let (_, after) = rest.split_once(END).unwrap_or_default();
    let expected = format!("{before}{BEGIN}{}{END}{after}", tables()?);
    if std::env::var_os(WRITE).is_some() {
        std::fs::write(PAGE, expected)?;
    } else {
        assert!(
            page == expected,
            "docs/metrics.md differs from the code: `just metrics-table` writes it"
        );
    }
    Ok(())
}
