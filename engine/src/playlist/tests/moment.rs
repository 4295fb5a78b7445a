//! Who sees a playlist and when: schedules, audiences, calendars, and days that end at local midnight.

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use serde_json::{Value, json};

use super::{NOW, World, ids};
use crate::document::DocumentKind;
use crate::editorial::visitor::Closed;
use crate::query::RecommendationRequest;

/// A world with books, a venue in each place, and readers of three territories.
fn world() -> World {
    let mut world = World::new();
    let places = [
        ("paris", "75", 48.85, 2.35, "Europe/Paris"),
        ("cayenne", "973", 4.93, -52.33, "America/Cayenne"),
        ("noumea", "988", -22.27, 166.44, "Pacific/Noumea"),
    ];
    let mut lines = Vec::new();
    for (id, territory, lat, lng, zone) in places {
        lines.push(
            json!({"op": "venue.upsert", "venue": {"id": id, "name": id, "territories": [territory], "time_zone": zone,
            "position": {"lat": lat, "lng": lng}}}),
        );
        lines.push(json!({"op": "user.upsert", "user": {"id": id, "territories": [territory], "birth_year": 2009, "segments": ["new"],
            "persona": "curieux", "consents": {"personalisation": id != "cayenne"}, "position": {"lat": lat, "lng": lng}}}));
        let offer = |n: usize| json!({"op": "offer.upsert", "offer": {"id": format!("{id}{n}"), "title": "t", "subcategory": "LIVRE_PAPIER", "venue_id": id}});
        lines.extend((0..12).map(offer));
    }
    world.take(&lines);
    world
}

fn playlist(changes: &Value) -> Value {
    let mut body =
        json!({"id": "p", "title": "t", "rule": {"filters": {"categories": ["LIVRE"]}}, "diversity": {"rules": []}});
    let fields = body.as_object_mut().expect("an object");
    fields.extend(changes.as_object().expect("an object").clone());
    body
}

#[test]
fn a_schedule_is_a_half_open_span_of_instants() {
    let mut world = world();
    // The night when summer time ends in Paris: 02:30 comes twice, and the offset says which.
    let schedule = json!({"from": "2026-10-25T02:30:00+02:00", "to": "2026-10-25T02:30:00+01:00"});
    world.publish(DocumentKind::Playlists, 1, &playlist(&json!({"schedule": schedule})));
    for (now, closed) in [
        ("2026-10-25T02:29:59+02:00", Some(Closed::NotBegun)),
        ("2026-10-25T02:30:00+02:00", None),
        ("2026-10-25T02:10:00+01:00", None),
        ("2026-10-24T22:00:00-03:00", None),
        ("2026-10-25T02:30:00+01:00", Some(Closed::Over)),
    ] {
        let played = world.play(json!({}), None, now);
        assert_eq!(
            (played.closed, played.list.offers.is_empty()),
            (closed, closed.is_some()),
            "{now}"
        );
    }
}

