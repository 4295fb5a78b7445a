//! Fitness of one and of many: purses, groups, ages, and what members see of each other.

use serde_json::{Value, json};

use super::world::{World, town};
use crate::pipeline::Recommended;

fn ids(list: &Recommended) -> Vec<String> {
    list.offers.iter().map(|offer| offer.id.to_string()).collect()
}

fn all(users: Value, more: Value) -> Value {
    let mut context = json!({"position": town(), "users": users});
    context
        .as_object_mut()
        .expect("an object")
        .extend(more.as_object().expect("an object").clone());
    json!({"limit": 200, "seed": 1, "explain": true, "context": context, "diversity": {"rules": []}})
}

#[test]
fn a_purse_pays_what_it_is_for() {
    let mut world = World::new(1);
    for (id, key, price) in [
        ("book", "LIVRE_PAPIER", 1_000),
        ("dear", "LIVRE_PAPIER", 9_000),
        ("show", "CONCERT", 1_000),
        ("file", "VOD", 1_000),
    ] {
        world.offer(id, key, json!({"price_cents": price, "position": town()}));
    }
    let purse = json!([{"name": "région", "cents": 5_000, "filter": {"categories": ["LIVRE", "FILM"]}}]);
    world.reader(
        "u",
        json!({"birth_year": 1990, "credit_cents": 0, "digital_credit_cents": 0, "wallets": purse}),
    );
    let found = ids(&world.list(json!({"user_id": "u", "limit": 200, "diversity": {"rules": []}})));
    let holds = |id: &str| found.iter().any(|one| one == id);
    assert!(
        holds("book") && holds("file") && !holds("dear") && !holds("show"),
        "{found:?}"
    );
    let bad = json!({"id": "x", "wallets": [{"name": "n", "cents": 1, "filter": {"colour": ["red"]}}]});
    let user: crate::user::User = crate::json::from_value(bad).expect("a user");
    let fault = user.check().expect_err("refused");
    assert_eq!(fault.0[0].pointer, "/wallets/0/filter/colour");
}

#[test]
fn a_group_gets_what_every_member_may_book() {
    let mut world = World::new(8);
    world.offer(
        "adult",
        "CONCERT",
        json!({"min_age": 18, "position": town(), "price_cents": 0}),
    );
    world.offer("dear", "CONCERT", json!({"price_cents": 4_000, "position": town()}));
    world.reader("old", json!({"birth_year": 1990, "credit_cents": 10_000}));
    world.reader("young", json!({"birth_year": 2012, "credit_cents": 1_000}));
    world.event("young", "booking", "VISITE-02");
    world.event("old", "hide", "CONFERENCE-01");
    let list = world.list(all(json!(["old", "young"]), json!({})));
    let found = ids(&list);
    assert!(!found.is_empty());
    for out in ["adult", "dear", "VISITE-02", "CONFERENCE-01"] {
        assert!(!found.iter().any(|id| id == out), "{out} does not suit all");
    }
    for offer in &list.offers {
        let document = world
            .catalogue
            .find(offer.id.as_str())
            .and_then(|row| world.catalogue.document(row));
        assert!(
            document
                .expect("known")
                .price_cents
                .is_none_or(|price| price.get() <= 1_000)
        );
    }
    assert!(
        ids(&world.list(all(json!(["old"]), json!({}))))
            .iter()
            .any(|id| id == "adult")
    );
}

/// What one member cannot bear stands behind what both like somewhat, however much the other loves it.
#[test]
fn least_misery_comes_first() {
    let mut world = World::new(10);
    world.reader(
        "a",
        json!({"questionnaire": {"likes": ["CINEMA"], "dislikes": ["LIVRE"]}}),
    );
    world.reader("b", json!({"questionnaire": {"likes": ["LIVRE", "CINEMA"]}}));
    let list = world.list(all(json!(["a", "b"]), json!({})));
    let best = |category: &str| {
        list.offers
            .iter()
            .position(|offer| offer.category == category)
            .expect("listed")
    };
    assert!(best("CINEMA") < best("LIVRE"));
    let taste = |category: &str| {
        let offer = &list.offers[best(category)];
        let features = &offer.explanation.as_ref().expect("asked").features;
        features
            .iter()
            .find(|part| part.name == "taste")
            .expect("a feature")
            .value
    };
    assert!(taste("CINEMA") > taste("LIVRE"));
}

#[test]
fn a_member_is_shown_only_by_consent() {
    let mut world = World::new(6);
    let likes = json!({"likes": ["CINEMA"]});
    world.reader(
        "open",
        json!({"questionnaire": likes, "consents": {"personalisation": true, "social": true}}),
    );
    world.reader("closed", json!({"questionnaire": likes}));
    let list = world.list(all(json!(["open", "closed"]), json!({})));
    let mut open = 0;
    for offer in &list.offers {
        assert!(
            offer
                .reasons
                .iter()
                .all(|reason| !["taste", "outward", "discovery"].contains(&reason.code))
        );
        let members = &offer.explanation.as_ref().expect("asked").members;
        assert_eq!(members.len(), 2);
        for member in members {
            match member.user_id.as_ref().map(|id| id.as_str()) {
                Some("open") => open += member.reasons.len(),
                _ => assert!(member.taste.is_none() && member.reasons.is_empty()),
            }
        }
    }
    assert!(open > 0, "the one who agrees is shown");
}

#[test]
fn a_persona_that_does_not_stand_is_refused() {
    let world = World::new(1);
    let request = crate::json::from_value(json!({"context": {"persona": {"nobody": 1}}})).expect("a request");
    let now = super::world::NOW.parse().expect("a time");
    let fault = crate::pipeline::execute(&world.catalogue, &request, None, now).expect_err("refused");
    assert_eq!(fault.0[0].pointer, "/context/persona/nobody");
}

#[test]
fn a_published_persona_stands_until_it_is_archived() {
    let mut world = World::new(1);
    let document = |version: u64, body: Value| {
        let publication = json!({"op": "document", "document": {"kind": "personas", "id": "curieux", "version": version, "body": body}});
        crate::change::Change::parse_entry(publication.to_string().as_bytes(), world.catalogue.taxonomy())
            .expect("a change")
    };
    let reach = |world: &World| {
        let personas = world.catalogue.personas();
        personas.all()[personas.find("curieux").expect("built in")].reach.dense
    };
    let built_in = reach(&world);
    let body = json!({"id": "curieux", "title": "Curieux", "categories": {"MUSEE": 1.0}, "reach_m": {"dense": 123.0, "sparse": 456.0}});
    let (published, archived) = (document(1, body), document(2, json!(null)));
    world.catalogue.apply(crate::change::Sequence(9_000), &published);
    assert_eq!(reach(&world), 123.0);
    world.catalogue.apply(crate::change::Sequence(9_001), &archived);
    assert_eq!(reach(&world), built_in);
}
