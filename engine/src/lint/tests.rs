//! Drafts with one fault each, and previews of what publishing would show.

use serde_json::{Value, json};

use super::*;
use crate::playlist::tests::{NOW, World};
use crate::preview::{Preview, PreviewRequest, Seen, preview};

fn stocked() -> World {
    let mut world = World::new();
    let venue = |id: &str| json!({"op": "venue.upsert", "venue": {"id": id, "name": id, "territories": [id], "position": {"lat": 48.1, "lng": -1.6}}});
    world.take(&[venue("35"), venue("75")]);
    let offer = |n: usize| {
        let (sub, venue) = (["LIVRE_PAPIER", "CONCERT"][n / 10], ["35", "75"][n % 2]);
        let mut offer = json!({"id": format!("b{n}"), "title": "t", "subcategory": sub, "venue_id": venue, "price_cents": 400 * (n % 10),
            "popularity": {"bookings_28d": 100 - n}});
        if n == 8 {
            offer["dates"] = json!(["2025-01-01T20:00:00Z"]);
        }
        offer
    };
    world.offers(&(0..20).map(offer).collect::<Vec<_>>());
    world.take(&[json!({"op": "offer.stock", "id": "b9", "stock": 0})]);
    world
}

fn messages(world: &World, kind: DocumentKind, body: &Value) -> Vec<Message> {
    let messages = lint(
        &world.generation(),
        kind,
        body.as_object().expect("an object"),
        NOW.parse().expect("a time"),
    );
    assert!(messages.iter().all(|message| message.mend.is_some()), "{messages:?}");
    messages
}

fn codes(world: &World, kind: DocumentKind, body: &Value) -> Vec<(String, &'static str)> {
    messages(world, kind, body)
        .into_iter()
        .map(|message| (message.pointer, message.code))
        .collect()
}

#[track_caller]
fn check(world: &World, kind: DocumentKind, body: &Value, expected: &[(&str, &str)]) {
    let codes = codes(world, kind, body);
    let codes: Vec<(&str, &str)> = codes.iter().map(|(pointer, code)| (pointer.as_str(), *code)).collect();
    assert_eq!(codes, expected, "{body}");
}

#[test]
fn a_playlist_is_told_what_it_would_not_show() {
    let world = stocked();
    let base = |changes: Value| {
        let mut body =
            json!({"id": "p", "title": "t", "rule": {"filters": {"categories": ["LIVRE"]}}, "min_offers": 0});
        body.as_object_mut()
            .expect("an object")
            .extend(changes.as_object().expect("an object").clone());
        body
    };
    let lists = DocumentKind::Playlists;
    check(&world, lists, &base(json!({})), &[]);
    check(
        &world,
        lists,
        &base(json!({"picks": [{"offer_id": "b0"}, {"offer_id": "gone"}, {"item_id": "b8"}, {"offer_id": "b9"}]})),
        &[
            ("/picks/1", "unknown_pick"),
            ("/picks/2", "expired_pick"),
            ("/picks/3", "sold_out_pick"),
        ],
    );
    check(
        &world,
        lists,
        &base(json!({"territory": "35", "picks": [{"offer_id": "b1"}]})),
        &[("/picks/0", "outside_territory")],
    );
    check(
        &world,
        lists,
        &base(json!({"schedule": {"to": "2026-01-01T00:00:00Z"}})),
        &[("/schedule/to", "over")],
    );
    check(
        &world,
        lists,
        &base(json!({"audience": {"personas": ["nobody-at-all"], "territories": ["35", "nowhere"]}})),
        &[
            ("/audience/personas/0", "unknown_persona"),
            ("/audience/territories/1", "unknown_territory"),
        ],
    );
    let strict = json!({"rules": [{"by": "category"}]});
    check(
        &world,
        lists,
        &base(json!({"diversity": strict, "picks": [{"offer_id": "b0", "rank": 0}, {"offer_id": "b2", "rank": 1}]})),
        &[("/picks/1/rank", "pins_break_rule")],
    );
    check(
        &world,
        lists,
        &base(json!({"diversity": strict, "picks": [{"offer_id": "b0", "rank": 0}, {"offer_id": "b2", "rank": 2}]})),
        &[],
    );
    // Three books of eight are within the means of nobody but the credited: at 15 and 16 only b0 is free.
    check(
        &world,
        lists,
        &base(json!({"min_offers": 3})),
        &[("/min_offers", "too_few_offers"), ("/min_offers", "too_few_offers")],
    );
    check(
        &world,
        lists,
        &base(json!({"min_offers": 3, "audience": {"ages": {"min": 17}}})),
        &[],
    );
    let told = messages(
        &world,
        lists,
        &base(json!({"min_offers": 3, "audience": {"ages": {"max": 15}, "personas": ["casanier", "adherent"]}})),
    );
    let told: Vec<&str> = told.iter().map(|message| message.message.as_str()).collect();
    assert_eq!(
        told,
        [
            "a reader of 15 (casanier) with 0 euros sees 1 of at least 3",
            "a reader of 15 (adherent) with 0 euros sees 1 of at least 3"
        ]
    );
}

