//! Which home a reader gets, which of its modules stand, and what a request may ask for.

use serde_json::{Value, json};

use super::{feed, world};
use crate::document::DocumentKind;
use crate::home::{Feed, FeedRequest};
use crate::playlist::tests::World;
use rand::SeedableRng;

fn stocked() -> World {
    let (mut world, _) = world(&mut rand_pcg::Pcg64::seed_from_u64(5), 80);
    world.take(&[
        json!({"op": "user.upsert", "user": {"id": "rennais", "territories": ["35"], "birth_year": 2007, "credit_cents": 3_000,
            "consents": {"personalisation": true}}}),
        json!({"op": "user.upsert", "user": {"id": "parisien", "territories": ["75"], "birth_year": 2005}}),
        json!({"op": "event", "event": {"id": "e", "type": "booking", "user_id": "rennais", "offer_id": "o004", "at": "2026-01-05T10:00:00Z"}}),
    ]);
    world
}

fn home(world: &mut World, id: &str, changes: &Value) {
    let mut body = json!({"id": id, "title": id, "modules": [{"id": "r", "kind": "recommendations"}]});
    body.as_object_mut()
        .expect("an object")
        .extend(changes.as_object().expect("an object").clone());
    world.publish(DocumentKind::Homes, 1, &body);
}

fn chosen(page: &Feed) -> Option<&str> {
    page.home.as_ref().map(|home| home.id.as_str())
}

#[test]
fn a_frame_wins_over_a_territory_and_a_territory_over_a_fallback() {
    let mut world = stocked();
    let get = |world: &World, user: &str| chosen(&feed(world, json!({"user_id": user}))).map(str::to_owned);
    assert_eq!(get(&world, "rennais"), None, "the built-in one");
    home(&mut world, "fallback", &json!({}));
    assert_eq!(get(&world, "rennais").as_deref(), Some("fallback"));
    home(&mut world, "ville", &json!({"territory": "35", "priority": 1_000}));
    assert_eq!(get(&world, "rennais").as_deref(), Some("ville"));
    assert_eq!(
        get(&world, "parisien").as_deref(),
        Some("fallback"),
        "not its territory"
    );
    home(
        &mut world,
        "adultes",
        &json!({"priority": 1, "audience": {"ages": {"min": 18}}}),
    );
    assert_eq!(
        get(&world, "rennais").as_deref(),
        Some("adultes"),
        "no priority of a territory is above a frame"
    );
    home(
        &mut world,
        "fete",
        &json!({"priority": 2, "schedule": {"from": "2026-01-10T12:00:01+01:00"}}),
    );
    assert_eq!(get(&world, "rennais").as_deref(), Some("adultes"), "not yet");
    home(&mut world, "autre", &json!({"priority": 1}));
    assert_eq!(
        get(&world, "parisien").as_deref(),
        Some("adultes"),
        "even priorities go by identifier"
    );
    assert_eq!(
        chosen(&feed(&world, json!({"home": "ville", "user_id": "parisien"}))),
        Some("ville"),
        "asked for"
    );
}

#[test]
fn modules_stand_for_whom_they_are() {
    let mut world = stocked();
    let module =
        |id: &str, conditions: Value| json!({"id": id, "kind": "content", "content": {}, "conditions": conditions});
    let modules = json!([
        {"id": "all", "kind": "recommendations"},
        module("booked", json!({"has_booked": true})),
        module("never", json!({"has_booked": false})),
        module("known", json!({"logged_in": true})),
        module("poor", json!({"credit_spent": {"left_at_most_cents": 3_000}})),
        module("spent", json!({"credit_spent": {"min_percent": 80}})),
        module("here", json!({"territories": ["35"]})),
        module("shut", json!({"closures": ["crue"]})),
        module("over", json!({"schedule": {"to": "2026-01-10T11:00:00Z"}})),
        {"id": "list", "kind": "playlist", "playlist": "unheard-of"},
    ]);
    home(&mut world, "h", &json!({"modules": modules}));
    let ids = |world: &World, user: Option<&str>| -> Vec<String> {
        let page = feed(world, json!({"user_id": user, "modules": 30}));
        page.modules.iter().map(|module| module.id.to_string()).collect()
    };
    assert_eq!(
        ids(&world, Some("rennais")),
        ["all", "booked", "known", "poor", "spent", "here"]
    );
    assert_eq!(ids(&world, None), ["all", "never"]);
    world.publish(
        DocumentKind::Closures,
        1,
        &json!({"id": "crue", "title": "Crue", "territories": ["35"]}),
    );
    assert!(ids(&world, Some("rennais")).contains(&"shut".to_owned()), "at once");
    assert!(!ids(&world, Some("parisien")).contains(&"shut".to_owned()));
    let page = feed(&world, json!({"explain": true}));
    let trace = page.trace.expect("asked for");
    let why = |id: &str| {
        trace
            .iter()
            .find(|line| line.id.as_str() == id)
            .and_then(|line| line.reason.clone())
    };
    let expected = [
        ("booked", "has_booked"),
        ("here", "audience"),
        ("over", "schedule"),
        ("list", "not_published"),
    ];
    for (id, reason) in expected {
        assert_eq!(why(id).as_deref(), Some(reason), "{id}");
    }
}

