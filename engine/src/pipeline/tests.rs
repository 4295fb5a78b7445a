//! Lists of thousands of random catalogues, held against slow obvious twins: who may stand, how long a list can be,
//! that no rule is broken across pages, and that no legal list is worth more.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use serde_json::json;

use super::*;
use crate::arrange::place_weight;
use crate::change::{Change, Sequence};
use crate::offer::Offer;
use crate::taxonomy::Taxonomy;

const NOW: &str = "2026-01-10T12:00:00+01:00";
const SUBCATEGORIES: [&str; 5] = ["LIVRE_PAPIER", "CONCERT", "SEANCE_CINE", "VISITE", "VOD"];

struct World {
    catalogue: Catalogue,
    offers: Vec<Offer>,
}

fn world(rng: &mut Pcg64, count: usize, skew: u32) -> World {
    let mut catalogue = Catalogue::empty(Arc::new(Taxonomy::built_in()));
    let mut offers = Vec::new();
    for n in 0..count {
        let offer = offer(rng, n, skew);
        catalogue.apply(Sequence(n as u64 + 1), &Change::OfferUpsert(Box::new(offer.clone())));
        offers.push(offer);
    }
    World { catalogue, offers }
}

fn offer(rng: &mut Pcg64, n: usize, skew: u32) -> Offer {
    let dominant = rng.random_range(0..10u32) < skew;
    let sub = if dominant {
        SUBCATEGORIES[0]
    } else {
        SUBCATEGORIES[rng.random_range(0..SUBCATEGORIES.len())]
    };
    let dates = match rng.random_range(0..4u32) {
        0 => json!(["2026-01-01T20:00:00Z"]),
        1 => json!(["2026-01-01T20:00:00Z", "2026-01-15T20:00:00Z"]),
        _ => json!([]),
    };
    let price = [json!(null), json!(0), json!(500), json!(2_000)][rng.random_range(0..4usize)].clone();
    let min_age = [json!(null), json!(null), json!(15), json!(18)][rng.random_range(0..4usize)].clone();
    let value = json!({
        "id": format!("o{n}"), "item_id": format!("i{}", rng.random_range(0..n + 3)), "title": format!("t{n}"),
        "subcategory": sub, "dates": dates, "price_cents": price, "min_age": min_age,
        "bookable": rng.random_range(0..8u32) > 0,
        "position": {"lat": 48.0 + rng.random_range(0.0..0.5), "lng": -1.5 + rng.random_range(0.0..0.5)},
        "popularity": {"bookings_28d": rng.random_range(0..50u32)},
        "published_at": format!("2026-01-{:02}T00:00:00Z", rng.random_range(1..10u32)),
    });
    crate::json::from_value(value).expect("an offer")
}

fn request(value: serde_json::Value) -> RecommendationRequest {
    let request: RecommendationRequest = crate::json::from_value(value).expect("a request");
    request.check().expect("within limits");
    request
}

fn run(world: &World, request: &RecommendationRequest, page: Option<&PageState>) -> Recommended {
    execute(&world.catalogue, request, page, NOW.parse().expect("a time")).expect("an answer")
}

/// Who may stand, said as plainly as the contract says it.
fn may_stand(offer: &Offer, age: Option<u8>, credit: Option<u32>, digital: Option<u32>) -> bool {
    let now = NOW.parse().expect("a time");
    let bookable =
        offer.bookable && offer.stock != Some(0) && (offer.dates.is_empty() || offer.dates.iter().any(|d| *d >= now));
    let old_enough = offer.min_age.is_none_or(|min| age.is_some_and(|age| age >= min));
    let minor_may = age.is_none_or(|age| age >= 18)
        || offer.subcategory != "VOD"
        || offer.price_cents == Some(crate::money::Cents::ZERO);
    let pays = |left: Option<u32>| match (left, offer.price_cents) {
        (None, _) => true,
        (Some(left), Some(price)) => price.get() <= left,
        (Some(left), None) => left > 0,
    };
    bookable && old_enough && minor_may && pays(credit) && (offer.subcategory != "VOD" || pays(digital))
}

/// The longest list without two of a category in a row, after a last category (SCIENCE.md 2.2).
fn longest(counts: &BTreeMap<String, usize>, last: Option<&str>) -> usize {
    let total: usize = counts.values().sum();
    let bound = |(category, count): (&String, &usize)| 2 * (total - count) + usize::from(last != Some(category));
    counts.iter().map(bound).chain([total]).min().unwrap_or(0)
}

