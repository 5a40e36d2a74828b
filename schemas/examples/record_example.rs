//! Prints an example record for `avro/<name>/examples/v<n>/`: `record_example NAME < value.json`.

use std::io::stdin;

use anyhow::{Context, bail};
use schemas::{Message, Problem, Progress, Submission, Verdict};
use serde_json::{Value, json};

fn main() -> anyhow::Result<()> {
    let name = std::env::args().nth(1).context("give a record's name")?;
    let value = serde_json::from_reader(stdin()).context("standard input is not JSON")?;
    let example = match name.as_str() {
        "submission" => example::<Submission>(value)?,
        "verdict" => example::<Verdict>(value)?,
        "progress" => example::<Progress>(value)?,
        "problem" => example::<Problem>(value)?,
        _ => bail!("no record is named {name}"),
    };
    #[expect(
        clippy::print_stdout,
        reason = "its output is what this program is for"
    )]
    {
        println!("{example:#}");
    }
    Ok(())
}

fn example<T: Message>(value: Value) -> anyhow::Result<Value> {
    let typed: T = serde_json::from_value(value)?;
    let record = schemas::codec::encode(&typed)?;
    let hex: String = record.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(json!({ "record": hex, "value": serde_json::to_value(typed)? }))
}
