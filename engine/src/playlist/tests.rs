//! Playlists of random worlds, against a slow obvious twin; who sees them when; what a frozen one keeps.

mod moment;
mod twin;

use std::sync::Arc;

use serde_json::{Value, json};

use super::*;
use crate::change::{Change, Sequence};
use crate::document::{DocumentKind, Publication};
use crate::live::Engine;
use crate::taxonomy::Taxonomy;

pub(crate) const NOW: &str = "2026-01-10T12:00:00+01:00";

/// An engine that took these lines.
pub(crate) struct World {
    engine: Engine,
    taxonomy: Arc<Taxonomy>,
    sequence: u64,
}

impl World {
    pub(crate) fn new() -> Self {
        let taxonomy = Arc::new(Taxonomy::built_in());
        Self {
            engine: Engine::in_memory(Arc::clone(&taxonomy)).expect("an engine"),
            taxonomy,
            sequence: 0,
        }
    }

    pub(crate) fn take(&mut self, lines: &[Value]) {
        let batch: Vec<(Sequence, Option<Change>)> = lines
            .iter()
            .map(|line| {
                self.sequence += 1;
                let change = Change::parse(line.to_string().as_bytes(), &self.taxonomy).expect("a change");
                (Sequence(self.sequence), Some(change))
            })
            .collect();
        self.engine.apply(&batch).expect("applied");
    }

    pub(crate) fn offers(&mut self, offers: &[Value]) {
        let lines: Vec<Value> = offers
            .iter()
            .map(|offer| json!({"op": "offer.upsert", "offer": offer}))
            .collect();
        self.take(&lines);
    }

    pub(crate) fn publish(&mut self, kind: DocumentKind, version: u64, body: &Value) {
        let fields = body.as_object().expect("an object");
        crate::editorial::check(kind, fields, &self.taxonomy).expect("a good document");
        self.log(Publication {
            kind,
            id: DocumentId::new(body["id"].as_str().expect("an id")).expect("an id"),
            version,
            territory: body["territory"].as_str().map(str::to_owned),
            body: Some(fields.clone()),
        });
    }

    pub(crate) fn archive(&mut self, kind: DocumentKind, id: &str) {
        self.log(Publication {
            kind,
            id: DocumentId::new(id).expect("an id"),
            version: 2,
            territory: None,
            body: None,
        });
    }

    fn log(&mut self, publication: Publication) {
        self.sequence += 1;
        let change = Change::Document(Box::new(publication));
        self.engine
            .apply(&[(Sequence(self.sequence), Some(change))])
            .expect("applied");
    }

    pub(crate) fn generation(&self) -> Arc<crate::live::Generation> {
        self.engine.generation()
    }

    pub(crate) fn play(&self, request: Value, page: Option<&PageState>, now: &str) -> Played {
        let request: PlaylistRequest = crate::json::from_value(request).expect("a request");
        request.check().expect("within limits");
        let generation = self.engine.generation();
        let played = generation.playlist("p", &request, page, now.parse().expect("a time"));
        played.expect("an answer").expect("published")
    }
}

pub(crate) fn ids(played: &Played) -> Vec<&str> {
    played.list.offers.iter().map(|offer| offer.id.as_str()).collect()
}

fn books(count: usize) -> Vec<Value> {
    let book = |n: usize| json!({"id": format!("b{n}"), "title": "Roman", "subcategory": "LIVRE_PAPIER", "popularity": {"bookings_28d": 100 - n}});
    (0..count).map(book).collect()
}

#[test]
fn the_default_rule_gives_way_where_it_would_leave_too_few() {
    let mut world = World::new();
    world.offers(&books(6));
    world.publish(
        DocumentKind::Playlists,
        1,
        &json!({"id": "p", "title": "Livres", "rule": {"filters": {"categories": ["LIVRE"]}}}),
    );
    let played = world.play(json!({"seed": 1}), None, NOW);
    assert_eq!(played.list.offers.len(), 6, "one category: the rule would leave one");
    assert_eq!(played.list.diversity.violations.len(), 5, "and each break is said");
    let strict = json!({"seed": 1, "diversity": {"rules": [{"by": "category"}]}});
    assert_eq!(
        world.play(strict, None, NOW).list.offers.len(),
        1,
        "asked for, it never gives way"
    );
    let concert = |n: usize| json!({"id": format!("c{n}"), "title": "Concert", "subcategory": "CONCERT"});
    world.offers(&(0..3).map(concert).collect::<Vec<_>>());
    let body = json!({"id": "p", "title": "Tout", "rule": {"filters": {"categories": ["LIVRE", "MUSIQUE_LIVE"]}}});
    world.publish(DocumentKind::Playlists, 2, &body);
    let both = world.play(json!({"seed": 1}), None, NOW);
    assert_eq!((both.list.offers.len(), both.playlist.version), (7, 2));
    assert!(
        both.list
            .offers
            .windows(2)
            .all(|pair| pair[0].category != pair[1].category)
    );
}

