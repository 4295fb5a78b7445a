//! Content and vectors against plain formulas over everything.

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use serde_json::{Value, json};

use super::*;
use crate::change::{Change, Sequence};
use crate::offer::Offer;
use crate::pipeline::fingerprint;
use crate::taxonomy::Taxonomy;

static TAXONOMY: LazyLock<Taxonomy> = LazyLock::new(Taxonomy::built_in);

fn random_offer(rng: &mut Pcg64, n: usize) -> Value {
    let words = |rng: &mut Pcg64, from: u32, most: usize| -> Vec<String> {
        (0..rng.random_range(0..=most))
            .map(|_| format!("w{}", from + rng.random_range(0..6u32)))
            .collect()
    };
    let (creators, genres, tags) = (words(rng, 0, 2), words(rng, 10, 3), words(rng, 20, 3));
    let sub = ["CONCERT", "FESTIVAL_MUSIQUE", "LIVRE_PAPIER"][rng.random_range(0..3)];
    let length = rng.random_range(1..4usize) / 3 + 2;
    let vector: Vec<f32> = (0..length).map(|_| rng.random_range(-1.0..1.0)).collect();
    let vector = if rng.random_range(0..3u32) > 0 {
        json!(vector)
    } else {
        Value::Null
    };
    json!({"id": format!("o{n:03}"), "title": "t", "subcategory": sub, "creators": creators, "genres": genres, "tags": tags,
        "venue_id": format!("v{}", rng.random_range(0..4u32)), "vector": vector})
}

fn set(words: &[String]) -> BTreeSet<&str> {
    words.iter().map(String::as_str).collect()
}

fn plain_likeness(a: &Offer, b: &Offer) -> f64 {
    let jaccard = |a: &[String], b: &[String]| {
        let (a, b) = (set(a), set(b));
        let either = a.union(&b).count();
        if either == 0 {
            0.0
        } else {
            a.intersection(&b).count() as f64 / either as f64
        }
    };
    let (mine, theirs) = (set(&a.creators), set(&b.creators));
    let fewer = mine.len().min(theirs.len()).max(1);
    0.35 * mine.intersection(&theirs).count() as f64 / fewer as f64
        + 0.25 * jaccard(&a.genres, &b.genres)
        + 0.15 * jaccard(&a.tags, &b.tags)
        + if a.subcategory == b.subcategory { 0.15 } else { 0.0 }
        + if category(a) == category(b) { 0.05 } else { 0.0 }
        + if a.venue_id == b.venue_id { 0.05 } else { 0.0 }
}

fn category(offer: &Offer) -> crate::taxonomy::CategoryIx {
    let subcategory = TAXONOMY.find(&offer.subcategory).expect("known");
    TAXONOMY.subcategory(subcategory).category
}

fn plain_cosine(a: &[f32], b: &[f32]) -> f64 {
    let (mut dot, mut left, mut right) = (0.0, 0.0, 0.0);
    for (x, y) in a.iter().zip(b) {
        dot += f64::from(*x) * f64::from(*y);
        left += f64::from(*x).powi(2);
        right += f64::from(*y).powi(2);
    }
    if a.len() == b.len() {
        (dot / left.sqrt() / right.sqrt()).max(0.0)
    } else {
        0.0
    }
}

