//! Queries that mean harm, or nothing: answered in bounded time or refused, never a panic.

use std::time::{Duration, Instant};

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use serde_json::{Value, json};

use super::{NOW, World, search, world};
use crate::query::SearchRequest;

/// What one answer may take in a development build on a busy machine; a release answers a hundred times faster.
const DEADLINE: Duration = Duration::from_secs(3);

/// Asks; a refusal is an answer too.
fn ask(world: &World, body: &Value) -> bool {
    let started = Instant::now();
    let Ok(request) = crate::json::from_value::<SearchRequest>(body.clone()) else {
        return false;
    };
    if request.check().is_err() {
        return false;
    }
    let now = NOW.parse().expect("a time");
    let answered = world.engine.generation().search(&request, None, now).is_ok();
    let took = started.elapsed();
    assert!(
        took < DEADLINE,
        "{took:?} for {}",
        body.to_string().chars().take(200).collect::<String>()
    );
    answered
}

#[test]
fn texts_of_every_kind_are_answered() {
    let world = world(&mut Pcg64::seed_from_u64(1), 120);
    let texts = [
        "\u{0}\u{1}\u{7f}".to_owned(),
        "مسرح مجاني ليلة السبت في رين".to_owned(),
        "\u{202e}erttaéht\u{202c} à Rennes".to_owned(),
        "e\u{301}\u{301}\u{301}\u{301}".repeat(40),
        "👩‍👩‍👧‍👦 concert 🎷 à 🗼 samedi".to_owned(),
        "\"\"\"«“”»\"".repeat(60),
        "\"a \"b «c \"d".repeat(30),
        "(a+)+$ .* [^x]{1,9999} \\\\ // ${jndi:x} ' OR 1=1 --".to_owned(),
        "-".repeat(512),
        "a ".repeat(256),
        "a".repeat(512),
        "du 1 au ".repeat(60),
        "entre ".repeat(80),
        "99999999999999999999/99/9999 moins de 99999999999 euros dès 999 ans".to_owned(),
        "31 février 30/02/2026 0 euro 24h61 en 0000".to_owned(),
        "près de près de près de autour de autour de chez à à à".to_owned(),
        "samedi dimanche lundi mardi mercredi jeudi vendredi gratuit pas cher duo en ligne".to_owned(),
        "東京 新宿 ＡＢＣ ﬁlm Œuvre ⅨⅨ ½".to_owned(),
    ];
    for text in &texts {
        for understand in [true, false] {
            let short: String = text.chars().take(512).collect();
            assert!(ask(&world, &json!({"q": short, "understand": understand})), "{text}");
        }
    }
}

#[test]
fn random_texts_are_answered_and_what_was_understood_was_said() {
    let world = world(&mut Pcg64::seed_from_u64(2), 120);
    let mut rng = Pcg64::seed_from_u64(3);
    let words = [
        "à", "le", "du", "au", "3", "5", "31", "mai", "12/12", "2026", "samedi", "soir", "gratuit", "moins", "de",
        "10", "€", "euros", "entre", "et", "près", "Nantes", "concert", "\"", "«", "»", "-", "20h", "dès", "ans", "ce",
        "week-end", "l'", "d'", "é", "\u{200d}",
    ];
    for _ in 0..400 {
        let count = rng.random_range(1..14);
        let list: Vec<&str> = (0..count).map(|_| words[rng.random_range(0..words.len())]).collect();
        let text = list.join(if rng.random_bool(0.8) { " " } else { "" });
        let found = search(&world, json!({"q": text, "limit": 3}), None);
        for part in &found.interpreted.understood {
            assert!(text.contains(&part.text), "{text:?}: {:?}", part.text);
        }
    }
}

#[test]
fn thousands_of_filters_and_corners_are_answered_or_refused() {
    let world = world(&mut Pcg64::seed_from_u64(4), 120);
    let many = |count: usize| (0..count).map(|n| format!("v{n}")).collect::<Vec<_>>();
    let all = json!({"venue_ids": many(1_000), "genres": many(1_000), "tags": many(1_000), "creators": many(1_000), "item_ids": many(1_000)});
    assert!(ask(
        &world,
        &json!({"q": "soiree", "filters": all, "facets": ["venue", "genre", "tag"]})
    ));
    assert!(!ask(&world, &json!({"filters": {"genres": many(1_001)}})));
    let ring = |count: usize| -> Vec<[f64; 2]> {
        let corner = |n: usize| {
            let turn = n as f64 / count as f64 * std::f64::consts::TAU;
            let radius = if n.is_multiple_of(2) { 3.0 } else { 1.0 };
            [47.0 + radius * turn.sin(), -1.0 + radius * turn.cos()]
        };
        (0..count).map(corner).collect()
    };
    assert!(ask(
        &world,
        &json!({"filters": {"polygon": ring(10_000)}, "facets": ["category", "date"]})
    ));
    assert!(!ask(&world, &json!({"filters": {"polygon": ring(10_001)}})));
    assert!(!ask(&world, &json!({"q": "a".repeat(513)})));
}
