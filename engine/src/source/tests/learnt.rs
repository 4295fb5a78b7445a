//! The sources of learnt models: who they speak for, what they move, and what is said where they are not there.

use super::*;
use crate::model::tests::{f4, folder, neighbours};
use crate::model::{Model, Shelf};
use crate::pipeline::Recommended;
use crate::score::FEATURES;

/// 120 hits of each category that hide everything else, and what only a model leads to; reader `me` liked two works and no instrument.
fn catalogue_with(models: &Value) -> Catalogue {
    let mut lines: Vec<Value> = (0..240)
        .map(|n| {
            let bookings = json!({"bookings_28d": 900 - n, "bookings_14d": 0, "bookings_7d": 0, "likes": 0});
            let subcategory = ["CONCERT", "ACHAT_INSTRUMENT"][n % 2];
            let more = json!({"popularity": bookings, "subcategory": subcategory});
            offer(&format!("hit-{n:03}"), &more)
        })
        .collect();
    lines.extend([
        offer("seed", &json!({"item_id": "work-seed"})),
        offer("seed2", &json!({"item_id": "work-seed2"})),
        offer("drum", &json!({"subcategory": "ACHAT_INSTRUMENT"})),
        offer(
            "hidden",
            &json!({"item_id": "work-hidden", "subcategory": "ACHAT_INSTRUMENT"}),
        ),
        offer("worded", &json!({"item_id": "work-worded"})),
        user("me", true, &[]),
        json!({"op": "user.upsert", "user": {"id": "silent"}}),
        act("dislike", "me", "drum", "2026-05-01T00:00:00Z"),
        act("like", "me", "seed2", "2026-06-01T00:00:00Z"),
        act("like", "me", "seed", "2026-06-02T00:00:00Z"),
        act("like", "silent", "seed", "2026-06-01T00:00:00Z"),
        json!({"op": "document", "document": {"kind": "scenarios", "id": "home", "version": 1,
            "body": {"id": "home", "title": "Accueil", "models": models}}}),
    ]);
    catalogue(&lines)
}

/// Both kinds of models, and a catalogue whose scenario names them.
fn learnt() -> Catalogue {
    let out = tempfile::tempdir().expect("a folder");
    let ids = ["work-seed", "work-seed2", "work-hidden", "gone"].map(str::to_owned);
    let rows = [vec![(2, 0.8), (3, 1.6)], vec![(2, 0.8)], vec![(0, 0.8)], vec![]];
    let collaborative = Model::open(&neighbours(out.path(), &ids, &rows)).expect("a model");
    let vectors = f4(&[3, 2], &[1.0, 0.1, 0.5, 1.0, -1.0, 0.0]);
    // Content is learnt by offer, not by work.
    let offers = ["seed", "worded", "hit-000"].map(str::to_owned);
    let path = folder(
        out.path(),
        &json!({"model": "content"}),
        &offers,
        vec![("vectors", vectors)],
    );
    let content = Model::open(&path).expect("a model");
    let names = json!({"collaborative": collaborative.name(), "content": content.name()});
    let mut catalogue = catalogue_with(&names);
    let mut shelf = Shelf::default();
    shelf.put(collaborative);
    shelf.put(content);
    catalogue.shelve(Arc::new(shelf));
    catalogue
}

/// Chance and the newest may name anything: they are set apart.
fn apart(more: &[&str]) -> Asking {
    let names = ["exploration", "persona", "new", "similar", "neighbours"];
    Asking {
        without: names.iter().chain(more).map(|name| (*name).to_owned()).collect(),
        ..Asking::default()
    }
}

fn list(catalogue: &Catalogue, asked: Value, asking: &Asking) -> Recommended {
    let now = NOW.parse().expect("a time");
    execute_asked(catalogue, &request(asked), asking, None, now).expect("a list")
}

#[test]
fn a_model_leads_where_nothing_else_does_and_is_named() {
    let catalogue = learnt();
    let mine = request(json!({"user_id": "me", "seed": 1}));
    let found = gathered(&catalogue, &mine, &apart(&[]));
    assert_eq!(by(&found, "collaborative"), BTreeSet::from(["hidden".to_owned()]));
    assert_eq!(by(&found, "content"), BTreeSet::from(["worded".to_owned()]));
    let without = gathered(&catalogue, &mine, &apart(&["collaborative"]));
    assert!(!without.iter().any(|(id, _)| id == "hidden"));
    let text = |list: &Recommended| serde_json::to_string(list).expect("JSON");
    let asked = json!({"user_id": "me", "seed": 1, "limit": 200, "explain": true, "diversity": {"rules": []}, "context": {"age": 18}});
    let (one, again) = (
        list(&catalogue, asked.clone(), &apart(&[])),
        list(&catalogue, asked, &apart(&[])),
    );
    assert_eq!(text(&one), text(&again));
    let led = one.offers.iter().find(|offer| offer.id.as_str() == "hidden");
    let led = led.expect("listed");
    assert!(led.sources.contains(&"collaborative"), "{:?}", led.sources);
    let why = led.reasons.iter().find(|reason| reason.code == "taste");
    let why = why.expect("the model's part of the taste is the larger one");
    assert_eq!(why.text, "Dans l’esprit de vos dernières découvertes");
    assert!(one.degraded.is_empty());
}

