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

fn tell(world: &World, lines: &[Value]) {
    let first = world.engine.generation().sequence().0 + 1;
    let batch: Vec<_> = lines
        .iter()
        .zip(first..)
        .map(|(line, n)| {
            let change = Change::parse(line.to_string().as_bytes(), &world.taxonomy).expect("a change");
            (Sequence(n), Some(change))
        })
        .collect();
    world.engine.apply(&batch).expect("applied");
}

/// Two answers to one word, alike but for what they are and how much they are booked; a third has it in its title twice.
fn two_alike(consent: bool) -> World {
    let world = world(&mut Pcg64::seed_from_u64(1), 0);
    let offer = |id: &str, title: &str, subcategory: &str, bookings: u32| {
        json!({"op": "offer.upsert", "offer": {"id": id, "title": title, "subcategory": subcategory,
            "popularity": {"bookings_28d": bookings}}})
    };
    tell(
        &world,
        &[
            offer("book", "Zanzibar", "LIVRE_PAPIER", 50),
            offer("gig", "Zanzibar", "CONCERT", 3),
            offer("longer", "Zanzibar et autres concerts", "CONCERT", 900),
            json!({"op": "user.upsert", "user": {"id": "u", "practices": ["MUSIQUE_LIVE"], "consents": {"personalisation": consent}}}),
            json!({"op": "event", "event": {"id": "e", "type": "booking", "user_id": "u", "offer_id": "longer", "at": "2026-01-01T00:00:00Z"}}),
        ],
    );
    world
}

#[test]
fn a_reader_who_agreed_breaks_ties_and_nothing_more() {
    let order = |consent: bool, user: Value| {
        let body = json!({"q": "zanzibar", "user_id": user, "explain": true});
        let found = search(&two_alike(consent), body, None);
        let affinity = |hit: &serde_json::Map<String, Value>| {
            let criteria = hit["explanation"]["criteria"].as_array().expect("a list");
            let own = criteria.iter().find(|one| one["name"] == "affinity");
            own.expect("shown")["value"].as_u64().expect("a number")
        };
        (ids(&found), found.hits.iter().map(affinity).collect::<Vec<_>>())
    };
    for (consent, user) in [(true, Value::Null), (true, json!("stranger")), (false, json!("u"))] {
        let (order, affinity) = order(consent, user);
        assert_eq!(order, ["book", "gig", "longer"]);
        assert_eq!(affinity, [0, 0, 0]);
    }
    let (order, affinity) = order(true, json!("u"));
    assert_eq!(
        order,
        ["gig", "book", "longer"],
        "the whole title still stands before a part of one"
    );
    assert!(affinity[0] > affinity[1] && affinity[0] <= 3, "{affinity:?}");
}

#[test]
fn strength_makes_a_page_more_various_and_breaks_no_rule() {
    let mut gained = 0;
    for seed in 0..10 {
        let world = world(&mut Pcg64::seed_from_u64(seed), 120);
        let ask = |strength: f64| {
            let rule = json!({"by": "category", "window": 3, "max": 2});
            let body = json!({"limit": 12, "sort": "popularity", "filters": {"bookable_only": false},
                "diversity": {"strength": strength, "rules": [rule]}});
            search(&world, body, None)
        };
        let (plain, varied) = (ask(0.0), ask(0.9));
        for found in [&plain, &varied] {
            for at in found.hits.windows(3) {
                assert!(
                    !at.iter().all(|hit| hit["category"] == at[0]["category"]),
                    "seed {seed}"
                );
            }
        }
        let kinds = |found: &super::Found| {
            let kinds = found
                .hits
                .iter()
                .map(|hit| hit["subcategory"].to_string() + &hit["genres"].to_string());
            kinds.collect::<std::collections::BTreeSet<_>>().len()
        };
        gained += i64::try_from(kinds(&varied)).expect("few") - i64::try_from(kinds(&plain)).expect("few");
        let (plain, varied) = (
            plain.diversity.expect("asked for"),
            varied.diversity.expect("asked for"),
        );
        assert!(plain.ild.is_none() && varied.ild.is_some_and(|ild| (0.0..=1.0).contains(&ild)));
        assert!(
            varied.value <= plain.value + 1e-9 && varied.value <= varied.bound + 1e-9,
            "seed {seed}"
        );
        assert!((0.0..=1.0).contains(&varied.gap));
    }
    assert!(gained > 0, "{gained}");
}

#[test]
fn varied_pages_repeat_no_work() {
    let world = world(&mut Pcg64::seed_from_u64(3), 120);
    let body = json!({"limit": 7, "diversity": {"strength": 0.5, "rules": []}});
    let (hits, _) = pages(&world, &body);
    let mut works: Vec<String> = hits.iter().map(|hit| hit["item_id"].to_string()).collect();
    let shown = works.len();
    works.sort();
    works.dedup();
    assert_eq!((works.len(), shown), (search(&world, json!({}), None).total, shown));
}

#[test]
fn highlights_are_safe_in_a_page() {
    let world = world(&mut Pcg64::seed_from_u64(1), 0);
    let title = "<script>alert('jazz')</script> & Jazz";
    tell(
        &world,
        &[json!({"op": "offer.upsert", "offer": {"id": "o", "title": title, "subcategory": "CONCERT"}})],
    );
    let found = search(&world, json!({"q": "jazz"}), None);
    let title = found.hits[0]["highlights"]["title"].as_str().expect("a highlight");
    assert!(
        title.contains("<em>Jazz</em>") && title.contains("&lt;script&gt;") && !title.contains("<script"),
        "{title}"
    );
}
