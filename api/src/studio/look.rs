//! A resolved list as an editor sees it: cards, the diversity strip, meters, moves against what is live.
//!
//! Every preview is made here out of the engine's answer. Invariant: it adds nothing to the answer: each figure can be
//! counted in the list beside it.

use std::collections::{BTreeMap, BTreeSet};

use florilege_engine::catalogue::{Catalogue, VenueRow};
use florilege_engine::pipeline::answer::{Diversity, Placed};
use florilege_engine::taxonomy::Named;

use super::page::Page;
use super::words::Lang;

/// A venue with so few offers counts as small.
const SMALL_VENUE_OFFERS: usize = 10;
/// Within reach, in metres.
const REACH_M: f64 = 20_000.0;
/// The width of a tick of the strip.
const TICK: usize = 14;
/// How many patterns the strip has.
const PATTERNS: usize = 5;

/// One offer of a list.
#[derive(Debug, Clone)]
pub(super) struct Card {
    pub(super) id: String,
    pub(super) rank: usize,
    pub(super) title: String,
    pub(super) category: Category,
    pub(super) venue: String,
    pub(super) city: String,
    /// Where it is, in words; empty when nobody knows.
    pub(super) distance: String,
    /// What it costs, in words; empty when nobody knows.
    pub(super) price: String,
    pub(super) pinned: bool,
    /// How many places it went up against what is live; none when it was not there.
    pub(super) up: Option<i64>,
    /// Whether a rule is broken here.
    pub(super) breaks: bool,
    metres: Option<f64>,
    cents: Option<u32>,
    small: bool,
}

/// A category as it is drawn.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Category {
    pub(super) index: usize,
    pub(super) name: String,
    /// Its sign among the icons.
    pub(super) glyph: &'static str,
}

impl Category {
    /// Which of the patterns.
    pub(super) const fn pattern(&self) -> usize {
        self.index % PATTERNS
    }
}

/// Something measured, between 0 and 1.
#[derive(Debug, Clone)]
pub(super) struct Meter {
    /// Its name in the words.
    pub(super) name: &'static str,
    pub(super) share: f64,
    /// The figures behind it: how many, of how many.
    pub(super) some: String,
}

/// A list, to look at.
#[derive(Debug, Clone, Default)]
pub(super) struct Look {
    pub(super) cards: Vec<Card>,
    /// Categories in it, with how many offers, the most first.
    pub(super) legend: Vec<(Category, usize)>,
    pub(super) meters: Vec<Meter>,
    /// Whether no strict rule, pin or length was missed.
    pub(super) satisfied: bool,
    /// Why it is short, as the engine calls it.
    pub(super) short: Option<(usize, &'static str)>,
    /// Offers that are live and no longer here.
    pub(super) gone: Vec<String>,
    /// Whether it stands beside something live.
    pub(super) compared: bool,
}

/// What an editor did by hand.
#[derive(Debug, Default)]
pub(super) struct Hand {
    pub(super) pinned: BTreeSet<String>,
    pub(super) picked: BTreeSet<String>,
}

impl Hand {
    fn has(set: &BTreeSet<String>, placed: &Placed) -> bool {
        set.contains(placed.id.as_str()) || set.contains(placed.item_id.as_str())
    }
}

impl Look {
    /// A list, beside the live one if there is one.
    pub(super) fn of(
        catalogue: &Catalogue,
        lang: Lang,
        list: (&[Placed], &Diversity),
        hand: &Hand,
        live: Option<&[Placed]>,
    ) -> Self {
        let (placed, diversity) = list;
        let was: Option<BTreeMap<&str, usize>> =
            live.map(|live| live.iter().map(|one| (one.item_id.as_str(), one.rank)).collect());
        let broken: BTreeSet<usize> = diversity.violations.iter().map(|violation| violation.rank).collect();
        let cards: Vec<Card> = placed
            .iter()
            .map(|one| {
                let was = was.as_ref().and_then(|was| was.get(one.item_id.as_str()));
                let up = was.map(|was| *was as i64 - one.rank as i64);
                let breaks = broken.contains(&one.rank);
                Card {
                    pinned: Hand::has(&hand.pinned, one),
                    up,
                    breaks,
                    ..card(catalogue, lang, one)
                }
            })
            .collect();
        let here: BTreeSet<&str> = placed.iter().map(|one| one.item_id.as_str()).collect();
        let gone = live
            .unwrap_or_default()
            .iter()
            .filter(|one| !here.contains(one.item_id.as_str()));
        Self {
            gone: gone.map(|one| one.title.clone()).collect(),
            legend: legend(&cards),
            meters: meters(&cards),
            satisfied: diversity.satisfied,
            short: diversity.shortfall.as_ref().map(|short| (short.missing, short.cause)),
            compared: live.is_some(),
            cards,
        }
    }

    /// How wide the strip is drawn.
    pub(super) fn width(&self) -> usize {
        (self.cards.len() * TICK).max(TICK)
    }

    /// Where a tick starts.
    #[expect(clippy::unused_self, reason = "templates call methods of what they show")]
    pub(super) fn x(&self, place: &usize) -> usize {
        place * TICK
    }

