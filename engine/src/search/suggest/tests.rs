//! Completions on a small catalogue.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{SuggestRequest, Suggestion, SuggestionKind};
use crate::change::{Change, Sequence};
use crate::geo::Position;
use crate::live::Engine;
use crate::taxonomy::Taxonomy;

fn apply(engine: &Engine, first: u64, lines: &[Value]) {
    let taxonomy = Taxonomy::built_in();
    for (line, n) in lines.iter().zip(first..) {
        let change = Change::parse(line.to_string().as_bytes(), &taxonomy).expect("a change");
        engine.apply(&[(Sequence(n), Some(change))]).expect("applied");
    }
}

fn offer(id: &str, title: &str, creator: &str, venue: &str, booked: u32) -> Value {
    json!({"op": "offer.upsert", "offer": {"id": id, "item_id": format!("w-{title}").replace(' ', "-"), "title": title, "subcategory": "LIVRE_PAPIER",
        "creators": [creator], "venue_id": venue, "popularity": {"bookings_28d": booked}}})
}

fn engine() -> Engine {
    let engine = Engine::in_memory(Arc::new(Taxonomy::built_in())).expect("an engine");
    apply(
        &engine,
        1,
        &[
            json!({"op": "venue.upsert", "venue": {"id": "v-r", "name": "Le Failler", "city": "Rennes", "position": {"lat": 48.11, "lng": -1.68}}}),
            json!({"op": "venue.upsert", "venue": {"id": "v-t", "name": "Ombres Blanches", "city": "Toulouse", "position": {"lat": 43.60, "lng": 1.44}}}),
            offer("1", "Le Petit Prince", "Antoine de Saint-Exupéry", "v-r", 10),
            offer("2", "Le Petit Prince", "Antoine de Saint-Exupéry", "v-t", 10),
            offer("3", "Petit Pays", "Gaël Faye", "v-t", 40),
            offer("4", "Renart <le> goupil", "Anonyme", "v-r", 1),
            offer("5", "Prince des voleurs", "Alexandre Dumas", "v-t", 900),
        ],
    );
    engine
}

fn ask(engine: &Engine, q: &str, position: Option<Position>) -> Vec<Suggestion> {
    let asked = SuggestRequest {
        q: q.to_owned(),
        position,
        limit: 10,
    };
    engine
        .generation()
        .suggest(&asked, "2026-12-02T10:00:00+01:00".parse().expect("a time"))
}

fn texts(found: &[Suggestion]) -> Vec<&str> {
    found.iter().map(|one| one.text.as_str()).collect()
}

#[test]
fn names_are_completed_from_any_of_their_words() {
    let engine = engine();
    assert_eq!(texts(&ask(&engine, "petit p", None)), ["Petit Pays", "Le Petit Prince"]);
    assert_eq!(
        texts(&ask(&engine, "PRINCE", None)),
        ["Prince des voleurs", "Le Petit Prince"]
    );
    let of = |q: &str, kind| ask(&engine, q, None).into_iter().find(|one| one.kind == kind);
    assert_eq!(
        of("st exup", SuggestionKind::Creator).expect("a creator").text,
        "Antoine de Saint-Exupéry"
    );
    assert_eq!(
        of("ombre", SuggestionKind::Venue).expect("a venue").id.as_deref(),
        Some("v-t")
    );
    assert_eq!(of("toul", SuggestionKind::Town).expect("a town").count, 3);
    assert_eq!(
        of("livr", SuggestionKind::Category).expect("a category").id.as_deref(),
        Some("LIVRE")
    );
}

#[test]
fn typos_come_after_what_is_right_and_marks_are_safe() {
    let engine = engine();
    assert!(texts(&ask(&engine, "petti pri", None)).contains(&"Le Petit Prince"));
    assert!(ask(&engine, "xpetit", None).is_empty());
    let found = ask(&engine, "renart", None);
    assert_eq!(found[0].highlight, "<em>Renart</em> &lt;le&gt; goupil");
}

#[test]
fn the_near_come_first_and_the_gone_are_gone() {
    let engine = engine();
    let rennes = Position::new(48.11, -1.68).ok();
    assert_eq!(texts(&ask(&engine, "petit p", rennes))[0], "Le Petit Prince");
    apply(
        &engine,
        8,
        &[
            json!({"op": "offer.delete", "id": "1"}),
            json!({"op": "offer.delete", "id": "2"}),
        ],
    );
    assert_eq!(texts(&ask(&engine, "petit p", None)), ["Petit Pays"]);
    apply(
        &engine,
        10,
        &[json!({"op": "venue.upsert", "venue": {"id": "v-t", "name": "Les Ombres", "city": "Albi"}})],
    );
    assert!(ask(&engine, "ombres blan", None).is_empty());
    assert_eq!(ask(&engine, "albi", None)[0].kind, SuggestionKind::Town);
    assert!(!texts(&ask(&engine, "toulouse", None)).contains(&"Toulouse"));
}

#[test]
fn the_names_of_an_artefact_are_those_of_the_log() {
    let engine = engine();
    let dir = tempfile::tempdir().expect("a folder");
    engine.snapshot(dir.path()).expect("written");
    let opened = Engine::open(dir.path(), &Arc::new(Taxonomy::built_in()))
        .expect("opened")
        .engine;
    for q in ["pet", "pri", "r", "saint", "liv", "ombr", "tou"] {
        let (one, two) = (ask(&engine, q, None), ask(&opened, q, None));
        assert_eq!(texts(&one), texts(&two), "{q}");
    }
}
