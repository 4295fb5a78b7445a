//! A kept answer is given again, the same: a thousand random requests, at once and after a restart.
//!
//! `replay` says how: `recomputed` while the generation is held or opened from its artefact, `stored` after.

use florilege_tests::Server;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use serde_json::{Value, json};

const KINDS: [&str; 6] = [
    "LIVRE_PAPIER",
    "CONCERT",
    "SEANCE_CINE",
    "VISITE",
    "VOD",
    "ACHAT_INSTRUMENT",
];
const WORDS: [&str; 5] = ["lumière", "jazz", "océan", "théâtre", "nuit"];

fn catalogue(rng: &mut Pcg64) -> String {
    let mut lines = Vec::new();
    for n in 0..10 {
        let position = json!({"lat": 48.0 + rng.random_range(0.0..1.0), "lng": -2.0 + rng.random_range(0.0..1.0)});
        let venue = json!({"id": format!("v{n}"), "name": format!("Lieu {n}"), "position": position});
        lines.push(json!({"op": "venue.upsert", "venue": venue}).to_string());
    }
    for n in 0..400 {
        let word = WORDS[rng.random_range(0..WORDS.len())];
        let offer = json!({
            "id": format!("o{n}"), "item_id": format!("i{}", n / 2), "title": format!("{word} {n}"),
            "subcategory": KINDS[rng.random_range(0..KINDS.len())], "venue_id": format!("v{}", n % 12),
            "price_cents": rng.random_range(0..4_000), "popularity": {"bookings_28d": rng.random_range(0..90)},
            "creators": [format!("Auteur {}", n % 40)],
        });
        lines.push(json!({"op": "offer.upsert", "offer": offer}).to_string());
    }
    for n in 0..20 {
        let user = json!({"id": format!("u{n}"), "birth_year": 2000 + n % 10, "practices": ["LIVRE"],
            "consents": {"personalisation": n % 3 > 0}});
        lines.push(json!({"op": "user.upsert", "user": user}).to_string());
    }
    for n in 0..60 {
        let event = json!({"id": format!("e{n}"), "type": (["booking", "view", "hide"])[n % 3], "user_id": format!("u{}", n % 20),
            "offer_id": format!("o{}", n * 5), "at": "2026-11-20T12:00:00Z"});
        lines.push(json!({"op": "event", "event": event}).to_string());
    }
    lines.join("\n")
}

/// A random request of one of the two kinds.
fn draw(rng: &mut Pcg64) -> (&'static str, Value) {
    let mut context = json!({});
    if rng.random_bool(0.6) {
        context["position"] = json!({"lat": 48.5, "lng": -1.5});
    }
    if rng.random_bool(0.5) {
        context["age"] = json!(rng.random_range(14..20));
    }
    if rng.random_bool(0.3) {
        context["credit_cents"] = json!(rng.random_range(0..3_000));
    }
    let limit = rng.random_range(1..25);
    if rng.random_bool(0.3) {
        let q = WORDS[rng.random_range(0..WORDS.len())];
        return ("/v1/search", json!({"q": q, "limit": limit, "context": context}));
    }
    let mut request = json!({"limit": limit, "context": context, "explain": rng.random_bool(0.3)});
    if rng.random_bool(0.7) {
        request["user_id"] = json!(format!("u{}", rng.random_range(0..25)));
    }
    if rng.random_bool(0.3) {
        request["diversity"] =
            json!({"rules": [{"by": "venue", "window": 3, "max": 1, "strict": rng.random_bool(0.5)}]});
    }
    ("/v1/recommendations", request)
}

fn same(replayed: &Value, answered: &Value, how: &str) {
    assert_eq!(replayed["replay"], how, "{replayed}");
    for (field, value) in answered.as_object().expect("an object") {
        if field != "request_id" && field != "took_ms" {
            assert_eq!(&replayed[field], value, "{field}");
        }
    }
}

fn replay(server: &Server, answered: &Value) -> Value {
    let id = answered["request_id"].as_str().expect("an id");
    let (status, replayed) = server.call("POST", &format!("/v1/requests/{id}/replay"), None);
    assert_eq!(status, 200, "{replayed}");
    replayed
}

#[test]
fn a_thousand_answers_are_given_again_also_after_a_restart() {
    let data = tempfile::tempdir().expect("a folder");
    let mut rng = Pcg64::seed_from_u64(1_000);
    let server = Server::serve(data.path());
    let _ = server.load(&catalogue(&mut rng));
    let mut answers = Vec::new();
    for _ in 0..1_000 {
        let (path, mut request) = draw(&mut rng);
        let answered = server.post(path, &request);
        same(&replay(&server, &answered), &answered, "recomputed");
        // Now and then the next page: its replay starts from the state at the cut.
        if rng.random_bool(0.1) && answered["next_cursor"].is_string() {
            request["cursor"] = answered["next_cursor"].clone();
            answers.push(server.post(path, &request));
        }
        answers.push(answered);
    }
    assert_eq!(server.stop(), Some(0));

    let server = Server::serve(data.path());
    for answered in &answers {
        same(&replay(&server, answered), answered, "recomputed");
    }
    // The catalogue moves on and the generation is gone: what was stored is given.
    let stock = server.call("PATCH", "/v1/offers/o1/stock", Some(&json!({"stock": 0})));
    server.wait_for(stock.1["generation"].as_u64().expect("a generation"));
    assert_eq!(server.stop(), Some(0));
    let server = Server::serve(data.path());
    for answered in answers.iter().step_by(10) {
        same(&replay(&server, answered), answered, "stored");
    }
}