fn categories(list: &Recommended) -> Vec<&str> {
    list.offers.iter().map(|offer| offer.category.as_str()).collect()
}

/// Works that may stand, by category. A work's offers may differ in category; such works are left out of the worlds
/// where lengths are compared.
fn fit_works(
    world: &World,
    age: Option<u8>,
    credit: Option<u32>,
    digital: Option<u32>,
) -> BTreeMap<String, HashSet<String>> {
    let taxonomy = world.catalogue.taxonomy();
    let mut works: BTreeMap<String, HashSet<String>> = BTreeMap::new();
    for offer in world
        .offers
        .iter()
        .filter(|offer| may_stand(offer, age, credit, digital))
    {
        let sub = taxonomy.subcategory(taxonomy.find(&offer.subcategory).expect("known"));
        works
            .entry(taxonomy.category(sub.category).key.clone())
            .or_default()
            .insert(offer.item().to_string());
    }
    works
}

fn single_category_works(world: &mut World) {
    let mut first: BTreeMap<String, String> = BTreeMap::new();
    for offer in &mut world.offers {
        let sub = first
            .entry(offer.item().to_string())
            .or_insert_with(|| offer.subcategory.clone());
        offer.subcategory.clone_from(sub);
        world
            .catalogue
            .apply(Sequence(9_999), &Change::OfferUpsert(Box::new(offer.clone())));
    }
}

#[test]
fn every_page_is_fit_legal_and_as_long_as_can_be() {
    let mut short = 0;
    for seed in 0..1_500 {
        let mut rng = Pcg64::seed_from_u64(seed);
        let count = rng.random_range(0..40);
        let skew = rng.random_range(0..10);
        let mut world = world(&mut rng, count, skew);
        single_category_works(&mut world);
        let age = [None, Some(15u8), Some(18)][rng.random_range(0..3usize)];
        let credit = [None, Some(0u32), Some(1_000)][rng.random_range(0..3usize)];
        let limit = rng.random_range(1..12usize);
        let request = request(json!({
            "context": {"age": age, "credit_cents": credit, "position": {"lat": 48.2, "lng": -1.3}}, "limit": limit, "seed": seed,
        }));
        let works = fit_works(&world, age, credit, None);
        let mut left: BTreeMap<String, usize> = works
            .iter()
            .map(|(category, items)| (category.clone(), items.len()))
            .collect();
        let joint = longest(&left, None);
        let (mut page, mut last, mut seen, mut total) = (None::<PageState>, None::<String>, HashSet::new(), 0);
        loop {
            let list = run(&world, &request, page.as_ref());
            for offer in &list.offers {
                let document = world.offers.iter().find(|o| o.id == offer.id).expect("of the world");
                assert!(may_stand(document, age, credit, None), "seed {seed}: {document:?}");
            }
            let expected = limit.min(longest(&left, last.as_deref()));
            assert_eq!(
                list.offers.len(),
                expected,
                "seed {seed}, page at {total}: {left:?} after {last:?}"
            );
            assert_eq!(list.diversity.satisfied, expected == limit, "seed {seed}");
            short += usize::from(expected < limit);
            let run: Vec<&str> = last.as_deref().into_iter().chain(categories(&list)).collect();
            assert!(run.windows(2).all(|pair| pair[0] != pair[1]), "seed {seed}: {run:?}");
            for (place, offer) in list.offers.iter().enumerate() {
                assert_eq!(offer.rank, total + place);
                assert!(
                    seen.insert(offer.item_id.to_string()),
                    "seed {seed}: {} twice",
                    offer.item_id
                );
                *left.get_mut(&offer.category).expect("counted") -= 1;
            }
            total += list.offers.len();
            last = list.offers.last().map(|offer| offer.category.clone()).or(last);
            match list.next {
                Some(next) => page = Some(next),
                None => break,
            }
        }
        assert_eq!(
            total, joint,
            "seed {seed}: the pages together are shorter than one joint plan"
        );
    }
    assert!(short > 300, "the worlds are too easy: {short} short lists");
}

