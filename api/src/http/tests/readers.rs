//! Readers over HTTP: what they do counts in the next list, in their language, and not without their consent.

use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};

use super::Bench;

const KINDS: [(&str, &str); 4] = [
    ("LIVRE_PAPIER", "LIVRE"),
    ("CONCERT", "MUSIQUE_LIVE"),
    ("SEANCE_CINE", "CINEMA"),
    ("VISITE", "MUSEE"),
];

/// Forty offers of four categories in one street, and two readers: one agrees, one does not.
async fn street() -> Bench {
    let bench = Bench::new().await;
    let offer = |n: usize| {
        let position = json!({"lat": 48.1, "lng": -1.68 + n as f64 * 1e-4});
        let offer = json!({"id": format!("o{n:02}"), "title": format!("Titre {n}"), "subcategory": KINDS[n % 4].0, "position": position});
        json!({"op": "offer.upsert", "offer": offer}).to_string()
    };
    let reader = |id: &str, agrees: bool| {
        let user = json!({"id": id, "birth_year": 2000, "consents": {"personalisation": agrees}});
        json!({"op": "user.upsert", "user": user}).to_string()
    };
    let readers = [reader("agrees", true), reader("refuses", false)];
    let lines: Vec<String> = (0..40).map(offer).chain(readers).collect();
    assert_eq!(bench.changes(lines.join("\n")).await.json()["rejected"], json!([]));
    bench
}

async fn list(bench: &Bench, body: Value, language: &str, sequence: u64) -> Value {
    let request = Request::post(format!("/v1/recommendations?min_sequence={sequence}"))
        .header("content-type", "application/json")
        .header("accept-language", language);
    let reply = bench
        .send(request.body(Body::from(body.to_string())).expect("a request"))
        .await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    reply.json()
}

fn count(answer: &Value, category: &str) -> usize {
    let offers = answer["offers"].as_array().expect("a list");
    offers.iter().filter(|offer| offer["category"] == category).count()
}

fn ids(answer: &Value) -> Vec<String> {
    let offers = answer["offers"].as_array().expect("a list");
    offers
        .iter()
        .map(|offer| offer["id"].as_str().expect("an id").to_owned())
        .collect()
}

#[tokio::test]
async fn acts_count_at_once_and_only_with_consent() {
    let bench = street().await;
    let ask = |user: &str| json!({"user_id": user, "limit": 8, "seed": 5, "context": {"position": {"lat": 48.1, "lng": -1.68}, "now": "2026-01-10T12:00:00Z"}});
    let before = list(&bench, ask("refuses"), "fr", 42).await;
    let acts = |user: &'static str| {
        let event = move |n: usize| {
            json!({"id": format!("{user}{n}"), "type": if n < 8 { "booking" } else { "like" }, "user_id": user,
                "offer_id": format!("o{:02}", 4 * n + 3), "at": "2026-01-09T12:00:00Z"})
        };
        json!([0, 1, 2, 8, 9].map(event))
    };
    let mut sequence = 42;
    for user in ["agrees", "refuses"] {
        let reply = bench.call("POST", "/v1/events", &acts(user).to_string()).await.json();
        sequence = reply["sequence"].as_u64().unwrap_or(sequence);
    }
    let agreed = list(&bench, ask("agrees"), "fr", sequence).await;
    assert!(count(&agreed, "MUSEE") > count(&before, "MUSEE").min(3), "{agreed}");
    assert!(ids(&agreed).iter().all(|id| id != "o03"), "booked works are out");
    assert_eq!(agreed["diversity"]["soft"]["model"], "calibration");
    let refused = list(&bench, ask("refuses"), "fr", sequence).await;
    assert_eq!(ids(&refused), ids(&before));
    assert!(refused["diversity"]["soft"].is_null());
}

#[tokio::test]
async fn reasons_follow_the_header_and_a_cursor_holds_in_any_language() {
    let bench = street().await;
    let ask = json!({"limit": 4, "seed": 5, "context": {"position": {"lat": 48.1, "lng": -1.68}}});
    let text = |answer: &Value| answer["offers"][0]["reasons"].to_string();
    let french = list(&bench, ask.clone(), "fr-FR,fr;q=0.9,en;q=0.8", 42).await;
    let english = list(&bench, ask.clone(), "en", 42).await;
    assert!(
        text(&french).contains("de vous") && text(&english).contains("from you"),
        "{english}"
    );
    let mut next = ask;
    next["cursor"] = french["next_cursor"].clone();
    let second = list(&bench, next, "en", 42).await;
    assert!(text(&second).contains("from you"));
    assert!(ids(&second).iter().all(|id| !ids(&french).contains(id)));
}
