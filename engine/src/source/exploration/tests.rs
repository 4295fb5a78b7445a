//! The chance of every offer against the measure of the points that lead to it, and against what many seeds draw.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use rand_pcg::Pcg64;
use serde_json::json;

use super::*;
use crate::catalogue::Catalogue;
use crate::change::{Change, Sequence};
use crate::pipeline::{Asking, execute_asked};
use crate::query::RecommendationRequest;
use crate::taxonomy::Taxonomy;

static TAXONOMY: LazyLock<Taxonomy> = LazyLock::new(Taxonomy::built_in);

fn circle(rng: &mut Pcg64, count: u32) -> Circle {
    (0..count).map(|n| (rng.random::<u64>(), Row(n))).collect()
}

/// The share of all points from which the walk ends at each offer, gap by gap.
fn measured(circle: &Circle, eligible: &impl Fn(Row) -> bool) -> BTreeMap<u32, f64> {
    let entries: Vec<(u64, Row)> = circle.iter().copied().collect();
    let mut shares = BTreeMap::new();
    for start in 0..entries.len() {
        let before = entries[(start + entries.len() - 1) % entries.len()].0;
        let gap = if entries.len() == 1 {
            1.0
        } else {
            entries[start].0.wrapping_sub(before) as f64 / 2f64.powi(64)
        };
        let walk = (0..STEPS.min(entries.len())).map(|step| entries[(start + step) % entries.len()]);
        if let Some((_, row)) = walk.into_iter().find(|(_, row)| eligible(*row)) {
            *shares.entry(row.0).or_default() += gap;
        }
    }
    shares
}

#[test]
fn the_given_chance_is_the_measure_of_the_points_that_lead_there() {
    let mut checked = 0;
    for seed in 0..300 {
        let mut rng = Pcg64::seed_from_u64(seed);
        let count = rng.random_range(1..60);
        let circle = circle(&mut rng, count);
        let share = rng.random_range(1..6u32);
        let eligible = |row: Row| row.0 % 5 < share && row.0 % 7 != seed as u32 % 7;
        let shares = measured(&circle, &eligible);
        for one in circle.iter().filter(|one| eligible(one.1)) {
            let expected = shares.get(&one.1.0).copied().unwrap_or(0.0);
            let single = propensity(&circle, *one, 1, &eligible);
            assert!((single - expected).abs() < 1e-12, "seed {seed}: {single} {expected}");
            let several = propensity(&circle, *one, 5, &eligible);
            assert!((several - (1.0 - (1.0 - expected).powi(5))).abs() < 1e-12);
            checked += 1;
        }
        for _ in 0..20 {
            let landed = land(&circle, rng.random(), &eligible);
            assert!(landed.is_none_or(|one| eligible(one.1) && shares.contains_key(&one.1.0)));
        }
    }
    assert!(checked > 2_000, "{checked}");
}

fn catalogue(count: usize) -> Catalogue {
    let mut catalogue = Catalogue::empty(Arc::new(Taxonomy::built_in()));
    for n in 0..count {
        let age = if n % 3 == 0 { json!(18) } else { json!(null) };
        let offer = json!({"id": format!("o{n}"), "title": "t", "subcategory": "CONCERT", "min_age": age});
        let line = json!({"op": "offer.upsert", "offer": offer}).to_string();
        catalogue.apply(
            Sequence(n as u64),
            &Change::parse(line.as_bytes(), &TAXONOMY).expect("a change"),
        );
    }
    catalogue
}

#[test]
fn offers_are_drawn_as_often_as_they_are_said_to_be() {
    let catalogue = catalogue(40);
    let (mut drawn, mut said) = (BTreeMap::<String, f64>::new(), BTreeMap::<String, f64>::new());
    let seeds = 6_000;
    for seed in 0..seeds {
        let request: RecommendationRequest =
            crate::json::from_value(json!({"seed": seed, "limit": 1})).expect("a request");
        let asking = Asking::default();
        let query = Query::hydrate(
            &catalogue,
            &request,
            &asking,
            None,
            "2026-01-01T00:00:00Z".parse().expect("a time"),
        )
        .expect("a query");
        for (row, propensity) in crate::source::gather(&query, 40).drawn {
            let id = catalogue.offer(row).expect("a row").id.to_string();
            *drawn.entry(id.clone()).or_default() += 1.0;
            said.insert(id, propensity);
        }
    }
    assert!(said.len() > 15, "{said:?}");
    for (id, said) in &said {
        assert!(
            !id[1..].parse::<usize>().expect("a number").is_multiple_of(3),
            "only what fits is drawn"
        );
        let (often, error) = (
            drawn[id] / f64::from(seeds),
            (said * (1.0 - said) / f64::from(seeds)).sqrt(),
        );
        assert!((often - said).abs() < 4.5 * error + 1e-9, "{id}: {often} {said}");
    }
}

#[test]
fn what_was_drawn_stands_in_the_trace_and_depends_on_no_row_number() {
    let request: RecommendationRequest =
        crate::json::from_value(json!({"seed": 7, "limit": 3, "context": {"age": 20}})).expect("a request");
    let explored = |catalogue: &Catalogue| {
        execute_asked(
            catalogue,
            &request,
            &Asking::default(),
            None,
            "2026-01-01T00:00:00Z".parse().expect("a time"),
        )
        .expect("a list")
        .explored
    };
    let first = catalogue(200);
    let mut other = Catalogue::empty(Arc::new(Taxonomy::built_in()));
    let mut rows: Vec<_> = first
        .offers()
        .map(|(row, _)| first.document(row).expect("a document"))
        .collect();
    rows.reverse();
    rows.into_iter()
        .for_each(|offer| _ = other.apply(Sequence(1), &Change::OfferUpsert(Box::new(offer))));
    let told = explored(&first);
    assert!(!told.is_empty() && told.iter().all(|one| one.propensity > 0.0 && one.propensity <= 1.0));
    assert_eq!(told, explored(&other));
}
