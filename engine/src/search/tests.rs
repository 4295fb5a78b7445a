//! Search on random catalogues against a linear scan that says every filter, sort and facet in its own words.

mod asked;
mod hostile;
mod random;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rand::SeedableRng;
use rand::seq::IndexedRandom;
use rand_pcg::Pcg64;
use serde_json::{Value, json};

use super::*;
use crate::change::{Change, Sequence};
use crate::geo::Position;
use crate::live::Engine;
use crate::offer::Offer;
use crate::taxonomy::{Kind, Taxonomy};
use crate::venue::Venue;
use random::{filters, offer};

const NOW: &str = "2026-01-10T12:00:00+01:00";
const WORDS: [&str; 8] = ["concert", "jazz", "rock", "soirée", "théâtre", "Nantes", "été", "manga"];

struct World {
    engine: Engine,
    taxonomy: Taxonomy,
    offers: Vec<Offer>,
    venues: BTreeMap<String, Venue>,
}

fn pick<T: Clone>(rng: &mut Pcg64, from: &[T]) -> T {
    from.choose(rng).expect("not empty").clone()
}

fn world(rng: &mut Pcg64, count: usize) -> World {
    let taxonomy = Taxonomy::built_in();
    let engine = Engine::in_memory(Arc::new(Taxonomy::built_in())).expect("an engine");
    let mut batch = Vec::new();
    let mut venues = BTreeMap::new();
    for n in 0..6 {
        let territory = if n % 2 == 0 { "35" } else { "44" };
        let venue: Venue = crate::json::from_value(json!({
            "id": format!("v{n}"), "name": format!("Salle {n}"), "territories": [territory],
            "department": pick(rng, &[json!("01"), json!("35"), Value::Null]), "postal_code": pick(rng, &["20137", "35000"]),
            "position": if n == 0 { Value::Null } else { json!({"lat": 47.0 + n as f64 / 10.0, "lng": -1.5}) },
            "time_zone": pick(rng, &["Europe/Paris", "America/Cayenne", "Pacific/Noumea"]),
        }))
        .expect("a venue");
        venues.insert(venue.id.to_string(), venue.clone());
        batch.push(Change::VenueUpsert(Box::new(venue)));
    }
    let offers: Vec<Offer> = (0..count).map(|n| offer(rng, n)).collect();
    batch.extend(offers.iter().map(|offer| Change::OfferUpsert(Box::new(offer.clone()))));
    let batch: Vec<_> = batch
        .into_iter()
        .zip(1..)
        .map(|(change, n)| (Sequence(n), Some(change)))
        .collect();
    engine.apply(&batch).expect("applied");
    World {
        engine,
        taxonomy,
        offers,
        venues,
    }
}

fn texts(list: &[String]) -> Vec<&str> {
    list.iter().map(String::as_str).collect()
}

