//! What each source is for, by taking it away and giving it back; consent of both sides; effort; scenarios.

mod learnt;

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

use serde_json::{Value, json};

use super::{SOURCES, gather, names};
use crate::catalogue::Catalogue;
use crate::change::{Change, Sequence};
use crate::pipeline::{Asking, Query, execute_asked};
use crate::query::RecommendationRequest;
use crate::taxonomy::Taxonomy;

const NOW: &str = "2026-06-15T12:00:00Z";
static TAXONOMY: LazyLock<Taxonomy> = LazyLock::new(Taxonomy::built_in);

fn change(line: &Value) -> Change {
    Change::parse_entry(line.to_string().as_bytes(), &TAXONOMY).expect("a change")
}

fn offer(id: &str, more: &Value) -> Value {
    let mut offer = json!({"id": id, "title": id, "subcategory": "CONCERT"});
    for (name, value) in more.as_object().into_iter().flatten() {
        offer[name] = value.clone();
    }
    json!({"op": "offer.upsert", "offer": offer})
}

fn user(id: &str, social: bool, friends: &[&str]) -> Value {
    json!({"op": "user.upsert", "user": {"id": id, "friends": friends, "consents": {"personalisation": true, "social": social}}})
}

fn act(kind: &str, user: &str, offer: &str, at: &str) -> Value {
    json!({"op": "event", "event": {"id": format!("{kind} {user} {offer}"), "type": kind, "user_id": user, "offer_id": offer, "at": at}})
}

/// 120 popular concerts that hide everything else from the depth of 40, then one offer for each purpose.
fn world() -> Catalogue {
    let mut lines: Vec<Value> = (0..120)
        .map(|n| {
            let more = json!({"popularity": {"bookings_28d": 900 - n, "bookings_14d": 0, "bookings_7d": 0, "likes": 0},
                "published_at": "2026-05-01T00:00:00Z", "creators": ["Tous"], "genres": ["Rock"]});
            offer(&format!("hit-{n:03}"), &more)
        })
        .collect();
    let far = json!({"lat": 45.0, "lng": 3.0});
    lines.extend([
        offer(
            "seed",
            &json!({"creators": ["Inconnue"], "genres": ["Baroque"], "vector": [1.0, 0.0, 0.5], "position": far}),
        ),
        offer("near", &json!({"position": {"lat": 48.001, "lng": 2.0}})),
        offer("new", &json!({"published_at": "2026-06-15T11:59:59Z"})),
        offer("similar", &json!({"creators": ["Inconnue"]})),
        offer("neighbour", &json!({})),
        offer("vector", &json!({"vector": [0.9, 0.1, 0.5]})),
        offer("venue", &json!({"position": far})),
        offer("rising", &json!({})),
        offer("labelled", &json!({"labels": ["mediation"]})),
        offer("friend", &json!({})),
        offer("shared", &json!({})),
        offer("reviewed", &json!({})),
        user("me", true, &["pal"]),
        user("pal", true, &[]),
        act("booking", "pal", "friend", "2026-01-01T00:00:00Z"),
        act("like", "me", "seed", "2026-06-01T00:00:00Z"),
    ]);
    for n in 0..6 {
        let reader = format!("r{n}");
        lines.push(user(&reader, false, &[]));
        lines.push(act("booking", &reader, "seed", "2026-01-01T00:00:00Z"));
        lines.push(act("booking", &reader, "neighbour", "2026-01-01T00:00:00Z"));
        // Readers of nothing else, so that no neighbour leads there.
        let newcomer = format!("s{n}");
        lines.push(user(&newcomer, false, &[]));
        lines.push(act("favorite", &newcomer, "rising", "2026-06-15T10:00:00Z"));
    }
    let mut share = act("share", "pal", "shared", "2026-06-01T00:00:00Z");
    share["event"]["to_user_id"] = json!("me");
    let mut review = act("review", "r0", "reviewed", "2026-06-01T00:00:00Z");
    review["event"]["value"] = json!(5);
    lines.extend([share, review]);
    catalogue(&lines)
}

