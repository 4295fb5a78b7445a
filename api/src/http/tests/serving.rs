//! Serving: the envelope, pages, freshness and deadlines.

use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Bench, Reply};

/// Twelve offers of four categories.
async fn stocked() -> Bench {
    let bench = Bench::new().await;
    let kinds = ["LIVRE_PAPIER", "CONCERT", "SEANCE_CINE", "JEU_EN_LIGNE"];
    let line = |n: usize| {
        let offer = json!({"id": format!("o{n:02}"), "title": format!("Titre {n}"), "subcategory": kinds[n % 4]});
        json!({"op": "offer.upsert", "offer": offer}).to_string()
    };
    let lines: Vec<String> = (0..12).map(line).collect();
    let report = bench.changes(lines.join("\n")).await.json();
    assert_eq!(report["rejected"], json!([]));
    bench
}

async fn post(bench: &Bench, path: &str, body: &Value) -> Reply {
    bench
        .call("POST", &format!("{path}?min_sequence=12"), &body.to_string())
        .await
}

#[tokio::test]
async fn every_answer_carries_the_envelope_once() {
    let bench = stocked().await;
    // Ready once what was written is served.
    assert_eq!(post(&bench, "/v1/search", &json!({})).await.status, 200);
    for (method, path, body) in [
        ("GET", "/health/live", ""),
        ("GET", "/health/ready", ""),
        ("GET", "/v1/offers/o01", ""),
        ("GET", "/v1/search?q=titre", ""),
        ("POST", "/v1/search", "{}"),
        ("POST", "/v1/recommendations", "{}"),
        ("POST", "/v1/events", "[]"),
    ] {
        let reply = bench.call(method, path, body).await;
        assert_eq!(reply.status, 200, "{path} {}", reply.text);
        let body = reply.json();
        let id: Uuid = body["request_id"].as_str().expect("an id").parse().expect("a UUID");
        assert_eq!(id.get_version_num(), 7);
        assert_eq!(reply.headers["x-request-id"], id.to_string());
        assert!(body["took_ms"].is_u64() && body["generation"].is_u64(), "{body}");
        for field in ["\"request_id\":", "\"took_ms\":", "\"generation\":"] {
            assert_eq!(reply.text.matches(field).count(), 1, "{field} {}", reply.text);
        }
    }
}

#[tokio::test]
async fn the_same_question_gets_the_same_answer() {
    let bench = stocked().await;
    let stripped = |mut body: Value| {
        body.as_object_mut()
            .map(|fields| (fields.remove("request_id"), fields.remove("took_ms")));
        body
    };
    for path in ["/v1/recommendations", "/v1/search"] {
        let first = post(&bench, path, &json!({"limit": 5})).await.json();
        assert!(first["seed"].is_u64() && first["now"].is_string(), "{first}");
        let again = json!({"limit": 5, "seed": first["seed"], "context": {"now": first["now"]}});
        let (one, two) = (
            post(&bench, path, &again).await.json(),
            post(&bench, path, &again).await.json(),
        );
        assert_eq!(stripped(one.clone()), stripped(two));
        let ids = |body: &Value| {
            body["offers"]
                .as_array()
                .or(body["hits"].as_array())
                .map(|list| list.iter().map(|o| o["id"].clone()).collect::<Vec<_>>())
        };
        assert_eq!(ids(&one), ids(&first));
    }
}

/// All pages of a request, by the cursor, with limits that change.
async fn pages(bench: &Bench, path: &str, list: &str, request: &Value) -> Vec<Value> {
    let (mut all, mut request) = (Vec::new(), request.clone());
    for limit in [2, 3, 1, 4, 5, 200] {
        request["limit"] = json!(limit);
        let page = post(bench, path, &request).await;
        assert_eq!(page.status, 200, "{}", page.text);
        let page = page.json();
        all.extend(page[list].as_array().expect("a list").iter().cloned());
        if page["next_cursor"].is_null() {
            break;
        }
        request["cursor"] = page["next_cursor"].clone();
    }
    all
}

#[tokio::test]
async fn pages_continue_one_list() {
    let bench = stocked().await;
    let request = json!({"context": {"age": 18}});
    let offers = pages(&bench, "/v1/recommendations", "offers", &request).await;
    let ranks: Vec<u64> = offers.iter().filter_map(|offer| offer["rank"].as_u64()).collect();
    assert_eq!(ranks, (0..offers.len() as u64).collect::<Vec<_>>());
    let mut ids: Vec<&str> = offers.iter().filter_map(|offer| offer["id"].as_str()).collect();
    assert_eq!(ids.len(), 12, "everything fits");
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 12, "nothing twice");
    assert!(offers.windows(2).all(|pair| pair[0]["category"] != pair[1]["category"]));
    let hits = pages(&bench, "/v1/search", "hits", &json!({"sort": "newest"})).await;
    assert_eq!(hits.len(), 12);
}