/// The contract's filters, one sentence each, read off the request's own JSON. `but` leaves one name out.
fn keeps(world: &World, offer: &Offer, asked: &Value, but: &[&str]) -> bool {
    let venue = offer.venue_id.as_ref().and_then(|id| world.venues.get(id.as_str()));
    if offer.venue_id.is_some() && venue.is_none() {
        return false;
    }
    let sub = world
        .taxonomy
        .subcategory(world.taxonomy.find(&offer.subcategory).expect("known"));
    let given = |name: &str| {
        if but.contains(&name) {
            &Value::Null
        } else {
            &asked[name]
        }
    };
    let any = |name: &str, values: &[&str]| {
        given(name)
            .as_array()
            .is_none_or(|list| list.iter().any(|v| values.contains(&v.as_str().expect("a text"))))
    };
    let group = sub.search_group.map(|ix| world.taxonomy.search_group(ix).key.as_str());
    let now: Moment = NOW.parse().expect("a time");
    let bookable = offer.bookable
        && offer.stock != Some(0)
        && (offer.dates.is_empty() || offer.dates.iter().any(|date| *date >= now))
        && offer.booking_opens_at.is_none_or(|opens| opens <= now);
    let price = offer.price_cents.map(|price| u64::from(price.get()));
    let range = given("price_cents");
    let in_range = price.is_none_or(|price| {
        range["min"].as_u64().is_none_or(|min| price >= min) && range["max"].as_u64().is_none_or(|max| price <= max)
    });
    any("categories", &[&world.taxonomy.category(sub.category).key])
        && any("subcategories", &[&offer.subcategory])
        && any("search_groups", &group.into_iter().collect::<Vec<_>>())
        && any("kinds", &[sub.kind.as_str()])
        && any("genres", &texts(&offer.genres))
        && any("tags", &texts(&offer.tags))
        && any("labels", &texts(&offer.labels))
        && any("creators", &texts(&offer.creators))
        && any("languages", &offer.language.as_deref().into_iter().collect::<Vec<_>>())
        && any(
            "venue_ids",
            &offer
                .venue_id
                .as_ref()
                .map(|id| id.as_str())
                .into_iter()
                .collect::<Vec<_>>(),
        )
        && any("item_ids", &[offer.item().as_str()])
        && any(
            "territories",
            &venue.map(|venue| texts(&venue.territories)).unwrap_or_default(),
        )
        && (given("departments").is_null()
            || venue.is_some_and(|venue| match venue.department.as_deref() {
                Some(department) => department == "01",
                None => venue.postal_code.as_deref() == Some("20137"),
            }))
        && in_range
        && (given("free") != true || price == Some(0))
        && dates(offer, venue, given("dates"), given("time_of_day"))
        && (given("duo") != true || offer.duo)
        && (given("accessibility").is_null() || (offer.accessibility.motor && offer.accessibility.audio))
        && given("age")
            .as_u64()
            .is_none_or(|age| offer.min_age.is_none_or(|min| age >= u64::from(min)))
        && (given("bookable_only") == false || bookable)
        && on_the_ground(offer, venue, sub.kind, asked)
}

fn dates(offer: &Offer, venue: Option<&Venue>, range: &Value, time: &Value) -> bool {
    if range.is_null() && time.is_null() {
        return true;
    }
    let moment = |value: &Value| value.as_str().map(|text| text.parse::<Moment>().expect("a time"));
    let zone = venue.and_then(|venue| venue.time_zone.clone());
    offer.dates.iter().any(|date| {
        let local = match (&zone, venue) {
            (Some(zone), _) => date.timestamp().in_tz(zone).expect("a zone"),
            (None, Some(_)) => date.timestamp().in_tz("Europe/Paris").expect("a zone"),
            (None, None) => date.timestamp().in_tz("UTC").expect("a zone"),
        };
        moment(&range["from"]).is_none_or(|from| *date >= from)
            && moment(&range["to"]).is_none_or(|to| *date < to)
            && (time.is_null() || local.hour() >= 18 || local.hour() < 2)
    })
}

/// The days to come of an offer, as its venue's calendar writes them.
fn days(world: &World, offer: &Offer, range: &Value) -> Vec<String> {
    let moment = |value: &Value| value.as_str().map(|text| text.parse::<Moment>().expect("a time"));
    let venue = offer.venue_id.as_ref().and_then(|id| world.venues.get(id.as_str()));
    let zone = match venue {
        Some(venue) => venue.time_zone.clone().unwrap_or_else(|| "Europe/Paris".to_owned()),
        None => "UTC".to_owned(),
    };
    let now: Moment = NOW.parse().expect("a time");
    let kept = offer.dates.iter().filter(|date| {
        **date >= now
            && moment(&range["from"]).is_none_or(|from| **date >= from)
            && moment(&range["to"]).is_none_or(|to| **date < to)
    });
    let days: BTreeSet<String> = kept
        .map(|date| date.timestamp().in_tz(&zone).expect("a zone").date().to_string())
        .collect();
    days.into_iter().collect()
}

