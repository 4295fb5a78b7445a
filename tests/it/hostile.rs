//! Hostile input: valid change lines and requests, bent in tens of thousands of ways, never panic; what is still taken
//! is applied and answered, and a change that was read is written as it was read.
//!
//! `FLORILEGE_LONG=1` bends a hundred times as many.

use florilege_engine::change::{Change, Sequence};
use florilege_engine::json::parse;
use florilege_engine::live::Engine;
use florilege_engine::query::{RecommendationRequest, SearchRequest};
use florilege_engine::taxonomy::Taxonomy;
use florilege_engine::time::Moment;
use florilege_tests::is_long;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

const LINES: [&str; 7] = [
    r#"{"op":"offer.upsert","offer":{"id":"o1","item_id":"i1","title":"Récital","subcategory":"CONCERT","venue_id":"v1","price_cents":1290,"dates":["2026-12-01T19:30:00+01:00"],"position":{"lat":48.1,"lng":-1.6},"vector":[0.1,-0.5],"attributes":{"a":[1,null]},"popularity":{"bookings_28d":9},"linked_offers":["o2"],"labels":["exclusive"],"genres":["Jazz"],"creators":["A"],"tags":["t"],"min_age":15,"updated_at":"2026-11-01T00:00:00Z"}}"#,
    r#"{"op":"offer.stock","id":"o1","stock":3,"price_cents":0,"bookable":true,"dates":["2027-01-01T00:00:00Z"]}"#,
    r#"{"op":"venue.upsert","venue":{"id":"v1","name":"Lieu","position":{"lat":-22.2,"lng":166.4},"territories":["35"],"time_zone":"Europe/Paris","accessibility":{"motor":true}}}"#,
    r#"{"op":"user.upsert","user":{"id":"u1","birth_year":2008,"practices":["LIVRE"],"credit_cents":15000,"wallets":[{"name":"w","cents":5,"filter":{}}],"friends":["u2"],"consents":{"personalisation":true},"persona":{"curieux":0.6,"casanier":0.4}}}"#,
    r#"{"op":"event","event":{"id":"e1","type":"booking","user_id":"u1","offer_id":"o1","at":"2026-11-20T12:00:00+01:00","value":1.5,"text":"mot","to_user_id":"u2"}}"#,
    r#"{"op":"offer.delete","id":"o1"}"#,
    r#"{"op":"user.erase","id":"u1"}"#,
];
const LISTS: [&str; 2] = [
    r#"{"user_id":"u1","context":{"position":{"lat":48.1,"lng":-1.6},"radius_m":9000,"age":18,"credit_cents":15000,"persona":{"curieux":0.6},"friends":["u2"],"users":["u2"],"accessibility":["motor"],"digital_only":false},"filters":{"categories":["LIVRE"],"price_cents":{"min":0,"max":5000}},"limit":20,"seed":7,"explain":true,"weights":{"proximity":0.5},"diversity":{"strength":0.5,"rules":[{"by":"venue","window":3,"max":1,"strict":false}],"policy":"relax"},"pins":[{"offer_id":"o1","rank":0}],"exclude":["o2"]}"#,
    r#"{"limit":200,"diversity":{"rules":[]}}"#,
];
const SEARCHES: [&str; 2] = [
    r#"{"q":"récital \"jazz\" -nuit","filters":{"position":{"lat":48.1,"lng":-1.6},"radius_m":5000,"dates":{"from":"2026-11-01T00:00:00Z","to":"2027-01-01T00:00:00Z"},"time_of_day":{"from":"18:00","to":"23:00"},"age":17},"sort":"distance","facets":["category","price"],"limit":10}"#,
    r#"{"filters":{"polygon":[[48.0,-2.0],[49.0,-2.0],[49.0,-1.0]]},"sort":"date"}"#,
];
/// Texts that parsers trip over.
const ODD: [&str; 16] = [
    "null",
    "-1",
    "1e400",
    "-0.0",
    "18446744073709551616",
    "1e-320",
    "\"\"",
    "\"\\u0000\"",
    "\"\\ud800\"",
    "[]",
    "{}",
    "[[[[[[[[[[[[]]]]]]]]]]]]",
    "\"9999-12-31T23:59:59Z\"",
    "\"0000-01-01T00:00:00+23:59\"",
    "true",
    "\"ﷺ🏴‍☠️é\"",
];

