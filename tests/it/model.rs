//! The whole program against a plain model in memory: long random sequences of changes, then questions; always the
//! answers of the model, also after a stop and after a `kill -9`.

use std::collections::{BTreeMap, BTreeSet};

use florilege_tests::{Server, is_long};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use serde_json::{Value, json};

/// The moment of every question: between the two dates that offers have.
const NOW: &str = "2026-12-01T10:00:00Z";
const DATES: [&str; 2] = ["2026-11-30T20:00:00Z", "2026-12-24T20:00:00Z"];
/// A subcategory of each of four categories, all open to everybody.
const KINDS: [(&str, &str); 4] = [
    ("LIVRE_PAPIER", "LIVRE"),
    ("SEANCE_CINE", "CINEMA"),
    ("VISITE", "MUSEE"),
    ("CONCERT", "MUSIQUE_LIVE"),
];

#[derive(Clone)]
struct Offer {
    item: String,
    venue: Option<String>,
    category: &'static str,
    price: Option<u64>,
    stock: Option<u64>,
    is_bookable: bool,
    dates: Vec<&'static str>,
    min_age: Option<u64>,
    updated_at: Option<u64>,
}

#[derive(Default)]
struct Model {
    offers: BTreeMap<String, Offer>,
    venues: BTreeSet<String>,
    /// Whether each reader agreed to be learnt from.
    users: BTreeMap<String, bool>,
    /// Booked and hidden works of each reader.
    gone: BTreeMap<String, BTreeSet<String>>,
    acts: BTreeSet<String>,
}

impl Model {
    fn is_served(&self, offer: &Offer) -> bool {
        offer.venue.as_ref().is_none_or(|venue| self.venues.contains(venue))
    }

    fn is_bookable(offer: &Offer) -> bool {
        let in_time = offer.dates.is_empty() || offer.dates.contains(&DATES[1]);
        offer.is_bookable && offer.stock != Some(0) && in_time
    }

    /// The works that a search finds, cheapest first, with the offer that stands for each.
    fn search(&self, filters: &Value) -> Vec<(String, String)> {
        let (min, max) = (&filters["price_cents"]["min"], &filters["price_cents"]["max"]);
        let fits = |offer: &Offer| {
            let in_range = offer.price.is_none_or(|price| {
                min.as_u64().is_none_or(|min| price >= min) && max.as_u64().is_none_or(|max| price <= max)
            });
            let of_kind = filters["categories"]
                .as_array()
                .is_none_or(|wanted| wanted.iter().any(|name| name == offer.category));
            let at_venue = filters["venue_ids"].as_array().is_none_or(|wanted| {
                wanted
                    .iter()
                    .any(|id| Some(id.as_str().expect("an id")) == offer.venue.as_deref())
            });
            let is_free = filters["free"] != true || offer.price == Some(0);
            let bookable = filters["bookable_only"] == false || Self::is_bookable(offer);
            in_range && of_kind && at_venue && is_free && bookable && self.is_served(offer)
        };
        let mut best: BTreeMap<&str, (u64, &str)> = BTreeMap::new();
        for (id, offer) in self.offers.iter().filter(|(_, offer)| fits(offer)) {
            let key = (offer.price.unwrap_or(u64::MAX), id.as_str());
            best.entry(&offer.item)
                .and_modify(|known| *known = key.min(*known))
                .or_insert(key);
        }
        let mut sorted: Vec<_> = best.into_iter().map(|(item, key)| (key, item)).collect();
        sorted.sort_unstable();
        sorted
            .into_iter()
            .map(|((_, id), item)| (id.to_owned(), item.to_owned()))
            .collect()
    }

    /// The works that a list without rules holds.
    fn recommend(&self, user: &str, age: Option<u64>, credit: Option<u64>) -> BTreeSet<String> {
        let gone = self.gone.get(user).filter(|_| self.users.get(user) == Some(&true));
        let fits = |offer: &Offer| {
            let old_enough = offer.min_age.is_none_or(|min| age.is_some_and(|age| age >= min));
            let payable = credit.is_none_or(|credit| offer.price.map_or(credit > 0, |price| price <= credit));
            let wanted = gone.is_none_or(|gone| !gone.contains(&offer.item));
            old_enough && payable && wanted && Self::is_bookable(offer) && self.is_served(offer)
        };
        self.offers
            .values()
            .filter(|offer| fits(offer))
            .map(|offer| offer.item.clone())
            .collect()
    }

