//! Reading JSON from outside: strict about fields, kind about `null`, exact about where a fault is.
//!
//! Every body and every change line comes through here. Invariant: an unknown field is refused, and a `null` means
//! that the field is absent (but inside `attributes`, which pass through as they are).

use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::error::Category;
use serde_path_to_error::{Path, Segment};

use crate::invalid::{Code, Invalid};

/// The value that the text holds, or every reason why not. The common case reads it once; only a text that does
/// not fit is read again without its nulls, to tell an absent field from a wrong one.
pub fn parse<T: DeserializeOwned>(text: &[u8]) -> Result<T, Invalid> {
    if let Ok(value) = serde_json::from_slice(text) {
        return Ok(value);
    }
    let mut value: Value = serde_json::from_slice(text).map_err(malformed)?;
    drop_nulls(&mut value);
    serde_path_to_error::deserialize(value).map_err(|error| misfit(error.path(), error.inner()))
}

/// The typed form of a value that is already JSON.
pub fn from_value<T: DeserializeOwned>(mut value: Value) -> Result<T, Invalid> {
    drop_nulls(&mut value);
    serde_path_to_error::deserialize(value).map_err(|error| misfit(error.path(), error.inner()))
}

/// Whether a field needs no place in a compact document.
pub(crate) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// A compact document with every absent field said: `null`, an empty list, or its default.
pub(crate) fn complete(compact: Value, defaults: &[(&str, Value)]) -> Value {
    let Value::Object(mut fields) = compact else {
        return compact;
    };
    for (name, default) in defaults {
        fields.entry(*name).or_insert_with(|| default.clone());
    }
    Value::Object(fields)
}

fn malformed(error: serde_json::Error) -> Invalid {
    let what = match error.classify() {
        Category::Eof => "the JSON ends too early",
        Category::Io | Category::Syntax | Category::Data => "not well-formed JSON",
    };
    Invalid::one("", Code::MalformedJson, format!("{what}: {error}"))
}

fn drop_nulls(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|_, field| !field.is_null());
            fields
                .iter_mut()
                .filter(|(name, _)| *name != "attributes")
                .for_each(|(_, field)| drop_nulls(field));
        }
        Value::Array(entries) => entries.iter_mut().for_each(drop_nulls),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn misfit(path: &Path, error: &serde_json::Error) -> Invalid {
    let message = error.to_string();
    let (code, field) = classify(&message);
    let mut pointer = pointer(path);
    if let Some(field) = field.filter(|field| !pointer.ends_with(&format!("/{}", escape(field)))) {
        pointer.push('/');
        pointer.push_str(&escape(field));
    }
    Invalid::one(pointer, code, message)
}

/// The kind of a serde message, and the field that it names in backquotes where the path does not.
fn classify(message: &str) -> (Code, Option<&str>) {
    let quoted = message.split('`').nth(1);
    if message.starts_with("unknown field") {
        (Code::UnknownField, quoted)
    } else if message.starts_with("missing field") {
        (Code::MissingField, quoted)
    } else if message.starts_with("duplicate field") {
        (Code::DuplicateField, quoted)
    } else if message.starts_with("invalid type") {
        (Code::InvalidType, None)
    } else if message.starts_with("unknown variant") {
        (Code::UnknownValue, None)
    } else {
        (Code::InvalidValue, None)
    }
}

fn pointer(path: &Path) -> String {
    path.iter()
        .map(|segment| match segment {
            Segment::Seq { index } => format!("/{index}"),
            Segment::Map { key } => format!("/{}", escape(key)),
            Segment::Enum { variant } => format!("/{}", escape(variant)),
            Segment::Unknown => String::new(),
        })
        .collect()
}

/// A name as a token of a JSON pointer.
pub(crate) fn escape(field: &str) -> String {
    field.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Outer {
        #[serde(default)]
        count: u32,
        #[serde(default)]
        inner: Vec<Inner>,
    }

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        name: String,
    }

    #[track_caller]
    fn check(text: &str, pointer: &str, code: Code) {
        let Invalid(faults) = parse::<Outer>(text.as_bytes())
            .map(|ok| (ok.count, ok.inner.len()))
            .expect_err(text);
        assert_eq!(
            (faults[0].pointer.as_str(), faults[0].code),
            (pointer, code),
            "{faults:?}"
        );
    }

    #[test]
    fn a_fault_says_where_and_what() {
        check("{", "", Code::MalformedJson);
        check("{\"count\": NaN}", "", Code::MalformedJson);
        check(r#"{"colour": 1}"#, "/colour", Code::UnknownField);
        check(
            r#"{"inner": [{"name": "a"}, {"name": "b", "x/y": 1}]}"#,
            "/inner/1/x~1y",
            Code::UnknownField,
        );
        check(r#"{"inner": [{}]}"#, "/inner/0/name", Code::MissingField);
        check(r#"{"count": "many"}"#, "/count", Code::InvalidType);
        check(r#"{"count": -1}"#, "/count", Code::InvalidValue);
    }

    #[test]
    fn null_means_absent() {
        let outer: Outer = parse(br#"{"count": null, "inner": [{"name": "a"}]}"#).expect("nulls are absent");
        assert_eq!((outer.count, outer.inner[0].name.as_str()), (0, "a"));
    }
}
