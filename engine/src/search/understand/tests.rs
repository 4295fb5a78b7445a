//! What the grammar reads, on a small catalogue of towns, venues and works.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::change::{Change, Sequence};
use crate::live::Engine;
use crate::query::SearchRequest;
use crate::search::Found;
use crate::taxonomy::Taxonomy;

/// A Wednesday.
const NOW: &str = "2026-12-02T10:00:00+01:00";

const VENUES: [(&str, &str, &str, f64, f64, &str); 6] = [
    ("v-ubu", "L'Ubu", "Rennes", 48.1075, -1.6726, "Europe/Paris"),
    ("v-criee", "La Criée", "Rennes", 48.1085, -1.6794, "Europe/Paris"),
    ("v-maison", "Maison de Pays", "Nyons", 44.3608, 5.1397, "Europe/Paris"),
    (
        "v-mirabel",
        "Salle des fêtes",
        "Mirabel-aux-Baronnies",
        44.312,
        5.100,
        "Europe/Paris",
    ),
    ("v-lyon", "Auditorium", "Lyon", 45.761, 4.853, "Europe/Paris"),
    ("v-cayenne", "Encre", "Cayenne", 4.934, -52.333, "America/Cayenne"),
];

fn engine(offers: &[Value]) -> Engine {
    let taxonomy = Taxonomy::built_in();
    let engine = Engine::in_memory(Arc::new(Taxonomy::built_in())).expect("an engine");
    let venues = VENUES.iter().map(|(id, name, city, lat, lng, zone)| {
        json!({"op": "venue.upsert", "venue": {"id": id, "name": name, "city": city, "time_zone": zone,
            "position": {"lat": lat, "lng": lng}}})
    });
    let offers = offers.iter().map(|offer| json!({"op": "offer.upsert", "offer": offer}));
    let lines: Vec<Value> = venues.chain(offers).collect();
    let batch: Vec<_> = lines
        .iter()
        .zip(1..)
        .map(|(line, n)| {
            let change = Change::parse(line.to_string().as_bytes(), &taxonomy).expect("a change");
            (Sequence(n), Some(change))
        })
        .collect();
    engine.apply(&batch).expect("applied");
    engine
}

fn offer(id: &str, title: &str, subcategory: &str, venue: &str, more: Value) -> Value {
    let mut offer = json!({"id": id, "title": title, "subcategory": subcategory, "venue_id": venue});
    let Value::Object(more) = more else { panic!("an object") };
    offer.as_object_mut().expect("an object").extend(more);
    offer
}

fn search_at(engine: &Engine, body: Value, now: &str) -> Found {
    let request: SearchRequest = crate::json::from_value(body).expect("a request");
    request.check().expect("within limits");
    engine
        .generation()
        .search(&request, None, now.parse().expect("a time"))
        .expect("an answer")
}

fn search(engine: &Engine, q: &str) -> Found {
    search_at(engine, json!({"q": q}), NOW)
}

fn ids(found: &Found) -> Vec<&str> {
    let mut ids: Vec<&str> = found
        .hits
        .iter()
        .map(|hit| hit["id"].as_str().expect("an id"))
        .collect();
    ids.sort_unstable();
    ids
}

