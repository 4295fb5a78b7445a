//! Query strings, mapped onto the JSON of the same request in a body.
//!
//! Each endpoint that takes both has one table of [`Entry`]. Invariant: it says every parameter, its type and its
//! place; what is not in it is a 422 `unknown_field`.

use florilege_engine::invalid::{Code, Invalid};
use serde_json::{Map, Value, json};

use super::route::Param;

/// How a parameter's text becomes JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Text,
    Number,
    Integer,
    Flag,
    Words,
    Corners,
    Polygon,
    Json,
}

impl Form {
    /// Its JSON type in a schema.
    const fn kind(self) -> &'static str {
        match self {
            Self::Text | Self::Words | Self::Corners | Self::Polygon | Self::Json => "string",
            Self::Number => "number",
            Self::Integer => "integer",
            Self::Flag => "boolean",
        }
    }
}

/// A parameter: its name, where it goes in the request's JSON, as what, and what it means.
pub(crate) struct Entry {
    param: Param,
    path: &'static str,
    form: Form,
}

/// A line of a table.
pub(crate) const fn at(name: &'static str, path: &'static str, form: Form, what: &'static str) -> Entry {
    let kind = form.kind();
    Entry {
        param: Param { name, kind, what },
        path,
        form,
    }
}

/// What the documentation says of a table.
pub(crate) const fn told<const N: usize>(table: &[Entry; N]) -> [Param; N] {
    let mut params = [table[0].param; N];
    let mut at = 1;
    while at < N {
        params[at] = table[at].param;
        at += 1;
    }
    params
}

/// The JSON of the request that the parameters ask for.
pub(crate) fn to_request(table: &[Entry], pairs: &[(String, String)]) -> Result<Value, Invalid> {
    let mut request = json!({});
    for whole in [true, false] {
        // The objects given whole come first, so that single parameters add to them.
        for (name, text) in pairs {
            let entry = table
                .iter()
                .find(|entry| entry.param.name == name)
                .ok_or_else(|| unknown(name))?;
            if (entry.form == Form::Json) == whole {
                put(&mut request, entry.path, read(name, text, entry.form)?, name)?;
            }
        }
    }
    Ok(request)
}

fn put(request: &mut Value, path: &str, value: Value, name: &str) -> Result<(), Invalid> {
    let mut at = request;
    for step in path.split('/') {
        if !at.is_object() {
            *at = Value::Object(Map::new());
        }
        at = &mut at[step];
    }
    match (&mut *at, value) {
        // A list may be given as several parameters.
        (Value::Array(held), Value::Array(more)) if name != "polygon" => held.extend(more),
        (Value::Null, value) => *at = value,
        (_, _) => {
            let message = format!("{name} is given twice");
            return Err(Invalid::one(format!("/{name}"), Code::DuplicateField, message));
        }
    }
    Ok(())
}

fn read(name: &str, text: &str, form: Form) -> Result<Value, Invalid> {
    let wrong = |expected: &str| {
        let message = format!("{name} is {expected}, not {text:?}");
        Invalid::one(format!("/{name}"), Code::InvalidType, message)
    };
    match form {
        Form::Text => Ok(json!(text)),
        Form::Number | Form::Integer => number(text).ok_or_else(|| wrong("a number")),
        Form::Flag => match text {
            "true" | "1" | "" => Ok(json!(true)),
            "false" | "0" => Ok(json!(false)),
            _ => Err(wrong("true or false")),
        },
        Form::Words => Ok(text.split(',').map(str::trim).filter(|word| !word.is_empty()).collect()),
        Form::Corners => corners(text).ok_or_else(|| wrong("south,west,north,east")),
        Form::Polygon => polygon(text).ok_or_else(|| wrong("corners as lat,lng;lat,lng;lat,lng")),
        Form::Json => serde_json::from_str(text)
            .ok()
            .filter(Value::is_object)
            .ok_or_else(|| wrong("a JSON object")),
    }
}