#[tokio::test]
async fn a_cursor_continues_its_request_alone() {
    let bench = stocked().await;
    let request = json!({"limit": 2, "user_id": "u", "context": {"age": 18}});
    let cursor = post(&bench, "/v1/recommendations", &request).await.json()["next_cursor"].clone();
    assert!(cursor.is_string());
    for (field, value) in [
        ("user_id", json!("v")),
        ("context", json!({"age": 17})),
        ("seed", json!(3)),
        ("filters", json!({"free": true})),
        ("explain", json!(true)),
        ("exclude", json!(["o01"])),
    ] {
        let mut other = request.clone();
        other[field] = value;
        other["cursor"] = cursor.clone();
        let reply = post(&bench, "/v1/recommendations", &other).await;
        assert_eq!(
            reply.problem(),
            (422, "cursor_mismatch".into(), "/cursor".into()),
            "{field}"
        );
    }
    let reply = post(&bench, "/v1/search", &json!({"limit": 2, "cursor": cursor})).await;
    assert_eq!(reply.problem().1, "cursor_mismatch");
    let same =
        json!({"limit": 7, "user_id": "u", "context": {"age": 18, "radius_m": null}, "filters": {}, "cursor": cursor});
    assert_eq!(post(&bench, "/v1/recommendations", &same).await.status, 200);
}

#[tokio::test]
async fn get_and_post_search_are_one() {
    let bench = stocked().await;
    let asked = json!({"q": "titre", "limit": 3, "sort": "price", "facets": ["category"], "seed": 1,
        "context": {"now": "2026-05-01T00:00:00Z"}, "filters": {"kinds": ["event", "physical"], "position": {"lat": 48.0, "lng": -1.5}}});
    let posted = post(&bench, "/v1/search", &asked).await.json();
    let path = "/v1/search?q=titre&limit=3&sort=price&facets=category&seed=1&now=2026-05-01T00:00:00Z&kinds=event,physical&lat=48.0&lng=-1.5&min_sequence=12";
    let got = bench.call("GET", path, "").await.json();
    for field in ["hits", "total", "facets", "interpreted", "seed", "now"] {
        assert_eq!(got[field], posted[field], "{field}");
    }
    assert!(got["hits"].as_array().is_some_and(|hits| !hits.is_empty()), "{got}");
}

#[tokio::test]
async fn a_write_is_served_within_a_second_and_at_once_with_min_sequence() {
    let bench = stocked().await;
    for n in 0..20 {
        let offer = json!({"id": "fresh", "title": format!("Fraîcheur {n}"), "subcategory": "CONCERT"}).to_string();
        let written = bench.call("PUT", "/v1/offers/fresh", &offer).await.json();
        let at = Instant::now();
        let found = bench
            .call(
                "GET",
                &format!("/v1/search?q=fraicheur%20{n}&min_sequence={}", written["generation"]),
                "",
            )
            .await
            .json();
        assert_eq!(found["hits"][0]["title"], format!("Fraîcheur {n}"), "{found}");
        assert!(found["generation"].as_u64() >= written["generation"].as_u64());
        assert!(at.elapsed() < Duration::from_secs(1), "{:?}", at.elapsed());
    }
}

#[tokio::test]
async fn waiting_ends_at_the_deadline() {
    let bench = stocked().await;
    let at = Instant::now();
    let request = Request::get("/v1/search?min_sequence=1000").header("x-deadline-ms", "80");
    let reply = bench.send(request.body(Body::empty()).expect("a request")).await;
    assert_eq!(
        (reply.problem().0, reply.problem().1.as_str()),
        (503, "not_yet_applied")
    );
    assert!(reply.headers.contains_key("retry-after"));
    assert!(at.elapsed() >= Duration::from_millis(80) && at.elapsed() < Duration::from_secs(3));
}