/// Towns of one shop each, `books` in each shop; the middle of a department is its shop in the middle.
fn around_the_reader(books: &[(&str, f64, usize)]) -> World {
    let mut world = World::new();
    let (mut venues, mut offers) = (Vec::new(), Vec::new());
    for (n, (postal_code, lat, books)) in books.iter().enumerate() {
        let id = format!("v{n}");
        venues.push(json!({"op": "venue.upsert", "venue": {"id": id, "name": id, "postal_code": postal_code, "territories": [format!("of-{}", &postal_code[..2])], "position": {"lat": lat, "lng": 2.0}}}));
        offers.extend((0..*books).map(|book| {
            json!({"id": format!("{id}-{book}"), "title": "t", "subcategory": "LIVRE_PAPIER", "venue_id": id, "price_cents": 0})
        }));
    }
    world.take(&venues);
    world.offers(&offers);
    world
}

#[test]
fn a_playlist_around_the_reader_is_looked_at_from_every_department() {
    // In 48 the middle shop of three has one book alone; 75 and 35 have enough, 05 has too few.
    let world = around_the_reader(&[
        ("48000", 44.0, 9),
        ("48100", 44.5, 1),
        ("48200", 45.2, 9),
        ("75011", 48.9, 3),
        ("35000", 48.1, 4),
        ("05100", 46.6, 2),
    ]);
    let body = |changes: Value| {
        let mut body = json!({"id": "p", "title": "t", "min_offers": 3, "audience": {"ages": {"max": 15}},
            "rule": {"filters": {"radius_m": 5_000}}});
        body.as_object_mut()
            .expect("an object")
            .extend(changes.as_object().expect("an object").clone());
        body
    };
    let told = |body: Value| -> Vec<String> {
        let messages = messages(&world, DocumentKind::Playlists, &body);
        messages.into_iter().map(|message| message.message).collect()
    };
    let of = "a reader of 15 with 0 euros";
    assert_eq!(
        told(body(json!({}))),
        [format!("{of} sees fewer than 3 in 2 of 4 territories: 48 (1), 05 (2)")]
    );
    assert_eq!(
        told(body(json!({"rule": {"filters": {"radius_m": 70_000}}}))),
        [format!("{of} in 05 sees 2 of at least 3")]
    );
    // What is the same everywhere, or around a place of its own, is looked at once, from nowhere.
    let fixed = json!({"radius_m": 5_000, "position": {"lat": 44.5, "lng": 2.0}});
    assert_eq!(
        told(body(json!({"rule": {"filters": fixed}}))),
        [format!("{of} sees 1 of at least 3")]
    );
    assert_eq!(
        told(body(json!({"rule": {"filters": {"categories": ["LIVRE"]}}}))),
        [""; 0]
    );
    let within = |territories: &[&str]| json!({"rule": {"filters": {"radius_m": 5_000, "territories": territories}}});
    assert_eq!(told(body(within(&["of-75"]))), [""; 0]);
    assert_eq!(
        told(body(within(&["of-75", "of-48"]))),
        [format!("{of} in of-48 sees 1 of at least 3")]
    );
    let mut own = body(json!({"territory": "of-05"}));
    assert_eq!(told(own.clone()), [format!("{of} in of-05 sees 2 of at least 3")]);
    own["audience"]["territories"] = json!(["of-05", "of-48", "of-75"]);
    assert_eq!(
        told(own),
        [format!(
            "{of} sees fewer than 3 in 3 of 3 territories: of-48 (0), of-75 (0), of-05 (2)"
        )],
        "it shows what stands in its own territory alone"
    );
}