fn position(offer: &Offer, venue: Option<&Venue>, kind: Kind) -> Option<Position> {
    if kind == Kind::Digital {
        None
    } else {
        offer.position.or_else(|| venue.and_then(|venue| venue.position))
    }
}

fn on_the_ground(offer: &Offer, venue: Option<&Venue>, kind: Kind, asked: &Value) -> bool {
    let with_digital = asked["include_digital"] != false;
    if kind == Kind::Digital {
        return with_digital;
    }
    let bounded = ["radius_m", "bounding_box", "polygon"]
        .iter()
        .any(|name| !asked[*name].is_null());
    let Some(at) = position(offer, venue, kind) else {
        return with_digital || !bounded;
    };
    let within = asked["radius_m"]
        .as_f64()
        .is_none_or(|radius| metres(at, 47.35, -1.45) <= radius);
    let boxed =
        asked["bounding_box"].is_null() || ((47.2..=47.45).contains(&at.lat()) && (-1.6..=-1.4).contains(&at.lng()));
    within && boxed && (asked["polygon"].is_null() || in_triangle(at))
}

/// The great circle by the law of cosines on unit vectors: another formula than the engine's.
fn metres(at: Position, lat: f64, lng: f64) -> f64 {
    let (a, b) = (at.unit(), Position::new(lat, lng).expect("a position").unit());
    let cross = [
        a[1] * b[2] - a[2] * b[1],
        a[2] * b[0] - a[0] * b[2],
        a[0] * b[1] - a[1] * b[0],
    ];
    let (sine, cosine) = (
        cross.iter().map(|x| x * x).sum::<f64>().sqrt(),
        a.iter().zip(&b).map(|(x, y)| x * y).sum::<f64>(),
    );
    6_371_008.8 * sine.atan2(cosine)
}

fn in_triangle(at: Position) -> bool {
    let corners = [(47.0, -2.0), (47.0, -1.0), (47.5, -1.4)];
    let side = |(lat1, lng1): (f64, f64), (lat2, lng2): (f64, f64)| {
        (at.lng() - lng1) * (lat2 - lat1) - (at.lat() - lat1) * (lng2 - lng1)
    };
    let signs: Vec<bool> = (0..3).map(|n| side(corners[n], corners[(n + 1) % 3]) > 0.0).collect();
    signs.iter().all(|sign| *sign == signs[0])
}

/// What a sort looks at; none sorts last. Lower is earlier.
fn sort_key(world: &World, offer: &Offer, sort: &str) -> Option<f64> {
    let venue = offer.venue_id.as_ref().and_then(|id| world.venues.get(id.as_str()));
    let kind = world
        .taxonomy
        .subcategory(world.taxonomy.find(&offer.subcategory).expect("known"))
        .kind;
    let now: Moment = NOW.parse().expect("a time");
    match sort {
        "distance" => position(offer, venue, kind).map(|at| metres(at, 47.35, -1.45)),
        "date" => offer
            .dates
            .iter()
            .filter(|date| **date >= now)
            .min()
            .map(|date| date.millis() as f64),
        "price" => offer.price_cents.map(|price| f64::from(price.get())),
        "popularity" => Some(-f64::from(offer.popularity.bookings_28d)),
        "newest" => offer.published_at.map(|at| -(at.millis() as f64)),
        other => panic!("no sort {other}"),
    }
}

