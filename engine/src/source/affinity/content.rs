//! Content: how alike two offers are by what is said of them, and where the alike are looked for.
//!
//! Under the source `similar`. Candidates come from the postings of the seeds' creators and tags, from the most booked
//! and the newest of their categories, and from the venues of works asked about; each is held against every seed. Invariant: the likeness is in [0, 1],
//! symmetric, and 0 for offers that share nothing.

use rustc_hash::FxHashMap;

use crate::catalogue::row::{ItemIx, OfferRow, Row};
use crate::catalogue::words::Word;
use crate::pipeline::Query;
use crate::pipeline::asking::Meter;
use crate::source::{self, venue};
use crate::taxonomy::CategoryIx;

/// What each thing in common counts; together 1.
const CREATORS: f64 = 0.35;
const GENRES: f64 = 0.25;
const TAGS: f64 = 0.15;
const SUBCATEGORY: f64 = 0.15;
const CATEGORY: f64 = 0.05;
const VENUE: f64 = 0.05;

/// Where candidates are looked for: rows of each creator, of each tag, most booked and newest of each category.
const LOOKED_AT: [usize; 4] = [12, 6, 60, 20];
/// Rows of each place of a work asked about.
const AT_A_VENUE: usize = 120;
/// How much further `/v1/similar` looks.
const FURTHER: usize = 10;
/// The most words of a seed, of each kind.
const WORDS: usize = 6;

/// How alike two offers are.
pub(super) fn likeness(left: &OfferRow, right: &OfferRow) -> f64 {
    let same = |equal: bool, part: f64| if equal { part } else { 0.0 };
    CREATORS * overlap(&left.creators, &right.creators)
        + GENRES * jaccard(&left.genres, &right.genres)
        + TAGS * jaccard(&left.tags, &right.tags)
        + same(left.subcategory == right.subcategory, SUBCATEGORY)
        + same(left.category == right.category, CATEGORY)
        + same(left.venue.is_some() && left.venue == right.venue, VENUE)
}

fn common(left: &[Word], right: &[Word]) -> usize {
    left.iter().filter(|word| right.binary_search(word).is_ok()).count()
}

/// The words in common of the shorter list's.
fn overlap(left: &[Word], right: &[Word]) -> f64 {
    let fewer = left.len().min(right.len());
    if fewer == 0 {
        return 0.0;
    }
    common(left, right) as f64 / fewer as f64
}

fn jaccard(left: &[Word], right: &[Word]) -> f64 {
    let common = common(left, right);
    let either = left.len() + right.len() - common;
    if common == 0 {
        0.0
    } else {
        common as f64 / either as f64
    }
}

/// The seeds' offers, one a work, with the weight of the work.
fn seeds<'a>(query: &Query<'a>) -> Vec<(&'a OfferRow, f64)> {
    let catalogue = query.catalogue;
    let face = |item| catalogue.offer(*catalogue.item(item)?.rows.first()?);
    let seeds = query.seeds.weighted().iter();
    seeds
        .filter_map(|(item, weight)| Some((face(*item)?, *weight)))
        .collect()
}

/// The categories of the seeds, each once.
pub(super) fn categories(query: &Query<'_>) -> Vec<CategoryIx> {
    let mut categories: Vec<CategoryIx> = seeds(query).iter().map(|(offer, _)| offer.category).collect();
    categories.sort_unstable();
    categories.dedup();
    categories
}

/// Works alike to a seed, each with the best likeness of its offers, weighted by the seed.
pub(super) fn found(query: &Query<'_>, meter: &Meter) -> Vec<(ItemIx, f64)> {
    let seeds = seeds(query);
    let mut best: FxHashMap<ItemIx, f64> = FxHashMap::default();
    let candidates = candidates(query, &seeds);
    query.catalogue.offers_ahead(candidates.iter().copied());
    for row in candidates {
        let Some(offer) = query.catalogue.offer(row) else {
            continue;
        };
        if !meter.spend(seeds.len()) {
            break;
        }
        let near = seeds.iter().map(|(seed, weight)| weight * likeness(seed, offer));
        let held = best.entry(offer.item).or_default();
        *held = near.fold(*held, f64::max);
    }
    best.into_iter().collect()
}

/// Where the alike may be, each row once, in an order that row numbers have no part in.
fn candidates(query: &Query<'_>, seeds: &[(&OfferRow, f64)]) -> Vec<Row> {
    let further = if query.seeds.asked().is_empty() { 1 } else { FURTHER };
    let [creators, tags, booked, newest] = LOOKED_AT.map(|rows| rows * further);
    let postings = query.catalogue.postings();
    let mut rows: Vec<Row> = Vec::new();
    for (seed, _) in seeds {
        for (words, most) in [(&seed.creators, creators), (&seed.tags, tags)] {
            let words = a_few(query, words);
            rows.extend(words.iter().flat_map(|word| postings.rows(*word).take(most)));
        }
    }
    for category in categories(query) {
        let (popular, fresh) = (query.catalogue.popular(), query.catalogue.newest());
        for (order, most) in [(&popular[category.index()], booked), (&fresh[category.index()], newest)] {
            rows.extend(order.iter().take(most).map(|ranked| ranked.row()));
        }
    }
    // What the venues offer is found by a source of its own; here its likeness to the work is.
    let there = if source::is_on(query, "venue") {
        venue::places(query)
    } else {
        Vec::new()
    };
    for place in there
        .into_iter()
        .filter_map(|place| query.catalogue.places().get(place))
    {
        rows.extend(place.rows.iter().take(AT_A_VENUE));
    }
    let mut seen = rustc_hash::FxHashSet::default();
    rows.retain(|row| seen.insert(*row));
    rows
}

/// At most [`WORDS`] of some words, chosen by their texts: their numbers differ from process to process.
fn a_few(query: &Query<'_>, words: &[Word]) -> Vec<Word> {
    let mut chosen = words.to_vec();
    if chosen.len() > WORDS {
        let texts = query.catalogue.words();
        chosen.sort_unstable_by(|a, b| texts.text(*a).cmp(texts.text(*b)));
        chosen.truncate(WORDS);
    }
    chosen
}
