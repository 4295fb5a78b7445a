//! Documents as editors send them, as older and newer programs wrote them, and as a generation holds them.

mod applied;
mod refused;

use serde_json::{Map, Value, json};

use super::*;
use crate::catalogue::Catalogue;
use crate::change::{Change, Sequence};
use crate::time::Moment;

/// A full example of each kind.
fn examples() -> Vec<(DocumentKind, Value)> {
    let audience = json!({"personas": ["curieux"], "ages": {"min": 15, "max": 17}, "territories": ["35"], "segments": ["new"],
        "logged_in": true});
    let schedule = json!({"from": "2026-01-01T00:00:00+01:00", "to": "2026-02-01T00:00:00+01:00"});
    let playlist = json!({"id": "manga", "title": "Mangas", "subtitle": "À lire", "status": "draft", "audience": audience,
        "schedule": schedule, "rule": {"q": "manga", "filters": {"categories": ["LIVRE"], "labels": ["exclusive"]}},
        "picks": [{"offer_id": "o1", "rank": 0}, {"item_id": "i2", "rank": null}], "exclude": ["o9"], "order": "daily_shuffle",
        "weights": {"popularity": 1.0}, "diversity": {}, "min_offers": 3, "max_offers": 30, "layout": "wide", "territory": null});
    let modules: Vec<Value> = ["recommendations", "nearby", "trending", "new", "because", "friends", "reviews", "journey", "venues"]
        .map(|kind| json!({"id": kind, "kind": kind, "floating": true, "min_offers": 2, "max_offers": 10}))
        .into_iter()
        .chain([
            json!({"id": "p", "kind": "playlist", "playlist": "manga", "conditions": {"has_booked": false, "closures": ["c"],
                "credit_spent": {"min_percent": 50}}}),
            json!({"id": "c", "kind": "content", "content": {"text": "…"}}),
            json!({"id": "b", "kind": "banner", "content": {"image": "…"}}),
        ])
        .collect();
    vec![
        (DocumentKind::Playlists, playlist),
        (
            DocumentKind::Homes,
            json!({"id": "h", "title": "Accueil", "audience": audience, "schedule": schedule, "priority": 3,
            "territory": "35", "modules": modules}),
        ),
        (
            DocumentKind::Scenarios,
            json!({"id": "home", "title": "Accueil", "weights": {"proximity": 1}, "diversity": {"strength": 0.2,
            "rules": [{"by": "category"}], "policy": "relax"}, "sources": {"near": true, "popular": 0.5}, "outward": {"pace": 1.5}}),
        ),
        (
            DocumentKind::Personas,
            json!({"id": "curieux", "title": "Curieux", "description": "…"}),
        ),
        (
            DocumentKind::Labels,
            json!({"id": "rennes", "title": "Choisi par la ville", "label": "labelled", "territory": "35",
            "picks": [{"offer_id": "o1"}], "boost": 0.5, "color": "#5B2A86"}),
        ),
        (
            DocumentKind::Synonyms,
            json!({"id": "cine", "groups": [["ciné", "cinéma"]], "boosts": [{"q": "prix", "picks": [{"item_id": "i"}]}]}),
        ),
        (
            DocumentKind::Experiments,
            json!({"id": "x", "title": "Deux accueils", "arms": [{"id": "a", "share": 0.5},
            {"id": "b", "share": 0.5, "scenario": "other", "weights": {"soon": 1}}]}),
        ),
        (
            DocumentKind::Calendars,
            json!({"id": "2026", "title": "L’année", "events": [{"name": "Nuit des musées",
            "from": "2026-05-23T18:00:00+02:00", "to": "2026-05-24T02:00:00+02:00", "territories": ["35"], "playlists": ["p"]}]}),
        ),
        (
            DocumentKind::Closures,
            json!({"id": "c", "title": "Crue", "territories": ["35"], "from": "2026-01-01T00:00:00Z"}),
        ),
    ]
}

fn object(value: Value) -> Map<String, Value> {
    value.as_object().cloned().expect("an object")
}

fn publication(kind: DocumentKind, version: u64, body: Option<Value>) -> Publication {
    let id = body
        .as_ref()
        .and_then(|body| body["id"].as_str())
        .unwrap_or("gone")
        .to_owned();
    Publication {
        kind,
        id: DocumentId::new(&id).expect("an identifier"),
        version,
        territory: body
            .as_ref()
            .and_then(|body| body["territory"].as_str())
            .map(str::to_owned),
        body: body.map(object),
    }
}

fn catalogue() -> Catalogue {
    Catalogue::empty(std::sync::Arc::new(Taxonomy::built_in()))
}

