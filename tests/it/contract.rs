//! The contract's conventions on the real program: shapes, errors, limits, reading back what was written.

use florilege_tests::{Server, until};
use serde_json::{Value, json};

const SUBCATEGORIES: [&str; 3] = ["CONCERT", "VISITE", "LIVRE_PAPIER"];

fn fresh() -> (tempfile::TempDir, Server) {
    let data = tempfile::tempdir().expect("a folder");
    let server = Server::serve(data.path());
    (data, server)
}

#[track_caller]
fn refused(server: &Server, method: &str, path: &str, body: &Value, status: u16, code: &str, pointer: &str) {
    let (got, problem) = server.call(method, path, Some(body));
    let at = (got, problem["code"].as_str(), problem["errors"][0]["pointer"].as_str());
    assert!(
        got == status
            && (problem["code"] == code || problem["errors"][0]["code"] == code)
            && problem["errors"][0]["pointer"] == pointer,
        "{method} {path} {body}: {at:?} {problem}"
    );
    for field in ["type", "title", "status", "detail", "code"] {
        assert!(!problem[field].is_null(), "{field} is missing: {problem}");
    }
}

fn offer(id: &str) -> Value {
    json!({"id": id, "title": "Le Petit Prince", "subcategory": "LIVRE_PAPIER", "price_cents": 790})
}

#[test]
fn what_is_written_is_read_back_with_its_defaults() {
    let (_data, server) = fresh();
    let (status, _) = server.call("PUT", "/v1/offers/o1", Some(&offer("o1")));
    assert!((200..300).contains(&status));
    let (status, answer) = server.call("GET", "/v1/offers/o1", None);
    assert_eq!(status, 200);
    let read = &answer["offer"];
    assert_eq!(
        (&read["title"], &read["bookable"], &read["genres"]),
        (&json!("Le Petit Prince"), &json!(true), &json!([]))
    );
    assert_eq!(read["item_id"], "o1");
    for field in ["request_id", "took_ms", "generation"] {
        assert!(!answer[field].is_null(), "{field}: {answer}");
    }
    let (status, answer) = server.call(
        "PATCH",
        "/v1/offers/o1/stock",
        Some(&json!({"stock": 0, "price_cents": 900})),
    );
    assert_eq!(status, 200, "{answer}");
    let (_, answer) = server.call("GET", "/v1/offers/o1", None);
    assert_eq!(
        (&answer["offer"]["stock"], &answer["offer"]["price_cents"]),
        (&json!(0), &json!(900))
    );
    let (status, _) = server.call("DELETE", "/v1/offers/o1", None);
    assert!((200..300).contains(&status));
    assert_eq!(server.call("GET", "/v1/offers/o1", None).0, 404);
}