/// A finite number of JSON.
fn number(text: &str) -> Option<Value> {
    serde_json::from_str(text.trim()).ok().filter(Value::is_number)
}

fn corners(text: &str) -> Option<Value> {
    let sides: Option<Vec<Value>> = text.split(',').map(number).collect();
    let [south, west, north, east]: [Value; 4] = sides?.try_into().ok()?;
    Some(json!({"south": south, "west": west, "north": north, "east": east}))
}

fn polygon(text: &str) -> Option<Value> {
    let corner = |corner: &str| {
        let pair: Vec<Value> = corner.split(',').map(number).collect::<Option<_>>()?;
        (pair.len() == 2).then_some(Value::Array(pair))
    };
    text.split(';').map(corner).collect()
}

fn unknown(name: &str) -> Invalid {
    let pointer = format!("/{}", name.replace('~', "~0").replace('/', "~1"));
    Invalid::one(
        pointer,
        Code::UnknownField,
        format!("unknown parameter {name:?}; see /docs"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: [Entry; 10] = [
        at("q", "q", Form::Text, ""),
        at("lat", "filters/position/lat", Form::Number, ""),
        at("limit", "limit", Form::Integer, ""),
        at("free", "filters/free", Form::Flag, ""),
        at("genres", "filters/genres", Form::Words, ""),
        at("bounding_box", "filters/bounding_box", Form::Corners, ""),
        at("polygon", "filters/polygon", Form::Polygon, ""),
        at("filters", "filters", Form::Json, ""),
        at("price_cents_max", "filters/price_cents/max", Form::Integer, ""),
        at("price_cents", "filters/price_cents", Form::Json, ""),
    ];

    fn read(given: &[(&str, &str)]) -> Result<Value, Invalid> {
        let owned = |(name, text): &(&str, &str)| ((*name).to_owned(), (*text).to_owned());
        to_request(&TABLE, &given.iter().map(owned).collect::<Vec<_>>())
    }

    #[test]
    fn wrong_parameters_are_named() {
        for (name, text, code) in [
            ("colour", "red", Code::UnknownField),
            ("limit", "ten", Code::InvalidType),
            ("lat", "NaN", Code::InvalidType),
            ("free", "perhaps", Code::InvalidType),
            ("bounding_box", "1,2,3", Code::InvalidType),
            ("polygon", "1,2;3", Code::InvalidType),
            ("filters", "[]", Code::InvalidType),
        ] {
            let invalid = read(&[(name, text)]).expect_err(name);
            assert_eq!(
                (invalid.0[0].pointer.as_str(), invalid.0[0].code),
                (&*format!("/{name}"), code)
            );
        }
        let twice = read(&[("q", "a"), ("q", "b")]).expect_err("twice");
        assert_eq!(twice.0[0].code, Code::DuplicateField);
    }

    #[test]
    fn objects_come_first_and_lists_add_up() {
        let made = read(&[
            ("genres", "Manga, BD"),
            ("filters", r#"{"free":true}"#),
            ("genres", "Jazz"),
        ]);
        assert_eq!(
            made,
            Ok(json!({"filters": {"free": true, "genres": ["Manga", "BD", "Jazz"]}}))
        );
    }

    /// Whatever the texts, a table makes one object or one typed refusal.
    #[test]
    fn bent_query_strings_never_panic() {
        let texts = [
            "",
            "1",
            "-0",
            "1e400",
            "NaN",
            "a,b",
            ",,",
            "1,2;3,4;5,6",
            "{}",
            "{\"max\":1}",
            "[]",
            "\u{0}",
            "é",
        ];
        let names: Vec<&str> = TABLE
            .iter()
            .map(|entry| entry.param.name)
            .chain(["other", "~/"])
            .collect();
        for first in &names {
            for second in &names {
                for (a, b) in texts.iter().flat_map(|a| texts.iter().map(move |b| (a, b))) {
                    if let Ok(made) = read(&[(first, a), (second, b)]) {
                        assert!(made.is_object(), "{first}={a} {second}={b}");
                    }
                }
            }
        }
    }
}
