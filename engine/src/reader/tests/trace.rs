//! No consent, no trace: profiles, tables and lists are as if the acts had not been.

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use serde_json::json;

use super::world::{SUBCATEGORIES, World, bare, town};
use crate::catalogue::practice::Practice;
use crate::catalogue::steps::Steps;
use crate::taxonomy::CategoryIx;

const KINDS: [&str; 12] = [
    "impression",
    "view",
    "click",
    "favorite",
    "booking",
    "cancellation",
    "attendance",
    "like",
    "dislike",
    "hide",
    "share",
    "review",
];

fn random_acts(world: &mut World, rng: &mut Pcg64, reader: &str, count: usize) {
    for _ in 0..count {
        let key = SUBCATEGORIES[rng.random_range(0..SUBCATEGORIES.len())];
        let offer = format!("{key}-{:02}", rng.random_range(0..6u32));
        world.event(reader, KINDS[rng.random_range(0..KINDS.len())], &offer);
    }
}

fn practice(world: &World, reader: &str) -> Practice {
    world
        .catalogue
        .reader(reader)
        .map_or_else(Practice::default, |reader| reader.practice.clone())
}

#[test]
fn without_consent_nothing_is_kept_and_lists_are_nobody_s() {
    let mut world = World::new(6);
    let silent = json!({"consents": {"personalisation": false, "social": true}, "practices": ["LIVRE"],
        "questionnaire": {"likes": ["LIVRE"]}, "persona": "curieux", "credit_cents": 5_000});
    world.reader("u", silent);
    let ask = json!({"user_id": "u", "seed": 3, "explain": true, "context": {"position": town()}});
    let steps = world.catalogue.steps().clone();
    let before = bare(&world.list(ask.clone()));
    random_acts(&mut world, &mut Pcg64::seed_from_u64(1), "u", 200);
    assert_eq!(bare(&world.list(ask)), before);
    let nobody = json!({"seed": 3, "explain": true, "context": {"position": town(), "age": 20, "credit_cents": 5_000}});
    assert_eq!(bare(&world.list(nobody)), before);
    assert!(practice(&world, "u").is_empty());
    assert_eq!(*world.catalogue.steps(), steps);
    let reader = world.catalogue.reader("u").expect("known");
    assert!(reader.booked.is_empty() && reader.hidden.is_empty() && reader.hidden_items.is_empty());
}

#[test]
fn an_unknown_reader_leaves_no_trace_either() {
    let mut world = World::new(4);
    random_acts(&mut world, &mut Pcg64::seed_from_u64(2), "nobody", 100);
    assert!(world.catalogue.reader("nobody").is_none());
    assert_eq!(*world.catalogue.steps(), World::new(4).catalogue.steps().clone());
}

#[test]
fn erasure_and_withdrawal_leave_what_the_others_made() {
    let mut rng = Pcg64::seed_from_u64(5);
    for leaves in [
        json!({"op": "user.erase", "id": "gone"}),
        json!({"op": "user.upsert", "user": {"id": "gone"}}),
    ] {
        let mut world = World::new(6);
        world.reader("stays", json!({}));
        world.reader("gone", json!({}));
        random_acts(&mut world, &mut rng, "stays", 80);
        let alone = world.catalogue.steps().clone();
        let kept = practice(&world, "stays");
        random_acts(&mut world, &mut rng, "gone", 80);
        assert_ne!(
            *world.catalogue.steps(),
            alone,
            "the test must leave something to forget"
        );
        world.apply(&leaves);
        assert_eq!(*world.catalogue.steps(), alone);
        assert_eq!(practice(&world, "stays"), kept);
        assert!(practice(&world, "gone").is_empty());
    }
}

/// The steps table against a recount from the readers' own orders, after every act.
#[test]
fn steps_are_the_sum_over_readers() {
    let mut rng = Pcg64::seed_from_u64(11);
    let mut world = World::new(6);
    let readers = ["a", "b", "c"];
    for reader in readers {
        world.reader(reader, json!({}));
    }
    let categories: Vec<CategoryIx> = world.catalogue.taxonomy().categories().map(|(ix, _)| ix).collect();
    let mut most = 0;
    for _ in 0..300 {
        let reader = readers[rng.random_range(0..3usize)];
        random_acts(&mut world, &mut rng, reader, 1);
        for from in &categories {
            for to in &categories {
                let went = readers.iter().filter(|reader| {
                    let taken: Vec<CategoryIx> = practice(&world, reader).taken().collect();
                    let at = |category| taken.iter().position(|one| *one == category);
                    at(*from).zip(at(*to)).is_some_and(|(from, to)| from < to)
                });
                let counted = world.catalogue.steps().count(*from, *to);
                assert_eq!(counted as usize, went.count());
                most = most.max(counted);
            }
        }
    }
    assert!(most >= 2, "the readers must agree somewhere");
    assert_ne!(*world.catalogue.steps(), Steps::new(categories.len()));
}

#[test]
fn the_same_log_gives_the_same_reader_and_the_same_list() {
    let make = || {
        let mut world = World::new(6);
        world.reader("u", json!({"questionnaire": {"likes": ["CINEMA"]}}));
        random_acts(&mut world, &mut Pcg64::seed_from_u64(9), "u", 60);
        world
    };
    let (one, two) = (make(), make());
    assert_eq!(practice(&one, "u"), practice(&two, "u"));
    let ask = json!({"user_id": "u", "seed": 8, "explain": true, "context": {"position": town()}});
    let list = one.list(ask.clone());
    assert!(!list.offers.is_empty());
    assert_eq!(bare(&list), bare(&two.list(ask.clone())));
    assert_eq!(bare(&list), bare(&one.list(ask)));
}