    fn act(&mut self, event: &Value) {
        let text = |field: &str| event[field].as_str().expect("a text").to_owned();
        let user = text("user_id");
        if self.users.get(&user) != Some(&true) || !self.acts.insert(text("id")) {
            return;
        }
        // An act on an offer that is not there names no work, whatever comes later.
        let Some(offer) = self.offers.get(&text("offer_id")) else {
            return;
        };
        let gone = self.gone.entry(user).or_default();
        match text("type").as_str() {
            "booking" => _ = gone.insert(offer.item.clone()),
            "cancellation" => _ = gone.remove(&offer.item),
            _ => {}
        }
    }

    /// Forgets what a reader did, so that acts of the same number may come again.
    fn forget(&mut self, user: &str) {
        self.gone.remove(user);
        self.acts.retain(|act| !act.starts_with(&format!("{user}-")));
    }
}

/// One random change as its line, played on the model; whether the server takes it.
fn change(rng: &mut Pcg64, model: &mut Model) -> (String, bool) {
    let id = format!("o{:02}", rng.random_range(0..60));
    let user = format!("u{}", rng.random_range(0..6));
    let venue = format!("v{}", rng.random_range(0..6));
    match rng.random_range(0..20) {
        0..=6 => upsert(rng, model, id),
        7..=9 => stock(rng, model, &id),
        10..=11 => {
            let known = model.offers.remove(&id).is_some();
            (json!({"op": "offer.delete", "id": id}).to_string(), known)
        }
        12 => {
            model.venues.insert(venue.clone());
            let venue = json!({"id": venue, "name": "Lieu", "position": {"lat": 48.0, "lng": -1.0}});
            (json!({"op": "venue.upsert", "venue": venue}).to_string(), true)
        }
        13 => {
            let known = model.venues.remove(&venue);
            (json!({"op": "venue.delete", "id": venue}).to_string(), known)
        }
        14..=15 => {
            let agrees = rng.random_bool(0.8);
            if !agrees && model.users.get(&user) == Some(&true) {
                model.forget(&user);
            }
            model.users.insert(user.clone(), agrees);
            let user = json!({"id": user, "consents": {"personalisation": agrees}});
            (json!({"op": "user.upsert", "user": user}).to_string(), true)
        }
        16 => {
            let known = model.users.remove(&user).is_some();
            model.forget(&user);
            (json!({"op": "user.erase", "id": user}).to_string(), known)
        }
        _ => {
            let kind = ["booking", "booking", "cancellation"][rng.random_range(0..3)];
            let event = json!({"id": format!("{user}-{}", rng.random_range(0..400)), "type": kind, "user_id": user,
                "offer_id": id, "at": "2026-11-20T12:00:00Z"});
            model.act(&event);
            (json!({"op": "event", "event": event}).to_string(), true)
        }
    }
}

fn upsert(rng: &mut Pcg64, model: &mut Model, id: String) -> (String, bool) {
    let number: usize = id[1..].parse().expect("a number");
    let (subcategory, category) = KINDS[rng.random_range(0..KINDS.len())];
    let day = rng.random_bool(0.3).then(|| rng.random_range(1..28));
    let offer = Offer {
        // A work keeps its offers, two each: who changes its work has another identifier.
        item: format!("i{:02}", number / 2),
        venue: rng.random_bool(0.6).then(|| format!("v{}", rng.random_range(0..6))),
        category,
        price: rng.random_bool(0.8).then(|| rng.random_range(0..8) * 500),
        stock: rng.random_bool(0.3).then(|| rng.random_range(0..3)),
        is_bookable: rng.random_bool(0.9),
        dates: DATES.into_iter().filter(|_| rng.random_bool(0.3)).collect(),
        min_age: rng.random_bool(0.2).then(|| rng.random_range(18..23)),
        updated_at: day,
    };
    let body = json!({"id": id, "item_id": offer.item, "title": "Titre", "subcategory": subcategory, "venue_id": offer.venue,
        "price_cents": offer.price, "stock": offer.stock, "bookable": offer.is_bookable, "dates": offer.dates,
        "min_age": offer.min_age, "updated_at": day.map(|day| format!("2026-11-{day:02}T00:00:00Z"))});
    let known = model.offers.get(&id).and_then(|known| known.updated_at);
    let is_older = day.zip(known).is_some_and(|(new, old)| new < old);
    if !is_older {
        model.offers.insert(id, offer);
    }
    (json!({"op": "offer.upsert", "offer": body}).to_string(), true)
}