/// The best value of `k` offers of (score, category) without two of a category in a row, by trying every list.
fn exhaustive(offers: &[(f64, String)], k: usize, used: &mut Vec<usize>) -> f64 {
    if used.len() == k {
        return used
            .iter()
            .enumerate()
            .map(|(place, o)| place_weight(place) * offers[*o].0)
            .sum();
    }
    let mut best = f64::NEG_INFINITY;
    for next in 0..offers.len() {
        let clash = used.last().is_some_and(|last| offers[*last].1 == offers[next].1);
        if !clash && !used.contains(&next) {
            used.push(next);
            best = best.max(exhaustive(offers, k, used));
            used.pop();
        }
    }
    best
}

#[test]
fn no_legal_list_is_worth_more() {
    let mut compared = 0;
    for seed in 0..400 {
        let mut rng = Pcg64::seed_from_u64(seed);
        let skew = rng.random_range(0..8);
        let mut world = world(&mut rng, 9, skew);
        single_category_works(&mut world);
        let free = request(json!({"limit": 200, "seed": seed, "context": {"age": 18}, "diversity": {"rules": []}}));
        let all = run(&world, &free, None);
        let scored: Vec<(f64, String)> = all
            .offers
            .iter()
            .map(|offer| (offer.score, offer.category.clone()))
            .collect();
        // The whole list, so that keeping a next page fillable asks nothing.
        let ruled = run(
            &world,
            &request(json!({"limit": 200, "seed": seed, "context": {"age": 18}})),
            None,
        );
        let k = ruled.offers.len();
        if k == 0 || scored.len() > 7 {
            continue;
        }
        let best = exhaustive(&scored, k, &mut Vec::new());
        assert!(
            (ruled.diversity.value - best).abs() <= 1e-9 * best,
            "seed {seed}: {} {best}",
            ruled.diversity.value
        );
        assert!(ruled.diversity.bound >= best * (1.0 - 1e-12) && ruled.diversity.gap < 1e-9);
        compared += 1;
    }
    assert!(compared > 200, "{compared}");
}

#[test]
fn an_explanation_adds_up_and_a_reason_is_backed() {
    for seed in 0..200 {
        let mut rng = Pcg64::seed_from_u64(seed);
        let world = world(&mut rng, 60, 3);
        let position = json!({"lat": 48.2, "lng": -1.3});
        let request = request(json!({"explain": true, "seed": seed, "context": {"age": 18, "position": position}}));
        for offer in run(&world, &request, None).offers {
            let explanation = offer.explanation.expect("asked for");
            let sum: f64 = explanation.features.iter().map(|part| part.contribution).sum();
            assert!((sum - offer.score).abs() < 1e-12, "{sum} {}", offer.score);
            for part in &explanation.features {
                assert!((0.0..=1.0).contains(&part.value), "{part:?}");
            }
            for reason in &offer.reasons {
                let part = explanation.features.iter().find(|part| part.name == reason.code);
                assert!(part.is_some_and(|part| part.contribution > 0.0), "{reason:?}");
            }
        }
    }
}

#[test]
fn a_pin_stands_and_the_rules_hold_around_it() {
    for seed in 0..300 {
        let mut rng = Pcg64::seed_from_u64(seed);
        let world = world(&mut rng, 40, 2);
        let fit: Vec<&Offer> = world
            .offers
            .iter()
            .filter(|offer| may_stand(offer, Some(18), None, None))
            .collect();
        let pinned = fit[rng.random_range(0..fit.len())];
        let rank = rng.random_range(0..5usize);
        let pins = json!([{"offer_id": pinned.id, "rank": rank}]);
        let list = run(
            &world,
            &request(json!({"limit": 6, "seed": seed, "pins": pins, "context": {"age": 18}})),
            None,
        );
        assert!(
            categories(&list).windows(2).all(|pair| pair[0] != pair[1]),
            "seed {seed}"
        );
        assert_eq!(list.offers[rank].id, pinned.id, "seed {seed}");
        assert!(list.unmet_pins.is_empty());
    }
}

#[test]
fn an_unfit_or_unknown_pin_is_told() {
    let mut rng = Pcg64::seed_from_u64(7);
    let world = world(&mut rng, 30, 2);
    let unfit = world
        .offers
        .iter()
        .find(|offer| !offer.bookable)
        .expect("some are unbookable");
    let pins = json!([{"offer_id": unfit.id, "rank": 0}, {"offer_id": "nobody", "rank": 1}]);
    let list = run(&world, &request(json!({"pins": pins})), None);
    let told: Vec<_> = list.unmet_pins.iter().map(|pin| (pin.rank, pin.reason)).collect();
    assert_eq!(told, [(0, "unfit"), (1, "unknown")]);
}

