//! Every released schema version can be read by, and can read, every other; and every example record
//! of every version still decodes to the value it had.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::path::{Path, PathBuf};

use apache_avro::Schema;
use apache_avro::schema_compatibility::SchemaCompatibility;
use schemas::released::{ALL, RESERVED_IDS, Released};
use schemas::{Message, Problem, Progress, Submission, Verdict};
use serde_json::Value;

/// FULL_TRANSITIVE: the newest against every other version, both ways.
fn full_transitive(versions: &[&str]) -> Result<(), String> {
    let parse = |text: &&str| Schema::parse_str(text).map_err(|error| error.to_string());
    let schemas: Vec<Schema> = versions.iter().map(parse).collect::<Result<_, _>>()?;
    let (current, older) = schemas.split_last().unwrap();
    for (index, old) in older.iter().enumerate() {
        SchemaCompatibility::can_read(old, current)
            .map_err(|error| format!("the current version cannot read v{}: {error}", index + 1))?;
        SchemaCompatibility::can_read(current, old)
            .map_err(|error| format!("v{} cannot read the current version: {error}", index + 1))?;
    }
    enums_have_defaults(&serde_json::from_str(versions.last().unwrap()).unwrap())
}

/// Without a default symbol, a symbol added later could not be read by older readers.
fn enums_have_defaults(schema: &Value) -> Result<(), String> {
    match schema {
        Value::Object(object) => {
            if object.get("type") == Some(&Value::from("enum")) && !object.contains_key("default") {
                return Err(format!("enum {} has no default symbol", object["name"]));
            }
            object.values().try_for_each(enums_have_defaults)
        }
        Value::Array(items) => items.iter().try_for_each(enums_have_defaults),
        _ => Ok(()),
    }
}

fn texts(released: &[Released]) -> Vec<&'static str> {
    released.iter().map(|version| version.schema).collect()
}

#[test]
fn every_current_schema_is_fully_compatible_with_all_released_ones() {
    for (name, released) in ALL {
        assert_eq!(full_transitive(&texts(released)), Ok(()), "{name}");
    }
}

/// The next version of a schema as a careless author might write it.
fn changed(name: &str, change: impl FnOnce(&mut Value)) -> Result<(), String> {
    let (_, released) = ALL.into_iter().find(|(known, _)| *known == name).unwrap();
    let mut next: Value = serde_json::from_str(released.last().unwrap().schema).unwrap();
    change(&mut next);
    let next = next.to_string();
    let mut versions = texts(released);
    versions.push(&next);
    full_transitive(&versions)
}

fn fields(schema: &mut Value) -> &mut Vec<Value> {
    schema["fields"].as_array_mut().unwrap()
}

#[test]
fn an_added_field_with_a_default_passes_the_check() {
    let added = changed("submission", |schema| {
        let field =
            serde_json::json!({"name": "origin", "type": ["null", "string"], "default": null});
        fields(schema).push(field);
    });
    assert_eq!(added, Ok(()));
}

#[test]
fn an_added_symbol_passes_the_check_because_its_enum_has_a_default() {
    let added = changed("progress", |schema| {
        let symbols = schema["fields"][2]["type"]["symbols"].as_array_mut();
        symbols.unwrap().push("UPLOADING".into());
    });
    assert_eq!(added, Ok(()));
}

#[test]
fn breaking_changes_fail_the_check() {
    let removed = changed("submission", |schema| {
        fields(schema).retain(|field| field["name"] != "tenant");
    });
    assert!(removed.is_err(), "a field without a default was removed");

    let renamed = changed("verdict", |schema| {
        fields(schema)[3]["name"] = "contest".into();
        fields(schema)[2]["name"] = "site".into();
    });
    assert!(renamed.is_err(), "a field was renamed");

    let added = changed("problem", |schema| {
        fields(schema).push(serde_json::json!({"name": "author", "type": "string"}));
    });
    assert!(added.is_err(), "a field without a default was added");

    let retyped = changed("progress", |schema| {
        fields(schema)[3]["type"] = "string".into();
    });
    assert!(retyped.is_err(), "a number became a text");

    let bare_enum = changed("progress", |schema| {
        let state = schema["fields"][2]["type"].as_object_mut();
        state.unwrap().remove("default");
    });
    assert!(bare_enum.is_err(), "an enum lost its default symbol");
}

#[test]
fn ids_are_unique_and_lie_in_the_reserved_range() {
    let versions = ALL.iter().flat_map(|(_, released)| released.iter());
    let mut ids: Vec<u32> = versions.map(|version| version.id).collect();
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), all);
    assert!(
        ids.iter()
            .all(|id| (RESERVED_IDS..RESERVED_IDS + 1_000).contains(id))
    );
}

fn examples(name: &str, version: u32) -> Vec<PathBuf> {
    let folder =
        Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("avro/{name}/examples/v{version}"));
    let entries = fs::read_dir(&folder).unwrap();
    entries.map(|entry| entry.unwrap().path()).collect()
}

fn bytes(hex: &str) -> Vec<u8> {
    let byte = |at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
    (0..hex.len()).step_by(2).map(byte).collect()
}

fn decodes_to_its_value<T: Message>(file: &Path) {
    let example: Value = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    let record = bytes(example["record"].as_str().unwrap());
    let decoded: T = schemas::codec::decode(&record).unwrap();
    let decoded = serde_json::to_value(decoded).unwrap();
    assert_eq!(decoded, example["value"], "{}", file.display());
}

#[test]
fn every_example_record_of_every_version_decodes_to_its_value() {
    for (name, released) in ALL {
        for version in released {
            let files = examples(name, version.version);
            assert!(
                !files.is_empty(),
                "{name} v{} has no example",
                version.version
            );
            for file in files {
                match name {
                    "submission" => decodes_to_its_value::<Submission>(&file),
                    "verdict" => decodes_to_its_value::<Verdict>(&file),
                    "progress" => decodes_to_its_value::<Progress>(&file),
                    "problem" => decodes_to_its_value::<Problem>(&file),
                    other => panic!("{other} is not decoded by this test"),
                }
            }
        }
    }
}