/// The text with one thing bent: a byte, a piece cut out or doubled, or a value exchanged.
fn bent(rng: &mut Pcg64, text: &str) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..rng.random_range(1..4) {
        let at = rng.random_range(0..bytes.len().max(1)).min(bytes.len());
        let until = (at + rng.random_range(1..12)).min(bytes.len());
        match rng.random_range(0..6) {
            0 if at < bytes.len() => bytes[at] = rng.random_range(0..=255),
            1 => drop(bytes.drain(at..until)),
            2 => {
                let piece = bytes[at..until].to_vec();
                bytes.splice(at..at, piece);
            }
            3 => bytes.truncate(at),
            _ => exchange(rng, &mut bytes),
        }
    }
    bytes
}

/// Puts an odd value in the place of one that stands after a colon.
fn exchange(rng: &mut Pcg64, bytes: &mut Vec<u8>) {
    let colons: Vec<usize> = (0..bytes.len()).filter(|at| bytes[*at] == b':').collect();
    let Some(colon) = colons.get(rng.random_range(0..colons.len().max(1))) else {
        return;
    };
    let ends = |byte: &u8| matches!(byte, b',' | b'}' | b']');
    let end = bytes[*colon..]
        .iter()
        .position(ends)
        .map_or(bytes.len(), |length| colon + length);
    bytes.splice(colon + 1..end, ODD[rng.random_range(0..ODD.len())].bytes());
}

fn pick<'a>(rng: &mut Pcg64, from: &[&'a str]) -> &'a str {
    from[rng.random_range(0..from.len())]
}

#[test]
fn bent_input_is_refused_or_served_and_never_panics() {
    let taxonomy = std::sync::Arc::new(Taxonomy::built_in());
    let engine = Engine::in_memory(std::sync::Arc::clone(&taxonomy)).expect("an engine");
    let now: Moment = "2026-11-22T12:00:00Z".parse().expect("a time");
    let mut rng = Pcg64::seed_from_u64(99);
    let (mut sequence, mut batch, mut taken) = (0, Vec::new(), [0; 3]);
    for round in 0..if is_long() { 5_000_000 } else { 20_000 } {
        let line = pick(&mut rng, &LINES);
        if let Ok(change) = Change::parse(&bent(&mut rng, line), &taxonomy) {
            let again = Change::parse(change.to_line().as_bytes(), &taxonomy);
            assert_eq!(again.as_ref().ok(), Some(&change), "{}", change.to_line());
            sequence += 1;
            taken[0] += 1;
            batch.push((Sequence(sequence), Some(change)));
        }
        if round % 500 == 499 {
            engine.apply(&std::mem::take(&mut batch)).expect("applied");
        }
        let list = pick(&mut rng, &LISTS);
        if let Ok(mut request) = parse::<RecommendationRequest>(&bent(&mut rng, list))
            && request.check().is_ok()
        {
            request.seed = request.seed.or(Some(1));
            taken[1] += usize::from(engine.generation().recommend(&request, None, now).is_ok());
        }
        let search = pick(&mut rng, &SEARCHES);
        if let Ok(request) = parse::<SearchRequest>(&bent(&mut rng, search))
            && request.check().is_ok()
        {
            taken[2] += usize::from(engine.generation().search(&request, None, now).is_ok());
        }
    }
    assert!(
        taken.iter().all(|taken| *taken > 100),
        "much is refused, not all: {taken:?}"
    );
}
