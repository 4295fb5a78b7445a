//! Playlists and pages over HTTP: published, answered, paged, kept, replayed, previewed.

use serde_json::{Value, json};

use super::Bench;

const NOW: &str = "2026-05-01T12:00:00+02:00";

/// Twenty-four offers of four categories.
async fn stocked() -> Bench {
    let bench = Bench::new().await;
    let line = |n: usize| {
        let kind = ["LIVRE_PAPIER", "CONCERT", "SEANCE_CINE", "JEU_EN_LIGNE"][n % 4];
        let offer = json!({"id": format!("o{n:02}"), "title": format!("Titre {n}"), "subcategory": kind, "popularity": {"bookings_28d": n},
            "published_at": "2026-04-28T00:00:00Z"});
        json!({"op": "offer.upsert", "offer": offer}).to_string()
    };
    let lines: Vec<String> = (0..24).map(line).collect();
    assert_eq!(bench.changes(lines.join("\n")).await.json()["rejected"], json!([]));
    bench
}

/// Saves a document and publishes it; where the log stands then.
async fn publish(bench: &Bench, kind: &str, body: &Value) -> u64 {
    let made = bench
        .call("POST", &format!("/v1/editorial/{kind}"), &body.to_string())
        .await;
    assert_eq!(made.status, 201, "{}", made.text);
    let path = format!("/v1/editorial/{kind}/{}/publish", body["id"].as_str().expect("an id"));
    let published = bench.call("POST", &path, "").await;
    assert_eq!(published.status, 200, "{}", published.text);
    let sequence = published.json()["sequence"].as_u64().expect("a sequence");
    let path = format!("/v1/search?min_sequence={sequence}&limit=1");
    assert_eq!(bench.call("GET", &path, "").await.status, 200);
    sequence
}

fn ids(answer: &Value) -> Vec<String> {
    let offers = answer["offers"].as_array().expect("offers");
    offers
        .iter()
        .filter_map(|offer| offer["id"].as_str().map(str::to_owned))
        .collect()
}

#[tokio::test]
async fn a_playlist_is_answered_once_it_is_published() {
    let bench = stocked().await;
    let body = json!({"id": "choix", "title": "Choisis", "subtitle": "À la main", "picks": [{"offer_id": "o03"}, {"offer_id": "o07"}, {"offer_id": "o01"}]});
    let made = bench.call("POST", "/v1/editorial/playlists", &body.to_string()).await;
    assert_eq!(made.status, 201);
    let path = "/v1/playlists/choix/offers";
    assert_eq!(
        bench.call("GET", path, "").await.problem().0,
        404,
        "a draft is nobody's"
    );
    let published = bench
        .call("POST", "/v1/editorial/playlists/choix/publish", "")
        .await
        .json();
    let path = format!("{path}?min_sequence={}", published["sequence"]);
    let answer = bench.call("POST", &path, "{}").await.json();
    assert_eq!(ids(&answer), ["o03", "o07", "o01"]);
    assert_eq!(
        (&answer["playlist"]["id"], &answer["title"], &answer["closed"]),
        (&json!("choix"), &json!("Choisis"), &json!(null))
    );
    assert!(
        answer["diversity"]["satisfied"] == true && answer["next_cursor"].is_null(),
        "{answer}"
    );
    let got = bench
        .call("GET", "/v1/playlists/choix/offers?limit=2&age=18&seed=4", "")
        .await
        .json();
    assert_eq!((ids(&got).len(), &got["seed"]), (2, &json!(4)));
    let more = format!(
        "/v1/playlists/choix/offers?limit=5&age=18&seed=4&cursor={}",
        got["next_cursor"].as_str().expect("a cursor")
    );
    assert_eq!(ids(&bench.call("GET", &more, "").await.json()), ["o01"]);
    bench.call("DELETE", "/v1/editorial/playlists/choix", "").await;
    let last = bench.app.store.last_sequence().0;
    assert_eq!(
        bench
            .call("GET", &format!("/v1/playlists/choix/offers?min_sequence={last}"), "")
            .await
            .status,
        404,
        "archived"
    );
}

#[tokio::test]
async fn wrong_questions_to_a_playlist_are_named() {
    let bench = stocked().await;
    let body = json!({"id": "choix", "title": "Choisis", "picks": [{"offer_id": "o03"}]});
    publish(&bench, "playlists", &body).await;
    for (method, path, body, expected) in [
        ("GET", "/v1/playlists/unheard-of/offers", "", (404, "not_found", "/id")),
        (
            "GET",
            "/v1/playlists/choix/offers?limit=0",
            "",
            (422, "invalid_value", "/limit"),
        ),
        (
            "GET",
            "/v1/playlists/choix/offers?colour=red",
            "",
            (422, "unknown_field", "/colour"),
        ),
        (
            "POST",
            "/v1/playlists/choix/offers",
            r#"{"id":"autre"}"#,
            (422, "invalid_value", "/id"),
        ),
        (
            "POST",
            "/v1/playlists/choix/offers",
            r#"{"limits":1}"#,
            (422, "unknown_field", "/limits"),
        ),
    ] {
        let problem = bench.call(method, path, body).await.problem();
        assert_eq!(
            (problem.0, problem.1.as_str(), problem.2.as_str()),
            expected,
            "{path} {body}"
        );
    }
}