fn catalogue() -> Engine {
    engine(&[
        offer(
            "rock-free",
            "Nuit du rock",
            "CONCERT",
            "v-ubu",
            json!({"price_cents": 0, "dates": ["2026-12-05T20:30:00+01:00"]}),
        ),
        offer(
            "rock-paid",
            "Rock en scène",
            "CONCERT",
            "v-ubu",
            json!({"price_cents": 900, "dates": ["2026-12-05T20:30:00+01:00"]}),
        ),
        offer(
            "rock-noon",
            "Midi rock",
            "CONCERT",
            "v-ubu",
            json!({"price_cents": 0, "dates": ["2026-12-05T12:30:00+01:00"]}),
        ),
        offer(
            "rock-lyon",
            "Rock à l'Auditorium",
            "CONCERT",
            "v-lyon",
            json!({"price_cents": 0, "dates": ["2026-12-05T20:30:00+01:00"]}),
        ),
        offer(
            "play-free",
            "Le Malade imaginaire",
            "SPECTACLE_REPRESENTATION",
            "v-criee",
            json!({"price_cents": 0, "dates": ["2026-12-05T20:30:00+01:00"], "duo": true}),
        ),
        offer(
            "expo-nyons",
            "Peintures de la vallée",
            "VISITE",
            "v-maison",
            json!({"dates": ["2026-12-06T10:00:00+01:00"]}),
        ),
        offer(
            "expo-mirabel",
            "Exposition d'oliviers",
            "VISITE",
            "v-mirabel",
            json!({"dates": ["2026-12-05T10:00:00+01:00"]}),
        ),
        offer(
            "expo-later",
            "Exposition de santons",
            "VISITE",
            "v-maison",
            json!({"dates": ["2026-12-19T10:00:00+01:00"]}),
        ),
        offer(
            "manga-7",
            "One Piece, tome 7",
            "LIVRE_PAPIER",
            "v-criee",
            json!({"genres": ["Manga"], "price_cents": 720}),
        ),
        offer(
            "manga-15",
            "Akira, tome 1",
            "LIVRE_PAPIER",
            "v-criee",
            json!({"genres": ["Manga"], "price_cents": 1495}),
        ),
        offer(
            "fever",
            "La Fièvre du samedi soir",
            "SUPPORT_PHYSIQUE_FILM",
            "v-criee",
            json!({}),
        ),
        offer(
            "novel",
            "Samedi soir",
            "LIVRE_PAPIER",
            "v-criee",
            json!({"item_id": "w-samedi", "creators": ["Ian McEwan"]}),
        ),
        offer(
            "cayenne",
            "Grand concert",
            "CONCERT",
            "v-cayenne",
            json!({"dates": ["2026-12-02T21:00:00-03:00"]}),
        ),
        offer(
            "kindle",
            "Manga en ligne",
            "LIVRE_NUMERIQUE",
            "v-criee",
            json!({"price_cents": 300}),
        ),
    ])
}

#[test]
fn the_three_questions_of_the_contract() {
    let engine = catalogue();
    let found = search(&engine, "concert gratuit à Rennes samedi soir");
    assert_eq!(ids(&found), ["rock-free"], "{:?}", found.interpreted);
    let filters = found.interpreted.filters.expect("filters");
    assert!(filters.free && filters.radius_m.is_some() && filters.time_of_day.is_some());
    let found = search(&engine, "manga moins de 10 euros");
    assert_eq!(ids(&found), ["kindle", "manga-7"], "{:?}", found.interpreted);
    let found = search(&engine, "expo ce week-end près de Nyons");
    assert_eq!(ids(&found), ["expo-mirabel", "expo-nyons"], "{:?}", found.interpreted);
    assert!(found.interpreted.relaxed.is_empty());
}

#[test]
fn what_is_understood_is_shown_and_can_be_switched_off() {
    let engine = catalogue();
    let found = search(&engine, "concert gratuit à Rennes samedi soir");
    let said: Vec<&str> = found
        .interpreted
        .understood
        .iter()
        .map(|one| one.text.as_str())
        .collect();
    assert_eq!(said, ["concert", "gratuit", "à Rennes", "samedi soir"]);
    assert_eq!(found.interpreted.understood[1].filters, json!({"free": true}));
    assert_eq!(found.interpreted.words, ["concert"]);
    let body = json!({"q": "concert gratuit", "understand": false});
    let plain = search_at(&engine, body, NOW);
    assert!(plain.interpreted.understood.is_empty() && plain.interpreted.filters.is_none());
}

