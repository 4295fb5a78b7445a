//! Random offers and random filters, with every field of both in play.

use rand::RngExt;
use rand_pcg::Pcg64;
use serde_json::{Value, json};

use super::{WORDS, pick};
use crate::offer::Offer;

pub(super) fn offer(rng: &mut Pcg64, n: usize) -> Offer {
    let title: Vec<&str> = (0..rng.random_range(1..4usize)).map(|_| pick(rng, &WORDS)).collect();
    let dates: Vec<String> = (0..rng.random_range(0..3u32))
        .map(|_| {
            format!(
                "2026-01-{:02}T{:02}:30:00Z",
                rng.random_range(5..20u32),
                rng.random_range(0..24u32)
            )
        })
        .collect();
    let venue = if rng.random_range(0..10u32) == 0 {
        "unknown".to_owned()
    } else {
        format!("v{}", rng.random_range(0..6u32))
    };
    let own = json!({"lat": 47.3 + rng.random_range(0.0..0.3), "lng": -1.5 + rng.random_range(-0.3..0.3)});
    crate::json::from_value(json!({
        "id": format!("o{n}"), "item_id": format!("i{}", rng.random_range(0..n * 2 + 2)), "title": title.join(" "),
        "subcategory": pick(rng, &["LIVRE_PAPIER", "CONCERT", "SEANCE_CINE", "VOD", "OEUVRE_ART"]),
        "venue_id": if rng.random_bool(0.8) { json!(venue) } else { Value::Null },
        "position": if rng.random_bool(0.3) { own } else { Value::Null },
        "genres": (0..rng.random_range(0..3u32)).map(|_| pick(rng, &["Manga", "Rock", "Jazz"])).collect::<Vec<_>>(),
        "tags": if rng.random_bool(0.2) { json!(["goncourt-2026"]) } else { json!([]) },
        "labels": if rng.random_bool(0.2) { json!(["mediation"]) } else { json!([]) },
        "creators": if rng.random_bool(0.3) { json!(["Colette"]) } else { json!([]) },
        "language": pick(rng, &[json!("fr"), json!("en"), Value::Null]),
        "price_cents": pick(rng, &[Value::Null, json!(0), json!(500), json!(1_500)]),
        "dates": dates, "bookable": rng.random_bool(0.9), "stock": pick(rng, &[Value::Null, json!(0), json!(3)]),
        "duo": rng.random_bool(0.5), "min_age": pick(rng, &[Value::Null, json!(15), json!(18)]),
        "accessibility": {"motor": rng.random_bool(0.5), "audio": rng.random_bool(0.5)},
        "booking_opens_at": pick(rng, &[Value::Null, Value::Null, json!("2026-02-01T00:00:00Z")]),
        "published_at": pick(rng, &[Value::Null, json!("2026-01-02T00:00:00Z"), json!("2026-01-03T00:00:00Z")]),
        "popularity": {"bookings_28d": rng.random_range(0..5u32)},
    }))
    .expect("an offer")
}

pub(super) fn filters(rng: &mut Pcg64) -> Value {
    let mut filters = serde_json::Map::new();
    let mut maybe = |name: &str, chance: f64, value: Value| {
        if rng.random_bool(chance) {
            filters.insert(name.into(), value);
        }
    };
    maybe("categories", 0.2, json!(["LIVRE", "MUSIQUE_LIVE"]));
    maybe("subcategories", 0.1, json!(["CONCERT", "NO_SUCH"]));
    maybe("search_groups", 0.1, json!(["LIVRES", "CONCERTS_FESTIVALS"]));
    maybe("kinds", 0.15, json!(["event", "digital"]));
    maybe("genres", 0.15, json!(["Rock", "Jazz"]));
    maybe("tags", 0.05, json!(["goncourt-2026"]));
    maybe("labels", 0.05, json!(["mediation", "local"]));
    maybe("venue_ids", 0.1, json!(["v1", "v2", "nowhere"]));
    maybe("creators", 0.05, json!(["Colette"]));
    maybe("item_ids", 0.05, json!(["i1", "i2", "i3", "i4", "i5"]));
    maybe("territories", 0.15, json!(["35"]));
    maybe("departments", 0.1, json!(["2a", "1"]));
    maybe("languages", 0.1, json!(["fr"]));
    maybe("price_cents", 0.2, json!({"min": 100, "max": 1_000}));
    maybe("free", 0.1, json!(true));
    maybe(
        "dates",
        0.2,
        json!({"from": "2026-01-08T00:00:00Z", "to": "2026-01-14T20:30:00Z"}),
    );
    maybe("time_of_day", 0.15, json!({"from": "18:00", "to": "02:00"}));
    maybe("duo", 0.1, json!(true));
    maybe("accessibility", 0.1, json!(["motor", "audio"]));
    maybe("age", 0.1, json!(16));
    maybe("bookable_only", 0.3, json!(false));
    maybe("include_digital", 0.3, json!(false));
    maybe("position", 0.5, json!({"lat": 47.35, "lng": -1.45}));
    maybe(
        "bounding_box",
        0.1,
        json!({"south": 47.2, "west": -1.6, "north": 47.45, "east": -1.4}),
    );
    maybe("polygon", 0.1, json!([[47.0, -2.0], [47.0, -1.0], [47.5, -1.4]]));
    if filters.contains_key("position") && rng.random_bool(0.5) {
        filters.insert("radius_m".into(), json!(rng.random_range(0.0..40_000.0)));
    }
    Value::Object(filters)
}
