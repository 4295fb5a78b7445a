//! How practice moves a reader: the mixture against the formula itself, and lists after acts.

use std::collections::BTreeMap;

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use serde_json::json;

use super::world::{NOW, SUBCATEGORIES, World, town};
use crate::reader::{Portrait, Sitter, density};
use crate::time::Moment;

fn draw(world: &World, reader: &str, given: &BTreeMap<String, f64>) -> Portrait {
    let stored = world.catalogue.reader(reader).expect("known");
    let sitter = Sitter {
        stored: Some(stored),
        practice: Some(&stored.practice),
        given,
        pace: 1.0,
        sparsity: 0.5,
        now: NOW.parse::<Moment>().expect("a time").millis(),
    };
    Portrait::draw(&world.catalogue, &sitter)
}

/// π_z ∝ π⁰_z Π_t P(x_t | z)^(w_t γ^(T - t)), T in evidence, written out act by act.
#[test]
fn the_mixture_is_the_formula() {
    for seed in 0..50 {
        let mut rng = Pcg64::seed_from_u64(seed);
        let mut world = World::new(30);
        world.reader("u", json!({}));
        let mut acts = Vec::new();
        for n in 0..rng.random_range(1..25usize) {
            let key = SUBCATEGORIES[rng.random_range(0..10usize)];
            let (kind, weight) =
                [("booking", 1.0), ("like", 0.6), ("click", 0.1), ("dislike", -0.7)][rng.random_range(0..4usize)];
            world.event("u", kind, &format!("{key}-{n:02}"));
            acts.push((key, weight));
        }
        let given = BTreeMap::from([("curieux".to_owned(), 1.0), ("casanier".to_owned(), 3.0)]);
        let portrait = draw(&world, "u", &given);
        let personas = world.catalogue.personas();
        let slow: Vec<f64> = personas
            .all()
            .iter()
            .map(|persona| {
                let share = given.get(&persona.id).copied().unwrap_or(0.0) / 4.0;
                let mut product = 0.98 * share + 0.02 / 8.0;
                for (t, (key, weight)) in acts.iter().enumerate() {
                    let later: f64 = acts[t + 1..].iter().map(|(_, weight): &(&str, f64)| weight.abs()).sum();
                    let ix = world.catalogue.taxonomy().find(key).expect("known");
                    product *= persona.likelihood[ix.index()].powf(weight * 0.97f64.powf(later));
                }
                product
            })
            .collect();
        let total: f64 = slow.iter().sum();
        for (fast, slow) in portrait.mixture.iter().zip(&slow) {
            assert!(
                (fast - slow / total).abs() < 1e-9,
                "seed {seed}: {fast} {}",
                slow / total
            );
        }
    }
}

#[test]
fn a_given_persona_wins_and_an_answer_moves_an_unknown_one() {
    let mut world = World::new(3);
    world.reader(
        "u",
        json!({"persona": "casanier", "questionnaire": {"outings": "often"}}),
    );
    let of = |world: &World, given: &BTreeMap<String, f64>| {
        let portrait = draw(world, "u", given);
        let shares = portrait.mixture.iter().copied().zip(world.catalogue.personas().all());
        let best = shares.max_by(|a, b| a.0.total_cmp(&b.0)).expect("eight");
        best.1.id.clone()
    };
    assert_eq!(of(&world, &BTreeMap::new()), "casanier");
    assert_eq!(of(&world, &BTreeMap::from([("connecte".to_owned(), 1.0)])), "connecte");
    world.reader("u", json!({"questionnaire": {"company": "group", "choice": "place"}}));
    assert_eq!(of(&world, &BTreeMap::new()), "adherent");
}

#[test]
fn acts_move_the_next_list() {
    let mut world = World::new(20);
    world.reader("u", json!({}));
    let ask = json!({"user_id": "u", "limit": 12, "seed": 6, "context": {"position": town()}});
    let shown = |world: &World| world.places(&world.list(ask.clone()), "CONFERENCE");
    let before = shown(&world);
    for n in 0..4 {
        world.event("u", "booking", &format!("CONFERENCE-{n:02}"));
    }
    let liked = shown(&world);
    assert!(liked > before, "{before} {liked}");
    for n in 0..4 {
        world.event("u", "cancellation", &format!("CONFERENCE-{n:02}"));
    }
    for n in 5..12 {
        world.event("u", "dislike", &format!("CONFERENCE-{n:02}"));
    }
    assert!(shown(&world) < liked);
    assert_eq!(
        shown(&world).min(1),
        shown(&world),
        "what is disliked has at most one place"
    );
}

