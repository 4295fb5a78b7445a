//! The query string of a playlist, mapped onto the JSON of the same request.
//!
//! Invariant: one table says every parameter, its place and its form; what is not in it is a 422 `unknown_field`.

use florilege_engine::invalid::{Code, Invalid};
use serde_json::{Map, Value, json};

use super::super::route::Param;

const fn param(name: &'static str, kind: &'static str, what: &'static str) -> Param {
    Param { name, kind, what }
}

/// Every parameter.
pub(crate) static PARAMS: [Param; 16] = [
    param("limit", "integer", "How many, 1 to 200; 20 where absent."),
    param("cursor", "string", "Continues an earlier answer."),
    param("seed", "integer", "Makes the answer repeatable."),
    param("user_id", "string", "The reader."),
    param("explain", "boolean", "Whether each offer carries its explanation."),
    param("include", "string", "What stands beside each offer: offer, venue."),
    param("exclude", "string", "Offers or items that must not stand."),
    param(
        "lat",
        "number",
        "Latitude of the reader (`context.position`); with `lng`.",
    ),
    param("lng", "number", "Longitude of the reader; with `lat`."),
    param(
        "radius_m",
        "number",
        "How far the reader would go at most (`context.radius_m`).",
    ),
    param("age", "integer", "Age in years (`context.age`)."),
    param("credit_cents", "integer", "Credit left (`context.credit_cents`)."),
    param(
        "now",
        "string",
        "The moment of the answer (`context.now`); the server's clock where absent.",
    ),
    param("digital_only", "boolean", "Whether only digital offers can be used."),
    param("context", "string", "The context as one JSON object."),
    param(
        "diversity",
        "string",
        "Diversity as one JSON object, over that of the playlist.",
    ),
];

/// Where a parameter goes.
fn place(name: &str) -> &'static [&'static str] {
    match name {
        "lat" => &["context", "position", "lat"],
        "lng" => &["context", "position", "lng"],
        "radius_m" => &["context", "radius_m"],
        "age" => &["context", "age"],
        "credit_cents" => &["context", "credit_cents"],
        "now" => &["context", "now"],
        "digital_only" => &["context", "digital_only"],
        "limit" => &["limit"],
        "cursor" => &["cursor"],
        "seed" => &["seed"],
        "user_id" => &["user_id"],
        "explain" => &["explain"],
        "include" => &["include"],
        "exclude" => &["exclude"],
        "context" => &["context"],
        "diversity" => &["diversity"],
        _ => &[],
    }
}

/// The JSON of the request that the parameters ask for.
pub(crate) fn to_request(pairs: &[(String, String)]) -> Result<Value, Invalid> {
    let mut request = json!({});
    let whole = |name: &str| matches!(name, "context" | "diversity");
    // The objects given whole come first, so that single parameters add to them.
    for (name, text) in pairs
        .iter()
        .filter(|(name, _)| whole(name))
        .chain(pairs.iter().filter(|(name, _)| !whole(name)))
    {
        let path = place(name);
        if path.is_empty() {
            let pointer = format!("/{}", name.replace('~', "~0").replace('/', "~1"));
            return Err(Invalid::one(
                pointer,
                Code::UnknownField,
                format!("unknown parameter {name:?}; see /docs"),
            ));
        }
        put(&mut request, path, read(name, text)?, name)?;
    }
    Ok(request)
}

fn put(request: &mut Value, path: &[&str], value: Value, name: &str) -> Result<(), Invalid> {
    let mut at = request;
    for step in path {
        if !at.is_object() {
            *at = Value::Object(Map::new());
        }
        at = &mut at[*step];
    }
    match (&mut *at, value) {
        // A list may be given as several parameters.
        (Value::Array(held), Value::Array(more)) => held.extend(more),
        (Value::Null, value) => *at = value,
        (_, _) => {
            let message = format!("{name} is given twice");
            return Err(Invalid::one(format!("/{name}"), Code::DuplicateField, message));
        }
    }
    Ok(())
}

fn read(name: &str, text: &str) -> Result<Value, Invalid> {
    let wrong = |expected: &str| {
        let message = format!("{name} is {expected}, not {text:?}");
        Invalid::one(format!("/{name}"), Code::InvalidType, message)
    };
    match name {
        "limit" | "seed" | "lat" | "lng" | "radius_m" | "age" | "credit_cents" => {
            let number: Option<Value> = serde_json::from_str(text.trim()).ok();
            number.filter(Value::is_number).ok_or_else(|| wrong("a number"))
        }
        "explain" | "digital_only" => match text {
            "true" | "1" | "" => Ok(json!(true)),
            "false" | "0" => Ok(json!(false)),
            _ => Err(wrong("true or false")),
        },
        "include" | "exclude" => Ok(text.split(',').map(str::trim).filter(|word| !word.is_empty()).collect()),
        "context" | "diversity" => {
            let object: Option<Value> = serde_json::from_str(text).ok();
            object.filter(Value::is_object).ok_or_else(|| wrong("a JSON object"))
        }
        _ => Ok(json!(text)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_parameter_has_a_place_and_a_stranger_none() {
        assert!(PARAMS.iter().all(|param| !place(param.name).is_empty()));
        let pairs = [("colour".to_owned(), "red".to_owned())];
        let refused = to_request(&pairs).expect_err("unknown");
        assert_eq!(
            (refused.0[0].pointer.as_str(), refused.0[0].code),
            ("/colour", Code::UnknownField)
        );
    }

    #[test]
    fn parameters_make_the_request_of_a_body() {
        let pairs = [
            ("lat", "48.1"),
            ("lng", "-1.6"),
            ("context", r#"{"age":18}"#),
            ("limit", "3"),
            ("include", "offer,venue"),
        ];
        let pairs = pairs.map(|(name, text)| (name.to_owned(), text.to_owned()));
        let expected = json!({"context": {"age": 18, "position": {"lat": 48.1, "lng": -1.6}}, "limit": 3,
            "include": ["offer", "venue"]});
        assert_eq!(to_request(&pairs), Ok(expected));
    }
}
