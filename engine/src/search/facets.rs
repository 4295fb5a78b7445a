//! Facets: how many works there are of each value.
//!
//! Invariant: a facet counts under every filter but its own, so that a selected value still shows its siblings; a
//! work counts once for each value, however many offers it has.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use rustc_hash::{FxHashMap, FxHashSet};

use super::matching;
use super::scratch::Stamped;
use crate::catalogue::glance::Glance;
use crate::catalogue::row::{ItemIx, OfferRow, Row};
use crate::filter::{Field, Requested};
use crate::invalid::Invalid;
use crate::live::Generation;
use crate::money::Cents;
use crate::query::{FacetBy, Filters};
use crate::taxonomy::Taxonomy;
use crate::text::{Plan, TextQuery, TextRank};
use crate::time::Moment;

/// The most values that one facet shows, those with most works first.
const MAX_VALUES: usize = 100;
/// Dates of one offer that are counted.
const MAX_DATES: usize = 400;
/// Numbers of categories in the tree start here.
const BRANCHES: u32 = 1_000;

type Counts = BTreeMap<&'static str, BTreeMap<String, usize>>;

/// Upper ends of the price bands in cents, with their names.
const BANDS: [(u32, &str); 6] = [
    (0, "free"),
    (500, "1-500"),
    (1_000, "501-1000"),
    (2_000, "1001-2000"),
    (5_000, "2001-5000"),
    (10_000, "5001-10000"),
];

/// What the facets are counted over.
pub(super) struct Counted<'a> {
    pub(super) generation: &'a Generation,
    pub(super) requested: &'a Requested<'a>,
    pub(super) filters: &'a Filters,
    pub(super) words: (&'a TextQuery, &'a Plan, &'a [Row]),
    /// What fails one of the fields that facets are asked for and filtered by, where that is known.
    pub(super) wider: Option<&'a [(Row, u16)]>,
    /// Every offer that matches.
    pub(super) hits: &'a [(Row, TextRank)],
    pub(super) now: i64,
}

/// Counts every facet that is asked for: one search more where one of them is filtered by, however many they are, and
/// one walk for all that have few values.
pub(super) fn count(counted: &Counted<'_>, facets: &[FacetBy]) -> Result<Counts, Invalid> {
    let without = chosen(counted.filters, facets);
    let wider = match counted.wider {
        _ if without == 0 => Cow::default(),
        Some(wider) => Cow::Borrowed(wider),
        None => {
            let found = matching::matching_but(counted.generation, counted.requested, counted.words, without)?;
            Cow::Owned(found)
        }
    };
    let (small, large): (Vec<FacetBy>, Vec<FacetBy>) = facets.iter().partition(|facet| Small::of(**facet).is_some());
    let mut counts = match without {
        0 => counted.small(&small, counted.hits.iter().map(|(row, _)| (*row, 0))),
        _ => counted.small(&small, wider.iter().copied()),
    };
    for facet in large {
        let (name, field) = named(facet);
        let own = if is_filtered(counted.filters, field) {
            counted.one(facet, siblings(&wider, facet))
        } else {
            counted.one(facet, counted.hits.iter().map(|(row, _)| *row))
        };
        counts.insert(name, own);
    }
    Ok(counts)
}

/// The fields that facets are asked for and filtered by, as bits.
pub(super) fn chosen(filters: &Filters, facets: &[FacetBy]) -> u16 {
    let fields = facets.iter().map(|facet| named(*facet).1);
    let filtered = fields.filter(|field| is_filtered(filters, *field));
    filtered.fold(0, |bits, field| bits | field as u16)
}

/// What fails no filter but the facet's own.
fn siblings(wider: &[(Row, u16)], facet: FacetBy) -> impl Iterator<Item = Row> {
    let own = named(facet).1 as u16;
    wider
        .iter()
        .filter(move |(_, misses)| misses & !own == 0)
        .map(|(row, _)| *row)
}

thread_local! {
    /// The values that works were counted under; kept between searches.
    static SEEN: RefCell<Stamped<Values>> = RefCell::default();
}