#[tokio::test]
async fn playlists_and_pages_are_kept_and_replayed() {
    let bench = stocked().await;
    publish(
        &bench,
        "playlists",
        &json!({"id": "p", "title": "t", "rule": {"filters": {"categories": ["LIVRE", "CINEMA"]}}}),
    )
    .await;
    for (path, body, kind) in [
        (
            "/v1/playlists/p/offers",
            json!({"limit": 4, "context": {"now": NOW, "age": 18}}),
            "playlist",
        ),
        (
            "/v1/feed",
            json!({"modules": 3, "offers_per_module": 4, "context": {"now": NOW, "age": 18}, "explain": true}),
            "feed",
        ),
    ] {
        let first = bench.call("POST", path, &body.to_string()).await.json();
        let id = first["request_id"].as_str().expect("an id");
        let kept = bench.call("GET", &format!("/v1/requests/{id}"), "").await.json();
        assert_eq!(
            (&kept["kind"], &kept["request"]["seed"]),
            (&json!(kind), &first["seed"]),
            "{kept}"
        );
        let again = bench
            .call("POST", &format!("/v1/requests/{id}/replay"), "")
            .await
            .json();
        assert_eq!(again["replay"], "recomputed", "{again}");
        for (field, value) in first.as_object().expect("an object") {
            assert!(
                field == "request_id" || field == "took_ms" || again[field] == *value,
                "{kind} {field}"
            );
        }
    }
}

#[tokio::test]
async fn the_built_in_page_shows_no_work_twice() {
    let bench = stocked().await;
    let page = bench
        .call(
            "POST",
            "/v1/feed?min_sequence=24",
            &json!({"context": {"now": NOW, "age": 18}, "offers_per_module": 5}).to_string(),
        )
        .await
        .json();
    assert!(page["home"].is_null(), "{page}");
    let modules = page["modules"].as_array().expect("modules");
    let kinds: Vec<&str> = modules.iter().filter_map(|module| module["kind"].as_str()).collect();
    assert_eq!(kinds, ["recommendations", "trending", "new"]);
    let mut all: Vec<String> = modules.iter().flat_map(ids).collect();
    assert_eq!(all.len(), 15);
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), 15, "nothing twice");
    for (body, pointer) in [
        (r#"{"modules":31}"#, "/modules"),
        (r#"{"offers_per_module":51}"#, "/offers_per_module"),
        (r#"{"home":"no"}"#, "/home"),
    ] {
        let problem = bench.call("POST", "/v1/feed", body).await.problem();
        assert_eq!((problem.0, problem.2.as_str()), (422, pointer));
    }
}

#[tokio::test]
async fn a_frozen_playlist_keeps_what_its_rule_found_at_publication() {
    let bench = stocked().await;
    let body = json!({"id": "f", "title": "t", "rule": {"filters": {"categories": ["LIVRE"]}}, "frozen": true, "max_offers": 3, "order": "popularity"});
    publish(&bench, "playlists", &body).await;
    let path = "/v1/playlists/f/offers";
    let before = ids(&bench.call("POST", path, "{}").await.json());
    assert_eq!(before, ["o20", "o16", "o12"], "the most booked books");
    let newer = json!({"id": "z", "title": "t", "subcategory": "LIVRE_PAPIER", "popularity": {"bookings_28d": 900}});
    let written = bench.call("PUT", "/v1/offers/z", &newer.to_string()).await.json();
    let after = bench
        .call("POST", &format!("{path}?min_sequence={}", written["generation"]), "{}")
        .await
        .json();
    assert_eq!(ids(&after), before);
    let stands = bench.call("GET", "/v1/editorial/playlists/f", "").await.json();
    assert_eq!(
        stands["body"]["frozen_picks"].as_array().map(Vec::len),
        Some(3),
        "{stands}"
    );
}

#[tokio::test]
async fn a_draft_is_previewed_beside_what_is_live() {
    let bench = stocked().await;
    publish(
        &bench,
        "playlists",
        &json!({"id": "p", "title": "t", "picks": [{"offer_id": "o03"}, {"offer_id": "o07"}]}),
    )
    .await;
    let draft = json!({"kind": "playlists", "body": {"id": "p", "title": "t", "picks": [{"offer_id": "o07"}, {"offer_id": "o01"}]}, "compare": true, "now": NOW});
    let seen = bench
        .call("POST", "/v1/editorial/preview", &draft.to_string())
        .await
        .json();
    assert_eq!(
        (ids(&seen["draft"]), ids(&seen["live"])),
        (vec!["o07".into(), "o01".into()], vec!["o03".into(), "o07".into()])
    );
    assert_eq!(
        (&seen["difference"]["added"], &seen["difference"]["removed"]),
        (&json!(["o01"]), &json!(["o03"])),
        "{seen}"
    );
    let by_id = json!({"kind": "playlists", "id": "p"}).to_string();
    assert_eq!(
        ids(&bench.call("POST", "/v1/editorial/preview", &by_id).await.json()["draft"]),
        ["o03", "o07"]
    );
    for (body, pointer) in [
        (json!({"kind": "playlists"}), "/body"),
        (json!({"kind": "playlists", "id": "no"}), "/id"),
        (
            json!({"kind": "playlists", "body": {"id": "p", "title": ""}}),
            "/body/title",
        ),
        (
            json!({"kind": "synonyms", "body": {"id": "y", "groups": [["a", "b"]]}}),
            "/kind",
        ),
    ] {
        let problem = bench
            .call("POST", "/v1/editorial/preview", &body.to_string())
            .await
            .problem();
        assert_eq!((problem.0, problem.2.as_str()), (422, pointer), "{body}");
    }
}
