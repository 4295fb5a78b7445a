//! The shape of the API as a snapshot: a change of it shows in review.
//!
//! `FLORILEGE_BLESS=1 cargo test -p florilege --lib shape` writes `api/openapi.txt` anew.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use super::Bench;

/// One line a call, with its parameters, body, and statuses; one a schema, with its fields and which are required.
fn shape(document: &Value) -> String {
    let mut lines = BTreeSet::new();
    let empty = serde_json::Map::new();
    for (path, calls) in document["paths"].as_object().unwrap_or(&empty) {
        for (method, call) in calls.as_object().unwrap_or(&empty) {
            let parameters = call["parameters"].as_array().into_iter().flatten();
            let parameters: Vec<&str> = parameters.filter_map(|one| one["name"].as_str()).collect();
            let bodies = call["requestBody"]["content"].as_object().unwrap_or(&empty);
            let bodies: Vec<String> = bodies
                .iter()
                .map(|(media, body)| format!("{media} {}", schema(&body["schema"])))
                .collect();
            let statuses = call["responses"].as_object().unwrap_or(&empty).keys();
            let statuses: Vec<&str> = statuses.map(String::as_str).collect();
            lines.insert(format!(
                "{} {path} ({}) [{}] → {}",
                method.to_uppercase(),
                parameters.join(" "),
                bodies.join(", "),
                statuses.join(" ")
            ));
        }
    }
    for (name, one) in document["components"]["schemas"].as_object().unwrap_or(&empty) {
        let required: BTreeSet<&str> = one["required"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let fields = one["properties"].as_object().unwrap_or(&empty).iter();
        let fields: Vec<String> = fields
            .map(|(field, of)| {
                format!(
                    "{field}{}: {}",
                    if required.contains(field.as_str()) { "!" } else { "" },
                    schema(of)
                )
            })
            .collect();
        lines.insert(format!("schema {name} {{ {} }}", fields.join(", ")));
    }
    lines.into_iter().collect::<Vec<_>>().join("\n") + "\n"
}

/// A schema in a word: the name it refers to, or its type.
fn schema(of: &Value) -> String {
    if let Some(name) = of["$ref"].as_str() {
        return name.rsplit('/').next().unwrap_or_default().to_owned();
    }
    for several in ["oneOf", "anyOf", "allOf"] {
        if let Some(all) = of[several].as_array() {
            return all.iter().map(schema).collect::<Vec<_>>().join(" | ");
        }
    }
    match &of["type"] {
        Value::String(one) if one == "array" => format!("[{}]", schema(&of["items"])),
        Value::String(one) => one.clone(),
        Value::Array(all) => all.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" | "),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => "any".to_owned(),
    }
}

#[tokio::test]
async fn the_shape_of_the_api_is_the_one_that_was_reviewed() {
    let bench = Bench::new().await;
    let document: Value = bench.call("GET", "/openapi.json", "").await.json();
    let (now, file) = (
        shape(&document),
        Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi.txt"),
    );
    if std::env::var_os("FLORILEGE_BLESS").is_some() {
        std::fs::write(&file, &now).expect("written");
    }
    let reviewed = std::fs::read_to_string(&file).unwrap_or_default();
    let (before, after): (BTreeSet<&str>, BTreeSet<&str>) = (reviewed.lines().collect(), now.lines().collect());
    let gone: Vec<&&str> = before.difference(&after).collect();
    let new: Vec<&&str> = after.difference(&before).collect();
    assert!(
        gone.is_empty() && new.is_empty(),
        "the API has changed: review it, then FLORILEGE_BLESS=1\ngone: {gone:#?}\nnew: {new:#?}"
    );
}