#[test]
fn an_audience_includes_who_is_known_to_be_in_it() {
    let mut world = world();
    for (audience, request, open) in [
        (json!({"territories": ["75"]}), json!({"user_id": "paris"}), true),
        (json!({"territories": ["75"]}), json!({"user_id": "noumea"}), false),
        (json!({"territories": ["75"]}), json!({}), false),
        (
            json!({"territories": ["75"]}),
            json!({"context": {"position": {"lat": 48.86, "lng": 2.34}}}),
            true,
        ),
        (
            json!({"ages": {"min": 15, "max": 17}}),
            json!({"context": {"age": 17}}),
            true,
        ),
        (
            json!({"ages": {"min": 15, "max": 17}}),
            json!({"context": {"age": 18}}),
            false,
        ),
        (json!({"ages": {"min": 15}}), json!({}), false),
        (
            json!({"ages": {"min": 16, "max": 17}}),
            json!({"user_id": "paris"}),
            true,
        ),
        (json!({"ages": {"min": 17}}), json!({"user_id": "paris"}), false),
        (json!({"personas": ["curieux"]}), json!({"user_id": "paris"}), true),
        (json!({"personas": ["curieux"]}), json!({"user_id": "cayenne"}), false),
        (
            json!({"personas": ["curieux"]}),
            json!({"context": {"persona": {"curieux": 0.5, "casanier": 0.5}}}),
            true,
        ),
        (
            json!({"personas": ["curieux"]}),
            json!({"context": {"persona": {"curieux": 0.4, "casanier": 0.6}}}),
            false,
        ),
        (json!({"segments": ["new"]}), json!({"user_id": "noumea"}), true),
        (json!({"segments": ["new"]}), json!({"user_id": "cayenne"}), false),
        (json!({"logged_in": true}), json!({"user_id": "unheard-of"}), true),
        (json!({"logged_in": false}), json!({"user_id": "unheard-of"}), false),
        (json!({"logged_in": false}), json!({}), true),
    ] {
        world.publish(DocumentKind::Playlists, 1, &playlist(&json!({"audience": audience})));
        let played = world.play(request.clone(), None, NOW);
        let closed = (!open).then_some(Closed::Audience);
        assert_eq!(
            (played.closed, played.list.offers.is_empty()),
            (closed, !open),
            "{audience} {request}"
        );
    }
}

/// Seconds of the night when summer time ends in Paris, as a clock of this offset tells them.
fn told(second: i64, offset_h: i64) -> String {
    let local = 86_400 + second + offset_h * 3_600;
    let (day, second) = (24 + local / 86_400, local % 86_400);
    let (hour, minute) = (second / 3_600, second / 60 % 60);
    let sign = if offset_h < 0 { '-' } else { '+' };
    format!(
        "2026-10-{day}T{hour:02}:{minute:02}:{:02}{sign}{:02}:00",
        second % 60,
        offset_h.abs()
    )
}

/// Some of a few words.
fn some<'a>(rng: &mut Pcg64, words: &[&'a str]) -> Vec<&'a str> {
    let taken = words.iter().filter(|_| rng.random_range(0..3u32) == 0);
    taken.copied().collect()
}