fn catalogue(lines: &[Value]) -> Catalogue {
    let mut catalogue = Catalogue::empty(Arc::new(Taxonomy::built_in()));
    for (line, at) in lines.iter().zip(1..) {
        catalogue.apply(Sequence(at), &change(line));
    }
    catalogue.settle();
    catalogue
}

fn request(more: Value) -> RecommendationRequest {
    crate::json::from_value(more).expect("a request")
}

/// The sources that name each gathered offer.
fn gathered(
    catalogue: &Catalogue,
    request: &RecommendationRequest,
    asking: &Asking,
) -> Vec<(String, Vec<&'static str>)> {
    let query = Query::hydrate(catalogue, request, asking, None, NOW.parse().expect("a time")).expect("a query");
    let harvest = gather(&query, 40);
    let named = harvest.rows.iter().map(|found| {
        let offer = catalogue.offer(found.row).expect("a row");
        (offer.id.to_string(), names(found.sources))
    });
    named.collect()
}

fn by(found: &[(String, Vec<&'static str>)], source: &str) -> BTreeSet<String> {
    let named = found.iter().filter(|(_, sources)| sources.contains(&source));
    named.map(|(id, _)| id.clone()).collect()
}

#[test]
fn taking_a_source_away_takes_away_what_it_is_for() {
    let catalogue = world();
    let mine =
        request(json!({"user_id": "me", "seed": 3, "context": {"age": 18, "position": {"lat": 48.0, "lng": 2.0}}}));
    let near_seed = Asking {
        similar_to: vec![crate::ids::ItemId::new("seed").expect("an id")],
        ..Asking::default()
    };
    for (source, target) in [
        ("near", "near"),
        ("new", "new"),
        ("similar", "similar"),
        ("neighbours", "neighbour"),
        ("vector", "vector"),
        ("venue", "venue"),
        ("rising", "rising"),
        ("labels", "labelled"),
        ("friends", "friend"),
        ("shares", "shared"),
        ("reviews", "reviewed"),
    ] {
        let asking = if source == "venue" {
            near_seed.clone()
        } else {
            Asking::default()
        };
        // Chance may name anything, the newest too, and the alike are looked for among the newest: they are set apart
        // to see one source alone.
        let apart = ["exploration", "persona", "new", "similar"].into_iter();
        let others = apart.filter(|name| *name != source).map(str::to_owned);
        let with = Asking {
            without: others.collect(),
            ..asking
        };
        let found = gathered(&catalogue, &mine, &with);
        assert!(
            by(&found, source).contains(target),
            "{source} gives {:?}",
            by(&found, source)
        );
        let mut without = with.clone();
        without.without.push(source.to_owned());
        let left = gathered(&catalogue, &mine, &without);
        assert!(by(&left, source).is_empty());
        assert!(
            !left.iter().any(|(id, _)| id == target),
            "{target} is reached without {source}"
        );
        let ids =
            |found: &[(String, Vec<&'static str>)]| found.iter().map(|(id, _)| id.clone()).collect::<BTreeSet<_>>();
        assert!(ids(&left).is_subset(&ids(&found)), "{source}: taking away adds nothing");
    }
}

/// Neither the nearest nor the most booked: free, a walk away, in a house whose other concerts hide it.
#[test]
fn what_suits_within_reach_is_found_behind_what_is_booked_more() {
    let mut catalogue = world();
    let house = json!({"lat": 48.002, "lng": 2.0});
    let hall = |n: usize| json!({"position": house, "price_cents": 3_000, "popularity": {"bookings_28d": 50 + n, "bookings_14d": 0, "bookings_7d": 0, "likes": 0}});
    let lines = (0..20).map(|n| offer(&format!("hall-{n:02}"), &hall(n)));
    let free = offer("free", &json!({"position": house, "price_cents": 0}));
    for (at, line) in (1_000..).zip(lines.chain([free])) {
        catalogue.apply(Sequence(at), &change(&line));
    }
    catalogue.settle();
    let found = |context: Value| {
        let asked = request(json!({"seed": 1, "context": context}));
        let alone = Asking {
            without: vec!["exploration".to_owned(), "new".to_owned()],
            ..Asking::default()
        };
        let found = gathered(&catalogue, &asked, &alone);
        found
            .into_iter()
            .find(|(id, _)| id == "free")
            .map(|(_, sources)| sources)
    };
    let there = json!({"lat": 48.0, "lng": 2.0});
    let curious = json!({"position": there, "persona": {"curieux": 1.0}});
    assert_eq!(found(curious), Some(vec!["persona"]));
    assert_eq!(found(json!({"position": there})), None, "nobody in particular");
    let far = json!({"position": {"lat": 43.0, "lng": 2.0}, "persona": {"curieux": 1.0}});
    assert_eq!(found(far), None, "out of reach");
}

#[test]
fn a_rise_is_worth_what_its_own_past_does_not_explain() {
    let mut catalogue = world();
    // The core's own numbers: 25 in the week, 15 in the three weeks before, so 28 against 8 with 3 taken for granted.
    let surging = json!({"popularity": {"bookings_28d": 40, "bookings_14d": 30, "bookings_7d": 25, "likes": 0}});
    let mut newborn = surging.clone();
    newborn["published_at"] = json!("2026-06-01T00:00:00Z");
    let pastless = json!({"popularity": {"bookings_28d": 40, "bookings_14d": 40, "bookings_7d": 40, "likes": 0}});
    for (at, (id, more)) in (1_000..).zip([("surging", &surging), ("newborn", &newborn), ("pastless", &pastless)]) {
        catalogue.apply(Sequence(at), &change(&offer(id, more)));
    }
    catalogue.settle();
    let stranger = request(json!({"seed": 1}));
    let others = SOURCES
        .iter()
        .map(|source| source.name().to_owned())
        .filter(|name| name != "rising");
    let alone = Asking {
        without: others.collect(),
        ..Asking::default()
    };
    let found = by(&gathered(&catalogue, &stranger, &alone), "rising");
    assert_eq!(found, ["rising", "surging"].map(str::to_owned).into());
    let value = |id: &str| {
        let asked =
            request(json!({"seed": 1, "explain": true, "filters": {"item_ids": [id]}, "context": {"language": "en"}}));
        let list = execute_asked(
            &catalogue,
            &asked,
            &Asking::default(),
            None,
            NOW.parse().expect("a time"),
        );
        let offer = list.expect("a list").offers.remove(0);
        let part = offer
            .explanation
            .expect("asked for")
            .features
            .into_iter()
            .find(|part| part.name == "rising");
        let told = offer.reasons.iter().any(|reason| reason.text == "Booked more and more");
        (part.expect("a feature").value, told)
    };
    // Six readers took it one slot of six hours ago: what halves in a day against what halves in 28, of which all is
    // known but what was before January.
    let (fast, slow) = (6.0 * 0.5f64.powf(6.0 / 24.0), 6.0 * 0.5f64.powf(0.25 / 28.0));
    let known_days = f64::from(31 + 28 + 31 + 30 + 31 + 14) + 0.75;
    let made_up = (1.0 - 0.5f64.powf(known_days / 28.0)).recip();
    let lift = (28.0 * fast + 28.0) / (made_up * slow + 28.0);
    let (rising, told) = value("rising");
    assert!((rising - (1.0 - 1.0 / lift)).abs() < 1e-12 && told, "{rising} {lift}");
    let (surging, told) = value("surging");
    assert!((surging - (1.0 - 8.0 / 28.0)).abs() < 1e-12 && told, "{surging}");
    assert_eq!(value("hit-000"), (0.0, false), "volume is no rise");
    assert_eq!(value("neighbour"), (0.0, false), "taken long ago");
    assert_eq!(
        value("newborn"),
        (0.0, false),
        "two weeks old: no month to stand out of"
    );
    assert_eq!(value("pastless"), (0.0, false), "nothing is told of the time before");
}

#[test]
fn the_list_itself_changes_when_a_source_is_taken_away() {
    let catalogue = world();
    let rules = json!({"rules": []});
    let mine = request(json!({"user_id": "me", "seed": 3, "limit": 30, "diversity": rules,
        "weights": {"popularity": 0, "exploration": 0, "freshness": 0}, "context": {"age": 18}}));
    let list = |without: &[&str]| {
        let asking = Asking {
            without: without.iter().map(|name| (*name).to_owned()).collect(),
            ..Asking::default()
        };
        let now = NOW.parse().expect("a time");
        execute_asked(&catalogue, &mine, &asking, None, now)
            .expect("a list")
            .offers
    };
    let rank =
        |list: &[crate::pipeline::answer::Placed], id: &str| list.iter().position(|offer| offer.id.as_str() == id);
    let all = list(&[]);
    assert!(
        rank(&all, "neighbour") < Some(4) && rank(&all, "vector") < Some(4),
        "likeness leads"
    );
    let alone = list(&["neighbours", "exploration", "persona", "new"]);
    assert!(rank(&alone, "neighbour").is_none() && rank(&alone, "vector").is_some());
}

#[test]
fn friends_and_shares_need_the_consent_of_both() {
    for (mine, theirs) in [(true, true), (true, false), (false, true), (false, false)] {
        let mut share = act("share", "pal", "sent", "2026-06-01T00:00:00Z");
        share["event"]["to_user_id"] = json!("me");
        let lines = [
            offer("booked", &json!({})),
            offer("sent", &json!({})),
            user("me", mine, &["pal"]),
            user("pal", theirs, &[]),
            act("booking", "pal", "booked", "2026-06-01T00:00:00Z"),
            share,
        ];
        let catalogue = catalogue(&lines);
        let both = mine && theirs;
        for asked in [
            json!({"user_id": "me"}),
            json!({"user_id": "me", "context": {"friends": ["pal"]}}),
        ] {
            let found = gathered(&catalogue, &request(asked), &Asking::default());
            assert_eq!(by(&found, "friends").contains("booked"), both);
            assert_eq!(by(&found, "shares").contains("sent"), both);
        }
        let stranger = gathered(
            &catalogue,
            &request(json!({"context": {"friends": ["pal"]}})),
            &Asking::default(),
        );
        assert!(by(&stranger, "friends").is_empty(), "a stranger has agreed to nothing");
    }
}

#[test]
fn a_reader_who_does_not_agree_has_no_past_and_no_visit() {
    let mut lines = vec![
        offer("seed", &json!({"creators": ["A"]})),
        offer("alike", &json!({"creators": ["A"]})),
        json!({"op": "user.upsert", "user": {"id": "silent"}}),
    ];
    lines.push(user("me", false, &[]));
    let catalogue = catalogue(&lines);
    let visit = |user: Value| {
        let event = json!({"id": "e", "type": "like", "user_id": "x", "offer_id": "seed", "at": NOW});
        let asked = request(json!({"user_id": user, "context": {"events": [event]}}));
        by(&gathered(&catalogue, &asked, &Asking::default()), "similar").contains("alike")
    };
    assert!(visit(json!(null)) && visit(json!("nobody")) && visit(json!("me")));
    assert!(!visit(json!("silent")));
}

#[test]
fn a_source_without_effort_left_is_left_out_and_named() {
    let catalogue = world();
    let mine = request(
        json!({"user_id": "me", "seed": 3, "limit": 5, "context": {"age": 18, "position": {"lat": 48.0, "lng": 2.0}}}),
    );
    let list = |effort| {
        let asking = Asking {
            effort,
            ..Asking::default()
        };
        execute_asked(&catalogue, &mine, &asking, None, NOW.parse().expect("a time")).expect("a list")
    };
    let (free, short, again) = (list(None), list(Some(60)), list(Some(60)));
    assert!(
        free.degraded.is_empty() && free.offers.len() == short.offers.len(),
        "{:?}",
        free.degraded
    );
    assert!(short.degraded.contains(&"similar".to_owned()), "{:?}", short.degraded);
    assert!(!short.degraded.contains(&"popular".to_owned()), "it is required");
    let text = |list: &crate::pipeline::Recommended| serde_json::to_string(list).expect("JSON");
    assert_eq!(text(&short), text(&again), "the same effort, the same answer");
    assert!(list(Some(1_000_000)).degraded.is_empty());
}

#[test]
fn a_scenario_switches_sources_but_leaves_no_list_empty() {
    let scenario = |sources: Value| {
        let body = json!({"id": "home", "title": "Accueil", "sources": sources});
        json!({"op": "document", "document": {"kind": "scenarios", "id": "home", "version": 1, "body": body}})
    };
    let offers: Vec<Value> = (0..90).map(|n| offer(&format!("o{n:02}"), &json!({}))).collect();
    let with = |sources: Value| {
        let mut lines = offers.clone();
        lines.push(scenario(sources));
        catalogue(&lines)
    };
    let count = |catalogue: &Catalogue, source| {
        by(
            &gathered(catalogue, &request(json!({"scenario": "home"})), &Asking::default()),
            source,
        )
        .len()
    };
    assert_eq!(
        (count(&with(json!({})), "popular"), count(&with(json!({})), "new")),
        (40, 20)
    );
    let halved = with(json!({"popular": 0.5, "new": false}));
    assert_eq!((count(&halved, "popular"), count(&halved, "new")), (20, 0));
    let nothing: serde_json::Map<String, Value> = SOURCES
        .iter()
        .map(|source| (source.name().to_owned(), json!(false)))
        .collect();
    let silent = with(Value::Object(nothing));
    assert!(gathered(&silent, &request(json!({"scenario": "home"})), &Asking::default()).is_empty());
    let asked = request(json!({"scenario": "home", "limit": 1}));
    let list = execute_asked(&silent, &asked, &Asking::default(), None, NOW.parse().expect("a time")).expect("a list");
    assert_eq!(list.offers.len(), 1, "the required ones are the last resort");
}

#[test]
fn every_source_keeps_its_depth() {
    let mut lines: Vec<Value> = (0..400)
        .map(|n| {
            let sub = ["CONCERT", "LIVRE_PAPIER"][n % 2];
            let position = json!({"lat": 48.0 + n as f64 * 1e-4, "lng": 2.0});
            offer(
                &format!("o{n:03}"),
                &json!({"subcategory": sub, "creators": ["A"], "tags": ["t"], "labels": ["local"],
                "vector": [1.0, n as f32], "position": position}),
            )
        })
        .collect();
    lines.extend([user("me", true, &["pal"]), user("pal", true, &[])]);
    lines.extend((0..30).map(|n| act("booking", "pal", &format!("o{n:03}"), "2026-06-15T10:00:00Z")));
    lines.extend((0..3).map(|n| act("like", "me", &format!("o{n:03}"), "2026-06-15T10:00:00Z")));
    let catalogue = catalogue(&lines);
    let mine = request(json!({"user_id": "me", "context": {"position": {"lat": 48.0, "lng": 2.0}}}));
    let found = gathered(&catalogue, &mine, &Asking::default());
    for source in SOURCES {
        for sub in [0, 1] {
            let of_category = by(&found, source.name())
                .into_iter()
                .filter(|id| id[1..].parse::<usize>().expect("a number") % 2 == sub);
            assert!(of_category.count() <= 40, "{}", source.name());
        }
    }
    assert!(
        [
            "near",
            "similar",
            "vector",
            "neighbours",
            "friends",
            "labels",
            "exploration"
        ]
        .iter()
        .all(|name| !by(&found, name).is_empty())
    );
}
