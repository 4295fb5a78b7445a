//! Editing over the router: the life of a document, two editors, what readers see of it and when.

mod files;
mod territories;

use axum::body::Body;
use axum::http::Request;
use florilege_engine::document::DocumentKind;
use florilege_engine::score::FEATURES;
use serde_json::{Map, Value, json};

use super::{Bench, Reply};
use crate::store::{NewKey, Scope};

const HOME: &str = "/v1/editorial/scenarios/home";

/// A call with headers.
async fn ask(bench: &Bench, method: &str, path: &str, body: &Value, headers: &[(&str, &str)]) -> Reply {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let body = if body.is_null() {
        String::new()
    } else {
        body.to_string()
    };
    bench.send(request.body(Body::from(body)).expect("a request")).await
}

async fn key(bench: &Bench, scope: Scope, territories: &[&str]) -> String {
    let new = NewKey {
        scope,
        territories: territories.iter().map(|territory| (*territory).to_owned()).collect(),
        expires: None,
        note: String::new(),
    };
    let (_, token) = bench.app.store.add_key(new).await.expect("a key");
    format!("Bearer {token}")
}

/// Price against popularity, and nothing else.
fn scenario(price: f64) -> Value {
    let weight = |name: &str| match name {
        "price" => price,
        "popularity" => 1.0 - price,
        _ => 0.0,
    };
    let weights: Map<String, Value> = FEATURES
        .iter()
        .map(|(name, _)| ((*name).to_owned(), json!(weight(name))))
        .collect();
    json!({"id": "home", "title": "Accueil", "weights": weights})
}

/// Books and concerts; the cheap ones are the least booked.
async fn fill(bench: &Bench) {
    let lines: Vec<String> = (0..12)
        .map(|n| {
            let sub = ["LIVRE_PAPIER", "CONCERT"][n % 2];
            json!({"op": "offer.upsert", "offer": {"id": format!("o{n:02}"), "title": "t", "subcategory": sub,
                "price_cents": 500 * n, "popularity": {"bookings_28d": 100 * n}}})
            .to_string()
        })
        .collect();
    assert_eq!(bench.changes(lines.join("\n")).await.status, 200);
}

async fn list(bench: &Bench, sequence: u64) -> Value {
    let path = format!("/v1/recommendations?min_sequence={sequence}");
    let body = json!({"seed": 5, "limit": 6, "context": {"now": "2026-01-10T12:00:00+01:00"}});
    let reply = bench.call("POST", &path, &body.to_string()).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    reply.json()
}

fn ids(list: &Value) -> Vec<&str> {
    let offers = list["offers"].as_array().expect("a list");
    offers
        .iter()
        .map(|offer| offer["id"].as_str().expect("an id"))
        .collect()
}