fn expected(world: &World, asked: &Value, sort: &str) -> Vec<String> {
    let mut kept: Vec<(&Offer, Option<f64>)> = world
        .offers
        .iter()
        .filter(|offer| keeps(world, offer, asked, &[]))
        .map(|offer| (offer, sort_key(world, offer, sort)))
        .collect();
    kept.sort_by(|(a, x), (b, y)| {
        let (x, y) = (x.unwrap_or(f64::INFINITY), y.unwrap_or(f64::INFINITY));
        // Two offers of one place: the engines' formulas may differ in the last bit, the identifiers decide.
        let close = (x - y).abs() < 1e-6 || x == y;
        if close { a.id.cmp(&b.id) } else { x.total_cmp(&y) }
    });
    let mut works = BTreeSet::new();
    kept.retain(|(offer, _)| works.insert(offer.item()));
    kept.into_iter().map(|(offer, _)| offer.id.to_string()).collect()
}

fn search(world: &World, body: Value, page: Option<&SearchPage>) -> Found {
    let request: SearchRequest = crate::json::from_value(body.clone()).expect("a request");
    request.check().expect("within limits");
    world
        .engine
        .generation()
        .search(&request, page, NOW.parse().expect("a time"))
        .expect("an answer")
}

fn ids(found: &Found) -> Vec<String> {
    found
        .hits
        .iter()
        .map(|hit| hit["id"].as_str().expect("an id").to_owned())
        .collect()
}

#[test]
fn every_filter_and_sort_equals_a_linear_scan_page_by_page() {
    let mut found_some = 0;
    for seed in 0..60 {
        let mut rng = Pcg64::seed_from_u64(seed);
        let world = world(&mut rng, 120);
        for _ in 0..25 {
            let asked = filters(&mut rng);
            let sort = pick(&mut rng, &["distance", "date", "price", "popularity", "newest"]);
            if sort == "distance" && asked["position"].is_null() {
                continue;
            }
            let expected = expected(&world, &asked, sort);
            found_some += usize::from(!expected.is_empty());
            let (mut got, mut page) = (Vec::new(), None);
            loop {
                let found = search(
                    &world,
                    json!({"filters": asked, "sort": sort, "limit": 7}),
                    page.as_ref(),
                );
                assert_eq!(found.total, expected.len(), "seed {seed}: {asked}");
                got.extend(ids(&found));
                match found.next {
                    Some(next) => page = Some(next),
                    None => break,
                }
            }
            assert_eq!(got, expected, "seed {seed}: {sort} {asked}");
        }
    }
    assert!(found_some > 500, "{found_some}");
}

