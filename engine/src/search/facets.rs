//! Facets: how many works there are of each value.
//!
//! Invariant: a facet counts under every filter but its own, so that a selected value still shows its siblings; a
//! work counts once for each value, however many offers it has.

use std::collections::BTreeMap;

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Match, matching};
use crate::catalogue::row::{ItemIx, OfferRow, Row};
use crate::filter::{Field, Requested};
use crate::invalid::Invalid;
use crate::live::Generation;
use crate::money::Cents;
use crate::query::{FacetBy, Filters, SearchRequest};
use crate::text::{Plan, TextQuery};

/// The most values that one facet shows, those with most works first.
const MAX_VALUES: usize = 100;

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

/// Counts every facet that is asked for.
pub(super) fn count(
    generation: &Generation,
    requested: &Requested<'_>,
    (request, filters): (&SearchRequest, &Filters),
    query: &TextQuery,
    plan: &Plan,
    works: &[Match],
) -> Result<Counts, Invalid> {
    let mut counts = Counts::new();
    for facet in &request.facets {
        let (name, field) = named(*facet);
        // The hits hold one offer a work; a facet looks at all offers that match.
        let several = works.iter().any(|found| is_several(generation, found.item));
        let rows = if several || is_filtered(filters, field) {
            matching::matching_but(generation, requested, query, plan, field as u16)?
        } else {
            works.iter().map(|found| found.row).collect()
        };
        counts.insert(name, count_one(generation, *facet, &rows));
    }
    Ok(counts)
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

fn count_one(generation: &Generation, facet: FacetBy, rows: &[Row]) -> BTreeMap<String, usize> {
    let mut seen: FxHashSet<(ItemIx, u32)> = FxHashSet::default();
    let mut counts: FxHashMap<u32, usize> = FxHashMap::default();
    for offer in rows.iter().filter_map(|row| generation.catalogue().offer(*row)) {
        let several = is_several(generation, offer.item);
        each_value(facet, offer, |value| {
            if !several || seen.insert((offer.item, value)) {
                *counts.entry(value).or_default() += 1;
            }
        });
    }
    let mut named: Vec<(String, usize)> = counts
        .into_iter()
        .map(|(value, count)| (text(generation, facet, value), count))
        .collect();
    named.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    named.into_iter().take(MAX_VALUES).collect()
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
        FacetBy::Price => sink(band(offer.price)),
    }
}

fn band(price: Option<Cents>) -> u32 {
    let place = price.map_or(BANDS.len() + 1, |price| {
        BANDS.partition_point(|(end, _)| price.get() > *end)
    });
    u32::try_from(place).unwrap_or(u32::MAX)
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
        FacetBy::Price => Some(
            BANDS
                .get(index)
                .map_or(if index == BANDS.len() { "10001+" } else { "unknown" }, |b| b.1)
                .to_owned(),
        ),
    };
    text.unwrap_or_default()
}