#[tokio::test]
async fn what_is_published_is_followed_at_once_and_taken_back_as_it_was() {
    let bench = Bench::new().await;
    fill(&bench).await;
    let built_in = list(&bench, 12).await;
    assert_eq!(built_in.get("scenario"), None);
    let made = bench
        .call("POST", "/v1/editorial/scenarios", &scenario(1.0).to_string())
        .await;
    assert_eq!(
        (made.status.as_u16(), &made.headers["location"]),
        (201, &HOME.parse().expect("a header"))
    );
    assert_eq!(made.headers["etag"], "\"1\"");
    assert_eq!(
        (&made.json()["status"], &made.json()["published"]),
        (&json!("draft"), &Value::Null)
    );
    assert_eq!(
        ids(&list(&bench, 12).await),
        ids(&built_in),
        "a draft is nobody's business"
    );

    let published = bench.call("POST", &format!("{HOME}/publish"), "").await.json();
    assert_eq!(
        (&published["status"], &published["published"]["version"]),
        (&json!("published"), &json!(1))
    );
    let cheap = list(&bench, published["sequence"].as_u64().expect("a place")).await;
    assert_eq!(
        ids(&cheap),
        ["o00", "o01", "o02", "o03", "o04", "o05"],
        "cheapest first"
    );
    assert_eq!(cheap["scenario"], json!({"id": "home", "version": 1}));

    let saved = ask(&bench, "PUT", HOME, &scenario(0.0), &[("if-match", "\"1\"")]).await;
    assert_eq!(
        (saved.status.as_u16(), &saved.headers["etag"]),
        (200, &"\"2\"".parse().expect("a header"))
    );
    let both = saved.json();
    assert_eq!(
        (
            &both["body"]["weights"]["price"],
            &both["published"]["body"]["weights"]["price"]
        ),
        (&json!(0.0), &json!(1.0))
    );
    let second = bench.call("POST", &format!("{HOME}/publish"), "").await.json();
    let other = list(&bench, second["sequence"].as_u64().expect("a place")).await;
    assert_ne!(ids(&other), ids(&cheap));

    let back = bench.call("POST", &format!("{HOME}/rollback"), "").await.json();
    assert_eq!((&back["version"], &back["body"]), (&json!(3), &scenario(1.0)));
    let again = list(&bench, back["sequence"].as_u64().expect("a place")).await;
    assert_eq!(
        again["offers"], cheap["offers"],
        "the same seed and moment, the same answer"
    );

    let gone = bench.call("DELETE", HOME, "").await.json();
    assert_eq!(
        (&gone["status"], &gone["published"]),
        (&json!("archived"), &Value::Null)
    );
    let without = list(&bench, gone["sequence"].as_u64().expect("a place")).await;
    assert_eq!(without["offers"], built_in["offers"]);
}

#[tokio::test]
async fn no_version_is_overwritten_unseen() {
    let bench = Bench::new().await;
    let (a, b) = (key(&bench, Scope::Edit, &[]).await, key(&bench, Scope::Edit, &[]).await);
    let by = |key: &str| vec![("authorization".to_owned(), key.to_owned())];
    let send =
        async |method: &str, path: &str, body: Value, mut headers: Vec<(String, String)>, version: Option<&str>| {
            headers.extend(version.map(|version| ("if-match".to_owned(), version.to_owned())));
            let headers: Vec<(&str, &str)> = headers
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str()))
                .collect();
            ask(&bench, method, path, &body, &headers).await
        };
    assert_eq!(
        send("POST", "/v1/editorial/scenarios", scenario(0.1), by(&a), None)
            .await
            .status,
        201
    );
    assert_eq!(
        send("POST", "/v1/editorial/scenarios", scenario(0.2), by(&b), None)
            .await
            .problem()
            .0,
        409
    );
    assert_eq!(send("PUT", HOME, scenario(0.2), by(&a), Some("1")).await.status, 200);
    let late = send("PUT", HOME, scenario(0.3), by(&b), Some("\"1\"")).await;
    assert_eq!((late.problem().0, late.problem().1.as_str()), (409, "version_conflict"));
    assert_eq!(
        send("PUT", HOME, scenario(0.3), by(&b), None).await.problem().0,
        409,
        "another key's, unseen"
    );
    assert_eq!(
        send("PUT", HOME, scenario(0.3), by(&a), None).await.status,
        200,
        "one's own"
    );
    assert_eq!(
        send("POST", &format!("{HOME}/publish"), Value::Null, by(&b), Some("2"))
            .await
            .problem()
            .0,
        409
    );
    assert_eq!(
        send("DELETE", HOME, Value::Null, by(&b), Some("2")).await.problem().0,
        409
    );
    assert_eq!(send("PUT", HOME, scenario(0.4), by(&b), Some("*")).await.status, 200);
    let stands = send("GET", HOME, Value::Null, by(&b), None).await.json();
    assert_eq!(
        (&stands["version"], &stands["body"]["weights"]["price"]),
        (&json!(4), &json!(0.4))
    );
}