    /// The strip, to be read aloud.
    pub(super) fn strip_words(&self, page: &Page) -> String {
        let kinds = self
            .legend
            .iter()
            .map(|(category, count)| format!("{} {count}", category.name));
        let told = kinds.collect::<Vec<_>>().join(", ");
        format!("{} {told}", page.n("strip", self.cards.len()))
    }
}

fn card(catalogue: &Catalogue, lang: Lang, placed: &Placed) -> Card {
    let row = catalogue.find(placed.id.as_str()).and_then(|row| catalogue.offer(row));
    let venue = row.and_then(|row| row.venue).and_then(|venue| catalogue.venue(venue));
    let document = venue.and_then(|venue| venue.document.as_deref());
    let cents = row.and_then(|row| row.price).map(florilege_engine::money::Cents::get);
    Card {
        id: placed.id.to_string(),
        rank: placed.rank,
        title: placed.title.clone(),
        category: category(catalogue, lang, &placed.category),
        venue: document.map_or_else(String::new, |venue| venue.name.clone()),
        city: document.and_then(|venue| venue.city.clone()).unwrap_or_default(),
        distance: placed
            .distance_m
            .map_or_else(String::new, |metres| distance(lang, metres)),
        price: cents.map_or_else(String::new, |cents| price(lang, cents)),
        pinned: false,
        up: None,
        breaks: false,
        metres: row.filter(|row| row.place.is_some()).and(placed.distance_m),
        cents,
        small: venue.is_some_and(is_small),
    }
}

/// A category by its key.
pub(super) fn category(catalogue: &Catalogue, lang: Lang, key: &str) -> Category {
    let taxonomy = catalogue.taxonomy();
    let found = taxonomy.find_category(key);
    Category {
        index: found.map_or(0, |index| index.index()),
        name: found.map_or_else(|| key.to_owned(), |index| name(lang, taxonomy.category(index))),
        glyph: glyph(key),
    }
}

/// A name in the language.
pub(super) fn name(lang: Lang, named: &Named) -> String {
    match lang {
        Lang::En => named.en.clone().unwrap_or_else(|| named.fr.clone()),
        Lang::Fr => named.fr.clone(),
    }
}

/// The sign of a category; a taxonomy of another programme gets a star.
fn glyph(key: &str) -> &'static str {
    match key {
        "LIVRE" | "MEDIA" => "LIVRE",
        "MUSIQUE_LIVE" | "MUSIQUE_ENREGISTREE" | "INSTRUMENT" => "MUSIQUE",
        "FILM" | "CINEMA" => "CINEMA",
        "SPECTACLE" => "SPECTACLE",
        "MUSEE" | "CONFERENCE" => "MUSEE",
        "JEU" => "JEU",
        "PRATIQUE_ART" | "BEAUX_ARTS" => "PRATIQUE",
        _ => "OTHER",
    }
}

/// A distance as one says it.
pub(super) fn distance(lang: Lang, metres: f64) -> String {
    if metres < 995.0 {
        return format!("{:.0} m", (metres / 10.0).round().max(1.0) * 10.0);
    }
    let text = if metres < 9_950.0 {
        format!("{:.1} km", metres / 1_000.0)
    } else {
        format!("{:.0} km", metres / 1_000.0)
    };
    match lang {
        Lang::Fr => text.replace('.', ","),
        Lang::En => text,
    }
}

/// A price as one says it.
pub(super) fn price(lang: Lang, cents: u32) -> String {
    let (euros, rest) = (cents / 100, cents % 100);
    match lang {
        _ if cents == 0 => lang.t("free"),
        Lang::Fr if rest == 0 => format!("{euros} €"),
        Lang::Fr => format!("{euros},{rest:02} €"),
        Lang::En if rest == 0 => format!("€{euros}"),
        Lang::En => format!("€{euros}.{rest:02}"),
    }
}

fn legend(cards: &[Card]) -> Vec<(Category, usize)> {
    let mut counts: BTreeMap<&Category, usize> = BTreeMap::new();
    for card in cards {
        *counts.entry(&card.category).or_default() += 1;
    }
    let mut legend: Vec<(Category, usize)> = counts.into_iter().map(|(one, count)| (one.clone(), count)).collect();
    legend.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    legend
}

fn meters(cards: &[Card]) -> Vec<Meter> {
    let all = cards.len();
    let counted = |name, count: usize| Meter {
        name,
        share: if all == 0 { 0.0 } else { count as f64 / all as f64 },
        some: format!("{count} / {all}"),
    };
    let venues: BTreeSet<(&str, &str)> = cards
        .iter()
        .map(|card| (card.venue.as_str(), card.city.as_str()))
        .collect();
    let reached = |card: &&Card| card.metres.is_none_or(|metres| metres <= REACH_M);
    vec![
        counted("reach", cards.iter().filter(reached).count()),
        counted(
            "price",
            cards
                .iter()
                .filter(|card| card.cents.is_some_and(|cents| cents <= 1_000))
                .count(),
        ),
        counted("venues", venues.len().min(all)),
        counted("small", cards.iter().filter(|card| card.small).count()),
    ]
}

/// Whether a venue is small.
pub(super) fn is_small(venue: &VenueRow) -> bool {
    venue.rows.len() <= SMALL_VENUE_OFFERS
}
