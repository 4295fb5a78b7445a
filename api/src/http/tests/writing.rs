//! Writing: what is acknowledged can be read at once, and a bad line stops nothing.

use std::fmt::Write as _;

use serde_json::json;

use super::Bench;

#[tokio::test]
async fn an_offer_is_written_read_patched_and_taken_out() {
    let bench = Bench::new().await;
    let put = bench
        .call(
            "PUT",
            "/v1/offers/a%2Fb%20%C3%A9",
            r#"{"id":"a/b é","title":"Dune","subcategory":"LIVRE_PAPIER","venue_id":null}"#,
        )
        .await;
    assert_eq!(
        (put.status.as_u16(), &put.json()["offer"]["title"]),
        (200, &json!("Dune"))
    );
    assert_eq!(put.json()["generation"], 1);
    let patched = bench
        .call(
            "PATCH",
            "/v1/offers/a%2Fb%20%C3%A9/stock",
            r#"{"stock":0,"price_cents":900,"dates":null}"#,
        )
        .await;
    assert_eq!(
        (&patched.json()["offer"]["stock"], &patched.json()["generation"]),
        (&json!(0), &json!(2))
    );
    let got = bench.call("GET", "/v1/offers/a%2Fb%20%C3%A9", "").await.json();
    assert_eq!(
        (&got["offer"]["price_cents"], &got["offer"]["bookable"]),
        (&json!(900), &json!(true))
    );
    assert_eq!(got["offer"]["genres"], json!([]));
    let deleted = bench.call("DELETE", "/v1/offers/a%2Fb%20%C3%A9", "").await;
    assert_eq!(
        (deleted.status.as_u16(), &deleted.json()["generation"]),
        (200, &json!(3))
    );
    assert_eq!(bench.call("GET", "/v1/offers/a%2Fb%20%C3%A9", "").await.status, 404);
}

#[tokio::test]
async fn an_older_update_leaves_the_newer_one() {
    let bench = Bench::new().await;
    let offer = |title: &str, at: &str| {
        json!({"id": "o", "title": title, "subcategory": "CONCERT", "updated_at": at}).to_string()
    };
    bench
        .call("PUT", "/v1/offers/o", &offer("new", "2026-05-02T00:00:00Z"))
        .await;
    let late = bench
        .call("PUT", "/v1/offers/o", &offer("old", "2026-05-01T00:00:00Z"))
        .await;
    assert_eq!(
        (late.status.as_u16(), &late.json()["offer"]["title"]),
        (200, &json!("new"))
    );
}

#[tokio::test]
async fn venues_and_users_go_the_same_way() {
    let bench = Bench::new().await;
    let venue = bench
        .call("PUT", "/v1/venues/v", r#"{"id":"v","name":"La Criée"}"#)
        .await;
    assert_eq!(
        (&venue.json()["venue"]["name"], venue.status.as_u16()),
        (&json!("La Criée"), 200)
    );
    assert_eq!(
        bench.call("GET", "/v1/venues/v", "").await.json()["venue"]["territories"],
        json!([])
    );
    assert_eq!(bench.call("DELETE", "/v1/venues/v", "").await.status, 200);
    let user = r#"{"id":"u","birth_year":2008,"consents":{"personalisation":true}}"#;
    assert_eq!(
        bench.call("PUT", "/v1/users/u", user).await.json()["user"]["consents"]["social"],
        json!(false)
    );
    let event = r#"[{"id":"e","type":"search","user_id":"u","at":"2026-05-01T00:00:00Z","text":"dune"}]"#;
    assert_eq!(bench.call("POST", "/v1/events", event).await.json()["accepted"], 1);
    let known = bench.call("GET", "/v1/users/u", "").await.json();
    assert_eq!(
        (&known["user"]["birth_year"], &known["events"][0]["id"]),
        (&json!(2008), &json!("e"))
    );
    assert_eq!(bench.call("DELETE", "/v1/users/u", "").await.status, 200);
    assert_eq!(bench.call("GET", "/v1/users/u", "").await.status, 404);
}

#[tokio::test]
async fn a_bad_line_is_reported_and_the_rest_goes_in() {
    let bench = Bench::new().await;
    let lines = [
        r#"{"op":"venue.upsert","venue":{"id":"v","name":"V"}}"#,
        "",
        "{not json",
        r#"{"op":"offer.upsert","offer":{"id":"o","title":"t","subcategory":"NOPE"}}"#,
        r#"{"op":"offer.stock","id":"missing","stock":1}"#,
        "  \r",
        r#"{"op":"offer.upsert","offer":{"id":"o","title":"t","subcategory":"CONCERT","venue_id":"v"}}"#,
        r#"{"op":"offer.burn","id":"o"}"#,
    ];
    let reply = bench.changes(lines.join("\n")).await;
    assert_eq!(reply.status, 200);
    let report = reply.json();
    let rejected: Vec<_> = report["rejected"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|r| (r["line"].clone(), r["code"].clone()))
        .collect();
    let expected = [
        (3, "malformed_json"),
        (4, "unknown_subcategory"),
        (5, "not_found"),
        (8, "unknown_op"),
    ];
    assert_eq!(rejected, expected.map(|(line, code)| (json!(line), json!(code))));
    assert_eq!((&report["accepted"], &report["sequence"]), (&json!(2), &json!(2)));
    assert_eq!(report["generation"], report["sequence"]);
}

#[tokio::test]
async fn an_empty_bulk_is_no_mistake() {
    let bench = Bench::new().await;
    for body in ["", "\n\n"] {
        let report = bench.changes(body).await;
        assert_eq!(
            (report.status.as_u16(), report.json()["accepted"].clone()),
            (200, json!(0))
        );
    }
    assert_eq!(bench.call("POST", "/v1/events", "[]").await.json()["accepted"], 0);
}

#[tokio::test]
async fn lines_are_bounded_and_a_refused_bulk_changes_nothing() {
    let bench = Bench::new().await;
    let mut lines = String::new();
    for number in 0..=200_000 {
        writeln!(lines, r#"{{"op":"venue.delete","id":"v{number}"}}"#).expect("a string");
    }
    lines.insert_str(0, "{\"op\":\"venue.upsert\",\"venue\":{\"id\":\"v\",\"name\":\"V\"}}\n");
    let reply = bench.changes(lines).await;
    assert_eq!(reply.problem().0, 413);
    assert_eq!(bench.app.store.last_sequence().0, 0);
}

#[tokio::test]
async fn a_bad_event_is_reported_by_its_place() {
    let bench = Bench::new().await;
    let good = r#"{"id":"e1","type":"search","user_id":"u","at":"2026-05-01T00:00:00Z"}"#;
    let body = format!(r#"[{good},{{"id":"e2"}},7,{good}]"#);
    let report = bench.call("POST", "/v1/events", &body).await.json();
    assert_eq!(report["accepted"], 2);
    let lines: Vec<_> = report["rejected"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|r| r["line"].clone())
        .collect();
    assert_eq!(lines, [json!(2), json!(3)]);
}