#[tokio::test]
async fn too_many_calls_are_refused_at_once() {
    let bench = stocked().await;
    let soon = tokio::time::Instant::now() + Duration::from_secs(20);
    let (release, gate) = std::sync::mpsc::channel::<()>();
    let pool = bench.app.pool.clone();
    let first = tokio::spawn(async move { pool.run(soon, move || gate.recv().is_ok()).await });
    let mut waiting = Vec::new();
    while bench.app.pool.held() < 17 {
        let pool = bench.app.pool.clone();
        waiting.push(tokio::spawn(async move { pool.run(soon, || true).await }));
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let reply = bench.call("GET", "/v1/search", "").await;
    assert_eq!((reply.problem().0, reply.problem().1.as_str()), (503, "overloaded"));
    assert!(reply.headers.contains_key("retry-after"));
    release.send(()).expect("a job waits");
    assert_eq!(first.await.expect("joins"), Ok(true));
    for job in waiting {
        assert!(job.await.is_ok());
    }
    assert_eq!(bench.call("GET", "/v1/search", "").await.status, 200);
}

#[tokio::test]
async fn an_answer_is_kept_and_replayed() {
    let bench = stocked().await;
    for (path, kind) in [("/v1/recommendations", "recommendations"), ("/v1/search", "search")] {
        let first = post(&bench, path, &json!({"limit": 3, "explain": true})).await.json();
        let next = post(
            &bench,
            path,
            &json!({"limit": 3, "explain": true, "cursor": first["next_cursor"]}),
        )
        .await
        .json();
        for answered in [first, next] {
            let id = answered["request_id"].as_str().expect("an id");
            let kept = bench.call("GET", &format!("/v1/requests/{id}"), "").await.json();
            assert_eq!(
                (&kept["kind"], &kept["request"]["seed"]),
                (&json!(kind), &answered["seed"])
            );
            let again = bench
                .call("POST", &format!("/v1/requests/{id}/replay"), "")
                .await
                .json();
            assert_eq!(again["replay"], "recomputed", "{again}");
            for (field, value) in answered.as_object().expect("an object") {
                if field != "request_id" && field != "took_ms" {
                    assert_eq!(&again[field], value, "{kind} {field}");
                    assert_eq!(&kept["answer"][field], value, "{kind} {field}");
                }
            }
        }
    }
    for path in [
        "/v1/requests/nothing",
        "/v1/requests/01a205c8-fc97-770e-9b32-5fdc5dccfdfa",
    ] {
        assert_eq!(bench.call("GET", path, "").await.problem().0, 404);
    }
}

#[tokio::test]
async fn a_replay_over_a_generation_long_gone_is_the_stored_one() {
    let bench = stocked().await;
    let first = post(&bench, "/v1/recommendations", &json!({"limit": 3})).await.json();
    for n in 0..10 {
        let offer = json!({"id": "o01", "title": format!("Autre {n}"), "subcategory": "CONCERT"}).to_string();
        let written = bench.call("PUT", "/v1/offers/o01", &offer).await.json();
        let path = format!("/v1/search?min_sequence={}", written["generation"]);
        assert_eq!(bench.call("GET", &path, "").await.status, 200);
    }
    let path = format!("/v1/requests/{}/replay", first["request_id"].as_str().expect("an id"));
    let again = bench.call("POST", &path, "").await.json();
    assert_eq!(
        (&again["replay"], &again["offers"], &again["generation"]),
        (&json!("stored"), &first["offers"], &first["generation"])
    );
}

#[tokio::test]
async fn the_moment_of_the_context_is_that_of_the_answer() {
    let bench = stocked().await;
    let at = json!({"context": {"now": "2027-03-01T12:00:00+01:00"}});
    for path in ["/v1/recommendations", "/v1/search"] {
        let answer = post(&bench, path, &at).await.json();
        assert_eq!(answer["now"], at["context"]["now"], "{path}");
    }
}

#[tokio::test]
async fn names_are_completed_and_searches_counted_without_their_readers() {
    let bench = stocked().await;
    let reply = bench
        .call("GET", "/v1/suggest?q=titr&limit=3&min_sequence=12", "")
        .await
        .json();
    let suggestions = reply["suggestions"].as_array().expect("a list");
    assert_eq!(suggestions.len(), 3);
    assert_eq!(suggestions[0]["kind"], "work");
    assert!(
        suggestions[0]["highlight"]
            .as_str()
            .expect("a text")
            .starts_with("<em>Titre</em>")
    );
    for path in [
        "/v1/suggest?q=a&limit=0",
        "/v1/suggest?q=a&lat=1",
        "/v1/suggest?colour=red",
    ] {
        assert_eq!(bench.call("GET", path, "").await.status, 422, "{path}");
    }
    for _ in 0..3 {
        let _ = bench.call("GET", "/v1/search?q=licorne&user_id=u1", "").await;
    }
    let counted = bench.call("GET", "/v1/search/statistics", "").await;
    let body = counted.json();
    assert_eq!(body["zero_results"], json!([{"q": "licorne", "count": 3}]), "{body}");
    assert!(!counted.text.contains("u1"));
}
