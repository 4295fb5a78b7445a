//! Lists for readers: the first one, the way outwards, groups, and reasons that hold.

use std::collections::BTreeSet;

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use serde_json::{Value, json};

use super::world::{SUBCATEGORIES, World, town};
use crate::pipeline::Recommended;

fn categories(list: &Recommended) -> BTreeSet<String> {
    list.offers.iter().map(|offer| offer.category.clone()).collect()
}

/// Three answers, and nothing else is known.
#[test]
fn a_first_list_holds_the_answers_and_a_step_outside() {
    let mut world = World::new(12);
    for (n, likes) in [["LIVRE", "CINEMA"], ["MUSEE", "MUSIQUE_LIVE"], ["SPECTACLE", "FILM"]]
        .iter()
        .enumerate()
    {
        let id = format!("new{n}");
        let answers = json!({"likes": likes, "outings": "sometimes", "reach": "town"});
        world.reader(&id, json!({"questionnaire": answers, "credit_cents": 1_500}));
        world.offer(
            "too-far",
            "LIVRE_PAPIER",
            json!({"position": {"lat": 43.3, "lng": 5.4}, "popularity": {"bookings_28d": 50}}),
        );
        let list = world.list(json!({"user_id": id, "limit": 12, "seed": 1, "context": {"position": town()}}));
        assert_eq!(list.offers.len(), 12);
        let shown = categories(&list);
        for liked in likes {
            assert!(shown.contains(*liked), "{liked} is missing: {shown:?}");
        }
        assert!(
            shown.iter().any(|category| !likes.contains(&category.as_str())),
            "{shown:?}"
        );
        let own: usize = likes.iter().map(|liked| world.places(&list, liked)).sum();
        assert!(own >= 5, "comfort first: {own} of 12 are of the answers, {shown:?}");
        for offer in &list.offers {
            assert!(
                offer.distance_m.is_none_or(|metres| metres < 20_000.0),
                "{} is out of reach",
                offer.id
            );
            let document = world
                .catalogue
                .find(offer.id.as_str())
                .and_then(|row| world.catalogue.document(row));
            assert!(
                document
                    .expect("known")
                    .price_cents
                    .is_none_or(|price| price.get() <= 1_500)
            );
        }
    }
}

#[test]
fn a_brand_new_offer_is_listed_at_once() {
    let mut world = World::new(12);
    world.reader("u", json!({"questionnaire": {"likes": ["CONFERENCE"]}}));
    let ask = json!({"user_id": "u", "limit": 10, "seed": 4, "context": {"position": town()}});
    let fresh = json!({"position": town(), "price_cents": 0, "published_at": "2026-01-10T11:59:00+01:00"});
    world.offer("fresh", "CONFERENCE", fresh);
    let list = world.list(ask);
    assert!(list.offers.iter().any(|offer| offer.id.as_str() == "fresh"));
}

#[test]
fn the_way_outwards_can_be_set_and_turned_off() {
    let mut world = World::new(20);
    let mut pace = |outwards: &str| {
        let id = format!("u-{outwards}");
        let answers = json!({"likes": ["LIVRE"], "outwards": outwards});
        world.reader(&id, json!({"questionnaire": answers}));
        for n in 0..4 {
            world.event(&id, "booking", &format!("LIVRE_PAPIER-{n:02}"));
        }
        let list = world
            .list(json!({"user_id": id, "limit": 20, "seed": 2, "explain": true, "context": {"position": town()}}));
        let outward = list
            .offers
            .iter()
            .flat_map(|offer| &offer.explanation.as_ref().expect("asked").features);
        let led: f64 = outward
            .filter(|part| part.name == "outward")
            .map(|part| part.contribution)
            .sum();
        let soft = list.diversity.soft.expect("a reader's list is calibrated");
        (soft.calibration.expect("aimed").pace, led)
    };
    let [off, slow, normal, fast] = ["off", "slow", "normal", "fast"].map(&mut pace);
    assert_eq!(off, (0.0, 0.0));
    assert!(
        0.0 < slow.0 && slow.0 < normal.0 && normal.0 < fast.0,
        "{slow:?} {normal:?} {fast:?}"
    );
    assert!(0.0 < slow.1 && slow.1 < fast.1);
}

#[test]
fn a_list_comes_nearer_to_its_aim_and_the_rule_holds() {
    let mut nearer = 0;
    for seed in 0..40 {
        let mut rng = Pcg64::seed_from_u64(seed);
        let mut world = World::new(15);
        world.reader("u", json!({}));
        for _ in 0..6 {
            let key = SUBCATEGORIES[rng.random_range(0..3usize)];
            world.event("u", "booking", &format!("{key}-{:02}", rng.random_range(0..15u32)));
        }
        let list = world.list(json!({"user_id": "u", "limit": 15, "seed": seed * 64, "context": {"position": town()}}));
        assert!(list.offers.windows(2).all(|pair| pair[0].category != pair[1].category));
        assert_eq!(list.faults, Some(0), "the slow checker agrees");
        let calibration = list.diversity.soft.expect("soft").calibration.expect("calibrated");
        assert!((calibration.aim.values().sum::<f64>() - 1.0).abs() < 0.05);
        nearer += usize::from(calibration.divergence < calibration.before - 1e-12);
        assert!(
            calibration.divergence <= calibration.before + 0.05,
            "seed {seed}: {calibration:?}"
        );
    }
    assert!(nearer >= 20, "{nearer} of 40 lists came nearer");
}