/// A facet of few values, of which an offer has one, told at a glance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Small {
    Category,
    Subcategory,
    SearchGroup,
    Kind,
    Price,
}

impl Small {
    const fn of(facet: FacetBy) -> Option<Self> {
        match facet {
            FacetBy::Category => Some(Self::Category),
            FacetBy::Subcategory => Some(Self::Subcategory),
            FacetBy::SearchGroup => Some(Self::SearchGroup),
            FacetBy::Kind => Some(Self::Kind),
            FacetBy::Price => Some(Self::Price),
            FacetBy::Genre
            | FacetBy::Tag
            | FacetBy::Label
            | FacetBy::Venue
            | FacetBy::Language
            | FacetBy::CategoryTree
            | FacetBy::Date => None,
        }
    }

    /// The value of an offer, below 256.
    fn value(self, glance: &Glance) -> Option<usize> {
        match self {
            Self::Category => Some(glance.category()),
            Self::Subcategory => Some(glance.subcategory()),
            Self::SearchGroup => glance.search_group(),
            Self::Kind => Some(glance.kind()),
            Self::Price => Some(band(glance.price()) as usize),
        }
    }
}

/// The first value of each small facet that a work was counted under; others stand in a set, which is rare.
#[derive(Debug, Clone, Copy)]
struct Values([u16; 5]);

impl Default for Values {
    fn default() -> Self {
        Self([u16::MAX; 5])
    }
}

impl Values {
    /// Whether a work has not been counted under a value yet; it has now.
    fn add(&mut self, small: Small, value: usize, others: &mut FxHashSet<(u32, Small, usize)>, item: ItemIx) -> bool {
        let first = &mut self.0[small as usize];
        if *first == u16::MAX {
            *first = value as u16;
            return true;
        }
        usize::from(*first) != value && others.insert((item.0, small, value))
    }
}

fn is_several(generation: &Generation, item: ItemIx) -> bool {
    generation
        .catalogue()
        .item(item)
        .is_some_and(|item| item.rows.len() > 1)
}

const fn named(facet: FacetBy) -> (&'static str, Field) {
    match facet {
        FacetBy::Category => ("category", Field::Category),
        FacetBy::Subcategory => ("subcategory", Field::Subcategory),
        FacetBy::SearchGroup => ("search_group", Field::SearchGroup),
        FacetBy::Kind => ("kind", Field::Kind),
        FacetBy::Genre => ("genre", Field::Genre),
        FacetBy::Tag => ("tag", Field::Tag),
        FacetBy::Label => ("label", Field::Label),
        FacetBy::Venue => ("venue", Field::Venue),
        FacetBy::Language => ("language", Field::Language),
        FacetBy::Price => ("price", Field::Price),
        FacetBy::CategoryTree => ("category_tree", Field::Other),
        FacetBy::Date => ("date", Field::Other),
    }
}

const fn is_filtered(filters: &Filters, field: Field) -> bool {
    match field {
        Field::Category => !filters.categories.is_empty(),
        Field::Subcategory => !filters.subcategories.is_empty(),
        Field::SearchGroup => !filters.search_groups.is_empty(),
        Field::Kind => !filters.kinds.is_empty(),
        Field::Genre => !filters.genres.is_empty(),
        Field::Tag => !filters.tags.is_empty(),
        Field::Label => !filters.labels.is_empty(),
        Field::Venue => !filters.venue_ids.is_empty(),
        Field::Language => !filters.languages.is_empty(),
        Field::Price => filters.free || filters.price_cents.min.is_some() || filters.price_cents.max.is_some(),
        Field::Other => false,
    }
}

