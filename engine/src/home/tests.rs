//! Pages of random worlds, against what must hold of every page.

mod chosen;

use std::collections::{BTreeMap, BTreeSet};

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use serde_json::{Value, json};

use super::*;
use crate::document::DocumentKind;
use crate::playlist::tests::{NOW, World};

const SUBS: [&str; 5] = ["LIVRE_PAPIER", "CONCERT", "SEANCE_CINE", "VISITE", "VOD"];

fn ask(world: &World, request: Value, means: Means) -> Feed {
    let request: FeedRequest = crate::json::from_value(request).expect("a request");
    request.check().expect("within limits");
    execute_by(&world.generation(), &request, NOW.parse().expect("a time"), means).expect("a page")
}

fn feed(world: &World, request: Value) -> Feed {
    ask(world, request, Means::Together)
}

/// A world of offers around Rennes, some of which no reader of 16 with ten euros can book.
fn world(rng: &mut Pcg64, count: usize) -> (World, BTreeMap<String, Value>) {
    let mut world = World::new();
    let venue = |n: usize| {
        json!({"op": "venue.upsert", "venue": {"id": format!("v{n}"), "name": "n", "territories": ["35"],
        "position": {"lat": 48.0 + n as f64 * 0.02, "lng": -1.6}}})
    };
    world.take(&(0..12).map(venue).collect::<Vec<_>>());
    let mut offers = BTreeMap::new();
    for n in 0..count {
        let digital = rng.random_range(0..6u32) == 0;
        let sub = if digital {
            SUBS[4]
        } else {
            SUBS[rng.random_range(0..4usize)]
        };
        let price = [0, 700, 3_000][rng.random_range(0..3usize)];
        let min_age = [None, Some(15), Some(18)][rng.random_range(0..3usize)];
        let labels = if rng.random_range(0..9u32) == 0 {
            json!(["labelled"])
        } else {
            json!([])
        };
        let offer = json!({"id": format!("o{n:03}"), "item_id": format!("i{}", rng.random_range(0..count)), "title": format!("t{n}"),
            "subcategory": sub, "venue_id": if digital { Value::Null } else { json!(format!("v{}", rng.random_range(0..12u32))) },
            "price_cents": price, "min_age": min_age,
            "bookable": rng.random_range(0..7u32) > 0, "labels": labels, "published_at": format!("2026-01-0{}T00:00:00Z", n % 9 + 1),
            "popularity": {"bookings_28d": rng.random_range(0..90u32)}});
        offers.insert(format!("o{n:03}"), offer);
    }
    world.offers(&offers.values().cloned().collect::<Vec<_>>());
    (world, offers)
}

fn random_home(rng: &mut Pcg64, world: &mut World) {
    world.publish(
        DocumentKind::Playlists,
        1,
        &json!({"id": "p", "title": "Choisis", "picks": [{"offer_id": "o001", "rank": 0}, {"offer_id": "o002"}],
        "rule": {"filters": {"categories": ["LIVRE", "CINEMA"]}}, "order": "popularity"}),
    );
    world.publish(
        DocumentKind::Playlists,
        1,
        &json!({"id": "q", "title": "Tout", "rule": {"filters": {"free": true}}}),
    );
    let kinds = [
        "recommendations",
        "nearby",
        "trending",
        "new",
        "venues",
        "journey",
        "because",
        "content",
    ];
    let module = |n: usize, rng: &mut Pcg64| {
        let which = ["p", "q"][n % 2];
        let floating = rng.random_range(0..3u32) == 0;
        match rng.random_range(0..10usize) {
            8 | 9 => {
                json!({"id": format!("m{n}"), "kind": "playlist", "playlist": which, "floating": floating})
            }
            7 => json!({"id": format!("m{n}"), "kind": "content", "content": {"text": "…"}}),
            kind => {
                json!({"id": format!("m{n}"), "kind": kinds[kind], "floating": floating, "min_offers": rng.random_range(1..4)})
            }
        }
    };
    let modules: Vec<Value> = (0..rng.random_range(1..9)).map(|n| module(n, rng)).collect();
    world.publish(
        DocumentKind::Homes,
        1,
        &json!({"id": "h", "title": "t", "modules": modules}),
    );
}

#[test]
fn every_page_keeps_what_a_page_must() {
    let mut shown = 0;
    for seed in 0..150 {
        let mut rng = Pcg64::seed_from_u64(seed);
        let count = rng.random_range(5..90);
        let (mut world, offers) = world(&mut rng, count);
        if seed % 3 > 0 {
            random_home(&mut rng, &mut world);
        }
        let each = rng.random_range(1..9);
        let request = json!({"context": {"age": 16, "credit_cents": 1_000, "position": {"lat": 48.1, "lng": -1.6}}, "seed": seed,
            "offers_per_module": each, "modules": 6, "explain": true});
        let page = feed(&world, request.clone());
        check(&page, &offers, each, seed);
        shown += page.modules.iter().map(|module| module.offers.len()).sum::<usize>();
        let again = feed(&world, request.clone());
        assert_eq!(
            serde_json::to_value(&again).ok(),
            serde_json::to_value(&page).ok(),
            "seed {seed}"
        );
        check(&ask(&world, request, Means::InTurn), &offers, each, seed);
    }
    assert!(shown > 1_000, "the pages are too empty: {shown}");
}

