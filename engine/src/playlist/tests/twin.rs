//! What a playlist shows, said as plainly as its document says it, for hundreds of random worlds.

use std::collections::BTreeSet;

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use serde_json::{Value, json};

use super::{NOW, World, ids};
use crate::document::DocumentKind;
use crate::geo::Position;

const SUBS: [(&str, &str); 3] = [
    ("LIVRE_PAPIER", "LIVRE"),
    ("CONCERT", "MUSIQUE_LIVE"),
    ("SEANCE_CINE", "CINEMA"),
];

/// One offer, and what the twin needs of it.
struct Plain {
    id: String,
    item: String,
    category: &'static str,
    territory: &'static str,
    position: Position,
    popularity: u64,
    date: String,
    fit: bool,
    body: Value,
}

/// Offers that differ in whatever a list may be ordered by.
fn offers(rng: &mut Pcg64, count: usize) -> Vec<Plain> {
    let offer = |n: usize| {
        let (sub, category) = SUBS[rng.random_range(0..3usize)];
        let territory = ["35", "56"][rng.random_range(0..2usize)];
        let (lat, lng) = (48.0 + rng.random_range(0.0..0.5), -1.5 + n as f64 * 0.01);
        let past = rng.random_range(0..5u32) == 0;
        let (bookable, price) = (
            rng.random_range(0..6u32) > 0,
            [0, 500, 3_000][rng.random_range(0..3usize)],
        );
        let min_age = [None, Some(15), Some(18)][rng.random_range(0..3usize)];
        let date = if past {
            format!("2026-01-0{}T20:{n:02}:00Z", n % 9 + 1)
        } else {
            format!("2026-02-1{}T20:{n:02}:00Z", n % 9)
        };
        let popularity = (n * 7 % 101) as u64;
        let (id, item) = (format!("o{n:02}"), format!("i{}", rng.random_range(0..count + 4)));
        let body = json!({"id": id, "item_id": item, "title": format!("t{n}"), "subcategory": sub, "venue_id": format!("v{territory}"),
            "position": {"lat": lat, "lng": lng}, "price_cents": price, "min_age": min_age, "bookable": bookable,
            "dates": [date], "popularity": {"bookings_28d": popularity}});
        Plain {
            id,
            item,
            category,
            territory,
            position: Position::new(lat, lng).expect("a position"),
            popularity,
            date,
            fit: bookable && !past && price <= 1_000 && min_age.is_none_or(|min| min <= 16),
            body,
        }
    };
    (0..count).map(offer).collect()
}

/// What the document asks of the twin.
struct Asked {
    picks: Vec<(bool, String, Option<usize>)>,
    categories: Option<Vec<&'static str>>,
    exclude: Vec<String>,
    order: &'static str,
    territory: Option<&'static str>,
    max: usize,
}

fn asked(rng: &mut Pcg64, offers: &[Plain]) -> Asked {
    let (mut named, mut ranks) = (BTreeSet::new(), BTreeSet::new());
    let max = rng.random_range(1..30usize);
    let mut picks = Vec::new();
    for _ in 0..rng.random_range(0..8) {
        let one = &offers[rng.random_range(0..offers.len())];
        let by_offer = rng.random_range(0..2u32) == 0;
        let id = if by_offer { one.id.clone() } else { one.item.clone() };
        let rank = Some(rng.random_range(0..max)).filter(|_| rng.random_range(0..3u32) == 0);
        if named.insert(id.clone()) && rank.is_none_or(|rank| ranks.insert(rank)) {
            picks.push((by_offer, id, rank));
        }
    }
    let ruled = picks.is_empty() || rng.random_range(0..2u32) == 0;
    let exclude = offers
        .iter()
        .filter(|_| rng.random_range(0..12u32) == 0)
        .map(|one| one.id.clone());
    let exclude = exclude.filter(|id| !named.contains(id)).collect();
    let order = if ruled {
        ["distance", "date", "popularity"][rng.random_range(0..3usize)]
    } else {
        "manual"
    };
    Asked {
        picks,
        categories: ruled.then(|| {
            SUBS.iter()
                .map(|(_, category)| *category)
                .take(rng.random_range(1..4))
                .collect()
        }),
        exclude,
        order,
        territory: [None, Some("35")][rng.random_range(0..2usize)],
        max,
    }
}

impl Asked {
    fn body(&self) -> Value {
        let pick = |(by_offer, id, rank): &(bool, String, Option<usize>)| {
            let key = if *by_offer { "offer_id" } else { "item_id" };
            json!({key: id, "rank": rank})
        };
        json!({"id": "p", "title": "t", "picks": self.picks.iter().map(pick).collect::<Vec<_>>(), "exclude": self.exclude,
            "rule": self.categories.as_ref().map(|categories| json!({"filters": {"categories": categories}})),
            "order": self.order, "territory": self.territory, "min_offers": 0, "max_offers": self.max})
    }