#[test]
fn who_sees_a_playlist_and_when_is_what_its_document_says() {
    const OFFSETS: [i64; 4] = [2, 1, -3, 11];
    let mut rng = Pcg64::seed_from_u64(7);
    let mut world = world();
    let (mut opened, mut shut) = (0, 0);
    for _ in 0..600 {
        let (one, other) = (rng.random_range(0..7_200), rng.random_range(7_200..14_400));
        let (from, to) = (
            rng.random_bool(0.7).then_some(one),
            rng.random_bool(0.7).then_some(other),
        );
        let mut clock = |second: Option<i64>| second.map(|second| told(second, OFFSETS[rng.random_range(0..4usize)]));
        let schedule = json!({"from": clock(from), "to": clock(to)});
        let personas = some(&mut rng, &["curieux", "casanier"]);
        let territories = some(&mut rng, &["75", "973"]);
        let logged_in = [None, None, Some(true), Some(false)][rng.random_range(0..4usize)];
        let segments = some(&mut rng, &["new", "rural"]);
        let segments = if logged_in == Some(false) { Vec::new() } else { segments };
        let (min, max) = (rng.random_range(15..18), rng.random_range(17..20));
        let (min, max) = (rng.random_bool(0.3).then_some(min), rng.random_bool(0.3).then_some(max));
        let audience = json!({"personas": personas, "territories": territories, "segments": segments, "logged_in": logged_in,
            "ages": {"min": min, "max": max}});
        let document = playlist(&json!({"audience": audience, "schedule": schedule}));
        world.publish(DocumentKind::Playlists, 1, &document);
        for _ in 0..6 {
            let known = rng.random_bool(0.7);
            let (lives, is) = (some(&mut rng, &["75", "973"]), some(&mut rng, &["new", "rural"]));
            let persona = [None, Some("curieux"), Some("casanier")][rng.random_range(0..3usize)];
            let age = [None, Some(15), Some(17), Some(19)][rng.random_range(0..4usize)];
            world.take(&[
                json!({"op": "user.upsert", "user": {"id": "u", "territories": lives, "segments": is,
                "consents": {"personalisation": true}}}),
            ]);
            let mut request = json!({"context": {"age": age}});
            if let Some(persona) = persona {
                request["context"]["persona"] = json!({persona: 1.0});
            }
            if known {
                request["user_id"] = json!("u");
            }
            let near = [one - 1, one, other - 1, other, rng.random_range(0..14_400)][rng.random_range(0..5usize)];
            let now = told(near.max(0), OFFSETS[rng.random_range(0..4usize)]);
            // Field by field, as slowly as it can be said.
            let near = near.max(0);
            let in_time = from.is_none_or(|from| from <= near) && to.is_none_or(|to| near < to);
            let leads = personas.is_empty() || persona.is_some_and(|persona| personas.contains(&persona));
            let there = territories.is_empty() || known && lives.iter().any(|one| territories.contains(one));
            let belongs = segments.is_empty() || known && is.iter().any(|one| segments.contains(one));
            let entered = logged_in.is_none_or(|asked| asked == known);
            let old = min.is_none_or(|min| age.is_some_and(|age| age >= min));
            let young = max.is_none_or(|max| age.is_some_and(|age| age <= max));
            let open = in_time && leads && there && belongs && entered && old && young;
            let played = world.play(request.clone(), None, &now);
            assert_eq!(
                (played.closed.is_none(), !played.list.offers.is_empty()),
                (open, open),
                "{document} {request} {lives:?} {is:?} {now}"
            );
            opened += u32::from(open);
            shut += u32::from(!open);
        }
    }
    assert!(opened > 200 && shut > 200, "{opened} {shut}");
}

#[test]
fn a_calendar_opens_and_closes_what_it_names() {
    let mut world = world();
    world.publish(DocumentKind::Playlists, 1, &playlist(&json!({})));
    assert_eq!(world.play(json!({}), None, NOW).closed, None, "no calendar names it");
    let event = |from: &str, to: &str, territories: Value| json!({"name": "Fête de la musique", "from": from, "to": to, "territories": territories, "playlists": ["p"]});
    let events = [
        event("2026-06-21T00:00:00+02:00", "2026-06-22T00:00:00+02:00", json!([])),
        event("2026-09-19T00:00:00+11:00", "2026-09-20T00:00:00+11:00", json!(["988"])),
    ];
    world.publish(
        DocumentKind::Calendars,
        1,
        &json!({"id": "2026", "title": "t", "events": events}),
    );
    for (user, now, closed) in [
        ("paris", "2026-06-21T12:00:00+02:00", None),
        ("cayenne", "2026-06-21T18:59:59-03:00", None),
        ("cayenne", "2026-06-21T19:00:00-03:00", Some(Closed::Calendar)),
        ("noumea", "2026-09-19T00:00:00+11:00", None),
        ("paris", "2026-09-18T15:00:00+02:00", Some(Closed::Calendar)),
        ("noumea", "2026-09-20T00:00:00+11:00", Some(Closed::Calendar)),
    ] {
        assert_eq!(
            world.play(json!({"user_id": user}), None, now).closed,
            closed,
            "{user} {now}"
        );
    }
    // A town's calendar has no say over what is everybody's.
    world.publish(
        DocumentKind::Calendars,
        2,
        &json!({"id": "2026", "title": "t", "territory": "35", "events": events}),
    );
    assert_eq!(world.play(json!({"user_id": "paris"}), None, NOW).closed, None);
}