impl Counted<'_> {
    fn one(&self, facet: FacetBy, rows: impl Iterator<Item = Row>) -> BTreeMap<String, usize> {
        let catalogue = self.generation.catalogue();
        let mut seen: FxHashSet<(ItemIx, u32)> = FxHashSet::default();
        let mut counts: FxHashMap<u32, usize> = FxHashMap::default();
        for offer in rows.filter_map(|row| catalogue.offer(row)) {
            let several = is_several(self.generation, offer.item);
            let count = |value| {
                if !several || seen.insert((offer.item, value)) {
                    *counts.entry(value).or_default() += 1;
                }
            };
            if facet == FacetBy::Date {
                self.days(offer).into_iter().for_each(count);
            } else {
                each_value(facet, offer, count);
            }
        }
        self.named(facet, counts.into_iter())
    }

    /// The first values by their names: the days in order, others by how many works they have.
    fn named(&self, facet: FacetBy, counts: impl Iterator<Item = (u32, usize)>) -> BTreeMap<String, usize> {
        let by_day = facet == FacetBy::Date;
        let mut named: Vec<(u32, usize, String)> = counts
            .map(|(value, count)| (value, count, text(self.generation, facet, value)))
            .collect();
        named.sort_by(|a, b| {
            if by_day {
                a.0.cmp(&b.0)
            } else {
                b.1.cmp(&a.1).then_with(|| a.2.cmp(&b.2))
            }
        });
        named
            .into_iter()
            .take(MAX_VALUES)
            .map(|(_, count, text)| (text, count))
            .collect()
    }

    /// Facets of few values, all in one walk over the offers, each with the field that it fails, if any.
    fn small(&self, facets: &[FacetBy], rows: impl Iterator<Item = (Row, u16)>) -> Counts {
        let catalogue = self.generation.catalogue();
        let kinds: Vec<(FacetBy, Small, u16)> = facets
            .iter()
            .filter_map(|by| Some((*by, Small::of(*by)?, named(*by).1 as u16)))
            .collect();
        if kinds.is_empty() {
            return Counts::new();
        }
        let mut tables = vec![[0usize; 256]; kinds.len()];
        let mut others = FxHashSet::default();
        let mut seen = SEEN.take();
        seen.begin(catalogue.item_bound());
        for (glance, misses) in rows.filter_map(|(row, misses)| Some((catalogue.glance(row)?, misses))) {
            let number = glance.item().0 as usize;
            let mut known = if glance.is_one_of_several() {
                seen.get(number).unwrap_or_default()
            } else {
                Values::default()
            };
            let counting = kinds
                .iter()
                .zip(&mut tables)
                .filter(|((.., own), _)| misses & !own == 0);
            for ((_, small, _), table) in counting {
                let value = small.value(glance);
                let is_new = |value: &usize| known.add(*small, *value, &mut others, glance.item());
                if let Some(value) = value.filter(is_new) {
                    table[value] += 1;
                }
            }
            if glance.is_one_of_several() {
                seen.set(number, known);
            }
        }
        SEEN.set(seen);
        let counted = kinds.iter().zip(&tables).map(|((by, ..), table)| {
            let values = table.iter().zip(0u32..).filter(|(count, _)| **count > 0);
            (
                named(*by).0,
                self.named(*by, values.map(|(count, value)| (value, *count))),
            )
        });
        counted.collect()
    }

    /// The days to come of an offer on its venue's clock, each once, within the filter.
    fn days(&self, offer: &OfferRow) -> Vec<u32> {
        let venue = offer.venue.and_then(|venue| self.generation.catalogue().venue(venue));
        let zone = venue.map_or(TimeZone::UTC, |venue| venue.zone.clone());
        let range = self.filters.dates;
        let from = range.from.map_or(self.now, |from| from.millis().max(self.now));
        let to = range.to.map_or(i64::MAX, |to| to.millis());
        let first = offer.dates.partition_point(|date| *date < from);
        let dates = offer.dates[first..]
            .iter()
            .take_while(|date| **date < to)
            .take(MAX_DATES);
        let mut days: Vec<u32> = dates.filter_map(|date| day_number(*date, &zone)).collect();
        days.dedup();
        days
    }
}

