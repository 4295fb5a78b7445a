//! The parsers of the edge under bent input: Arrow streams, cursors, query strings, headers.
//!
//! As `tests/it/fuzz.rs` for the engine's: a fixed count, or `FLORILEGE_FUZZ_SECONDS` for each.

use axum::http::{HeaderMap, HeaderValue, Uri};
use florilege_engine::json;
use florilege_engine::playlist::PlaylistRequest;
use florilege_engine::query::SearchRequest;
use florilege_engine::taxonomy::Taxonomy;
use florilege_tests::fuzz::{refused, run};
use serde_json::{Value, json};

use super::super::call::Call;
use super::super::cursor::{Binding, Signer};
use super::super::params::to_request;
use super::super::query::Query;
use super::super::{playlists, search};
use crate::arrow;
use crate::telemetry::Parent;

#[test]
fn arrow_streams() {
    let taxonomy = Taxonomy::built_in();
    let ran = run(
        "arrow",
        &[arrow::tests::offers(), arrow::tests::packed()],
        6_000,
        |input| match arrow::rows(input, 1_000) {
            Err(error) => error
                .to_string()
                .chars()
                .filter(|letter| letter.is_alphabetic())
                .take(50)
                .collect(),
            Ok(rows) => {
                let read = rows.iter().map(|row| arrow::read(row, &taxonomy));
                read.map(|one| one.err().map_or_else(|| "ok".to_owned(), |invalid| refused(&invalid)))
                    .collect()
            }
        },
    );
    assert!(ran.outcomes.len() > 8, "{ran:?}");
}

#[test]
fn cursors() {
    let (signer, binding) = (Signer::new(b"secret"), Binding::new("list", &json!({"q": "a"})));
    let seal = |state: Value| signer.seal(&binding, &state).expect("a cursor");
    let good = [
        seal(json!({"page": 2})),
        seal(json!([1, "two", null])),
        seal(json!(null)),
    ];
    let seeds: Vec<Vec<u8>> = good.iter().map(|cursor| cursor.clone().into_bytes()).collect();
    let ran = run("cursor", &seeds, 20_000, |input| {
        let cursor = String::from_utf8_lossy(input);
        let opened = signer.open::<Value>(&binding, &cursor);
        assert!(opened.is_err() || good.iter().any(|made| *made == cursor), "{cursor}");
        opened.map_or_else(|invalid| refused(&invalid), |state| state.to_string())
    });
    assert_eq!(ran.outcomes.len(), 4, "three states, one refusal: {ran:?}");
}

const QUERIES: [&str; 3] = [
    "q=th%C3%A9%C3%A2tre+gratuit&lat=48.1&lng=-1.68&radius_m=20000&facets=category,price&genres=Manga&genres=BD&min_sequence=3",
    "bounding_box=1,2,3.5,4&polygon=48.0,-2;49,-2;49,-1&filters=%7B%22free%22:true%7D&price_cents_max=1000&free=false&seed=1",
    "context=%7B%22age%22:18%7D&diversity=%7B%22strength%22:0.5%7D&limit=3&include=offer,venue&exclude=o1&age=18&digital_only=",
];

#[test]
fn query_strings() {
    let seeds: Vec<Vec<u8>> = QUERIES.iter().map(|query| query.as_bytes().to_vec()).collect();
    let ran = run("query", &seeds, 20_000, |input| {
        let text = String::from_utf8_lossy(input);
        let Ok(uri) = format!("/v1/search?{text}").parse::<Uri>() else {
            return "no address".to_owned();
        };
        let query = match Query::of(&uri) {
            Ok(query) => query,
            Err(problem) => return problem.code().to_owned(),
        };
        let searched = to_request(&search::params::TABLE, &query.pairs);
        let searched = searched.and_then(json::from_value::<SearchRequest>);
        let searched = searched.and_then(|request| request.check());
        let played = to_request(&playlists::params::TABLE, &query.pairs);
        let played = played.and_then(json::from_value::<PlaylistRequest>);
        let played = played.and_then(|request| request.check());
        let told = |result: Result<(), _>| result.map_or_else(|invalid| refused(&invalid), |()| "ok".to_owned());
        format!("{} / {}", told(searched), told(played))
    });
    assert!(ran.outcomes.len() > 20, "{ran:?}");
    assert!(ran.outcomes.iter().any(|outcome| outcome.starts_with("ok")), "{ran:?}");
}

#[test]
fn headers() {
    let seeds = [
        b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".to_vec(),
        b"250".to_vec(),
        b" 1 ".to_vec(),
    ];
    let ran = run("header", &seeds, 20_000, |input| {
        let text = String::from_utf8_lossy(input);
        let parent = Parent::read(&text).map(|parent| parent.sampled);
        let Ok(value) = HeaderValue::from_bytes(input) else {
            return format!("no header {parent:?}");
        };
        let headers = HeaderMap::from_iter([("x-deadline-ms".parse().expect("a name"), value)]);
        let deadline = Call::begin().with_deadline(&headers);
        format!(
            "{parent:?} {:?}",
            deadline.is_ok_and(|call| call.asked_ms_left().is_some())
        )
    });
    assert!(ran.outcomes.len() >= 4, "{ran:?}");
}