#[test]
fn every_facet_equals_a_linear_scan_under_the_other_filters() {
    for seed in 0..60 {
        let mut rng = Pcg64::seed_from_u64(seed);
        let world = world(&mut rng, 100);
        for _ in 0..15 {
            let asked = filters(&mut rng);
            let found = search(
                &world,
                json!({"filters": asked, "facets": ["category", "subcategory", "search_group", "kind", "genre", "price", "venue", "category_tree", "date"]}),
                None,
            );
            let twin = |own: &[&str], values: &dyn Fn(&Offer) -> Vec<String>| {
                let mut works: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
                for offer in world.offers.iter().filter(|offer| keeps(&world, offer, &asked, own)) {
                    for value in values(offer) {
                        works.entry(value).or_default().insert(offer.item().to_string());
                    }
                }
                works
                    .into_iter()
                    .map(|(value, items)| (value, items.len()))
                    .collect::<BTreeMap<_, _>>()
            };
            let category = |offer: &Offer| {
                let sub = world
                    .taxonomy
                    .subcategory(world.taxonomy.find(&offer.subcategory).expect("known"));
                vec![world.taxonomy.category(sub.category).key.clone()]
            };
            let price = |offer: &Offer| {
                let band = match offer.price_cents.map(|price| price.get()) {
                    None => "unknown",
                    Some(0) => "free",
                    Some(1..=500) => "1-500",
                    Some(_) => "1001-2000",
                };
                vec![band.to_owned()]
            };
            let genres = |offer: &Offer| {
                offer
                    .genres
                    .iter()
                    .cloned()
                    .collect::<BTreeSet<_>>()
                    .into_iter()
                    .collect()
            };
            let venue = |offer: &Offer| offer.venue_id.iter().map(ToString::to_string).collect();
            let tree = |offer: &Offer| {
                let category = category(offer).remove(0);
                vec![format!("{category} > {}", offer.subcategory), category]
            };
            let sub = |offer: &Offer| {
                let known = world.taxonomy.find(&offer.subcategory).expect("known");
                world.taxonomy.subcategory(known).clone()
            };
            let group = |offer: &Offer| {
                let group = sub(offer).search_group;
                group
                    .map(|ix| world.taxonomy.search_group(ix).key.clone())
                    .into_iter()
                    .collect()
            };
            let kind = |offer: &Offer| vec![sub(offer).kind.as_str().to_owned()];
            let subcategory = |offer: &Offer| vec![offer.subcategory.clone()];
            for (name, own, values) in [
                (
                    "subcategory",
                    "subcategories",
                    &subcategory as &dyn Fn(&Offer) -> Vec<String>,
                ),
                ("search_group", "search_groups", &group),
                ("kind", "kinds", &kind),
            ] {
                assert_eq!(found.facets[name], twin(&[own], values), "seed {seed}: {name} {asked}");
            }
            let days = |offer: &Offer| days(&world, offer, &asked["dates"]);
            assert_eq!(found.facets["category_tree"], twin(&[], &tree), "seed {seed}: {asked}");
            assert_eq!(found.facets["date"], twin(&[], &days), "seed {seed}: {asked}");
            assert_eq!(
                found.facets["category"],
                twin(&["categories"], &category),
                "seed {seed}: {asked}"
            );
            assert_eq!(
                found.facets["genre"],
                twin(&["genres"], &genres),
                "seed {seed}: {asked}"
            );
            assert_eq!(
                found.facets["price"],
                twin(&["price_cents", "free"], &price),
                "seed {seed}: {asked}"
            );
            assert_eq!(
                found.facets["venue"],
                twin(&["venue_ids"], &venue),
                "seed {seed}: {asked}"
            );
        }
    }
}

#[test]
fn words_and_filters_together_keep_what_each_keeps() {
    for seed in 0..40 {
        let mut rng = Pcg64::seed_from_u64(seed);
        let world = world(&mut rng, 120);
        for word in ["soiree", "Theatre", "ete", "nantes"] {
            let asked = filters(&mut rng);
            let all: BTreeSet<String> = {
                let everything = json!({"q": word, "limit": 200, "filters": {"bookable_only": false}});
                let found = search(&world, everything, None);
                assert!(!found.interpreted.typos, "{word} is a word of the catalogue");
                world
                    .offers
                    .iter()
                    .filter(|o| ids(&found).iter().any(|id| same_work(&world, id, o)))
                    .map(|o| o.id.to_string())
                    .collect()
            };
            let has_word = |offer: &Offer| {
                let folded = crate::text::fold(&offer.title);
                folded.contains(&crate::text::fold(word)[..3])
            };
            let found = search(&world, json!({"q": word, "limit": 200, "filters": asked}), None);
            for id in ids(&found).iter().filter(|_| !found.interpreted.typos) {
                let offer = world
                    .offers
                    .iter()
                    .find(|offer| offer.id.as_str() == id)
                    .expect("of the world");
                assert!(
                    keeps(&world, offer, &asked, &[]) && has_word(offer) && all.contains(id),
                    "seed {seed}: {word} {id}"
                );
            }
            let expected: BTreeSet<_> = world
                .offers
                .iter()
                .filter(|offer| has_word(offer) && keeps(&world, offer, &asked, &[]))
                .map(|offer| offer.item())
                .collect();
            if !expected.is_empty() {
                assert_eq!(found.total, expected.len(), "seed {seed}: {word} {asked}");
            }
        }
    }
}

fn same_work(world: &World, id: &str, other: &Offer) -> bool {
    world
        .offers
        .iter()
        .any(|offer| offer.id.as_str() == id && offer.item() == other.item())
}