/// What readers took to next moves the target.
#[test]
fn others_steps_move_the_target() {
    let mut world = World::new(8);
    let share = |world: &World| {
        let list = world.list(json!({"user_id": "u", "seed": 1, "context": {"position": town()}}));
        let aim = list.diversity.soft.expect("soft").calibration.expect("aimed").aim;
        aim.get("BEAUX_ARTS").copied().unwrap_or(0.0)
    };
    world.reader("u", json!({"questionnaire": {"likes": ["CINEMA"]}}));
    let before = share(&world);
    for n in 0..200 {
        let id = format!("other{n}");
        world.reader(&id, json!({}));
        world.event(&id, "booking", "SEANCE_CINE-01");
        world.event(&id, "booking", "MATERIEL_ART_CREATIF-01");
    }
    assert!(share(&world) > before + 0.01, "{before} {}", share(&world));
}

#[test]
fn every_explanation_adds_up_and_every_reason_is_backed() {
    let mut told = BTreeSet::new();
    for seed in 0..120u64 {
        let mut rng = Pcg64::seed_from_u64(seed);
        let mut world = World::new(6);
        let likes = [SUBCATEGORIES[rng.random_range(0..10usize)], "genre 1"];
        let choice = ["trends", "alone", "image"][rng.random_range(0..3usize)];
        let answers = json!({"likes": likes, "choice": choice});
        world.reader(
            "u",
            json!({"questionnaire": answers, "credit_cents": rng.random_range(0..5_000u32), "position": town()}),
        );
        world.offer(
            "labelled",
            "CONFERENCE",
            json!({"labels": ["mediation", "local"], "position": town(), "duo": true, "price_cents": 0}),
        );
        for _ in 0..rng.random_range(0..15u32) {
            let key = SUBCATEGORIES[rng.random_range(0..10usize)];
            let kind = ["booking", "click", "dislike", "impression", "like"][rng.random_range(0..5usize)];
            world.event("u", kind, &format!("{key}-{:02}", rng.random_range(0..6u32)));
        }
        let language = ["fr", "en"][rng.random_range(0..2usize)];
        let weights: Value = if rng.random_range(0..2u32) == 0 {
            json!({})
        } else {
            json!({"taste": 2.5, "popularity": 0.0, "outward": 1.5})
        };
        let ask = json!({"user_id": "u", "seed": seed, "explain": true, "weights": weights, "context": {"language": language}});
        for offer in world.list(ask).offers {
            let explanation = offer.explanation.expect("asked for");
            let sum: f64 = explanation.features.iter().map(|part| part.contribution).sum();
            assert!((sum - offer.score).abs() < 1e-12, "{sum} {}", offer.score);
            for part in &explanation.features {
                assert!((0.0..=1.0).contains(&part.value), "{part:?}");
                assert!(part.weight >= 0.0 && part.weight.is_finite());
            }
            for reason in &offer.reasons {
                let part = explanation.features.iter().find(|part| part.name == reason.code);
                assert!(part.is_some_and(|part| part.contribution > 0.0), "{reason:?}");
                told.insert(reason.code);
            }
        }
    }
    for code in [
        "taste",
        "outward",
        "discovery",
        "editorial",
        "proximity",
        "price",
        "company",
    ] {
        assert!(told.contains(code), "no list told {code}: {told:?}");
    }
}

#[test]
fn who_rejects_recommendations_is_told_none() {
    let world = World::new(12);
    let reasons = |persona: &str| {
        let context = json!({"position": town(), "persona": {persona: 1.0}});
        let list = world.list(json!({"seed": 1, "limit": 30, "context": context}));
        let codes = list
            .offers
            .iter()
            .flat_map(|offer| offer.reasons.iter().map(|reason| reason.code));
        codes.collect::<BTreeSet<&str>>()
    };
    let personal = ["taste", "discovery", "outward", "company", "popularity"];
    assert!(personal.iter().any(|code| reasons("curieux").contains(code)));
    assert!(personal.iter().all(|code| !reasons("anticonformiste").contains(code)));
}

#[test]
fn reasons_speak_the_language_asked_for() {
    let world = World::new(4);
    let texts = |language: &str| {
        let list = world.list(json!({"seed": 1, "context": {"position": town(), "language": language}}));
        let texts = list
            .offers
            .into_iter()
            .flat_map(|offer| offer.reasons)
            .map(|reason| reason.text);
        texts.collect::<Vec<String>>().join("\n")
    };
    assert!(texts("fr").contains("de vous") && !texts("fr").contains("from you"));
    assert!(texts("en").contains("from you") && !texts("en").contains("de vous"));
}