fn publish(catalogue: &mut Catalogue, publication: Publication) {
    let next = catalogue.sequence().next();
    catalogue.apply(next, &Change::Document(Box::new(publication)));
}

#[test]
fn a_full_example_of_every_kind_is_taken_and_stands() {
    let mut catalogue = catalogue();
    let examples = examples();
    assert_eq!(
        examples.iter().map(|(kind, _)| *kind).collect::<Vec<_>>(),
        DocumentKind::ALL
    );
    for (kind, body) in examples {
        let summary =
            check(kind, &object(body.clone()), catalogue.taxonomy()).unwrap_or_else(|e| panic!("{kind}: {e}"));
        assert_eq!(summary.id.as_str(), body["id"]);
        publish(&mut catalogue, publication(kind, 1, Some(body)));
    }
    let editorial = catalogue.editorial();
    assert_eq!(
        (editorial.len(), editorial.unreadable().len()),
        (DocumentKind::ALL.len(), 0)
    );
    let playlist = editorial.playlists().get("manga").expect("published");
    assert_eq!(
        (playlist.version, playlist.body.order()),
        (1, playlist::PlaylistOrder::DailyShuffle)
    );
    assert_eq!(editorial.homes().get("h").map(|home| home.body.modules.len()), Some(12));
    assert_eq!(editorial.closures().iter().count(), 1);
}

#[test]
fn an_archived_document_leaves_and_an_older_generation_keeps_it() {
    let mut catalogue = catalogue();
    let body = json!({"id": "gone", "title": "t"});
    publish(&mut catalogue, publication(DocumentKind::Scenarios, 1, Some(body)));
    let before = catalogue.clone();
    publish(&mut catalogue, publication(DocumentKind::Scenarios, 1, None));
    assert!(catalogue.editorial().is_empty() && catalogue.editorial().scenarios().is_empty());
    assert!(before.editorial().scenarios().get("gone").is_some());
    assert_eq!(catalogue.sequence(), Sequence(2));
}

#[test]
fn what_another_version_wrote_is_read_without_what_is_unknown() {
    let mut catalogue = catalogue();
    let newer = json!({"id": "h", "title": "t", "colour": "red", "a/b~c": 1,
        "modules": [{"id": "m", "kind": "new", "glow": {"on": true}}]});
    publish(&mut catalogue, publication(DocumentKind::Homes, 4, Some(newer.clone())));
    let home = catalogue.editorial().homes().get("h").expect("read").clone();
    assert_eq!((home.version, home.body.modules[0].id.as_str()), (4, "m"));
    let kept: Vec<_> = catalogue
        .editorial()
        .publications()
        .filter_map(|p| p.body.clone())
        .collect();
    assert_eq!(kept, [object(newer)], "nothing of it is lost");
}

#[test]
fn what_cannot_be_read_is_kept_counted_and_stops_nothing() {
    let mut catalogue = catalogue();
    publish(
        &mut catalogue,
        publication(
            DocumentKind::Homes,
            1,
            Some(json!({"id": "h", "title": "t", "modules": []})),
        ),
    );
    assert!(catalogue.editorial().homes().get("h").is_some());
    let strange = json!({"id": "h", "title": "t", "modules": [{"id": "m", "kind": "hologram"}]});
    publish(&mut catalogue, publication(DocumentKind::Homes, 2, Some(strange)));
    let editorial = catalogue.editorial();
    assert!(
        editorial.homes().get("h").is_none(),
        "version 1 is not what was published"
    );
    assert_eq!((editorial.len(), editorial.unreadable().len()), (1, 1));
    publish(
        &mut catalogue,
        publication(
            DocumentKind::Homes,
            3,
            Some(json!({"id": "h", "title": "t", "modules": []})),
        ),
    );
    assert_eq!(catalogue.editorial().unreadable().len(), 0);
    assert_eq!(catalogue.editorial().homes().get("h").map(|home| home.version), Some(3));
}

#[test]
fn lint_says_what_a_check_would_refuse() {
    let catalogue = catalogue();
    let now: Moment = "2026-01-10T12:00:00Z".parse().expect("a time");
    let draft = object(json!({"id": "p", "title": " ", "max_offers": 500}));
    let messages = lint(&catalogue, DocumentKind::Playlists, &draft, now);
    let found: Vec<_> = messages
        .iter()
        .map(|m| (m.severity, m.pointer.as_str(), m.code))
        .collect();
    assert_eq!(
        found,
        [
            (lint::Severity::Error, "/max_offers", "invalid_value"),
            (lint::Severity::Error, "/title", "invalid_value")
        ]
    );
    assert_eq!(
        lint(
            &catalogue,
            DocumentKind::Playlists,
            &object(json!({"id": "p", "title": "t"})),
            now
        ),
        []
    );
}