/// Days since 1970 on a clock.
fn day_number(millis: i64, zone: &TimeZone) -> Option<u32> {
    let at = Moment::from_millis(millis).timestamp();
    let seconds = at.as_second() + i64::from(zone.to_offset(at).seconds());
    u32::try_from(seconds.div_euclid(86_400)).ok()
}

fn day_text(number: u32) -> Option<String> {
    let epoch = jiff::civil::date(1970, 1, 1);
    Some(
        epoch
            .checked_add(jiff::Span::new().try_days(number).ok()?)
            .ok()?
            .to_string(),
    )
}

fn each_value(facet: FacetBy, offer: &OfferRow, mut sink: impl FnMut(u32)) {
    let dense = |index: usize| u32::try_from(index).unwrap_or(u32::MAX);
    match facet {
        FacetBy::Category => sink(dense(offer.category.index())),
        FacetBy::Subcategory => sink(dense(offer.subcategory.index())),
        FacetBy::SearchGroup => offer
            .search_group
            .into_iter()
            .for_each(|group| sink(dense(group.index()))),
        FacetBy::Kind => sink(offer.kind as u32),
        FacetBy::Genre => offer.genres.iter().for_each(|word| sink(word.0)),
        FacetBy::Tag => offer.tags.iter().for_each(|word| sink(word.0)),
        FacetBy::Label => (0..u64::BITS).filter(|bit| offer.labels >> bit & 1 == 1).for_each(sink),
        FacetBy::Venue => offer.venue.into_iter().for_each(|venue| sink(venue.0)),
        FacetBy::Language => offer.language.into_iter().for_each(|word| sink(word.0)),
        FacetBy::Price => sink(band(offer.price.map(Cents::get))),
        FacetBy::CategoryTree => {
            sink(BRANCHES + dense(offer.category.index()));
            sink(dense(offer.subcategory.index()));
        }
        FacetBy::Date => {}
    }
}

fn band(price: Option<u32>) -> u32 {
    let place = price.map_or(BANDS.len() + 1, |price| BANDS.partition_point(|(end, _)| price > *end));
    u32::try_from(place).unwrap_or(u32::MAX)
}

/// A category, or a subcategory under its category.
fn branch(taxonomy: &Taxonomy, value: u32) -> Option<String> {
    if let Some(category) = value.checked_sub(BRANCHES) {
        return taxonomy
            .categories()
            .nth(category as usize)
            .map(|(_, named)| named.key.clone());
    }
    let (_, sub) = taxonomy.subcategories().nth(value as usize)?;
    Some(format!("{} > {}", taxonomy.category(sub.category).key, sub.named.key))
}

fn text(generation: &Generation, facet: FacetBy, value: u32) -> String {
    let (catalogue, index) = (generation.catalogue(), value as usize);
    let taxonomy = catalogue.taxonomy();
    let text = match facet {
        FacetBy::Category => taxonomy.categories().nth(index).map(|(_, named)| named.key.clone()),
        FacetBy::Subcategory => taxonomy
            .subcategories()
            .nth(index)
            .map(|(_, sub)| sub.named.key.clone()),
        FacetBy::SearchGroup => taxonomy.search_groups().nth(index).map(|(_, named)| named.key.clone()),
        FacetBy::Kind => crate::taxonomy::Kind::ALL
            .get(index)
            .map(|kind| kind.as_str().to_owned()),
        FacetBy::Label => taxonomy.labels().get(index).cloned(),
        FacetBy::Venue => catalogue
            .venue(crate::catalogue::row::VenueIx(value))
            .map(|venue| venue.id.to_string()),
        FacetBy::Genre | FacetBy::Tag | FacetBy::Language => {
            Some(catalogue.words().text(crate::catalogue::words::Word(value)).to_owned())
        }
        FacetBy::CategoryTree => branch(taxonomy, value),
        FacetBy::Date => day_text(value),
        FacetBy::Price => Some(
            BANDS
                .get(index)
                .map_or(if index == BANDS.len() { "10001+" } else { "unknown" }, |b| b.1)
                .to_owned(),
        ),
    };
    text.unwrap_or_default()
}