#[test]
fn the_built_in_home_has_what_a_reader_can_have() {
    let world = stocked();
    let kinds = |request: Value| -> Vec<String> {
        let page = feed(&world, request);
        page.modules.iter().map(|module| module.id.to_string()).collect()
    };
    assert_eq!(kinds(json!({})), ["recommendations", "trending", "new"]);
    let near = json!({"user_id": "rennais", "context": {"position": {"lat": 48.1, "lng": -1.6}}});
    assert_eq!(kinds(near), ["recommendations", "nearby", "trending", "new", "because"]);
}

#[test]
fn limits_and_names_are_refused() {
    let world = stocked();
    for (request, pointer) in [
        (json!({"modules": 31}), "/modules"),
        (json!({"modules": 0}), "/modules"),
        (json!({"offers_per_module": 51}), "/offers_per_module"),
    ] {
        let request: FeedRequest = crate::json::from_value(request).expect("a request");
        assert_eq!(request.check().expect_err("too much").0[0].pointer, pointer);
    }
    let request: FeedRequest = crate::json::from_value(json!({"home": "unheard-of"})).expect("a request");
    let now = crate::playlist::tests::NOW.parse().expect("a time");
    let refused = world.generation().feed(&request, now).expect_err("unknown");
    assert_eq!(refused.0[0].pointer, "/home");
}

#[test]
fn a_closure_turns_digital_offers_up_at_once_where_it_holds() {
    let mut world = stocked();
    let digital = |world: &World, user: &str| {
        let request = json!({"user_id": user, "context": {"age": 18, "position": {"lat": 48.1, "lng": -1.6}}, "seed": 2, "limit": 10, "explain": true});
        let request = crate::json::from_value(request).expect("a request");
        let now = crate::playlist::tests::NOW.parse().expect("a time");
        let list = world.generation().recommend(&request, None, now).expect("a list");
        let mut reasons = list.offers.iter().flat_map(|offer| &offer.reasons);
        let told = reasons.any(|reason| reason.code == "at_home");
        (list.offers.iter().filter(|offer| offer.kind == "digital").count(), told)
    };
    let before = digital(&world, "rennais");
    assert!(!before.1);
    let closure = json!({"id": "crue", "title": "Crue", "territories": ["35"], "to": "2026-01-11T00:00:00+01:00"});
    world.publish(DocumentKind::Closures, 1, &closure);
    let after = digital(&world, "rennais");
    assert!(after.0 > before.0 && after.1, "{before:?} {after:?}");
    assert!(!digital(&world, "parisien").1, "another territory");
    let over = json!({"id": "crue", "title": "Crue", "territories": ["35"], "to": "2026-01-10T12:00:00+01:00"});
    world.publish(DocumentKind::Closures, 2, &over);
    assert_eq!(digital(&world, "rennais"), before, "over");
}

#[test]
fn a_published_label_says_what_it_is_worth() {
    let mut world = stocked();
    let labelled = json!({"id": "l", "title": "t", "subcategory": "CONCERT", "labels": ["virtuous"], "popularity": {"bookings_28d": 900}});
    world.offers(&[labelled]);
    let worth = |world: &World| {
        let request = crate::json::from_value(json!({"limit": 200, "explain": true})).expect("a request");
        let now = crate::playlist::tests::NOW.parse().expect("a time");
        let list = world.generation().recommend(&request, None, now).expect("a list");
        let offer = list
            .offers
            .into_iter()
            .find(|offer| offer.id.as_str() == "l")
            .expect("it is there");
        let parts = offer.explanation.expect("explained").features;
        parts
            .into_iter()
            .find(|part| part.name == "editorial")
            .expect("a part")
            .value
    };
    assert!((worth(&world) - 0.4).abs() < 1e-9, "what is built in");
    world.publish(
        DocumentKind::Labels,
        1,
        &json!({"id": "virtuous", "title": "Vertueux", "boost": 0.9}),
    );
    assert!((worth(&world) - 0.9).abs() < 1e-9);
    world.publish(
        DocumentKind::Labels,
        2,
        &json!({"id": "virtuous", "title": "Vertueux", "boost": 0.9, "territory": "35"}),
    );
    assert!(
        (worth(&world) - 0.4).abs() < 1e-9,
        "a territory has no say over what a label is worth everywhere"
    );
}
