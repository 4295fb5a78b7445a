//! Prints how long the sources take, alone and within the whole path: `cargo run --release -p florilege-engine
//! --example sources -- 200000`; with a second argument, that many readers.
//!
//! It stands beside the main path, for measuring. Invariant: the catalogue, the readers and their acts are made from
//! seeds, so two runs ask the same.

use std::sync::Arc;
use std::time::{Duration, Instant};

use florilege_engine::catalogue::Catalogue;
use florilege_engine::change::{Change, Sequence};
use florilege_engine::generate::{InvalidPlan, Plan};
use florilege_engine::pipeline::{Asking, Query, execute_asked};
use florilege_engine::query::RecommendationRequest;
use florilege_engine::source;
use florilege_engine::taxonomy::Taxonomy;
use florilege_engine::time::Moment;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use serde_json::{Value, json};

const NOW: i64 = 1_790_000_000_000;
const DAY: i64 = 86_400_000;
const ASKED: usize = 2_000;

fn main() -> Result<(), InvalidPlan> {
    let mut arguments = std::env::args().skip(1).filter_map(|text| text.parse::<usize>().ok());
    let offers = arguments.next().unwrap_or(200_000);
    let readers = arguments.next().unwrap_or(20_000);
    let now = Moment::from_millis(NOW);
    let generator = Plan {
        offers,
        venues: None,
        seed: 1,
        now,
    }
    .check()?;
    let taxonomy = Taxonomy::built_in();
    let mut catalogue = Catalogue::empty(Arc::new(Taxonomy::built_in()));
    let (mut ids, mut positions) = (Vec::new(), Vec::new());
    for change in generator.changes() {
        if let Change::OfferUpsert(offer) = &change {
            ids.push(offer.id.to_string());
        } else if let Change::VenueUpsert(venue) = &change {
            positions.extend(venue.position);
        }
        catalogue.apply(Sequence(1), &change);
    }
    catalogue.settle();
    let mut rng = Pcg64::seed_from_u64(2);
    let start = Instant::now();
    let mut events = 0;
    for line in acts(&mut rng, readers, &ids) {
        if let Ok(change) = Change::parse(line.to_string().as_bytes(), &taxonomy) {
            events += 1;
            catalogue.apply(Sequence(2), &change);
        }
    }
    println!(
        "{offers} offers; {events} profiles and acts of {readers} readers in {:?}",
        start.elapsed()
    );
    let (mut gathering, mut whole, mut found) = (Vec::new(), Vec::new(), 0);
    for _ in 0..ASKED {
        let position = positions[rng.random_range(0..positions.len())];
        let request = json!({"user_id": format!("u{}", rng.random_range(0..readers)), "seed": rng.random::<u32>(),
            "context": {"age": 18, "credit_cents": 15_000, "position": {"lat": position.lat(), "lng": position.lng()}}});
        let Ok(request) = serde_json::from_value::<RecommendationRequest>(request) else {
            continue;
        };
        let asking = Asking::default();
        let start = Instant::now();
        if let Ok(query) = Query::hydrate(&catalogue, &request, &asking, None, now) {
            found += source::gather(&query, 40).rows.len();
        }
        gathering.push(start.elapsed());
        let start = Instant::now();
        drop(execute_asked(&catalogue, &request, &asking, None, now));
        whole.push(start.elapsed());
    }
    println!("{} rows gathered on average", found / ASKED);
    tell("hydrate and gather", gathering);
    tell("whole list, k = 20", whole);
    Ok(())
}

/// Each reader takes some works of one corner of the catalogue, the last ones today.
fn acts(rng: &mut Pcg64, readers: usize, ids: &[String]) -> Vec<Value> {
    let mut lines = Vec::new();
    for reader in 0..readers {
        let user = format!("u{reader}");
        let friends: Vec<String> = (0..3).map(|_| format!("u{}", rng.random_range(0..readers))).collect();
        lines.push(json!({"op": "user.upsert", "user": {"id": user, "friends": friends, "consents": {"personalisation": true, "social": true}}}));
        let corner = rng.random_range(0..ids.len());
        for act in 0..rng.random_range(1..16usize) {
            // Squared, so that the first of a corner are taken by many.
            let far: f64 = rng.random::<f64>().powi(2) * 2_000.0;
            let offer = &ids[(corner / 2_000 * 2_000 + far as usize) % ids.len()];
            let at = Moment::from_millis(NOW - rng.random_range(0..60 * DAY));
            let kind = ["booking", "favorite", "like"][act % 3];
            lines.push(json!({"op": "event", "event": {"id": format!("{reader}-{act}"), "type": kind, "user_id": user, "offer_id": offer, "at": at}}));
        }
    }
    lines
}

fn tell(what: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
    println!("{what}: p50 {:?}, p90 {:?}, p99 {:?}", at(0.5), at(0.9), at(0.99));
}