#[test]
fn a_mistake_of_the_client_is_named_and_never_a_5xx() {
    let (_data, server) = fresh();
    refused(
        &server,
        "PUT",
        "/v1/offers/o1",
        &json!({"id": "o1", "title": "t", "subcategory": "X"}),
        422,
        "unknown_subcategory",
        "/subcategory",
    );
    refused(
        &server,
        "PUT",
        "/v1/offers/o1",
        &json!({"id": "o1", "title": "t", "subcategory": "CONCERT", "colour": 1}),
        422,
        "unknown_field",
        "/colour",
    );
    refused(
        &server,
        "PUT",
        "/v1/offers/o1",
        &json!({"id": "o1", "subcategory": "CONCERT"}),
        422,
        "missing_field",
        "/title",
    );
    let far = json!({"id": "v", "name": "n", "position": {"lat": 95, "lng": 0}});
    refused(&server, "PUT", "/v1/venues/v", &far, 422, "invalid_value", "/position");
    refused(
        &server,
        "POST",
        "/v1/recommendations",
        &json!({"limit": 0}),
        422,
        "invalid_value",
        "/limit",
    );
    refused(
        &server,
        "POST",
        "/v1/recommendations",
        &json!({"limit": 201}),
        422,
        "invalid_value",
        "/limit",
    );
    refused(
        &server,
        "POST",
        "/v1/recommendations",
        &json!({"weights": {"luck": 1}}),
        422,
        "unknown_value",
        "/weights/luck",
    );
    refused(
        &server,
        "POST",
        "/v1/search",
        &json!({"sort": "distance"}),
        422,
        "invalid_value",
        "/sort",
    );
    refused(
        &server,
        "POST",
        "/v1/search",
        &json!({"filters": {"price_cents": {"min": 5, "max": 1}}}),
        422,
        "invalid_value",
        "/filters/price_cents/min",
    );
    refused(
        &server,
        "POST",
        "/v1/search",
        &json!({"filters": {"colour": 1}}),
        422,
        "unknown_field",
        "/filters/colour",
    );
    refused(
        &server,
        "POST",
        "/v1/search",
        &json!({"q": "x".repeat(513)}),
        422,
        "too_large",
        "/q",
    );
    assert_eq!(
        server
            .send("POST", "/v1/search", "application/json", Some(b"{\"q\":"))
            .0,
        400
    );
    assert_eq!(
        server
            .send("POST", "/v1/search", "application/json", Some(b"{\"q\": NaN}"))
            .0,
        400
    );
    assert_eq!(server.send("POST", "/v1/search", "text/plain", Some(b"{}")).0, 415);
    assert_eq!(
        server
            .send(
                "POST",
                "/v1/search",
                "application/json",
                Some(&vec![b' '; (1 << 20) + 1])
            )
            .0,
        413
    );
    assert_eq!(server.call("GET", "/v1/offers/nobody", None).0, 404);
    assert_eq!(server.call("GET", "/v1/nothing", None).0, 404);
    assert_eq!(server.call("DELETE", "/v1/search", None).0, 405);
}

#[test]
fn a_bad_line_is_reported_and_the_rest_goes_in() {
    let (_data, server) = fresh();
    let mut lines = String::new();
    for n in 1..=100_000u32 {
        let line = match n % 1_000 {
            7 => "{not json".to_owned(),
            8 => json!({"op": "offer.upsert", "offer": {"id": format!("o{n}"), "title": "t"}}).to_string(),
            _ => json!({"op": "offer.upsert", "offer": {"id": format!("o{n}"), "title": "Roman", "subcategory": "LIVRE_PAPIER"}}).to_string(),
        };
        lines.push_str(&line);
        lines.push('\n');
    }
    let answer = server.load(&lines);
    assert_eq!(answer["accepted"], 99_800);
    let rejected = answer["rejected"].as_array().expect("a list");
    let told: Vec<(u64, &str)> = rejected
        .iter()
        .map(|one| {
            (
                one["line"].as_u64().expect("a line"),
                one["code"].as_str().expect("a code"),
            )
        })
        .collect();
    let expected: Vec<(u64, &str)> = (0..100u64)
        .flat_map(|k| [(k * 1_000 + 7, "malformed_json"), (k * 1_000 + 8, "missing_field")])
        .collect();
    assert_eq!(told, expected);
    let found = server.post("/v1/search", &json!({"q": "roman", "limit": 1}));
    assert_eq!(
        (&found["total"], &found["total_is_exact"]),
        (&json!(99_800), &json!(true))
    );
}

#[test]
fn the_same_request_gives_the_same_answer() {
    let (_data, server) = fresh();
    let lines: Vec<String> = (0..200)
        .map(|n| json!({"op": "offer.upsert", "offer": {"id": format!("o{n}"), "title": "t", "subcategory": SUBCATEGORIES[n % 3]}}).to_string())
        .collect();
    let _ = server.load(&lines.join("\n"));
    let request = json!({"seed": 7, "context": {"now": "2026-01-10T12:00:00+01:00"}, "explain": true});
    let strip = |mut answer: Value| {
        for field in ["request_id", "took_ms", "next_cursor"] {
            answer.as_object_mut().expect("an object").remove(field);
        }
        answer
    };
    let (first, second) = (
        server.post("/v1/recommendations", &request),
        server.post("/v1/recommendations", &request),
    );
    assert_ne!(first["request_id"], second["request_id"]);
    assert_eq!(strip(first.clone()), strip(second));
    assert_eq!(
        (&first["seed"], &first["now"]),
        (&json!(7), &json!("2026-01-10T12:00:00+01:00"))
    );
    let drawn = server.post("/v1/recommendations", &json!({}));
    assert!(drawn["seed"].is_u64() && drawn["now"].is_string(), "{drawn}");
}

