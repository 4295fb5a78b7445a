//! `GET /v1/suggest`: completions as somebody types.
//!
//! Invariant: at most ten names, all of which the answering state has; nothing of what was typed is kept.

use axum::Extension;
use axum::extract::State;
use florilege_engine::geo::Position;
use florilege_engine::invalid::{Code, Invalid};
use florilege_engine::query::MAX_QUERY;
use florilege_engine::search::suggest::{MAX_SUGGESTIONS, SuggestRequest, Suggestion};
use serde::Serialize;

use super::answer::{Answer, Answered};
use super::call::Call;
use super::query::Query;
use super::route::{Note, Param, Shape};
use crate::app::{App, clock};
use florilege_engine::time::Moment;

/// Completions, the best first.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct Suggestions {
    /// Works, creators, venues, towns and categories.
    suggestions: Vec<Suggestion>,
}

static PARAMS: [Param; 5] = [
    Param {
        name: "q",
        kind: "string",
        what: "What is typed so far, at most 512 characters.",
    },
    Param {
        name: "lat",
        kind: "number",
        what: "Latitude of the reader; with `lng`. What can be booked near comes first.",
    },
    Param {
        name: "lng",
        kind: "number",
        what: "Longitude of the reader; with `lat`.",
    },
    Param {
        name: "limit",
        kind: "integer",
        what: "How many, 1 to 10; 10 where absent.",
    },
    Param {
        name: "now",
        kind: "string",
        what: "The moment of the answer; the server's clock where absent.",
    },
];

pub(crate) fn note() -> Note {
    Note {
        tag: "Serving",
        summary: "Complete what is being typed",
        detail: "Works, creators, venues, towns and categories of the catalogue that begin so, from any of their words; \
                 one typo from four letters, two from eight. Each with its kind and how many offers it has.",
        query: &PARAMS,
        bodies: vec![],
        answer: Shape::json::<Suggestions>(""),
        problems: &[],
    }
}

pub(crate) async fn get(State(app): State<App>, call: Call, Extension(query): Extension<Query>) -> Answered {
    let (asked, now) = read(&query.pairs)?;
    app.ask(call.deadline(), move |generation| {
        let suggestions = generation.suggest(&asked, now.unwrap_or_else(clock));
        Answer::new(&Suggestions { suggestions }, generation.sequence())
    })
    .await?
}

fn read(pairs: &[(String, String)]) -> Result<(SuggestRequest, Option<Moment>), Invalid> {
    let mut asked = SuggestRequest {
        limit: MAX_SUGGESTIONS,
        ..SuggestRequest::default()
    };
    let (mut lat, mut lng, mut now) = (None, None, None);
    for (name, value) in pairs {
        let wrong = |expected: &str| {
            let message = format!("{name} is {expected}, not {value:?}");
            Invalid::one(format!("/{name}"), Code::InvalidValue, message)
        };
        let number = || value.trim().parse::<f64>().ok().filter(|number| number.is_finite());
        match name.as_str() {
            "q" => asked.q.clone_from(value),
            "lat" => lat = Some(number().ok_or_else(|| wrong("a number"))?),
            "lng" => lng = Some(number().ok_or_else(|| wrong("a number"))?),
            "now" => now = Some(value.parse().map_err(|_| wrong("an RFC 3339 time with an offset"))?),
            "limit" => {
                let limit = value
                    .trim()
                    .parse()
                    .ok()
                    .filter(|limit| (1..=MAX_SUGGESTIONS).contains(limit));
                asked.limit = limit.ok_or_else(|| wrong("between 1 and 10"))?;
            }
            _ => {
                let pointer = format!("/{}", name.replace('~', "~0").replace('/', "~1"));
                let message = format!("unknown parameter {name:?}; see /docs");
                return Err(Invalid::one(pointer, Code::UnknownField, message));
            }
        }
    }
    if asked.q.chars().count() > MAX_QUERY {
        return Err(Invalid::one(
            "/q",
            Code::TooLarge,
            format!("at most {MAX_QUERY} characters"),
        ));
    }
    asked.position = position(lat, lng)?;
    Ok((asked, now))
}

fn position(lat: Option<f64>, lng: Option<f64>) -> Result<Option<Position>, Invalid> {
    match (lat, lng) {
        (Some(lat), Some(lng)) => Position::new(lat, lng)
            .map(Some)
            .map_err(|error| Invalid::one("/lat", Code::InvalidValue, error.to_string())),
        (None, None) => Ok(None),
        (Some(_), None) => Err(Invalid::one("/lng", Code::MissingField, "lat needs lng")),
        (None, Some(_)) => Err(Invalid::one("/lat", Code::MissingField, "lng needs lat")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(pairs: &[(&str, &str)]) -> Result<SuggestRequest, Invalid> {
        let pairs: Vec<_> = pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        read(&pairs).map(|(asked, _)| asked)
    }

    #[test]
    fn parameters_are_read() {
        let read = asked(&[("q", "pet"), ("lat", "48.1"), ("lng", "-1.7"), ("limit", "3")]).expect("a request");
        assert_eq!((read.q.as_str(), read.limit, read.position.is_some()), ("pet", 3, true));
        assert_eq!(asked(&[]).expect("a request").limit, MAX_SUGGESTIONS);
    }

    #[test]
    fn wrong_parameters_are_named() {
        for (pairs, pointer) in [
            ([("limit", "11"), ("q", "a")], "/limit"),
            ([("lat", "x"), ("lng", "1")], "/lat"),
            ([("lat", "99"), ("lng", "1")], "/lat"),
            ([("lat", "9"), ("q", "a")], "/lng"),
            ([("q", "a"), ("colour", "red")], "/colour"),
            ([("q", "a"), ("now", "tomorrow")], "/now"),
        ] {
            let invalid = asked(&pairs).expect_err(pointer);
            assert_eq!(invalid.0[0].pointer, pointer);
        }
    }
}