#[test]
fn a_visit_of_an_unknown_reader_counts_while_it_lasts() {
    let world = World::new(20);
    let event = |n: usize, kind: &str| json!({"id": format!("e{n}"), "type": kind, "user_id": "x", "offer_id": format!("CONFERENCE-{n:02}"), "at": NOW});
    let ask =
        |events: serde_json::Value| json!({"limit": 12, "seed": 6, "context": {"position": town(), "events": events}});
    let plain = world.places(&world.list(ask(json!([]))), "CONFERENCE");
    let list = world.list(ask(json!([event(1, "booking"), event(2, "like"), event(3, "booking")])));
    assert!(world.places(&list, "CONFERENCE") > plain);
    assert!(
        list.offers.iter().all(|offer| offer.id.as_str() != "CONFERENCE-01"),
        "booked in this visit"
    );
    assert!(world.catalogue.reader("x").is_none());
    assert_eq!(world.places(&world.list(ask(json!([]))), "CONFERENCE"), plain);
}

#[test]
fn what_is_passed_over_sinks_and_comes_back() {
    let mut world = World::new(20);
    world.reader("u", json!({"questionnaire": {"likes": ["LIVRE"]}}));
    let ask = json!({"user_id": "u", "limit": 200, "seed": 6, "context": {"position": town()}, "diversity": {"rules": [], "strength": 0}});
    let score = |world: &World, id: &str, now: Moment| {
        let list = world.list_at(ask.clone(), now);
        list.offers
            .iter()
            .find(|offer| offer.id.as_str() == id)
            .expect("listed")
            .score
    };
    let now: Moment = NOW.parse().expect("a time");
    let first = world.list(ask.clone()).offers[0].id.to_string();
    let fresh = score(&world, &first, now);
    for _ in 0..6 {
        world.event("u", "impression", &first);
    }
    let tired = score(&world, &first, now);
    assert!(tired < fresh - 0.1, "{fresh} {tired}");
    let weeks = Moment::from_millis(now.millis() + 60 * 86_400_000);
    assert!(score(&world, &first, weeks) > tired + 0.1);
    world.event("u", "click", &first);
    assert!(
        score(&world, &first, now) >= fresh,
        "what was looked at was not passed over"
    );
}

#[test]
fn the_town_is_dense_and_the_country_is_not() {
    let mut world = World::new(1);
    for n in 0..60u32 {
        let position = json!({"lat": 48.85 + f64::from(n % 8) * 0.001, "lng": 2.35 + f64::from(n / 8) * 0.001});
        world.offer(&format!("paris{n}"), "LIVRE_PAPIER", json!({"position": position}));
    }
    let at = |lat, lng| density::sparsity(&world.catalogue, crate::geo::Position::new(lat, lng).ok());
    let (paris, creuse) = (at(48.853, 2.353), at(46.17, 1.87));
    assert!(paris < 0.1 && creuse == 1.0, "{paris} {creuse}");
    assert_eq!(density::sparsity(&world.catalogue, None), 0.5);
}

/// Acceptance by category: what is shown and passed over sinks, what is shown and opened rises, the rest stays.
#[test]
fn how_what_was_shown_was_received_moves_the_taste() {
    let mut world = World::new(12);
    world.reader("u", json!({"questionnaire": {"likes": ["MUSEE"]}}));
    let taste = |world: &World, subcategory: &str| {
        let ix = world.catalogue.taxonomy().find(subcategory).expect("known");
        draw(world, "u", &BTreeMap::new()).leanings()[ix.index()]
    };
    let before = ["SEANCE_CINE", "LIVRE_PAPIER"].map(|key| taste(&world, key));
    for n in 0..10 {
        world.event("u", "impression", &format!("SEANCE_CINE-{n:02}"));
        world.event("u", "impression", &format!("LIVRE_PAPIER-{n:02}"));
        world.event("u", "click", &format!("LIVRE_PAPIER-{n:02}"));
    }
    let after = ["SEANCE_CINE", "LIVRE_PAPIER"].map(|key| taste(&world, key));
    assert!(after[0] < 0.5 * before[0], "passed over: {before:?} {after:?}");
    assert!(after[1] > 1.1 * before[1], "taken to: {before:?} {after:?}");
}