fn stock(rng: &mut Pcg64, model: &mut Model, id: &str) -> (String, bool) {
    let (stock, price) = (rng.random_range(0..3u64), rng.random_range(0..8u64) * 500);
    let known = model.offers.get_mut(id).map(|offer| {
        offer.stock = Some(stock);
        offer.price = Some(price);
    });
    let line = json!({"op": "offer.stock", "id": id, "stock": stock, "price_cents": price});
    (line.to_string(), known.is_some())
}

fn texts<'a>(list: &'a Value, field: &str) -> Vec<&'a str> {
    let entries = list.as_array().expect("a list").iter();
    entries.map(|entry| entry[field].as_str().expect("a text")).collect()
}

/// A few random searches and lists, against the model.
fn ask(rng: &mut Pcg64, server: &Server, model: &Model) {
    for _ in 0..3 {
        let mut filters = json!({"bookable_only": rng.random_bool(0.7)});
        match rng.random_range(0..5) {
            0 => filters["categories"] = json!(["LIVRE", "MUSEE"]),
            1 => filters["price_cents"] = json!({"min": 500, "max": rng.random_range(1..8) * 500}),
            2 => filters["free"] = json!(true),
            3 => filters["venue_ids"] = json!(["v1", "v4"]),
            _ => {}
        }
        let request = json!({"sort": "price", "limit": 200, "filters": filters, "context": {"now": NOW}});
        let found = server.post("/v1/search", &request);
        let expected = model.search(&filters);
        let ids: Vec<&str> = expected.iter().map(|(id, _)| id.as_str()).collect();
        assert_eq!(texts(&found["hits"], "id"), ids, "{filters}");
        assert_eq!(found["total"], ids.len(), "{filters}");
    }
    for _ in 0..2 {
        let user = format!("u{}", rng.random_range(0..7));
        let age = rng.random_bool(0.7).then(|| rng.random_range(18..24));
        let credit = rng.random_bool(0.5).then(|| rng.random_range(0..8) * 500);
        let request = json!({"user_id": user, "limit": 200, "diversity": {"rules": []},
            "context": {"now": NOW, "age": age, "credit_cents": credit}});
        let listed = server.post("/v1/recommendations", &request);
        let items = texts(&listed["offers"], "item_id");
        assert_eq!(items.iter().collect::<BTreeSet<_>>().len(), items.len(), "a work twice");
        let expected = model.recommend(&user, age, credit);
        let items: BTreeSet<String> = items.into_iter().map(str::to_owned).collect();
        assert_eq!(items, expected, "{request}");
    }
}

#[test]
fn random_changes_and_questions_equal_a_plain_model() {
    let data = tempfile::tempdir().expect("a folder");
    let mut rng = Pcg64::seed_from_u64(2026);
    let (mut model, mut server) = (Model::default(), Server::serve(data.path()));
    let rounds = if is_long() { 2_000 } else { 90 };
    for round in 0..rounds {
        let count = rng.random_range(1..60);
        let (lines, taken): (Vec<String>, Vec<bool>) = (0..count).map(|_| change(&mut rng, &mut model)).unzip();
        let report = server.load(&lines.join("\n"));
        let refused: Vec<usize> = (1..)
            .zip(&taken)
            .filter(|(_, taken)| !**taken)
            .map(|(line, _)| line)
            .collect();
        let told = report["rejected"].as_array().expect("a list").iter();
        let told: Vec<usize> = told
            .map(|line| line["line"].as_u64().expect("a line") as usize)
            .collect();
        assert_eq!(told, refused, "round {round}: {report}");
        assert_eq!(report["accepted"], count - refused.len(), "round {round}");
        ask(&mut rng, &server, &model);
        match round % 30 {
            14 => assert_eq!(server.stop(), Some(0)),
            29 => server.kill(),
            _ => continue,
        }
        server = Server::serve(data.path());
        ask(&mut rng, &server, &model);
    }
}
