//! What readers did is known after a restart as before: from an artefact and the log after it, and from the store alone,
//! also when an offer has become another work since, of another category, or is gone.

use axum::body::Body;
use axum::http::Request;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::boot::Server;
use crate::config::Settings;
use crate::http;

async fn open(folder: &std::path::Path) -> Server {
    let settings = Settings {
        listen: "127.0.0.1:0".to_owned(),
        threads: 1,
        ..Settings::default()
    };
    Server::open(folder, settings).await.expect("a server")
}

async fn send(server: &Server, path: &str, media: &str, body: String) -> Value {
    let request = Request::post(path).header("content-type", media);
    let request = request.body(Body::from(body)).expect("a request");
    let response = http::app(server.app.clone())
        .oneshot(request)
        .await
        .expect("never fails");
    let bytes = response.into_body().collect().await.expect("a body").to_bytes();
    serde_json::from_slice(&bytes).expect("JSON")
}

async fn write(server: &Server, lines: &[Value]) -> u64 {
    let lines: Vec<String> = lines.iter().map(Value::to_string).collect();
    let report = send(server, "/v1/changes", "application/x-ndjson", lines.join("\n")).await;
    assert_eq!(report["rejected"], json!([]), "{report}");
    report["sequence"].as_u64().expect("a sequence")
}

/// A list for a reader with a past, and one near to a work, without what differs from call to call.
async fn answers(server: &Server, sequence: u64) -> [Value; 2] {
    let context = json!({"now": "2026-06-15T12:00:00Z", "age": 18});
    let mine = json!({"user_id": "me", "seed": 5, "limit": 26, "explain": true, "context": context});
    let near = json!({"item_ids": ["i0"], "seed": 5, "limit": 26, "explain": true, "context": context});
    let mut both = [Value::Null, Value::Null];
    for (slot, (path, body)) in both.iter_mut().zip([("recommendations", mine), ("similar", near)]) {
        let path = format!("/v1/{path}?min_sequence={sequence}");
        let mut answer = send(server, &path, "application/json", body.to_string()).await;
        let fields = answer.as_object_mut().expect("an object");
        for name in ["request_id", "took_ms", "next_cursor"] {
            assert!(fields.remove(name).is_some(), "{fields:?}");
        }
        *slot = answer;
    }
    both
}

fn event(kind: &str, user: &str, offer: usize, hour: usize) -> Value {
    json!({"op": "event", "event": {"id": format!("{kind}-{user}-{offer}"), "type": kind, "user_id": user, "offer_id": format!("o{offer}"),
        "at": format!("2026-06-15T{hour:02}:00:00Z")}})
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_are_the_same_after_a_restart() {
    let folder = tempfile::tempdir().expect("a folder");
    let subs = ["CONCERT", "LIVRE_PAPIER", "SEANCE_CINE"];
    let mut lines: Vec<Value> = (0..60)
        .map(|n| json!({"op": "offer.upsert", "offer": {"id": format!("o{n}"), "item_id": format!("i{}", n / 2), "title": "t", "subcategory": subs[n / 2 % 3]}}))
        .collect();
    let consents = json!({"personalisation": true, "social": true});
    for n in 0..9 {
        lines.push(json!({"op": "user.upsert", "user": {"id": format!("u{n}"), "consents": consents}}));
    }
    lines.push(json!({"op": "user.upsert", "user": {"id": "me", "consents": consents, "friends": ["u1"]}}));
    lines.push(event("booking", "me", 0, 3));
    lines.extend((0..5).flat_map(|n| {
        [
            event("booking", &format!("u{n}"), 0, 2),
            event("favorite", &format!("u{n}"), 30 + n, 4),
        ]
    }));
    let first = open(folder.path()).await;
    write(&first, &lines).await;
    let listener = first.bind().await.expect("an address");
    first.run(listener, None, async {}).await.expect("closed well");

    // After the artefact: more acts, one reader erased, one who agrees no more, an offer that becomes another work of
    // another category, one that goes.
    let second = open(folder.path()).await;
    let mut lines: Vec<Value> = (3..9)
        .flat_map(|n| {
            [
                event("booking", &format!("u{n}"), 50, 5),
                event("like", &format!("u{n}"), 1, 6),
            ]
        })
        .collect();
    lines.push(json!({"op": "user.erase", "id": "u2"}));
    lines.push(json!({"op": "user.upsert", "user": {"id": "u3", "consents": {}}}));
    lines.push(
        json!({"op": "offer.upsert", "offer": {"id": "o50", "item_id": "i11", "title": "t", "subcategory": "CONCERT"}}),
    );
    lines.extend([event("booking", "me", 40, 7), event("booking", "me", 45, 8)]);
    lines.push(
        json!({"op": "offer.upsert", "offer": {"id": "o40", "item_id": "i9", "title": "t", "subcategory": "VISITE"}}),
    );
    lines.push(json!({"op": "offer.delete", "id": "o45"}));
    let sequence = write(&second, &lines).await;
    let before = answers(&second, sequence).await;
    let named: Vec<&Value> = before[0]["offers"]
        .as_array()
        .expect("a list")
        .iter()
        .flat_map(|offer| offer["sources"].as_array().expect("names"))
        .collect();
    for source in ["neighbours", "rising", "friends"] {
        assert!(
            named.contains(&&json!(source)),
            "{source} says nothing, the test proves nothing: {named:?}"
        );
    }
    drop(second);

    let third = open(folder.path()).await;
    assert_eq!(
        answers(&third, sequence).await,
        before,
        "an artefact and the log after it"
    );
    drop(third);
    std::fs::remove_dir_all(folder.path().join("artefacts")).expect("removed");
    let fourth = open(folder.path()).await;
    assert_eq!(answers(&fourth, sequence).await, before, "the store alone");
}