#[test]
fn who_does_not_agree_gets_nothing_of_it_and_visits_of_strangers_do() {
    let catalogue = learnt();
    let visit = json!([{"id": "e", "type": "like", "user_id": "x", "offer_id": "seed", "at": NOW}]);
    for (asked, given) in [
        (json!({"user_id": "silent"}), false),
        (json!({"user_id": "silent", "context": {"events": visit}}), false),
        (json!({"user_id": "nobody"}), false),
        (json!({}), false),
        (json!({"context": {"events": visit}}), true),
        (json!({"user_id": "me"}), true),
    ] {
        let found = gathered(&catalogue, &request(asked.clone()), &apart(&[]));
        assert_eq!(!by(&found, "collaborative").is_empty(), given, "{asked}");
        assert_eq!(!by(&found, "content").is_empty(), given, "{asked}");
    }
}

#[test]
fn a_scenario_without_models_or_with_absent_ones_lists_all_the_same() {
    let plain = catalogue_with(&json!({}));
    let asked = json!({"user_id": "me", "seed": 1, "context": {"age": 18}});
    assert!(by(&gathered(&plain, &request(asked.clone()), &apart(&[])), "collaborative").is_empty());
    let absent = catalogue_with(&json!({"collaborative": "ease-0123456789abcdef"}));
    let (with, without) = (
        list(&absent, asked.clone(), &apart(&[])),
        list(&plain, asked, &apart(&[])),
    );
    assert_eq!(with.degraded, ["model:ease-0123456789abcdef"]);
    assert!(without.degraded.is_empty());
    let ids = |list: &Recommended| list.offers.iter().map(|offer| offer.id.to_string()).collect::<Vec<_>>();
    assert_eq!(ids(&with), ids(&without));
}

/// The taste of a work's offer, as an explanation shows it; the list is asked for that work alone, so that it is found.
fn taste(catalogue: &Catalogue, work: &str, more: Value, asking: &Asking) -> f64 {
    let mut asked = json!({"seed": 1, "limit": 5, "explain": true, "diversity": {"rules": []}, "context": {"age": 18},
        "filters": {"item_ids": [work]}});
    for (name, value) in more.as_object().expect("fields") {
        asked[name] = value.clone();
    }
    let offers = list(catalogue, asked, asking).offers;
    let offer = offers.first().expect("listed");
    let parts = &offer.explanation.as_ref().expect("explained").features;
    assert!((parts.iter().map(|part| part.contribution).sum::<f64>() - offer.score).abs() < 1e-12);
    assert_eq!(parts.len(), FEATURES.len());
    parts.iter().find(|part| part.name == "taste").expect("a taste").value
}

#[test]
fn taste_is_blended_by_evidence() {
    let catalogue = learnt();
    let me = || json!({"user_id": "me"});
    let (off, on) = (apart(&["collaborative", "content"]), apart(&[]));
    let (before, after) = (
        taste(&catalogue, "work-hidden", me(), &off),
        taste(&catalogue, "work-hidden", me(), &on),
    );
    // Works of weight 1 and 0.8 against a persona that weighs 4; what scores best is not in the catalogue, and counts as 1.
    let value = (f64::from(0.8f32) * 1.8) / f64::from(1.6f32);
    assert!(
        (after - (4.0 * before + 1.8 * value) / 5.8).abs() < 1e-12,
        "{before} {after}"
    );
    // Content speaks where the other does not know the offer: a cosine.
    let (before, after) = (
        taste(&catalogue, "work-worded", me(), &off),
        taste(&catalogue, "work-worded", me(), &on),
    );
    let cosine = 0.6 / (1.01f64 * 1.25).sqrt();
    assert!((after - (4.0 * before + cosine) / 5.0).abs() < 1e-6, "{before} {after}");
    // What none knows keeps the persona's taste, and so does a group.
    let other = |asking| taste(&catalogue, "hit-002", me(), asking);
    assert_eq!(other(&off), other(&on));
    let group = |asking| {
        taste(
            &catalogue,
            "work-hidden",
            json!({"user_id": "me", "context": {"age": 18, "users": ["silent"]}}),
            asking,
        )
    };
    assert_eq!(group(&off), group(&on));
}

#[test]
fn a_model_without_effort_left_is_left_out_and_named() {
    let catalogue = learnt();
    let asked = json!({"user_id": "me", "seed": 1, "limit": 5, "context": {"age": 18}});
    let short = Asking {
        effort: Some(0),
        ..Asking::default()
    };
    let one = list(&catalogue, asked, &short);
    assert!(one.degraded.contains(&"collaborative".to_owned()), "{:?}", one.degraded);
    assert!(one.offers.iter().all(|offer| !offer.sources.contains(&"collaborative")));
}