#[test]
fn names_stay_words() {
    let engine = catalogue();
    for (q, expected) in [
        ("La fièvre du samedi soir", "fever"),
        ("samedi soir", "novel"),
        ("film la fièvre du samedi soir", "fever"),
        ("« samedi soir »", "novel"),
    ] {
        let found = search(&engine, q);
        assert!(ids(&found).contains(&expected), "{q}: {:?}", found.interpreted);
        assert!(
            found
                .interpreted
                .filters
                .is_none_or(|filters| filters.dates.from.is_none()),
            "{q}"
        );
    }
}

#[test]
fn the_callers_filters_win() {
    let engine = catalogue();
    let body = json!({"q": "concert gratuit samedi", "filters": {"price_cents": {"max": 1000}}});
    let filters = search_at(&engine, body, NOW).interpreted.filters.expect("filters");
    assert!(!filters.free && filters.dates.from.is_some());
    let lyon = json!({"lat": 45.76, "lng": 4.85});
    let body = json!({"q": "rock à Rennes", "filters": {"position": lyon, "radius_m": 5_000}});
    let found = search_at(&engine, body, NOW);
    assert_eq!(ids(&found), ["rock-lyon"]);
}

#[test]
fn no_page_is_empty_for_what_was_understood() {
    let engine = catalogue();
    for (q, expected) in [
        ("rock gratuit à Nyons", "rock-lyon"),
        ("malade imaginaire à Rennes demain", "play-free"),
        ("manga moins de 2 euros", "manga-7"),
        ("akira tome 1 près de Lyon", "manga-15"),
    ] {
        let found = search(&engine, q);
        assert!(
            ids(&found).contains(&expected),
            "{q}: {:?} {:?}",
            ids(&found),
            found.interpreted
        );
        assert!(!found.interpreted.relaxed.is_empty(), "{q}");
    }
}

#[test]
fn tonight_is_told_on_the_clock_of_the_place() {
    let engine = catalogue();
    // Three in the morning of the 3rd in Paris is eleven at night of the 2nd in Cayenne.
    let now = "2026-12-02T23:00:00Z";
    let found = search_at(&engine, json!({"q": "concert ce soir à Cayenne"}), now);
    assert_eq!(ids(&found), ["cayenne"], "{:?}", found.interpreted);
    let filters = found.interpreted.filters.expect("filters");
    assert_eq!(filters.dates.from, "2026-12-02T00:00:00-03:00".parse().ok());
    let here = json!({"lat": 4.93, "lng": -52.33});
    let found = search_at(
        &engine,
        json!({"q": "concert ce soir", "context": {"position": here}}),
        now,
    );
    assert_eq!(
        found.interpreted.filters.expect("filters").dates.from,
        "2026-12-02T00:00:00-03:00".parse().ok()
    );
}

#[test]
fn a_page_keeps_the_reading_of_the_first() {
    let engine = catalogue();
    let request: SearchRequest = crate::json::from_value(json!({"q": "rock gratuit", "limit": 1})).expect("a request");
    let now = NOW.parse().expect("a time");
    let first = engine.generation().search(&request, None, now).expect("an answer");
    let next = first.next.clone().expect("another page");
    let stored: crate::search::SearchPage =
        serde_json::from_value(serde_json::to_value(&next).expect("JSON")).expect("a page");
    assert_eq!(stored, next);
    let second = engine
        .generation()
        .search(&request, Some(&stored), now)
        .expect("an answer");
    assert_eq!(second.total, first.total);
    assert!(second.interpreted.filters.expect("filters").free);
}

mod regions;

mod grammar {
    use jiff::civil::{Date, date};

    use super::super::dates::when;
    use super::super::prices::{Price, age, price};
    use super::super::tokens::tokens;

    const TODAY: Date = date(2026, 12, 2);

    fn days(text: &str) -> Option<(Date, Date)> {
        let tokens = tokens(text);
        let (taken, when) = when(&tokens, TODAY)?;
        (taken == tokens.len()).then_some(when.days?)
    }

