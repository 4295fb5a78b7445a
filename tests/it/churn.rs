//! Memory does not creep: over tens of thousands of changes, what the engine holds stays that of the live offers.
//!
//! `benches/churn.rs` does the same over millions and measures the bytes.

use florilege_engine::change::{Change, Sequence};
use florilege_engine::live::Engine;
use florilege_engine::taxonomy::Taxonomy;
use serde_json::json;

const LIVE: usize = 300;
const BATCH: usize = 100;

fn change(taxonomy: &Taxonomy, line: &serde_json::Value) -> Change {
    Change::parse(line.to_string().as_bytes(), taxonomy).expect("a change")
}

fn offer(taxonomy: &Taxonomy, number: usize) -> Change {
    let offer = json!({"id": format!("o{number}"), "item_id": format!("i{}", number / 2), "title": format!("Titre {number}"),
        "subcategory": "CONCERT", "creators": [format!("Artiste {number}")], "tags": [format!("theme-{}", number / 3)], "genres": ["rock"],
        "position": {"lat": 48.0 + (number % 50) as f64 / 100.0, "lng": -1.0}});
    change(taxonomy, &json!({"op": "offer.upsert", "offer": offer}))
}

#[test]
fn rows_words_and_places_are_those_of_the_living() {
    let taxonomy = std::sync::Arc::new(Taxonomy::built_in());
    let engine = Engine::in_memory(std::sync::Arc::clone(&taxonomy)).expect("an engine");
    let mut sequence = 0;
    let mut apply = |changes: Vec<Change>| {
        let batch: Vec<_> = changes
            .into_iter()
            .map(|change| {
                sequence += 1;
                (Sequence(sequence), Some(change))
            })
            .collect();
        engine.apply(&batch).expect("applied");
    };
    apply((0..LIVE).map(|number| offer(&taxonomy, number)).collect());
    for round in 0..60 {
        let (gone, new) = (round * BATCH, LIVE + round * BATCH);
        let mut changes = Vec::new();
        for number in 0..BATCH {
            changes.push(change(
                &taxonomy,
                &json!({"op": "offer.delete", "id": format!("o{}", gone + number)}),
            ));
            changes.push(offer(&taxonomy, new + number));
            let stock = json!({"op": "offer.stock", "id": format!("o{}", new + number), "price_cents": number});
            changes.push(change(&taxonomy, &stock));
        }
        apply(changes);
        let generation = engine.generation();
        assert_eq!(generation.counts().offers, LIVE);
        assert_eq!(generation.counts().items, LIVE / 2, "works without an offer are gone");
        assert_eq!(generation.text().rows(), LIVE as u64, "no dead row can be found");
        let words = generation.catalogue().words().len();
        assert!(
            words <= LIVE + LIVE / 3 + 3,
            "{words} words: those of offers that are gone are forgotten"
        );
        let names = generation.names().len();
        assert!(
            names <= 4 * LIVE,
            "{names} names: those of works that are gone leave when runs are merged"
        );
        let rows = generation.catalogue().row_bound();
        assert!(
            rows <= LIVE + BATCH,
            "{rows} rows after {} changes: they are used again",
            (round + 1) * 3 * BATCH
        );
        assert!(
            generation.catalogue().places().len() <= 50,
            "places are those of the map"
        );
    }
}