#[test]
fn a_cursor_continues_its_request_and_no_other() {
    let (_data, server) = fresh();
    let lines: Vec<String> = (0..300)
        .map(|n| json!({"op": "offer.upsert", "offer": {"id": format!("o{n:03}"), "title": "Jazz", "subcategory": SUBCATEGORIES[n % 3], "popularity": {"bookings_28d": n}}}).to_string())
        .collect();
    let _ = server.load(&lines.join("\n"));
    for (path, list) in [("/v1/recommendations", "offers"), ("/v1/search", "hits")] {
        let mut request = json!({"limit": 20, "seed": 1});
        let mut seen = std::collections::BTreeSet::new();
        let first = server.post(path, &request);
        for offer in first[list].as_array().expect("a list") {
            assert!(seen.insert(offer["id"].to_string()));
        }
        request["cursor"] = first["next_cursor"].clone();
        request["limit"] = json!(35);
        let second = server.post(path, &request);
        for offer in second[list].as_array().expect("a list") {
            assert!(seen.insert(offer["id"].to_string()), "{path}: {} twice", offer["id"]);
        }
        assert_eq!(seen.len(), 55, "{path}");
        request["seed"] = json!(2);
        refused(&server, "POST", path, &request, 422, "cursor_mismatch", "/cursor");
        request["seed"] = json!(1);
        let mut forged = request["cursor"].as_str().expect("a cursor").to_owned().into_bytes();
        let last = forged.len() - 1;
        forged[last / 2] = if forged[last / 2] == b'A' { b'B' } else { b'A' };
        request["cursor"] = json!(String::from_utf8(forged).expect("text"));
        refused(&server, "POST", path, &request, 422, "cursor_mismatch", "/cursor");
    }
}

#[test]
fn what_is_looked_at_by_operators_is_there() {
    let (_data, server) = fresh();
    assert_eq!(server.call("GET", "/health/live", None).0, 200);
    until("it is ready: it listens before it has followed its log", || {
        server.call("GET", "/health/ready", None).0 == 200
    });
    assert_eq!(server.call("GET", "/metrics", None).0, 200);
    assert_eq!(server.call("GET", "/docs", None).0, 200);
    let (status, document) = server.call("GET", "/openapi.json", None);
    assert_eq!(status, 200);
    assert!(
        document["openapi"]
            .as_str()
            .is_some_and(|version| version.starts_with("3.1")),
        "{}",
        document["openapi"]
    );
    for path in [
        "/v1/recommendations",
        "/v1/search",
        "/v1/changes",
        "/v1/offers/{id}",
        "/v1/offers/{id}/stock",
        "/health/ready",
    ] {
        assert!(document["paths"][path].is_object(), "{path} is not documented");
    }
    let empty = server.post("/v1/recommendations", &json!({}));
    assert_eq!(empty["offers"], json!([]));
}

#[test]
fn a_graceful_stop_writes_the_artefact_and_the_next_start_opens_it() {
    let (data, server) = fresh();
    let _ = server.load(&json!({"op": "offer.upsert", "offer": offer("o1")}).to_string());
    assert_eq!(server.stop(), Some(0));
    let again = Server::serve(data.path());
    let (status, answer) = again.call("GET", "/v1/offers/o1", None);
    assert_eq!(
        (status, answer["offer"]["title"].as_str()),
        (200, Some("Le Petit Prince"))
    );
    let found = again.post("/v1/search", &json!({"q": "petit prince"}));
    assert_eq!(found["total"], 1);
}