#[test]
fn a_hybrid_is_a_head_by_hand_and_a_tail_for_the_reader_without_repeats() {
    let mut world = World::new();
    world.offers(&books(8));
    let concert = |n: usize| json!({"id": format!("c{n}"), "title": "Concert", "subcategory": "CONCERT"});
    world.offers(&(0..8).map(concert).collect::<Vec<_>>());
    world.publish(
        DocumentKind::Playlists,
        1,
        &json!({"id": "p", "title": "t", "picks": [{"offer_id": "b7"}, {"offer_id": "b6"},
        {"offer_id": "gone"}, {"item_id": "c0"}], "tail": "personal", "max_offers": 14}),
    );
    let played = world.play(json!({"limit": 200, "explain": true}), None, NOW);
    assert_eq!(ids(&played)[..3], ["b7", "b6", "c0"]);
    let mut all = ids(&played);
    assert_eq!(all.len(), 14);
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), 14, "nothing twice");
    let unmet: Vec<(usize, &str)> = played
        .unmet_picks
        .iter()
        .map(|one| (one.pick, one.reason.as_str()))
        .collect();
    assert_eq!(unmet, [(2, "unknown")]);
}

#[test]
fn a_sold_out_pick_gives_its_place_up_and_comes_back() {
    let mut world = World::new();
    world.offers(&books(4));
    let picks: Vec<Value> = (0..4).map(|n| json!({"offer_id": format!("b{n}")})).collect();
    world.publish(
        DocumentKind::Playlists,
        1,
        &json!({"id": "p", "title": "t", "picks": picks}),
    );
    assert_eq!(ids(&world.play(json!({}), None, NOW)), ["b0", "b1", "b2", "b3"]);
    world.take(&[json!({"op": "offer.stock", "id": "b1", "stock": 0})]);
    let played = world.play(json!({"explain": true}), None, NOW);
    assert_eq!(ids(&played), ["b0", "b2", "b3"]);
    assert_eq!(played.unmet_picks[0].reason, "not_bookable");
    world.take(&[json!({"op": "offer.stock", "id": "b1", "stock": 4})]);
    assert_eq!(ids(&world.play(json!({}), None, NOW)).len(), 4);
}

#[test]
fn pages_never_repeat_a_work_while_picks_sell_out_between_them() {
    let mut world = World::new();
    world.offers(&books(10));
    let picks: Vec<Value> = (0..10).map(|n| json!({"offer_id": format!("b{n}")})).collect();
    world.publish(
        DocumentKind::Playlists,
        1,
        &json!({"id": "p", "title": "t", "picks": picks}),
    );
    let first = world.play(json!({"limit": 3}), None, NOW);
    world.take(&[
        json!({"op": "offer.stock", "id": "b0", "stock": 0}),
        json!({"op": "offer.stock", "id": "b4", "stock": 0}),
    ]);
    let second = world.play(json!({"limit": 3}), first.list.next.as_ref(), NOW);
    let third = world.play(json!({"limit": 30}), second.list.next.as_ref(), NOW);
    assert_eq!(ids(&first), ["b0", "b1", "b2"]);
    assert_eq!(ids(&second), ["b3", "b5", "b6"]);
    assert_eq!(ids(&third), ["b7", "b8", "b9"]);
    assert!(third.list.next.is_none());
}

#[test]
fn a_frozen_playlist_keeps_what_its_rule_found() {
    let mut world = World::new();
    world.offers(&books(5));
    let mut body = json!({"id": "p", "title": "t", "rule": {"filters": {"categories": ["LIVRE"]}}, "frozen": true, "max_offers": 3});
    let typed: Playlist = crate::json::from_value(body.clone()).expect("a playlist");
    let frozen = freeze::freeze(&world.engine.generation(), &typed, NOW.parse().expect("a time")).expect("frozen");
    body["frozen_picks"] = serde_json::to_value(frozen).expect("JSON");
    world.publish(DocumentKind::Playlists, 1, &body);
    world.offers(&[
        json!({"id": "a", "title": "t", "subcategory": "LIVRE_PAPIER", "popularity": {"bookings_28d": 900}}),
    ]);
    let mut kept = ids(&world.play(json!({}), None, NOW))
        .into_iter()
        .map(str::to_owned)
        .collect::<Vec<_>>();
    kept.sort_unstable();
    assert_eq!(kept, ["b0", "b1", "b2"]);
}

#[test]
fn a_rollback_restores_the_same_answers() {
    let mut world = World::new();
    world.offers(&books(10));
    let first = json!({"id": "p", "title": "t", "rule": {"filters": {"categories": ["LIVRE"]}}, "order": "popularity"});
    world.publish(DocumentKind::Playlists, 1, &first);
    let before = world.play(json!({"seed": 3}), None, NOW);
    world.publish(
        DocumentKind::Playlists,
        2,
        &json!({"id": "p", "title": "t", "picks": [{"offer_id": "b9"}]}),
    );
    assert_eq!(ids(&world.play(json!({"seed": 3}), None, NOW)), ["b9"]);
    world.publish(DocumentKind::Playlists, 3, &first);
    let after = world.play(json!({"seed": 3}), None, NOW);
    assert_eq!((ids(&before), after.playlist.version), (ids(&after), 3));
}
