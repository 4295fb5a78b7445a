//! The public against the published figures, and the same public in any order of days.

use std::collections::{BTreeMap, BTreeSet};

use super::figures::{Figures, FiguresError};
use super::shelf::{EVERYWHERE, Facts, Shelf};
use super::*;

const KINDS: [(&str, &str); 18] = [
    ("physical", "LIVRE"),
    ("physical", "MUSIQUE_ENREGISTREE"),
    ("physical", "FILM"),
    ("physical", "INSTRUMENT"),
    ("physical", "BEAUX_ARTS"),
    ("physical", "CINEMA"),
    ("event", "CINEMA"),
    ("event", "MUSIQUE_LIVE"),
    ("event", "SPECTACLE"),
    ("event", "MUSEE"),
    ("event", "PRATIQUE_ART"),
    ("event", "CONFERENCE"),
    ("event", "JEU"),
    ("digital", "FILM"),
    ("digital", "MUSIQUE_ENREGISTREE"),
    ("digital", "JEU"),
    ("digital", "LIVRE"),
    ("digital", "MEDIA"),
];

/// Three hundred offers of each kind and category, in five departments.
fn offers() -> Vec<Facts<'static>> {
    let offer = |number: usize| {
        let (kind, category) = KINDS[number % KINDS.len()];
        Facts {
            kind,
            category,
            department: if kind == "digital" {
                EVERYWHERE
            } else {
                (number / KINDS.len() % 5) as u16
            },
            bookings: (number * 7919 % 1_000) as u32,
        }
    };
    (0..300 * KINDS.len()).map(offer).collect()
}

fn shelf(figures: &Figures) -> Shelf {
    Shelf::new(figures, offers().into_iter(), vec![0, 0, 1, 2, 3, 4])
}

const PLAN: Plan = Plan {
    readers: 6_000,
    events: 360_000,
    seed: 5,
    first: 19_723,
    days: 366,
};

struct Lived {
    readers: Vec<Reader>,
    events: Vec<Event>,
    offers: Vec<Facts<'static>>,
}

impl Lived {
    fn new() -> Self {
        let figures = Figures::built_in().expect("figures");
        let shelf = shelf(&figures);
        let made = Population::new(&figures, &shelf, PLAN).expect("a public");
        Self {
            readers: made.readers().collect(),
            events: (0..made.days()).flat_map(|day| made.day(day)).collect(),
            offers: offers(),
        }
    }

    fn bookings(&self) -> impl Iterator<Item = (&Event, &Facts<'static>)> {
        let booked = self.events.iter().filter(|event| event.act == Act::Booking);
        booked.map(|event| (event, &self.offers[event.offer.expect("an offer") as usize]))
    }

