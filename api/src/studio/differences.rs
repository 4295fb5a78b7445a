//! What differs between two bodies, field by field, to be said in words.
//!
//! Shown between versions and in a conflict. Invariant: two bodies without a difference here are equal.

use serde_json::{Map, Value};

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Difference {
    /// Which field: names apart by `-`, as the words know them; numbers of lists are left out.
    pub(super) field: String,
    /// Where exactly, for what has no words.
    pub(super) pointer: String,
    /// What stood there.
    pub(super) old: Option<String>,
    /// What stands there.
    pub(super) new: Option<String>,
}

/// The most that is said of one value, in characters.
const MOST: usize = 160;

/// Everything that differs, in the order of the fields.
pub(super) fn differences(old: &Map<String, Value>, new: &Map<String, Value>) -> Vec<Difference> {
    let mut found = Vec::new();
    fields("", old, new, &mut found);
    found
}

fn fields(at: &str, old: &Map<String, Value>, new: &Map<String, Value>, found: &mut Vec<Difference>) {
    let mut names: Vec<&String> = old.keys().chain(new.keys()).collect();
    names.sort_unstable();
    names.dedup();
    for name in names {
        compare(&format!("{at}/{name}"), old.get(name), new.get(name), found);
    }
}

fn compare(at: &str, old: Option<&Value>, new: Option<&Value>, found: &mut Vec<Difference>) {
    let empty = Map::new();
    match (old, new) {
        (old, new) if old == new => {}
        (Some(Value::Object(old)), Some(Value::Object(new))) => fields(at, old, new, found),
        (Some(Value::Object(old)), None) => fields(at, old, &empty, found),
        (None, Some(Value::Object(new))) => fields(at, &empty, new, found),
        (Some(Value::Array(old)), Some(Value::Array(new))) => lists(at, old, new, found),
        (Some(Value::Array(old)), None) => lists(at, old, &[], found),
        (None, Some(Value::Array(new))) => lists(at, &[], new, found),
        (old, new) => found.push(difference(at, old, new)),
    }
}

/// Lists differ by what came and what went; by their order when nothing did.
fn lists(at: &str, old: &[Value], new: &[Value], found: &mut Vec<Difference>) {
    let before = found.len();
    let gone = old.iter().filter(|value| !new.contains(value));
    found.extend(gone.map(|value| difference(at, Some(value), None)));
    let come = new.iter().filter(|value| !old.contains(value));
    found.extend(come.map(|value| difference(at, None, Some(value))));
    if found.len() == before {
        found.push(Difference {
            field: format!("{}-order", field(at)),
            ..difference(at, Some(&Value::from(old.to_vec())), Some(&Value::from(new.to_vec())))
        });
    }
}

fn difference(at: &str, old: Option<&Value>, new: Option<&Value>) -> Difference {
    Difference {
        field: field(at),
        pointer: at.to_owned(),
        old: old.map(said),
        new: new.map(said),
    }
}

fn field(at: &str) -> String {
    let names = at.split('/').filter(|name| !name.is_empty());
    names.collect::<Vec<_>>().join("-").replace('_', "-")
}

/// A value as one reads it: a pick by its identifier and rank.
fn said(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Object(fields) => {
            let parts = fields.iter().filter(|(_, value)| !value.is_null());
            parts
                .map(|(name, value)| format!("{name} {}", said(value)))
                .collect::<Vec<_>>()
                .join(", ")
        }
        Value::Array(list) => list.iter().map(said).collect::<Vec<_>>().join(", "),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.to_string(),
    };
    let short: String = text.chars().take(MOST).collect();
    if short.len() < text.len() {
        format!("{short}…")
    } else {
        short
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn said_between(old: Value, new: Value) -> Vec<(String, Option<String>, Option<String>)> {
        let map = |value: Value| value.as_object().cloned().expect("an object");
        let found = differences(&map(old), &map(new));
        found.into_iter().map(|one| (one.field, one.old, one.new)).collect()
    }

    fn some(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn each_field_is_told_apart() {
        let old = json!({"title": "A", "max_offers": 30, "rule": {"filters": {"categories": ["LIVRE", "JEU"]}}});
        let new = json!({"title": "B", "max_offers": 30, "rule": {"filters": {"categories": ["JEU", "FILM"]}}, "order": "date"});
        let found = said_between(old.clone(), new);
        assert_eq!(
            found,
            [
                ("order".into(), None, some("date")),
                ("rule-filters-categories".into(), some("LIVRE"), None),
                ("rule-filters-categories".into(), None, some("FILM")),
                ("title".into(), some("A"), some("B")),
            ]
        );
        assert!(said_between(old.clone(), old).is_empty());
    }

    #[test]
    fn picks_come_go_and_change_places() {
        let old = json!({"picks": [{"offer_id": "a"}, {"offer_id": "b", "rank": 0}]});
        let new = json!({"picks": [{"offer_id": "b", "rank": 0}, {"offer_id": "a"}]});
        assert_eq!(said_between(old.clone(), new)[0].0, "picks-order");
        let gone = said_between(old, json!({}));
        assert_eq!(gone[1], ("picks".into(), some("offer_id b, rank 0"), None));
    }
}