#[tokio::test]
async fn what_a_check_refuses_is_not_stored() {
    let bench = Bench::new().await;
    let refused = bench
        .call(
            "POST",
            "/v1/editorial/playlists",
            r#"{"id":"p","title":"t","max_offers":500}"#,
        )
        .await;
    assert_eq!(refused.problem(), (422, "invalid_value".into(), "/max_offers".into()));
    let unknown = bench
        .call(
            "POST",
            "/v1/editorial/playlists",
            r#"{"id":"p","title":"t","rule":{"filtres":{}}}"#,
        )
        .await;
    assert_eq!(unknown.problem(), (422, "unknown_field".into(), "/rule/filtres".into()));
    let nameless = bench.call("POST", "/v1/editorial/playlists", r#"{"title":"t"}"#).await;
    assert_eq!(nameless.problem(), (422, "missing_field".into(), "/id".into()));
    assert_eq!(
        bench.call("GET", "/v1/editorial/playlists/p", "").await.problem().0,
        404
    );
    assert_eq!(bench.call("POST", "/v1/editorial/menus", "{}").await.problem().0, 404);
    assert_eq!(
        bench
            .call("PUT", "/v1/editorial/playlists/p", r#"{"title":"t"}"#)
            .await
            .problem()
            .0,
        404
    );
    bench
        .call("POST", "/v1/editorial/playlists", r#"{"id":"p","title":"t"}"#)
        .await;
    let other = bench
        .call("PUT", "/v1/editorial/playlists/p", r#"{"id":"q","title":"t"}"#)
        .await;
    assert_eq!(other.problem(), (422, "invalid_value".into(), "/id".into()));
    let implied = bench
        .call(
            "PUT",
            "/v1/editorial/playlists/p",
            r#"{"title":"u","status":"published"}"#,
        )
        .await
        .json();
    assert_eq!(
        (&implied["body"], &implied["status"]),
        (&json!({"id": "p", "title": "u"}), &json!("draft"))
    );
    let strange = ask(
        &bench,
        "PUT",
        "/v1/editorial/playlists/p",
        &json!({"title": "u"}),
        &[("if-match", "new")],
    )
    .await;
    assert_eq!(strange.problem().0, 422);
    let nowhere = bench
        .call("POST", "/v1/editorial/playlists/p/rollback", r#"{"version":9}"#)
        .await;
    assert_eq!(nowhere.problem(), (422, "invalid_value".into(), "/version".into()));
    assert_eq!(
        bench
            .call("POST", "/v1/editorial/playlists/p/rollback", "")
            .await
            .problem()
            .0,
        422
    );
}

/// Follows a list to its end; how many pages there were.
async fn pages(bench: &Bench, path: &str, list: &str) -> (Vec<Value>, usize) {
    let (mut all, mut count, mut cursor) = (Vec::new(), 0, None::<String>);
    loop {
        let mark = if path.contains('?') { '&' } else { '?' };
        let next = cursor
            .take()
            .map(|cursor| format!("{mark}cursor={cursor}"))
            .unwrap_or_default();
        let reply = bench.call("GET", &format!("{path}{next}"), "").await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        let page = reply.json();
        all.extend(page[list].as_array().expect("a list").iter().cloned());
        count += 1;
        match page["next_cursor"].as_str() {
            Some(next) => cursor = Some(next.to_owned()),
            None => return (all, count),
        }
    }
}

#[tokio::test]
async fn lists_come_in_pages_and_are_filtered() {
    let bench = Bench::new().await;
    for n in 0..5 {
        let body = json!({"id": format!("p{n} é/"), "title": format!("t{n}"), "territory": if n == 0 { json!("35") } else { json!(null) }});
        let made = bench.call("POST", "/v1/editorial/playlists", &body.to_string()).await;
        let place = made.headers["location"].to_str().expect("text").to_owned();
        assert_eq!(bench.call("GET", &place, "").await.json()["title"], format!("t{n}"));
        if n == 1 {
            bench.call("POST", &format!("{place}/publish"), "").await;
        }
        if n == 2 {
            bench.call("DELETE", &place, "").await;
        }
    }
    let titles = |documents: &[Value]| {
        documents
            .iter()
            .map(|d| d["title"].as_str().expect("text").to_owned())
            .collect::<Vec<_>>()
    };
    let (all, count) = pages(&bench, "/v1/editorial/playlists?limit=2", "documents").await;
    assert_eq!(
        (titles(&all), count),
        (["t0", "t1", "t3", "t4"].map(str::to_owned).to_vec(), 2)
    );
    for (filter, expected) in [
        ("status=published", "t1"),
        ("status=archived", "t2"),
        ("territory=35", "t0"),
    ] {
        let (found, _) = pages(&bench, &format!("/v1/editorial/playlists?{filter}"), "documents").await;
        assert_eq!(titles(&found), [expected], "{filter}");
    }
    let (lines, count) = pages(&bench, "/v1/editorial/audit?limit=3", "audit").await;
    assert_eq!((lines.len(), count, &lines[2]["action"]), (7, 3, &json!("publish")));
    let (lines, _) = pages(&bench, "/v1/editorial/audit?kind=playlists&id=p2%20%C3%A9/", "audit").await;
    assert_eq!(
        lines
            .iter()
            .map(|line| line["action"].as_str().expect("text"))
            .collect::<Vec<_>>(),
        ["create", "archive"]
    );
    let place = "/v1/editorial/playlists/p4%20%C3%A9%2F";
    for n in 0..4 {
        bench
            .call("PUT", place, &json!({"title": format!("v{n}")}).to_string())
            .await;
    }
    let (versions, count) = pages(&bench, &format!("{place}/versions?limit=2"), "versions").await;
    assert_eq!(
        versions
            .iter()
            .map(|v| v["version"].as_u64().expect("a number"))
            .collect::<Vec<_>>(),
        [5, 4, 3, 2, 1]
    );
    assert_eq!((count, &versions[4]["body"]["title"]), (3, &json!("t4")));
    for wrong in [
        "limit=0",
        "limit=201",
        "limit=x",
        "status=new",
        "colour=red",
        "cursor=AAAA",
        "limit=1&limit=2",
    ] {
        assert_eq!(
            bench
                .call("GET", &format!("/v1/editorial/playlists?{wrong}"), "")
                .await
                .problem()
                .0,
            422,
            "{wrong}"
        );
    }
}

#[tokio::test]
async fn lint_says_what_is_wrong_and_stores_nothing() {
    let bench = Bench::new().await;
    let body = json!({"kind": "playlists", "body": {"id": "p", "title": "t", "couleur": 1}});
    let told = bench.call("POST", "/v1/editorial/lint", &body.to_string()).await.json();
    assert_eq!(
        (&told["messages"][0]["severity"], &told["messages"][0]["pointer"]),
        (&json!("error"), &json!("/couleur"))
    );
    assert_eq!(bench.call("GET", "/v1/editorial/playlists/p", "").await.status, 404);
}

#[tokio::test]
async fn every_kind_has_a_schema_that_stands_alone() {
    let bench = Bench::new().await;
    for kind in DocumentKind::ALL {
        let answer = bench
            .call("GET", &format!("/v1/editorial/schemas/{kind}"), "")
            .await
            .json();
        let schema = &answer["schema"];
        assert_eq!(schema["type"], "object", "{kind}");
        assert!(schema["properties"].get("id").is_some(), "{kind}");
        assert_eq!(schema["additionalProperties"], false, "{kind}");
        for part in schema.to_string().split("\"$ref\":\"").skip(1) {
            let path = part.split('"').next().expect("a path");
            let pointer = path.strip_prefix('#').expect("a local reference");
            assert!(schema.pointer(pointer).is_some(), "{kind}: {path}");
        }
    }
}