    fn part(&self, of: impl Fn(&Event, &Facts<'static>) -> bool) -> f64 {
        let all = self.bookings().count() as f64;
        self.bookings().filter(|(event, offer)| of(event, offer)).count() as f64 / all
    }
}

fn near(found: f64, published: f64, tolerance: f64, what: &str) {
    assert!(
        (found - published).abs() <= tolerance,
        "{what}: {found}, published {published}"
    );
}

fn weekday(at: i64) -> i64 {
    (at.div_euclid(DAY_MS) + 3).rem_euclid(7)
}

#[test]
fn the_public_does_what_was_published() {
    let lived = Lived::new();
    near(lived.events.len() as f64 / 360_000.0, 1.0, 0.03, "events");
    near(
        lived.bookings().count() as f64 / 6_000.0,
        5.985,
        0.4,
        "bookings an account",
    );
    let active = lived.readers.iter().filter(|reader| reader.active).count() as f64;
    near(active / 6_000.0, 0.743, 0.02, "active accounts");
    let urban = lived.readers.iter().filter(|reader| reader.urban_priority).count() as f64;
    near(urban / 6_000.0, 0.085, 0.012, "priority districts");
    for (kind, share) in [("physical", 0.62), ("event", 0.15), ("digital", 0.23)] {
        near(lived.part(|_, offer| offer.kind == kind), share, 0.02, kind);
    }
    let books = lived.part(|_, offer| offer.category == "LIVRE");
    assert!(books > 0.5 && books < 0.6, "books: {books}");
    let music = lived.part(|_, offer| offer.category == "MUSIQUE_ENREGISTREE");
    let films = lived.part(|_, offer| offer.category == "FILM");
    for (event, what) in [
        ("MUSIQUE_LIVE", "concerts"),
        ("SPECTACLE", "shows"),
        ("MUSEE", "museums"),
    ] {
        let part = lived.part(|_, offer| offer.category == event);
        assert!(part < music && part < films, "{what}: {part} of {music} and {films}");
    }
}

#[test]
fn readers_widen_as_was_published() {
    let lived = Lived::new();
    let mut of_reader: BTreeMap<u32, (usize, BTreeSet<&str>)> = BTreeMap::new();
    for (event, offer) in lived.bookings() {
        let (count, categories) = of_reader.entry(event.reader).or_default();
        *count += 1;
        categories.insert(offer.category);
    }
    let part = |least: usize, wide: usize| {
        let busy: Vec<_> = of_reader.values().filter(|(count, _)| *count >= least).collect();
        busy.iter().filter(|(_, categories)| categories.len() >= wide).count() as f64 / busy.len() as f64
    };
    near(part(4, 2), 0.80, 0.06, "two categories of those with four bookings");
    near(part(8, 3), 0.60, 0.08, "three categories of those with eight bookings");
}

#[test]
fn cinema_has_its_days_and_few_offers_have_most() {
    let lived = Lived::new();
    let mut by_day = [0_usize; 7];
    let cinema = |offer: &Facts<'_>| offer.category == "CINEMA" && offer.kind == "event";
    for (event, _) in lived.bookings().filter(|(_, offer)| cinema(offer)) {
        by_day[weekday(event.at) as usize] += 1;
    }
    let all: usize = by_day.iter().sum();
    for day in [2, 5] {
        assert!(by_day[day] * 4 > all, "day {day}: {by_day:?}");
    }
    assert!(
        (0..7)
            .filter(|day| ![2, 5].contains(day))
            .all(|day| by_day[day] * 8 < all),
        "{by_day:?}"
    );
    let mut of_offer: BTreeMap<u32, usize> = BTreeMap::new();
    for (event, _) in lived.bookings() {
        *of_offer.entry(event.offer.expect("an offer")).or_default() += 1;
    }
    let mut counts: Vec<usize> = of_offer.into_values().collect();
    counts.sort_unstable_by(|a, b| b.cmp(a));
    let all: usize = counts.iter().sum();
    let head: usize = counts.iter().take(lived.offers.len() / 100).sum();
    assert!(head * 5 > all, "one offer in a hundred has {head} of {all} bookings");
}

#[test]
fn days_are_the_same_in_any_order_and_acts_stand_in_order() {
    let figures = Figures::built_in().expect("figures");
    let shelf = shelf(&figures);
    let plan = Plan {
        readers: 400,
        events: 20_000,
        ..PLAN
    };
    let made = Population::new(&figures, &shelf, plan).expect("a public");
    let again = Population::new(&figures, &shelf, plan).expect("a public");
    let mut some = 0;
    for day in (0..made.days()).rev() {
        let events = made.day(day);
        assert_eq!(events, again.day(day));
        assert!(events.is_sorted_by_key(|event| event.at));
        for event in &events {
            let reader = made.reader(event.reader);
            assert!(usize::from(reader.signed_up) <= day + 6, "{event:?} before {reader:?}");
            assert!(reader.active || event.act != Act::Booking);
        }
        some += events.len();
    }
    assert!(some > 15_000, "{some}");
    let other = Population::new(&figures, &shelf, Plan { seed: 6, ..plan }).expect("a public");
    assert_ne!(made.day(200), other.day(200));
}

#[test]
fn what_cannot_be_made_is_told() {
    let figures = Figures::built_in().expect("figures");
    let shelf = shelf(&figures);
    let fault = |plan: Plan, shelf: &Shelf| Population::new(&figures, shelf, plan).map(|_| ()).expect_err("a fault");
    assert_eq!(fault(Plan { readers: 0, ..PLAN }, &shelf), PlanError::Empty);
    assert_eq!(fault(Plan { days: 0, ..PLAN }, &shelf), PlanError::Empty);
    let many = Plan {
        readers: 2,
        events: 1_000_000,
        ..PLAN
    };
    assert!(matches!(fault(many, &shelf), PlanError::Events { .. }));
    let bare = Shelf::new(&figures, std::iter::empty(), Vec::new());
    assert_eq!(fault(PLAN, &bare), PlanError::Shelf);
    assert!(matches!(Figures::read("active = 1"), Err(FiguresError::Form(_))));
}