    #[test]
    fn days_are_read() {
        for (text, from, to) in [
            ("aujourd'hui", (12, 2), (12, 3)),
            ("demain", (12, 3), (12, 4)),
            ("après-demain", (12, 4), (12, 5)),
            ("ce week-end", (12, 5), (12, 7)),
            ("this weekend", (12, 5), (12, 7)),
            ("samedi", (12, 5), (12, 6)),
            ("mercredi", (12, 2), (12, 3)),
            ("mercredi prochain", (12, 9), (12, 10)),
            ("next friday", (12, 4), (12, 5)),
            ("samedi soir", (12, 5), (12, 6)),
            ("cette semaine", (12, 2), (12, 7)),
            ("la semaine prochaine", (12, 7), (12, 14)),
            ("12/12/2026", (12, 12), (12, 13)),
            ("2026-12-24", (12, 24), (12, 25)),
            ("le 24 décembre", (12, 24), (12, 25)),
            ("jeudi 24 décembre 2026", (12, 24), (12, 25)),
            ("du 3 au 5 décembre", (12, 3), (12, 6)),
            ("du 28 novembre au 5 décembre", (11, 28), (12, 6)),
            ("entre le 10 et le 12 décembre", (12, 10), (12, 13)),
            ("de vendredi à dimanche", (12, 4), (12, 7)),
            ("dans 3 jours", (12, 5), (12, 6)),
        ] {
            let expected = (date(2026, from.0, from.1), date(2026, to.0, to.1));
            assert_eq!(days(text), Some(expected), "{text}");
        }
        for (text, from, to) in [
            ("14 juillet", date(2027, 7, 14), date(2027, 7, 15)),
            ("1er mai", date(2027, 5, 1), date(2027, 5, 2)),
            ("du 3 au 5 mai", date(2027, 5, 3), date(2027, 5, 6)),
            ("3 mai 2025", date(2025, 5, 3), date(2025, 5, 4)),
            ("en décembre", date(2026, 12, 1), date(2027, 1, 1)),
            ("en mars", date(2027, 3, 1), date(2027, 4, 1)),
            ("janvier 2028", date(2028, 1, 1), date(2028, 2, 1)),
            ("le mois prochain", date(2027, 1, 1), date(2027, 2, 1)),
            ("du 30 décembre au 2 janvier", date(2026, 12, 30), date(2027, 1, 3)),
        ] {
            assert_eq!(days(text), Some((from, to)), "{text}");
        }
    }

    #[test]
    fn what_only_looks_like_a_day_is_none() {
        for text in [
            "mars",
            "1984",
            "31 février",
            "39/12/2026",
            "fahrenheit 451",
            "\"samedi soir\"",
            "-samedi",
            "en 1789",
            "avril",
        ] {
            assert_eq!(days(text), None, "{text}");
        }
    }

    #[test]
    fn prices_and_ages_are_read() {
        let cents = |text: &str| {
            let tokens = tokens(text);
            price(&tokens)
                .filter(|(taken, _)| *taken == tokens.len())
                .map(|(_, price)| price)
        };
        for (text, min, max) in [
            ("moins de 10 euros", None, Some(1_000)),
            ("10€ max", None, Some(1_000)),
            ("max 10 €", None, Some(1_000)),
            ("à moins de 7,50 €", None, Some(750)),
            ("entre 5 et 10 €", Some(500), Some(1_000)),
            ("de 5 à 10 euros", Some(500), Some(1_000)),
            ("5-10 €", Some(500), Some(1_000)),
            ("plus de 20 euros", Some(2_000), None),
            ("10euros", None, Some(1_000)),
            ("under 10 euros", None, Some(1_000)),
            ("pas cher", None, Some(1_000)),
        ] {
            assert_eq!(cents(text), Some(Price::Between(min, max)), "{text}");
        }
        assert_eq!(cents("entrée libre"), Some(Price::Free));
        for text in ["moins de 10", "20e siècle", "paris 2e", "free jazz", "10", "1984"] {
            assert_eq!(cents(text), None, "{text}");
        }
        assert_eq!(age(&tokens("dès 6 ans")), Some((3, 6)));
        assert_eq!(age(&tokens("cent ans de solitude")), Some((2, 100)));
    }
}