#[test]
fn a_daily_shuffle_stays_until_local_midnight() {
    let mut world = world();
    world.publish(
        DocumentKind::Playlists,
        1,
        &playlist(&json!({"order": "daily_shuffle"})),
    );
    let order = |user: &str, now: &str, seed: u64| {
        let played = world.play(json!({"user_id": user, "seed": seed}), None, now);
        assert!(played.list.offers.len() > 10);
        ids(&played).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    // Local midnights, on either side of the changes of clock where there are any.
    for (user, last, first) in [
        ("paris", "2026-03-29T21:59:59Z", "2026-03-29T22:00:00Z"),
        ("paris", "2026-03-28T22:59:59Z", "2026-03-28T23:00:00Z"),
        ("paris", "2026-10-25T22:59:59Z", "2026-10-25T23:00:00Z"),
        ("cayenne", "2026-03-29T02:59:59Z", "2026-03-29T03:00:00Z"),
        ("noumea", "2026-03-28T12:59:59Z", "2026-03-28T13:00:00Z"),
    ] {
        let before: jiff::Timestamp = last.parse().expect("a time");
        let hours_ago = (before - jiff::SignedDuration::from_hours(22)).to_string();
        assert_eq!(
            order(user, last, 1),
            order(user, &hours_ago, 2),
            "{user}: all day, whatever the seed"
        );
        assert_ne!(order(user, last, 1), order(user, first, 1), "{user}: another day");
    }
    assert_ne!(order("paris", NOW, 1), order("noumea", NOW, 1), "each reader's own");
}

#[test]
fn a_playlist_of_a_territory_shows_what_stands_there() {
    let mut world = world();
    let picks = json!([{"offer_id": "noumea1"}, {"offer_id": "paris1"}]);
    world.publish(
        DocumentKind::Playlists,
        1,
        &playlist(&json!({"territory": "988", "picks": picks})),
    );
    let played = world.play(json!({"limit": 200, "explain": true}), None, NOW);
    assert_eq!(played.list.offers.len(), 12);
    assert!(ids(&played).iter().all(|id| id.starts_with("noumea")));
    assert_eq!(
        (played.unmet_picks[0].pick, played.unmet_picks[0].reason.as_str()),
        (1, "filters")
    );
}

#[test]
fn a_label_by_rule_is_found_shown_and_said_until_it_is_archived() {
    let mut world = World::new();
    let venue = json!({"id": "v", "name": "Salle", "territories": ["35"], "position": {"lat": 48.1, "lng": -1.6}});
    world.take(&[json!({"op": "venue.upsert", "venue": venue})]);
    let concert = |n: usize| {
        json!({"id": format!("c{n}"), "title": "Concert", "subcategory": "CONCERT", "venue_id": "v",
        "tags": [if n.is_multiple_of(2) { "jazz" } else { "rock" }]})
    };
    world.offers(&(0..6).map(concert).collect::<Vec<_>>());
    let label = json!({"id": "coup-de-coeur", "title": "Coup de cœur de la ville", "label": "labelled", "territory": "35",
        "rule": {"filters": {"tags": ["jazz"]}}});
    world.publish(DocumentKind::Labels, 1, &label);
    let asked = json!({"seed": 1, "limit": 6, "diversity": {"rules": []}, "filters": {"labels": ["labelled"]}});
    let request: RecommendationRequest = crate::json::from_value(asked).expect("a request");
    let now = NOW.parse().expect("a time");
    let list = |world: &World| {
        world
            .generation()
            .recommend(&request, None, now)
            .expect("a list")
            .offers
    };
    let mut shown: Vec<String> = list(&world).iter().map(|offer| offer.id.to_string()).collect();
    shown.sort();
    assert_eq!(shown, ["c0", "c2", "c4"], "a filter finds what the rule labels");
    for offer in list(&world) {
        assert!(offer.sources.contains(&"labels"), "{:?}", offer.sources);
        let said: Vec<&str> = offer.reasons.iter().map(|reason| reason.text.as_str()).collect();
        assert!(said.contains(&"Coup de cœur de la ville"), "{said:?}");
    }
    world.archive(DocumentKind::Labels, "coup-de-coeur");
    assert!(list(&world).is_empty(), "the label left with its document");
}
