//! What is refused, with where and why: a table.

use serde_json::{Value, json};

use super::object;
use crate::document::DocumentKind;
use crate::editorial::check;
use crate::invalid::{Code, Invalid};
use crate::taxonomy::Taxonomy;

fn home(module: Value) -> Value {
    json!({"id": "h", "title": "t", "modules": [{"id": "a", "kind": "new"}, module]})
}

fn playlist(field: &str, value: Value) -> Value {
    let mut body = json!({"id": "p", "title": "t"});
    body[field] = value;
    body
}

fn scenario(field: &str, value: Value) -> Value {
    playlist(field, value)
}

type Case = (DocumentKind, Value, &'static str, Code);

fn cases() -> Vec<Case> {
    use Code::{InvalidType, InvalidValue, MissingField, TooLarge, UnknownField, UnknownValue};
    use DocumentKind::{Calendars, Closures, Experiments, Homes, Labels, Personas, Playlists, Scenarios, Synonyms};
    let arms = |first: f64, second: f64| json!({"id": "x", "title": "t", "arms": [{"id": "a", "share": first}, {"id": "b", "share": second}]});
    let event =
        |from: &str, to: &str| json!({"id": "c", "title": "t", "events": [{"name": "n", "from": from, "to": to}]});
    vec![
        (Playlists, json!({"title": "t"}), "/id", MissingField),
        (Playlists, json!({"id": "p"}), "/title", MissingField),
        (
            Playlists,
            json!({"id": "p", "title": "t", "colour": 1}),
            "/colour",
            UnknownField,
        ),
        (
            Playlists,
            playlist("title", json!("x".repeat(1_001))),
            "/title",
            TooLarge,
        ),
        (Playlists, playlist("territory", json!(" ")), "/territory", InvalidValue),
        (Playlists, playlist("order", json!("random")), "/order", UnknownValue),
        (
            Playlists,
            playlist("max_offers", json!("many")),
            "/max_offers",
            InvalidType,
        ),
        (
            Playlists,
            playlist("max_offers", json!(201)),
            "/max_offers",
            InvalidValue,
        ),
        (
            Playlists,
            playlist("min_offers", json!(31)),
            "/min_offers",
            InvalidValue,
        ),
        (
            Playlists,
            playlist("picks", json!([{"offer_id": "a", "item_id": "b"}])),
            "/picks/0",
            InvalidValue,
        ),
        (
            Playlists,
            playlist("picks", json!([{"rank": 0}])),
            "/picks/0",
            InvalidValue,
        ),
        (
            Playlists,
            playlist("picks", json!([{"offer_id": "a"}, {"offer_id": "a"}])),
            "/picks/1",
            InvalidValue,
        ),
        (
            Playlists,
            playlist(
                "picks",
                json!([{"offer_id": "a", "rank": 1}, {"item_id": "b", "rank": 1}]),
            ),
            "/picks/1/rank",
            InvalidValue,
        ),
        (
            Playlists,
            playlist("picks", json!([{"offer_id": "a", "rank": 30}])),
            "/picks/0/rank",
            InvalidValue,
        ),
        (
            Playlists,
            json!({"id": "p", "title": "t", "picks": [{"offer_id": "a"}], "exclude": ["a"]}),
            "/picks/0",
            InvalidValue,
        ),
        (
            Playlists,
            playlist("rule", json!({"filters": {"categories": ["LIVRE", "NONE"]}})),
            "/rule/filters/categories/1",
            UnknownValue,
        ),
        (
            Playlists,
            playlist("rule", json!({"filters": {"radius_m": -1}})),
            "/rule/filters/radius_m",
            InvalidValue,
        ),
        (
            Playlists,
            playlist("rule", json!({"filtres": {}})),
            "/rule/filtres",
            UnknownField,
        ),
        (
            Playlists,
            playlist("audience", json!({"ages": {"min": 18, "max": 15}})),
            "/audience/ages/min",
            InvalidValue,
        ),
        (
            Playlists,
            playlist("audience", json!({"logged_in": false, "segments": ["s"]})),
            "/audience/logged_in",
            InvalidValue,
        ),
        (
            Playlists,
            playlist(
                "schedule",
                json!({"from": "2026-02-01T00:00:00Z", "to": "2026-01-01T00:00:00Z"}),
            ),
            "/schedule/to",
            InvalidValue,
        ),
        (
            Playlists,
            playlist("weights", json!({"magic": 1})),
            "/weights/magic",
            UnknownValue,
        ),
        (
            Playlists,
            playlist("diversity", json!({"strength": 2})),
            "/diversity/strength",
            InvalidValue,
        ),
        (
            Homes,
            json!({"id": "h", "title": "t", "modules": []}),
            "/modules",
            InvalidValue,
        ),
        (
            Homes,
            home(json!({"id": "a", "kind": "nearby"})),
            "/modules/1/id",
            InvalidValue,
        ),
        (
            Homes,
            home(json!({"id": "b", "kind": "hologram"})),
            "/modules/1/kind",
            UnknownValue,
        ),
        (
            Homes,
            home(json!({"id": "b", "kind": "playlist"})),
            "/modules/1/playlist",
            MissingField,
        ),
        (
            Homes,
            home(json!({"id": "b", "kind": "new", "playlist": "p"})),
            "/modules/1/playlist",
            InvalidValue,
        ),
        (
            Homes,
            home(json!({"id": "b", "kind": "banner"})),
            "/modules/1/content",
            MissingField,
        ),
        (
            Homes,
            home(json!({"id": "b", "kind": "new", "max_offers": 51})),
            "/modules/1/max_offers",
            InvalidValue,
        ),
        (
            Homes,
            home(json!({"id": "b", "kind": "new", "min_offers": 6, "max_offers": 5})),
            "/modules/1/min_offers",
            InvalidValue,
        ),
        (
            Homes,
            home(json!({"id": "b", "kind": "new", "conditions": {"logged_in": false, "has_booked": true}})),
            "/modules/1/conditions/has_booked",
            InvalidValue,
        ),
        (
            Scenarios,
            scenario("sources", json!({"oracle": true})),
            "/sources/oracle",
            UnknownValue,
        ),
        (
            Scenarios,
            scenario("sources", json!({"near": -1})),
            "/sources/near",
            InvalidValue,
        ),
        (
            Scenarios,
            scenario("sources", json!({"popular": false})),
            "/sources/popular",
            InvalidValue,
        ),
        (
            Scenarios,
            scenario("weights", json!({"soon": -1})),
            "/weights/soon",
            InvalidValue,
        ),
        (
            Scenarios,
            scenario("outward", json!({"pace": 3})),
            "/outward/pace",
            InvalidValue,
        ),
        (Personas, json!({"id": "p", "title": ""}), "/title", InvalidValue),
        (
            Labels,
            json!({"id": "local", "title": "t", "rule": {"q": "jazz"}}),
            "/rule/q",
            InvalidValue,
        ),
        (
            Labels,
            json!({"id": "local", "title": "t", "rule": {"filters": {"labels": ["exclusive"]}}}),
            "/rule/filters/labels",
            InvalidValue,
        ),
        (Labels, json!({"id": "none", "title": "t"}), "/label", UnknownValue),
        (
            Labels,
            json!({"id": "local", "title": "t", "color": "red"}),
            "/color",
            InvalidValue,
        ),
        (
            Labels,
            json!({"id": "local", "title": "t", "picks": [{"offer_id": "a", "rank": 1}]}),
            "/picks/0/rank",
            InvalidValue,
        ),
        (
            Synonyms,
            json!({"id": "s", "groups": [["seul"]]}),
            "/groups/0",
            InvalidValue,
        ),
        (
            Synonyms,
            json!({"id": "s", "groups": [["ciné", "Ciné "]]}),
            "/groups/0/1",
            InvalidValue,
        ),
        (
            Synonyms,
            json!({"id": "s", "boosts": [{"q": " ", "picks": []}]}),
            "/boosts/0/q",
            InvalidValue,
        ),
        (
            Experiments,
            json!({"id": "x", "title": "t", "arms": []}),
            "/arms",
            InvalidValue,
        ),
        (Experiments, arms(0.7, 0.7), "/arms", InvalidValue),
        (Experiments, arms(1.5, 0.0), "/arms/0/share", InvalidValue),
        (
            Calendars,
            event("2026-01-02T00:00:00Z", "2026-01-01T00:00:00Z"),
            "/events/0/to",
            InvalidValue,
        ),
        (
            Calendars,
            event("demain", "2026-01-01T00:00:00Z"),
            "/events/0/from",
            InvalidValue,
        ),
        (
            Closures,
            json!({"id": "c", "title": "t", "territories": []}),
            "/territories",
            InvalidValue,
        ),
        (
            Closures,
            json!({"id": "c", "title": "t", "territories": ["35", "56"], "territory": "35"}),
            "/territories/1",
            InvalidValue,
        ),
    ]
}

#[test]
fn every_fault_says_where_and_what() {
    let taxonomy = Taxonomy::built_in();
    for (kind, body, pointer, code) in cases() {
        let Invalid(faults) = check(kind, &object(body.clone()), &taxonomy).expect_err(&body.to_string());
        let found = faults
            .iter()
            .any(|fault| fault.pointer == pointer && fault.code == code);
        assert!(found, "{kind} {body}: no {code:?} at {pointer}: {faults:?}");
    }
}

#[test]
fn all_faults_come_at_once() {
    let body = object(json!({"id": "p", "title": "", "max_offers": 0, "min_offers": 0, "weights": {"magic": 1}}));
    let Invalid(faults) = check(DocumentKind::Playlists, &body, &Taxonomy::built_in()).expect_err("three faults");
    let pointers: Vec<&str> = faults.iter().map(|fault| fault.pointer.as_str()).collect();
    assert_eq!(pointers, ["/title", "/max_offers", "/weights/magic"]);
}
