//! Readers' ways against ways written out by hand.

use std::sync::Arc;

use florilege_engine::ids::{ItemId, VenueId};
use florilege_engine::live::Engine;
use florilege_engine::taxonomy::Taxonomy;
use serde_json::json;

use super::*;

fn moment(text: &str) -> Moment {
    format!("{text}T12:00:00+01:00").parse().expect("a moment")
}

/// An act with an item of its own; `what` is a subcategory.
fn act(kind: EventType, item: &str, what: &str, day: &str) -> Act {
    Act {
        kind,
        offer_id: Some(format!("offer-{item}")),
        request_id: Some(format!("answer-{item}")),
        at: moment(day),
        then: Some(Then::Known(Box::new(Facts {
            item: ItemId::new(item).expect("an id"),
            subcategory: what.to_owned(),
            venue: Some(VenueId::new("v").expect("an id")),
            venue_kind: Some("library".to_owned()),
            genres: vec!["g".to_owned()],
        }))),
    }
}

fn counted(journeys: &[Journey], now: &str) -> Journeys {
    let engine = Engine::in_memory(Arc::new(Taxonomy::built_in())).expect("an engine");
    let generation = engine.generation();
    let mut counted = Journeys::default();
    for journey in journeys {
        counted.add(generation.catalogue(), journey, moment(now));
    }
    counted
}

const BOOK: &str = "LIVRE_PAPIER";
const FILM: &str = "SEANCE_CINE";
const GAME: &str = "JEU_SUPPORT_PHYSIQUE";

fn booked(item: &str, what: &str, day: &str) -> Act {
    act(EventType::Booking, item, what, day)
}

fn journey(acts: Vec<Act>) -> Journey {
    Journey {
        profile: Profile {
            persona: Some(json!("curieux")),
            department: Some("35".to_owned()),
            territories: vec!["QPV035001".to_owned()],
            ..Profile::default()
        },
        acts,
    }
}

#[test]
fn a_reader_counts_at_a_horizon_once_the_time_has_passed() {
    let way = journey(vec![
        act(EventType::Impression, "x", BOOK, "2026-01-10"),
        booked("a", BOOK, "2026-01-20"),
        booked("b", FILM, "2026-03-01"),
        booked("c", GAME, "2026-06-01"),
    ]);
    let (none, at) = (Reached::default(), |categories, wide| Reached {
        readers: 1,
        categories,
        wide,
    });
    for (now, wanted) in [
        ("2026-01-15", [none, none, none, none]),
        ("2026-02-09", [none, none, none, at(1, 0)]),
        ("2026-02-11", [at(1, 0), none, none, at(1, 0)]),
        ("2026-04-11", [at(1, 0), at(2, 0), none, at(2, 0)]),
        ("2027-01-11", [at(1, 0), at(2, 0), at(3, 1), at(3, 1)]),
    ] {
        let counted = counted(std::slice::from_ref(&way), now);
        let groups: Vec<_> = counted.groups.iter().collect();
        assert_eq!(groups.len(), 1, "{now}");
        assert_eq!(*groups[0].1, wanted, "{now}");
        let group = Group {
            persona: "curieux".to_owned(),
            territory: Territory::Unknown,
            is_qpv: true,
            department: "35".to_owned(),
        };
        assert_eq!(*groups[0].0, group);
    }
}

#[test]
fn a_cancelled_booking_counts_nothing_from_then_on_and_an_attendance_is_a_booking() {
    let way = journey(vec![
        booked("a", BOOK, "2026-01-10"),
        booked("b", FILM, "2026-01-11"),
        act(EventType::Cancellation, "b", FILM, "2026-02-20"),
        act(EventType::Attendance, "c", GAME, "2026-03-01"),
        act(EventType::Attendance, "a", BOOK, "2026-03-02"),
        act(EventType::Cancellation, "z", GAME, "2026-03-03"),
    ]);
    let counted = counted(&[way], "2026-05-01");
    let reached = counted.groups.values().next().expect("a group");
    let categories = reached.map(|at| at.categories);
    assert_eq!(categories, [2, 2, 0, 2], "book and film, then book and game");
}

#[test]
fn a_booking_brings_what_is_new_to_its_reader() {
    let way = journey(vec![
        booked("a", BOOK, "2026-01-10"),
        booked("b", BOOK, "2026-01-11"),
        booked("c", FILM, "2026-01-12"),
        booked("d", "LIVRE_NUMERIQUE", "2026-01-13"),
    ]);
    let counted = counted(&[way], "2026-05-01");
    let score = |item: &str| counted.scores[&(format!("answer-{item}"), format!("offer-{item}"))];
    // The first is 65; the same again nothing; a new category is 25 and its subcategory 10; a subcategory alone 10.
    assert_eq!(["a", "b", "c", "d"].map(score), [65.0, 0.0, 35.0, 10.0]);
}

#[test]
fn the_persona_is_what_is_said_else_what_the_questionnaire_says() {
    let of = |profile: Profile| {
        let acts = vec![booked("a", BOOK, "2026-01-10")];
        let counted = counted(&[Journey { profile, acts }], "2026-05-01");
        counted.groups.keys().next().expect("a group").persona.clone()
    };
    let said = |persona: Value| Profile {
        persona: Some(persona),
        ..Profile::default()
    };
    assert_eq!(of(said(json!("adherent"))), "adherent");
    assert_eq!(of(said(json!({"curieux": 0.3, "connecte": 0.7}))), "connecte");
    assert_eq!(of(said(json!("nobody"))), "");
    let answers = json!({"choice": "friends"}).as_object().cloned().expect("an object");
    let answered = Profile {
        questionnaire: answers,
        ..Profile::default()
    };
    assert_eq!(of(answered), "partenaire");
    assert_eq!(of(Profile::default()), "");
}