fn check(page: &Feed, offers: &BTreeMap<String, Value>, each: usize, seed: u64) {
    assert!(page.modules.len() <= 6);
    let mut works = BTreeSet::new();
    for module in &page.modules {
        assert!(module.offers.len() <= each, "seed {seed}");
        assert_eq!(
            module.offers.is_empty(),
            module.kind.is_content(),
            "seed {seed}: an empty module vanishes"
        );
        for (rank, offer) in module.offers.iter().enumerate() {
            let plain = &offers[offer.id.as_str()];
            assert_eq!(offer.rank, rank);
            assert!(
                works.insert(offer.item_id.clone()),
                "seed {seed}: {} stands twice",
                offer.item_id
            );
            let fit =
                plain["bookable"] == true && plain["price_cents"].as_u64() <= Some(1_000) && plain["min_age"] != 18;
            let minor = plain["subcategory"] != "VOD" || plain["price_cents"] == 0;
            assert!(fit && minor, "seed {seed}: {plain}");
            assert!(module.kind != ModuleKind::Nearby || offer.distance_m.is_some());
            let sum: f64 = offer
                .explanation
                .iter()
                .flat_map(|why| &why.features)
                .map(|part| part.contribution)
                .sum();
            assert!(
                (sum - offer.score).abs() < 1e-9,
                "seed {seed}: the parts add up to the score"
            );
        }
        keeps_its_rules(module, seed);
    }
    let trace = page.trace.as_ref().expect("asked for");
    assert!(
        trace.iter().all(|line| line.shown != line.reason.is_some()),
        "seed {seed} {trace:?}"
    );
    assert_eq!(trace.iter().filter(|line| line.shown).count(), page.modules.len());
    assert!(page.page.value <= page.page.bound + 1e-9, "seed {seed} {:?}", page.page);
}

/// The strict rules of modules that say none, plainly.
fn keeps_its_rules(module: &PageModule, seed: u64) {
    if module.kind == ModuleKind::Venues {
        let venues: BTreeSet<_> = module.offers.iter().map(|offer| offer.venue_id.as_ref()).collect();
        assert_eq!(venues.len(), module.offers.len(), "seed {seed}: each venue once");
    } else if module.kind != ModuleKind::Playlist {
        let pairs = module.offers.windows(2);
        assert!(
            pairs.into_iter().all(|pair| pair[0].category != pair[1].category),
            "seed {seed}"
        );
    }
    assert!(module.offers.len() < 2 || module.kind == ModuleKind::Playlist || module.diversity.violations.is_empty());
}

#[test]
fn together_never_leaves_more_modules_empty_than_in_turn() {
    let (mut fuller, mut richer) = (0, 0.0);
    for seed in 0..60 {
        let mut rng = Pcg64::seed_from_u64(seed);
        let count = rng.random_range(20..60);
        let (mut world, _) = world(&mut rng, count);
        let modules: Vec<Value> = ["recommendations", "trending", "new", "nearby", "venues"]
            .map(|kind| json!({"id": kind, "kind": kind}))
            .to_vec();
        world.publish(
            DocumentKind::Homes,
            1,
            &json!({"id": "h", "title": "t", "modules": modules}),
        );
        let request = json!({"context": {"age": 18, "position": {"lat": 48.1, "lng": -1.6}}, "seed": seed});
        let (joint, turn) = (feed(&world, request.clone()), ask(&world, request, Means::InTurn));
        assert!(joint.modules.len() >= turn.modules.len(), "seed {seed}");
        fuller += joint.modules.len() - turn.modules.len();
        richer += joint.page.value - turn.page.value;
    }
    assert!(fuller > 20 && richer > 0.0, "{fuller} modules, {richer} of value");
}

#[test]
fn floors_are_met_where_there_is_enough_and_neighbours_begin_differently() {
    let mut rng = Pcg64::seed_from_u64(11);
    let (mut world, _) = world(&mut rng, 400);
    let labelled = |n: usize| json!({"id": format!("l{n}"), "title": "t", "subcategory": SUBS[n % 4], "venue_id": "v3", "labels": ["virtuous"]});
    world.offers(&(0..30).map(labelled).collect::<Vec<_>>());
    let modules: Vec<Value> = ["recommendations", "trending", "new", "nearby", "venues"]
        .map(|kind| json!({"id": kind, "kind": kind}))
        .to_vec();
    world.publish(
        DocumentKind::Homes,
        1,
        &json!({"id": "h", "title": "t", "modules": modules}),
    );
    let page = feed(
        &world,
        json!({"context": {"age": 18, "position": {"lat": 48.1, "lng": -1.6}}, "seed": 4,
        "offers_per_module": 10}),
    );
    assert_eq!(page.modules.len(), 5);
    let labelled = page
        .page
        .floors
        .iter()
        .find(|floor| floor.mark == "labelled")
        .expect("a floor");
    assert!(
        labelled.shown >= labelled.wanted && labelled.wanted == 5,
        "{labelled:?}"
    );
    let firsts: Vec<&str> = page
        .modules
        .iter()
        .filter_map(|module| Some(module.offers.first()?.category.as_str()))
        .collect();
    assert!(firsts[..4].windows(2).all(|pair| pair[0] != pair[1]), "{firsts:?}");
}