#[test]
fn the_work_is_shown_once_as_its_best_offer() {
    let mut catalogue = Catalogue::empty(Arc::new(Taxonomy::built_in()));
    let mut put = |id: &str, lat: f64, price: u32| {
        let line = format!(
            r#"{{"op":"offer.upsert","offer":{{"id":"{id}","item_id":"work","title":"t","subcategory":"LIVRE_PAPIER","position":{{"lat":{lat},"lng":2}},"price_cents":{price}}}}}"#
        );
        let taxonomy = Taxonomy::built_in();
        catalogue.apply(
            Sequence(1),
            &Change::parse(line.as_bytes(), &taxonomy).expect("a change"),
        );
    };
    put("far", 47.0, 1_000);
    put("near-but-dear", 48.01, 9_000);
    put("near", 48.02, 1_000);
    let world = World {
        catalogue,
        offers: Vec::new(),
    };
    let context = json!({"position": {"lat": 48.0, "lng": 2.0}, "credit_cents": 5_000});
    let list = run(
        &world,
        &request(json!({"context": context, "weights": {"exploration": 0}})),
        None,
    );
    assert_eq!(
        list.offers.iter().map(|offer| offer.id.as_str()).collect::<Vec<_>>(),
        ["near"]
    );
}

#[test]
fn rules_by_several_attributes_hold_across_pages() {
    for seed in 0..150 {
        let mut rng = Pcg64::seed_from_u64(seed);
        let world = world(&mut rng, 60, 2);
        let rules = json!([{"by": "category", "window": 3, "max": 1}, {"by": "kind", "window": 4, "max": 2}]);
        let request = request(json!({"limit": 4, "seed": seed, "context": {"age": 18}, "diversity": {"rules": rules}}));
        let (mut page, mut shown) = (None::<PageState>, Vec::new());
        for _ in 0..4 {
            let list = run(&world, &request, page.as_ref());
            shown.extend(list.offers.iter().map(|offer| (offer.category.clone(), offer.kind)));
            let Some(next) = list.next else { break };
            page = Some(next);
        }
        for window in shown.windows(3) {
            let distinct: HashSet<_> = window.iter().map(|(category, _)| category).collect();
            assert_eq!(distinct.len(), 3, "seed {seed}: {shown:?}");
        }
        for window in shown.windows(4) {
            let most = window
                .iter()
                .map(|(_, kind)| window.iter().filter(|(_, other)| other == kind).count())
                .max();
            assert!(most <= Some(2), "seed {seed}: {shown:?}");
        }
    }
}

#[test]
fn variety_is_bought_with_relevance_and_the_rules_stand_on_top() {
    let (mut cheaper, mut richer) = (0, 0);
    for seed in 0..60 {
        let mut rng = Pcg64::seed_from_u64(seed);
        let world = world(&mut rng, 80, 4);
        let list = |strength: f64| {
            let rules = json!([{"by": "item", "window": 2, "max": 1}]);
            let body = json!({"limit": 8, "seed": seed * 64, "context": {"age": 18}, "diversity": {"strength": strength, "rules": rules}});
            run(&world, &request(body), None)
        };
        let (plain, soft) = (list(0.0), list(0.8));
        assert_eq!(
            (plain.faults, soft.faults),
            (Some(0), Some(0)),
            "seed {seed}: the slow checker agrees"
        );
        assert!(plain.diversity.soft.is_none() && soft.diversity.soft.is_some());
        assert!(soft.diversity.value <= plain.diversity.value + 1e-12, "seed {seed}");
        assert!(soft.diversity.gap >= plain.diversity.gap - 1e-12 && soft.diversity.gap < 1.0);
        let distinct = |list: &Recommended| categories(list).iter().collect::<HashSet<_>>().len();
        assert!(distinct(&soft) >= distinct(&plain), "seed {seed}");
        cheaper += usize::from(soft.diversity.value < plain.diversity.value);
        richer += usize::from(distinct(&soft) > distinct(&plain));
    }
    assert!(cheaper > 30 && richer > 5, "{cheaper} {richer}");
}
