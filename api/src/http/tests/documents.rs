//! The documents about the API: complete, consistent, and readable without the network.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Bench;
use crate::http::router::table;

fn references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::String(path)) = fields.get("$ref") {
                found.insert(path.clone());
            }
            fields.values().for_each(|field| references(field, found));
        }
        Value::Array(entries) => entries.iter().for_each(|entry| references(entry, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[tokio::test]
async fn the_openapi_document_is_complete() {
    let bench = Bench::new().await;
    let document = bench.call("GET", "/openapi.json", "").await.json();
    assert!(
        document["openapi"]
            .as_str()
            .is_some_and(|version| version.starts_with("3.1"))
    );
    let mut ids = BTreeSet::new();
    for route in table() {
        let operation = &document["paths"][route.path][route.method.as_str().to_lowercase()];
        for field in ["summary", "description", "operationId", "responses", "tags"] {
            assert!(
                operation.get(field).is_some(),
                "{} {} {field}",
                route.method,
                route.path
            );
        }
        assert!(
            ids.insert(operation["operationId"].to_string()),
            "{} is named twice",
            operation["operationId"]
        );
        let responses = operation["responses"].as_object().expect("an object");
        assert!(
            responses.contains_key(route.status.as_str()) && responses.len() > 2,
            "{}",
            route.path
        );
        let bodiless = route.path.ends_with("replay") || route.path.ends_with("publish");
        let writes = ["POST", "PUT", "PATCH"].contains(&route.method.as_str()) && !bodiless;
        assert_eq!(operation.get("requestBody").is_some(), writes, "{}", route.path);
    }
    let mut all = BTreeSet::new();
    references(&document, &mut all);
    assert!(!all.is_empty());
    for path in all {
        let pointer = path.strip_prefix('#').expect("a local reference");
        assert!(document.pointer(pointer).is_some(), "{path} leads nowhere");
    }
}

/// What the examples of a path are about.
fn named(path: &str) -> &'static str {
    let parts = [
        ("/v1/editorial", "mangas"),
        ("/v1/playlists", "chosen"),
        ("/v1/venues", "v-9"),
        ("/v1/users", "u1"),
    ];
    let part = parts.iter().find(|(part, _)| path.starts_with(part));
    part.map_or("offer-1", |(_, id)| id)
}

/// A playlist that readers see.
async fn published(bench: &Bench) -> u64 {
    let draft = r#"{"id":"chosen","title":"Chosen","rule":{}}"#;
    let made = bench.call("POST", "/v1/editorial/playlists", draft).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let reply = bench.call("POST", "/v1/editorial/playlists/chosen/publish", "").await;
    let sequence = reply.json()["sequence"].as_u64().expect("a place in the log");
    let seen = bench
        .call("GET", &format!("/v1/search?min_sequence={sequence}"), "")
        .await;
    assert_eq!(seen.status, 200, "{}", seen.text);
    sequence
}

#[tokio::test]
async fn every_example_is_taken() {
    let bench = Bench::new().await;
    // Each call waits for what the calls before it wrote.
    let mut written = published(&bench).await;
    for route in table() {
        for body in route.note.bodies.iter().filter(|body| !body.example.is_empty()) {
            let request = axum::http::Request::builder()
                .method(route.method.clone())
                .uri(format!(
                    "{}?min_sequence={written}",
                    route
                        .path
                        .replace("{kind}", "playlists")
                        .replace("{id}", named(route.path))
                ))
                .header("content-type", body.media);
            let reply = bench
                .send(request.body(axum::body::Body::from(body.example)).expect("a request"))
                .await;
            assert_eq!(
                reply.status, route.status,
                "{} {}: {}",
                route.method, route.path, reply.text
            );
            assert!(!reply.text.contains(r#""rejected":[{"#), "{}", reply.text);
            written = written.max(reply.json()["generation"].as_u64().unwrap_or(0));
        }
    }
}

#[tokio::test]
async fn the_page_asks_nothing_of_anybody() {
    let bench = Bench::new().await;
    let reply = bench.call("GET", "/docs", "").await;
    assert!(
        reply.headers["content-type"]
            .to_str()
            .expect("text")
            .starts_with("text/html")
    );
    let policy = reply.headers["content-security-policy"].to_str().expect("text");
    assert!(policy.starts_with("default-src 'none'"), "{policy}");
    for forbidden in ["<script", " src=", "<link", "@import", "url(", "href=\"http"] {
        assert!(!reply.text.contains(forbidden), "{forbidden}");
    }
    for route in table() {
        assert!(reply.text.contains(route.note.summary), "{}", route.path);
    }
    let anchors = reply
        .text
        .split("href=\"#")
        .skip(1)
        .filter_map(|rest| rest.split('"').next());
    for anchor in anchors {
        assert!(
            reply.text.contains(&format!("id=\"{anchor}\"")),
            "#{anchor} leads nowhere"
        );
    }
}

#[tokio::test]
async fn a_hostile_host_is_not_repeated() {
    let bench = Bench::new().await;
    let request = axum::http::Request::get("/docs").header("host", "<b>x</b>");
    let reply = bench
        .send(request.body(axum::body::Body::empty()).expect("a request"))
        .await;
    assert!(!reply.text.contains("<b>x"));
}

#[tokio::test]
async fn metrics_count_by_pattern_and_name_nobody() {
    let bench = Bench::new().await;
    bench
        .call("PUT", "/v1/users/secret-reader", r#"{"id":"secret-reader"}"#)
        .await;
    let reply = bench.call("GET", "/metrics", "").await;
    assert!(
        reply.headers["content-type"]
            .to_str()
            .expect("text")
            .starts_with("text/plain")
    );
    for name in [
        "florilege_http_requests_total",
        "florilege_http_request_seconds_bucket",
        "florilege_offers_waiting_for_venue",
        "florilege_applied_sequence",
    ] {
        assert!(reply.text.contains(name), "{name}");
    }
    assert!(reply.text.contains("/v1/users/{id}") && !reply.text.contains("secret-reader"));
}
