//! What a search does on request: diversity, explanations, what editors say of words.

use rand::SeedableRng;
use rand_pcg::Pcg64;
use serde_json::{Value, json};

use super::{World, ids, search, world};
use crate::change::{Change, Sequence};
use crate::document::Publication;

/// All pages of a search.
fn pages(world: &World, body: &Value) -> (Vec<Value>, bool) {
    let (mut hits, mut page, mut satisfied) = (Vec::new(), None, true);
    loop {
        let found = search(world, body.clone(), page.as_ref());
        satisfied &= found.diversity.as_ref().is_none_or(|diversity| diversity.satisfied);
        hits.extend(found.hits.into_iter().map(Value::Object));
        match found.next {
            // A cursor is JSON on its way.
            Some(next) => page = serde_json::from_value(serde_json::to_value(next).expect("JSON")).expect("a page"),
            None => return (hits, satisfied),
        }
    }
}

#[test]
fn diversified_pages_break_no_rule_and_repeat_no_work() {
    let mut some = 0;
    for seed in 0..20 {
        let world = world(&mut Pcg64::seed_from_u64(seed), 120);
        for (limit, rule) in [
            (5, json!({"by": "category", "window": 2, "max": 1})),
            (7, json!({"by": "venue", "window": 3, "max": 2})),
        ] {
            let field = if rule["by"] == "category" {
                "category"
            } else {
                "venue_id"
            };
            let (window, max) = (
                rule["window"].as_u64().expect("a number") as usize,
                rule["max"].as_u64().expect("a number") as usize,
            );
            let body = json!({"limit": limit, "sort": "popularity", "diversity": {"rules": [rule]}});
            let (hits, _) = pages(&world, &body);
            let mut works: Vec<&Value> = hits.iter().map(|hit| &hit["item_id"]).collect();
            works.sort_by_key(|work| work.to_string());
            works.dedup();
            assert_eq!(works.len(), hits.len(), "seed {seed}");
            for at in hits.windows(window) {
                let last = &at[window - 1][field];
                let same = at
                    .iter()
                    .filter(|hit| !hit[field].is_null() && hit[field] == *last)
                    .count();
                assert!(same <= max, "seed {seed}: {field}");
            }
            some += hits.len();
        }
    }
    assert!(some > 400, "{some}");
}

#[test]
fn a_search_without_diversity_says_nothing_of_it() {
    let world = world(&mut Pcg64::seed_from_u64(1), 60);
    assert!(search(&world, json!({}), None).diversity.is_none());
    let (plain, _) = pages(&world, &json!({"limit": 200}));
    let (soft, satisfied) = pages(&world, &json!({"limit": 200, "diversity": {"rules": []}}));
    assert_eq!(plain, soft);
    assert!(satisfied);
}

#[test]
fn every_hit_explains_its_place() {
    let world = world(&mut Pcg64::seed_from_u64(5), 120);
    let found = search(
        &world,
        json!({"q": "concert", "explain": true, "limit": 50, "filters": {"bookable_only": false}}),
        None,
    );
    let keys: Vec<Vec<u64>> = found
        .hits
        .iter()
        .map(|hit| {
            let criteria = hit["explanation"]["criteria"].as_array().expect("a list");
            let value = |one: &Value| {
                let value = one["value"].as_u64().expect("a number");
                // Fewer typos and a nearer band are better; all else, more.
                if ["typos", "distance_band"].contains(&one["name"].as_str().expect("a name")) {
                    1_000 - value
                } else {
                    value
                }
            };
            criteria.iter().map(value).collect()
        })
        .collect();
    assert!(keys.len() > 5);
    assert!(
        keys.is_sorted_by(|one, two| one >= two),
        "the criteria in their order give the order of the hits"
    );
}

#[test]
fn editors_say_what_words_mean_and_find_first() {
    let world = world(&mut Pcg64::seed_from_u64(7), 80);
    let body = json!({"id": "mots", "groups": [["gigue", "concert"]], "boosts": [{"q": "Jazz !", "picks": [{"offer_id": "o3"}]}]});
    let before = search(&world, json!({"q": "gigue", "filters": {"bookable_only": false}}), None);
    let publication: Publication =
        serde_json::from_value(json!({"kind": "synonyms", "id": "mots", "version": 1, "body": body}))
            .expect("a document");
    let change = Change::Document(Box::new(publication));
    let next = Sequence(world.engine.generation().sequence().0 + 1);
    world.engine.apply(&[(next, Some(change))]).expect("applied");
    let meant = search(
        &world,
        json!({"q": "concert", "filters": {"bookable_only": false}}),
        None,
    );
    let found = search(&world, json!({"q": "gigue", "filters": {"bookable_only": false}}), None);
    assert!(
        before.total < found.total && found.total == meant.total,
        "{} {}",
        found.total,
        meant.total
    );
    let boosted = search(&world, json!({"q": "jazz", "filters": {"bookable_only": false}}), None);
    let waits = world
        .offers
        .iter()
        .find(|offer| offer.id.as_str() == "o3")
        .is_some_and(|offer| {
            offer
                .venue_id
                .as_ref()
                .is_some_and(|id| !world.venues.contains_key(id.as_str()))
        });
    assert_eq!(ids(&boosted)[0] == "o3", !waits, "{:?}", ids(&boosted));
}
