//! Export and import: what goes out comes in, once, all or nothing.

use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};

use super::{Bench, key};
use crate::http::tests::Reply;
use crate::store::Scope;

async fn import(bench: &Bench, lines: &str, query: &str, authorization: Option<&str>) -> Reply {
    let path = format!("/v1/editorial/import{query}");
    let mut request = Request::post(path).header("content-type", "application/x-ndjson");
    if let Some(authorization) = authorization {
        request = request.header("authorization", authorization);
    }
    bench
        .send(request.body(Body::from(lines.to_owned())).expect("a request"))
        .await
}

/// A draft, a published one with a draft ahead, an archived one.
async fn filled() -> Bench {
    let bench = Bench::new().await;
    for (kind, body) in [
        ("playlists", json!({"id": "p", "title": "é"})),
        (
            "scenarios",
            json!({"id": "home", "title": "one", "weights": {"price": 1}}),
        ),
        ("synonyms", json!({"id": "cine", "groups": [["ciné", "cinéma"]]})),
    ] {
        assert_eq!(
            bench
                .call("POST", &format!("/v1/editorial/{kind}"), &body.to_string())
                .await
                .status,
            201
        );
    }
    bench.call("POST", "/v1/editorial/scenarios/home/publish", "").await;
    bench
        .call("PUT", "/v1/editorial/scenarios/home", r#"{"title":"two"}"#)
        .await;
    bench.call("DELETE", "/v1/editorial/synonyms/cine", "").await;
    bench
}

async fn export(bench: &Bench) -> String {
    let reply = bench.call("GET", "/v1/editorial/export", "").await;
    assert_eq!(
        (reply.status.as_u16(), &reply.headers["content-type"]),
        (200, &"application/x-ndjson".parse().expect("a header"))
    );
    reply.text
}

/// Lines without the versions, which each store counts for itself.
fn said(text: &str) -> Vec<Value> {
    let line = |line: &str| {
        let mut value: Value = serde_json::from_str(line).expect("a line");
        value.as_object_mut().expect("an object").remove("version");
        value
    };
    text.lines().map(line).collect()
}

#[tokio::test]
async fn what_is_exported_is_imported_and_a_second_time_changes_nothing() {
    let first = filled().await;
    let lines = export(&first).await;
    assert_eq!(said(&lines).len(), 3);
    let second = Bench::new().await;
    let dry = import(&second, &lines, "?dry_run=true", None).await.json();
    assert_eq!((&dry["accepted"], &dry["dry_run"]), (&json!(3), &json!(true)));
    assert_eq!(export(&second).await, "", "nothing was written");
    let report = import(&second, &lines, "", None).await.json();
    assert_eq!(
        (&report["accepted"], &report["unchanged"], &report["rejected"]),
        (&json!(3), &json!(0), &json!([]))
    );
    assert_eq!(said(&export(&second).await), said(&lines));
    let home = second.call("GET", "/v1/editorial/scenarios/home", "").await.json();
    assert_eq!(
        (&home["body"]["title"], &home["published"]["body"]["title"]),
        (&json!("two"), &json!("one"))
    );
    let before = second.call("GET", "/v1/editorial/audit", "").await.json();
    let again = import(&second, &lines, "", None).await.json();
    assert_eq!((&again["accepted"], &again["unchanged"]), (&json!(3), &json!(3)));
    assert_eq!(
        second.call("GET", "/v1/editorial/audit", "").await.json()["audit"],
        before["audit"]
    );
}

#[tokio::test]
async fn one_bad_line_and_nothing_is_written() {
    let bench = Bench::new().await;
    let lines = [
        r#"{"kind":"playlists","id":"p","body":{"id":"p","title":"t"}}"#,
        "",
        r#"{"kind":"playlists","id":"q","body":{"id":"q","title":"t","max_offers":500}}"#,
        r#"{"kind":"menus","id":"m","body":{}}"#,
        r#"{"kind":"playlists","id":"p","body":{"id":"p","title":"t"}}"#,
        r#"{"kind":"playlists","id":"r","body":{"id":"s","title":"t"}}"#,
        "{",
    ];
    let report = import(&bench, &lines.join("\n"), "", None).await.json();
    let found: Vec<(u64, &str, &str)> = report["rejected"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|r| {
            (
                r["line"].as_u64().expect("a number"),
                r["code"].as_str().expect("a word"),
                r["pointer"].as_str().expect("a pointer"),
            )
        })
        .collect();
    assert_eq!(
        found,
        [
            (3, "invalid_value", "/body/max_offers"),
            (4, "unknown_value", "/kind"),
            (5, "duplicate_field", "/id"),
            (6, "invalid_value", "/body/id"),
            (7, "malformed_json", ""),
        ]
    );
    assert_eq!((&report["accepted"], export(&bench).await.as_str()), (&json!(0), ""));
    assert_eq!(import(&bench, "", "?dry_run=perhaps", None).await.problem().0, 422);
    assert_eq!(import(&bench, "", "?colour=red", None).await.problem().0, 422);
}

#[tokio::test]
async fn an_editor_of_a_territory_imports_what_is_theirs() {
    let bench = Bench::new().await;
    let local = key(&bench, Scope::Edit, &["35"]).await;
    let line = |territory: Value| {
        json!({"kind": "playlists", "id": "p", "body": {"id": "p", "title": "t", "territory": territory}}).to_string()
    };
    let refused = import(&bench, &line(json!(null)), "", Some(&local)).await.json();
    assert_eq!(
        (&refused["accepted"], &refused["rejected"][0]["code"]),
        (&json!(0), &json!("forbidden"))
    );
    let taken = import(&bench, &line(json!("35")), "", Some(&local)).await.json();
    assert_eq!((&taken["accepted"], &taken["rejected"]), (&json!(1), &json!([])));
}
