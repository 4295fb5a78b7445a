//! The query string of a playlist: its table.
//!
//! Read by [`super::super::params`] onto the JSON of the same request. Invariant: a name stands once.

use super::super::params::{Entry, Form, at, told};
use super::super::route::Param;

/// Every parameter.
pub(in crate::http) static TABLE: [Entry; 16] = [
    at("limit", "limit", Form::Integer, "How many, 1 to 200; 20 where absent."),
    at("cursor", "cursor", Form::Text, "Continues an earlier answer."),
    at("seed", "seed", Form::Integer, "Makes the answer repeatable."),
    at("user_id", "user_id", Form::Text, "The reader."),
    at(
        "explain",
        "explain",
        Form::Flag,
        "Whether each offer carries its explanation.",
    ),
    at(
        "include",
        "include",
        Form::Words,
        "What stands beside each offer: offer, venue.",
    ),
    at(
        "exclude",
        "exclude",
        Form::Words,
        "Offers or items that must not stand.",
    ),
    at(
        "lat",
        "context/position/lat",
        Form::Number,
        "Latitude of the reader (`context.position`); with `lng`.",
    ),
    at(
        "lng",
        "context/position/lng",
        Form::Number,
        "Longitude of the reader; with `lat`.",
    ),
    at(
        "radius_m",
        "context/radius_m",
        Form::Number,
        "How far the reader would go at most (`context.radius_m`).",
    ),
    at("age", "context/age", Form::Integer, "Age in years (`context.age`)."),
    at(
        "credit_cents",
        "context/credit_cents",
        Form::Integer,
        "Credit left (`context.credit_cents`).",
    ),
    at(
        "now",
        "context/now",
        Form::Text,
        "The moment of the answer (`context.now`); the server's clock where absent.",
    ),
    at(
        "digital_only",
        "context/digital_only",
        Form::Flag,
        "Whether only digital offers can be used.",
    ),
    at("context", "context", Form::Json, "The context as one JSON object."),
    at(
        "diversity",
        "diversity",
        Form::Json,
        "Diversity as one JSON object, over that of the playlist.",
    ),
];

/// What the documentation says of them.
pub(crate) static PARAMS: [Param; TABLE.len()] = told(&TABLE);

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::super::params::to_request;
    use super::*;

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
        assert_eq!(to_request(&TABLE, &pairs), Ok(expected));
    }
}