#[test]
fn a_home_and_a_calendar_are_told_what_nobody_would_see() {
    let mut world = stocked();
    world.publish(
        DocumentKind::Playlists,
        1,
        &json!({"id": "old", "title": "t", "audience": {"ages": {"min": 18}}, "picks": [{"offer_id": "b0"}]}),
    );
    world.publish(
        DocumentKind::Homes,
        1,
        &json!({"id": "frame", "title": "t", "priority": 5, "modules": [{"id": "r", "kind": "recommendations"}]}),
    );
    let modules = json!([
        {"id": "a", "kind": "playlist", "playlist": "gone"},
        {"id": "b", "kind": "playlist", "playlist": "old"},
        {"id": "c", "kind": "recommendations", "diversity": {"strength": 0.4}, "conditions": {"ages": {"min": 18}, "closures": ["none"]}},
    ]);
    let home = json!({"id": "h", "title": "t", "territory": "35", "priority": 9, "audience": {"ages": {"max": 16}}, "modules": modules});
    check(
        &world,
        DocumentKind::Homes,
        &home,
        &[
            ("/modules/0/playlist", "unpublished_playlist"),
            ("/modules/1/playlist", "nobody"),
            ("/modules/2/conditions/ages", "nobody"),
            ("/modules/2/conditions/closures/0", "unpublished_closure"),
            ("/modules/2/diversity/strength", "met_over_the_page"),
            ("/priority", "hidden_by"),
        ],
    );
    let event = |to: &str, playlists: Value| json!({"name": "n", "from": "2025-12-01T00:00:00Z", "to": to, "playlists": playlists});
    let events = [
        event("2026-01-01T00:00:00Z", json!([])),
        event("2026-06-01T00:00:00Z", json!(["gone", "old"])),
    ];
    check(
        &world,
        DocumentKind::Calendars,
        &json!({"id": "c", "title": "t", "territory": "35", "events": events}),
        &[
            ("/events/0/to", "over"),
            ("/events/1/playlists/0", "unpublished_playlist"),
            ("/events/1/playlists/1", "outside_territory"),
        ],
    );
    let refused = json!({"id": "p", "title": " ", "picks": [{"offer_id": "gone"}]});
    check(
        &world,
        DocumentKind::Playlists,
        &json!({"id": "p", "title": "t", "min_offers": 0, "picks": [{"offer_id": "gone"}]}),
        &[("/picks/0", "unknown_pick")],
    );
    let codes = lint(
        &world.generation(),
        DocumentKind::Playlists,
        refused.as_object().expect("an object"),
        NOW.parse().expect("a time"),
    );
    assert!(
        codes.iter().all(|message| message.severity == Severity::Error),
        "what cannot be saved is not resolved"
    );
}

fn seen(world: &World, request: Value) -> Preview {
    let request: PreviewRequest = crate::json::from_value(request).expect("a request");
    request.check().expect("within limits");
    let body = request.body.clone().expect("a body");
    preview(&world.generation(), &request, &body, NOW.parse().expect("a time")).expect("a preview")
}

#[test]
fn a_preview_is_what_publishing_shows() {
    let mut world = stocked();
    let live = json!({"id": "p", "title": "t", "rule": {"filters": {"categories": ["LIVRE"]}}, "order": "popularity", "max_offers": 4});
    let draft = json!({"id": "p", "title": "t", "rule": {"filters": {"categories": ["MUSIQUE_LIVE"]}}, "picks": [{"offer_id": "b0", "rank": 0}],
        "order": "popularity", "max_offers": 3, "schedule": {"from": "2026-06-21T00:00:00+02:00"}});
    world.publish(DocumentKind::Playlists, 1, &live);
    let early = seen(&world, json!({"kind": "playlists", "body": draft, "compare": true}));
    assert_eq!(
        early
            .difference
            .as_ref()
            .map(|changes| (changes.kept, changes.removed.len())),
        Some((0, 4)),
        "not begun"
    );
    let then = "2026-06-21T12:00:00+02:00";
    let shown = seen(
        &world,
        json!({"kind": "playlists", "body": draft, "now": then, "context": {"age": 18}, "persona": "curieux", "compare": true}),
    );
    let changes = shown.difference.expect("compared");
    assert_eq!(
        (changes.added, changes.removed, changes.kept),
        (
            vec!["b10".to_owned(), "b11".to_owned()],
            vec!["b1".to_owned(), "b2".to_owned(), "b3".to_owned()],
            1,
        )
    );
    assert_eq!(
        (
            changes.draft.offers,
            changes.draft.categories,
            changes.draft.venues,
            changes.live.categories
        ),
        (3, 2, 2, 1)
    );
    assert_eq!(changes.live.mean_price_cents, Some(600.0));
    assert_eq!(
        world.play(json!({}), None, then).playlist.version,
        1,
        "nothing that is served has changed"
    );
    world.publish(DocumentKind::Playlists, 2, &draft);
    let Seen::Playlist(previewed) = shown.draft else {
        panic!("a playlist")
    };
    let published = world.play(
        json!({"context": {"age": 18, "persona": {"curieux": 1.0}}, "seed": 0, "limit": 20}),
        None,
        then,
    );
    let ids = |played: &crate::playlist::Played| {
        played
            .list
            .offers
            .iter()
            .map(|offer| offer.id.to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(ids(&previewed), ids(&published));
}

#[test]
fn every_kind_that_shows_something_can_be_previewed() {
    let world = stocked();
    for (kind, body, shows) in [
        (
            "homes",
            json!({"id": "h", "title": "t", "modules": [{"id": "n", "kind": "recommendations"}]}),
            true,
        ),
        (
            "scenarios",
            json!({"id": "s", "title": "t", "weights": {"price": 1}}),
            true,
        ),
        (
            "closures",
            json!({"id": "c", "title": "t", "territories": ["35"]}),
            true,
        ),
        ("synonyms", json!({"id": "y", "groups": [["ciné", "cinéma"]]}), false),
    ] {
        let request = json!({"kind": kind, "body": body, "compare": true});
        let request: PreviewRequest = crate::json::from_value(request).expect("a request");
        let shown = preview(
            &world.generation(),
            &request,
            body.as_object().expect("an object"),
            NOW.parse().expect("a time"),
        );
        assert_eq!(shown.is_ok(), shows, "{kind}");
    }
}