#[test]
fn what_is_near_is_what_comparing_with_everything_gives() {
    let (mut alike, mut close) = (0, 0);
    for seed in 0..40 {
        let mut rng = Pcg64::seed_from_u64(seed);
        let mut catalogue = Catalogue::empty(Arc::new(Taxonomy::built_in()));
        let offers: Vec<Offer> = (0..60)
            .map(|n| crate::json::from_value(random_offer(&mut rng, n)).expect("an offer"))
            .collect();
        for n in 0..4 {
            let venue = format!(r#"{{"op":"venue.upsert","venue":{{"id":"v{n}","name":"V"}}}}"#);
            catalogue.apply(
                Sequence(1),
                &Change::parse(venue.as_bytes(), &TAXONOMY).expect("a venue"),
            );
        }
        offers
            .iter()
            .for_each(|offer| _ = catalogue.apply(Sequence(2), &Change::OfferUpsert(Box::new(offer.clone()))));
        let asking = Asking {
            similar_to: vec![offers[0].item(), offers[7].item()],
            ..Asking::default()
        };
        let request = RecommendationRequest::default();
        let now = "2026-01-01T00:00:00Z".parse().expect("a time");
        let query = Query::hydrate(&catalogue, &request, &asking, None, now).expect("a query");
        let name = |kin: &Kin| (catalogue.item(kin.item).expect("there").id.to_string(), kin.likeness);
        let twin = |near: &dyn Fn(&Offer, &Offer) -> f64, reached: &dyn Fn(&Offer) -> bool| {
            let others = offers
                .iter()
                .enumerate()
                .filter(|(n, _)| ![0, 7].contains(n))
                .map(|(_, offer)| offer)
                .filter(|offer| reached(offer));
            let mut all: Vec<(String, f64)> = others
                .map(|other| {
                    (
                        other.item().to_string(),
                        near(&offers[0], other).max(near(&offers[7], other)),
                    )
                })
                .filter(|(_, near)| *near > 0.0)
                .collect();
            all.sort_by(|a, b| b.1.total_cmp(&a.1).then(fingerprint(&a.0).cmp(&fingerprint(&b.0))));
            all
        };
        let check = |found: Vec<(String, f64)>, expected: Vec<(String, f64)>| {
            assert_eq!(found.len(), expected.len(), "seed {seed}");
            for (ours, plain) in found.iter().zip(&expected) {
                assert!((ours.1 - plain.1).abs() < 1e-9, "seed {seed}: {ours:?} {plain:?}");
            }
            let ids = |list: &[(String, f64)]| list.iter().map(|(id, _)| id.clone()).collect::<BTreeSet<_>>();
            assert_eq!(ids(&found), ids(&expected), "seed {seed}");
            found.len()
        };
        // Those of a seed's category, or with one of its creators or tags.
        let reached = |other: &Offer| {
            let seeds = [&offers[0], &offers[7]];
            let meets = |a: &[String], b: &[String]| !set(a).is_disjoint(&set(b));
            seeds.iter().any(|seed| {
                category(seed) == category(other)
                    || meets(&seed.creators, &other.creators)
                    || meets(&seed.tags, &other.tags)
            })
        };
        let meter = Meter::endless();
        alike += check(
            query.affinity.content(&query, &meter).iter().map(name).collect(),
            twin(&plain_likeness, &reached),
        );
        let vectors = |a: &Offer, b: &Offer| match (&a.vector, &b.vector) {
            (Some(a), Some(b)) => plain_cosine(a, b),
            _ => 0.0,
        };
        close += check(
            query.affinity.vectors(&query, &meter).iter().map(name).collect(),
            twin(&vectors, &|_| true),
        );
    }
    assert!(alike > 1_000 && close > 500, "{alike} {close}");
}

#[test]
fn a_list_starts_from_the_latest_works_of_the_visit_then_of_the_reader() {
    let mut catalogue = Catalogue::empty(Arc::new(Taxonomy::built_in()));
    let mut lines: Vec<Value> = (0..12)
        .map(
            |n| json!({"op": "offer.upsert", "offer": {"id": format!("o{n}"), "title": "t", "subcategory": "CONCERT"}}),
        )
        .collect();
    let event = |kind: &str, n: usize| json!({"id": format!("e{kind}{n}"), "type": kind, "user_id": "me", "offer_id": format!("o{n}"), "at": "2026-01-01T00:00:00Z"});
    lines.push(json!({"op": "user.upsert", "user": {"id": "me", "consents": {"personalisation": true}}}));
    lines.extend((0..8).map(|n| json!({"op": "event", "event": event("booking", n)})));
    for (line, at) in lines.iter().zip(1..) {
        catalogue.apply(
            Sequence(at),
            &Change::parse(line.to_string().as_bytes(), &TAXONOMY).expect("a change"),
        );
    }
    let visit = [
        event("view", 9),
        event("dislike", 10),
        event("like", 3),
        event("like", 9),
        event("impression", 11),
    ];
    let request = crate::json::from_value(json!({"user_id": "me", "context": {"events": visit}})).expect("a request");
    let seeds = Seeds::new(&catalogue, &request, &Asking::default());
    let named: Vec<(&str, f64)> = seeds
        .weighted()
        .iter()
        .map(|(item, weight)| (catalogue.item(*item).expect("there").id.as_str(), *weight))
        .collect();
    let expected: Vec<(&str, f64)> = ["o9", "o3", "o7", "o6", "o5", "o4"]
        .into_iter()
        .zip((0..).map(|n| 0.8f64.powi(n)))
        .collect();
    assert_eq!(named, expected);
}
