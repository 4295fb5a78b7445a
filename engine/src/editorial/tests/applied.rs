//! What a published scenario does to a list.

use serde_json::{Value, json};

use super::{catalogue, publication, publish};
use crate::catalogue::Catalogue;
use crate::change::Change;
use crate::document::DocumentKind;
use crate::pipeline::{self, PageState, Recommended};
use crate::query::RecommendationRequest;
use crate::score::FEATURES;

fn filled() -> Catalogue {
    let mut catalogue = catalogue();
    for n in 0..20 {
        let sub = ["LIVRE_PAPIER", "CONCERT"][n % 2];
        let line = json!({"op": "offer.upsert", "offer": {"id": format!("o{n:02}"), "title": "t", "subcategory": sub,
            "price_cents": 100 * n, "popularity": {"bookings_28d": n}}});
        let change = Change::parse(line.to_string().as_bytes(), catalogue.taxonomy()).expect("a change");
        let next = catalogue.sequence().next();
        catalogue.apply(next, &change);
    }
    let user = json!({"op": "user.upsert", "user": {"id": "rennais", "department": "35"}}).to_string();
    let change = Change::parse(user.as_bytes(), catalogue.taxonomy()).expect("a change");
    let next = catalogue.sequence().next();
    catalogue.apply(next, &change);
    catalogue
}

fn scenario(catalogue: &mut Catalogue, version: u64, body: Value) {
    publish(catalogue, publication(DocumentKind::Scenarios, version, Some(body)));
}

fn answer(catalogue: &Catalogue, body: Value, page: Option<&PageState>) -> Recommended {
    let mut request: RecommendationRequest = crate::json::from_value(body).expect("a request");
    request.explain = true;
    request.check().expect("within limits");
    let now = "2026-01-10T12:00:00+01:00".parse().expect("a time");
    pipeline::execute(catalogue, &request, page, now).expect("an answer")
}

fn weight(answer: &Recommended, feature: &str) -> f64 {
    let explanation = answer.offers[0].explanation.as_ref().expect("explained");
    let found = explanation.features.iter().find(|part| part.name == feature);
    found.expect("a feature").weight
}

fn built_in(feature: &str) -> f64 {
    let found = FEATURES.iter().find(|(name, _)| *name == feature);
    found.expect("a feature").1
}

#[test]
fn the_request_wins_over_the_scenario_and_the_scenario_over_what_is_built_in() {
    let mut catalogue = filled();
    let before = answer(&catalogue, json!({"seed": 1}), None);
    assert_eq!(
        (before.scenario.is_none(), before.degraded.len()),
        (true, 0),
        "home needs no document"
    );
    scenario(
        &mut catalogue,
        7,
        json!({"id": "home", "title": "t", "weights": {"price": 0.9, "soon": 0.8, "of_another_version": 1},
        "diversity": {"strength": 0.5, "rules": [{"by": "subcategory", "window": 3, "max": 2}], "policy": "relax"}}),
    );
    let with = answer(&catalogue, json!({"seed": 1, "weights": {"soon": 0.1}}), None);
    assert_eq!(
        with.scenario
            .as_ref()
            .map(|applied| (applied.id.as_str(), applied.version)),
        Some(("home", 7))
    );
    assert_eq!(
        [
            weight(&with, "price"),
            weight(&with, "soon"),
            weight(&with, "popularity")
        ],
        [0.9, 0.1, built_in("popularity")]
    );
    assert_eq!(with.diversity.soft.map(|soft| soft.strength), Some(0.5));
    let asked = answer(&catalogue, json!({"seed": 1, "diversity": {"strength": 0}}), None);
    assert!(asked.diversity.soft.is_none(), "the strength of the request");
    let cut = json!({"limit": 20, "filters": {"subcategories": ["CONCERT"]}, "seed": 1});
    let relaxed = answer(&catalogue, cut.clone(), None);
    assert_eq!(
        (relaxed.offers.len(), relaxed.diversity.relaxed.is_empty()),
        (10, false),
        "policy and rules of the scenario"
    );
    let mut strict = cut;
    strict["diversity"] = json!({"policy": "cut"});
    assert_eq!(
        answer(&catalogue, strict, None).offers.len(),
        2,
        "its rules, the request's policy"
    );
}

#[test]
fn an_unknown_scenario_is_said_and_the_list_is_the_built_in_one() {
    let catalogue = filled();
    let home = answer(&catalogue, json!({"seed": 1}), None);
    let unknown = answer(&catalogue, json!({"seed": 1, "scenario": "no such"}), None);
    assert_eq!(unknown.degraded, ["scenario"]);
    assert_eq!(ids(&unknown), ids(&home));
}

fn ids(answer: &Recommended) -> Vec<&str> {
    answer.offers.iter().map(|offer| offer.id.as_str()).collect()
}

#[test]
fn a_territory_s_scenario_holds_for_its_readers_alone() {
    let mut catalogue = filled();
    scenario(
        &mut catalogue,
        1,
        json!({"id": "breizh", "title": "t", "territory": "35", "weights": {"price": 0.9}}),
    );
    let of = |body: Value| weight(&answer(&catalogue, body, None), "price");
    assert_eq!(of(json!({"scenario": "breizh", "user_id": "rennais"})), 0.9);
    assert_eq!(of(json!({"scenario": "breizh"})), built_in("price"));
    assert_eq!(
        answer(&catalogue, json!({"scenario": "breizh"}), None).degraded,
        ["scenario"]
    );
}

#[test]
fn a_scenario_published_between_two_pages_changes_no_rule_of_a_list_that_was_begun() {
    let mut catalogue = filled();
    let request = json!({"seed": 1, "limit": 5});
    let first = answer(&catalogue, request.clone(), None);
    scenario(
        &mut catalogue,
        1,
        json!({"id": "home", "title": "t", "diversity": {"rules": []}}),
    );
    let second = answer(&catalogue, request, first.next.as_ref());
    let mut categories: Vec<&str> = first.offers.iter().map(|offer| offer.category.as_str()).collect();
    categories.extend(second.offers.iter().map(|offer| offer.category.as_str()));
    assert_eq!(categories.len(), 10);
    assert!(categories.windows(2).all(|pair| pair[0] != pair[1]), "{categories:?}");
}

#[test]
fn a_source_that_a_scenario_switches_off_is_not_asked() {
    let mut catalogue = filled();
    let named = |answer: &Recommended| answer.offers.iter().any(|offer| offer.sources.contains(&"exploration"));
    assert!(named(&answer(&catalogue, json!({"seed": 1}), None)));
    scenario(
        &mut catalogue,
        1,
        json!({"id": "home", "title": "t", "sources": {"exploration": false, "popular": 0.5, "of_another_version": false}}),
    );
    let without = answer(&catalogue, json!({"seed": 1}), None);
    assert!(!named(&without) && without.offers.len() == 20);
}