    fn may_stand(&self, offer: &Plain) -> bool {
        let excluded = self.exclude.contains(&offer.id) || self.exclude.contains(&offer.item);
        offer.fit && !excluded && self.territory.is_none_or(|territory| offer.territory == territory)
    }

    /// Whether a stands before b where neither has a rank.
    fn before(&self, here: Position, a: &Plain, b: &Plain) -> std::cmp::Ordering {
        match self.order {
            "date" => a.date.cmp(&b.date),
            "popularity" => b.popularity.cmp(&a.popularity),
            _ => here.distance(a.position).0.total_cmp(&here.distance(b.position).0),
        }
    }

    /// The whole list, slowly.
    fn list(&self, offers: &[Plain], here: Position) -> Vec<String> {
        let near = |a: &&Plain, b: &&Plain| here.distance(a.position).0.total_cmp(&here.distance(b.position).0);
        let mut works = BTreeSet::new();
        let mut picked: Vec<(&Plain, Option<usize>)> = Vec::new();
        for (by_offer, id, rank) in &self.picks {
            let named = offers
                .iter()
                .filter(|one| if *by_offer { one.id == *id } else { one.item == *id });
            let best = named.filter(|one| self.may_stand(one)).min_by(near);
            if let Some(best) = best.filter(|best| works.insert(best.item.clone())) {
                picked.push((best, *rank));
            }
        }
        let mut ruled: Vec<&Plain> = offers.iter().filter(|one| self.may_stand(one)).collect();
        ruled.retain(|one| self.categories.as_ref().is_some_and(|all| all.contains(&one.category)));
        ruled.sort_by(|a, b| self.before(here, a, b));
        ruled.retain(|one| works.insert(one.item.clone()));
        let mut free: Vec<&Plain> = picked
            .iter()
            .filter(|(_, rank)| rank.is_none())
            .map(|(one, _)| *one)
            .chain(ruled)
            .collect();
        if self.order != "manual" {
            free.sort_by(|a, b| self.before(here, a, b));
        }
        let mut fixed: Vec<(usize, &Plain)> = picked.iter().filter_map(|(one, rank)| Some(((*rank)?, *one))).collect();
        fixed.sort_by_key(|(rank, _)| *rank);
        // Every rank in turn; with nothing else left, what is fixed moves up.
        let (mut free, mut fixed) = (free.into_iter().peekable(), fixed.into_iter().peekable());
        let mut list = Vec::new();
        while free.peek().is_some() || fixed.peek().is_some() {
            let due = fixed.peek().is_some_and(|(rank, _)| *rank <= list.len());
            let next = if due || free.peek().is_none() {
                fixed.next().map(|(_, one)| one)
            } else {
                free.next()
            };
            list.extend(next.map(|one| one.id.clone()));
        }
        list.truncate(self.max);
        list
    }
}

#[test]
fn every_playlist_shows_what_its_document_says() {
    let here = Position::new(48.1, -1.6).expect("a position");
    let mut longest = 0;
    for seed in 0..400 {
        let mut rng = Pcg64::seed_from_u64(seed);
        let count = rng.random_range(1..58);
        let offers = offers(&mut rng, count);
        let mut world = World::new();
        let venue = |territory: &str| json!({"op": "venue.upsert", "venue": {"id": format!("v{territory}"), "name": "n", "territories": [territory]}});
        world.take(&[venue("35"), venue("56")]);
        world.offers(&offers.iter().map(|one| one.body.clone()).collect::<Vec<_>>());
        let asked = asked(&mut rng, &offers);
        world.publish(DocumentKind::Playlists, 1, &asked.body());
        let expected = asked.list(&offers, here);
        let request = json!({"context": {"age": 16, "credit_cents": 1_000, "position": {"lat": 48.1, "lng": -1.6}}, "seed": seed});
        let (mut shown, mut page) = (Vec::new(), None);
        loop {
            let mut request = request.clone();
            request["limit"] = json!(rng.random_range(1..9));
            let played = world.play(request, page.as_ref(), NOW);
            assert!(played.list.diversity.satisfied, "seed {seed}");
            shown.extend(ids(&played).into_iter().map(str::to_owned));
            page = played.list.next;
            if page.is_none() {
                break;
            }
        }
        assert_eq!(shown, expected, "seed {seed} {}", asked.body());
        longest = longest.max(shown.len());
    }
    assert!(longest > 8, "the worlds are too small");
}
