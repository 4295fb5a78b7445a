//! From gathered rows to the pool that is arranged: filter, score, and the best offer of each work.
//!
//! Middle stages of the main path. Invariant: a pool holds each work once, as the offer of it that scores best for
//! this reader among those looked at, and nothing that a filter removed.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use super::Query;
use crate::catalogue::row::{ItemIx, OfferRow, Row};
use crate::filter::{Candidate, Filter};
use crate::fitness;
use crate::score::{self, Features};
use crate::source::{Gathered, Sources};

/// The most other offers of a work that are looked at, nearest first.
const SIBLINGS: usize = 2;

/// How many places after a list are looked at, to see whether there is plenty.
const AHEAD: usize = 100;

/// How many rows each filter removed.
pub type Removed = BTreeMap<&'static str, usize>;

/// One candidate with its score.
#[derive(Debug, Clone, Copy)]
pub struct Scored<'a> {
    /// The offer.
    pub candidate: Candidate<'a>,
    /// Which sources named it, as bits.
    pub sources: Sources,
    /// Its features.
    pub features: Features,
    /// Their weighted sum.
    pub score: f64,
}

/// Keeps what may stand; counts what may not, by the first reason.
pub fn filter<'a>(query: &Query<'a>, gathered: &[Gathered]) -> (Vec<(Candidate<'a>, Sources)>, Removed) {
    let filters = fitness::filters(query);
    query.catalogue.offers_ahead(gathered.iter().map(|found| found.row));
    let mut removed = Removed::new();
    let mut kept = Vec::with_capacity(gathered.len());
    for found in gathered {
        match fit(query, &filters, found.row) {
            Some(Ok(candidate)) => kept.push((candidate, found.sources)),
            Some(Err(reason)) => *removed.entry(reason).or_default() += 1,
            None => {}
        }
    }
    (kept, removed)
}

/// A row as a candidate, or the first reason against it; none for a row that holds no offer.
fn fit<'a>(
    query: &Query<'a>,
    filters: &[Box<dyn Filter + '_>],
    row: Row,
) -> Option<Result<Candidate<'a>, &'static str>> {
    let candidate = query.requested.candidate(row, query.catalogue.offer(row)?);
    let against = filters.iter().find(|filter| !filter.keeps(&candidate));
    Some(against.map_or(Ok(candidate), |filter| Err(filter.name())))
}

/// Gives every candidate its features and its score.
pub fn score<'a>(query: &Query<'a>, kept: Vec<(Candidate<'a>, Sources)>) -> Vec<Scored<'a>> {
    kept.into_iter()
        .map(|(candidate, sources)| scored(query, candidate, sources))
        .collect()
}

fn scored<'a>(query: &Query<'a>, candidate: Candidate<'a>, sources: Sources) -> Scored<'a> {
    let features = score::features(query, &candidate, sources);
    Scored {
        candidate,
        sources,
        features,
        score: query.placement.weights.score(&features),
    }
}

/// How many works of a category the arranger gets of what was gathered at a depth.
pub fn share(query: &Query<'_>, depth: usize) -> usize {
    let room = if depth < super::ENOUGH { 1 } else { 2 };
    depth.max(query.limit()).saturating_mul(room)
}

/// Whether none of the next places can lack offers of another category than the last: so many are left of so many.
pub fn is_plenty(query: &Query<'_>, pool: &[Scored<'_>]) -> bool {
    let mut counts = [0usize; 256];
    pool.iter()
        .for_each(|one| counts[one.candidate.offer.category.index()] += 1);
    let held: usize = counts.iter().map(|count| (*count).min(AHEAD / 2)).sum();
    held >= query.limit() + AHEAD
}

/// One offer a work: the best of those gathered, cut to so many of each category, then the best of its siblings.
/// The pool is in the order of offer identifiers, the order in which ties are resolved.
pub fn resolve<'a>(query: &Query<'a>, scored: &[Scored<'a>], share: usize) -> Vec<Scored<'a>> {
    let mut pool = one_a_work(query, scored);
    cut(query, &mut pool, share);
    query
        .catalogue
        .works_ahead(pool.iter().map(|one| one.candidate.offer.item));
    let siblings: Vec<(usize, Row)> = (pool.iter().enumerate())
        .flat_map(|(place, one)| siblings(query, one, |row| query.stands(row)).map(move |row| (place, row)))
        .collect();
    query.catalogue.offers_ahead(siblings.iter().map(|(_, row)| *row));
    let filters = fitness::filters(query);
    for (place, row) in siblings {
        if let Some(Ok(candidate)) = fit(query, &filters, row) {
            let other = self::scored(query, candidate, pool[place].sources);
            if order(&other) < order(&pool[place]) {
                pool[place] = other;
            }
        }
    }
    pool.sort_unstable_by(|a, b| a.candidate.offer.id.cmp(&b.candidate.offer.id));
    pool
}

/// The best of each work, pinned ones first, then by score.
fn one_a_work<'a>(query: &Query<'a>, scored: &[Scored<'a>]) -> Vec<Scored<'a>> {
    let mut ordered: Vec<(bool, &Scored<'a>)> = scored
        .iter()
        .map(|one| (!is_pinned(query, one.candidate.offer), one))
        .collect();
    ordered.sort_unstable_by(|a, b| (a.0, order(a.1)).cmp(&(b.0, order(b.1))));
    let mut places: FxHashMap<ItemIx, usize> = FxHashMap::default();
    let mut best: Vec<Scored<'a>> = Vec::with_capacity(scored.len());
    for (_, next) in ordered {
        match places.get(&next.candidate.offer.item) {
            Some(place) => best[*place].sources |= next.sources,
            None => {
                places.insert(next.candidate.offer.item, best.len());
                best.push(*next);
            }
        }
    }
    best
}

/// Best score first, then by identifier: a total order, since scores are finite and not negative.
fn order<'a>(scored: &Scored<'a>) -> (Reverse<u64>, &'a str) {
    (Reverse(scored.score.to_bits()), scored.candidate.offer.id.as_str())
}

/// Keeps the best of each category. Pinned offers stay.
fn cut(query: &Query<'_>, pool: &mut Vec<Scored<'_>>, share: usize) {
    let mut counts = [0usize; 256];
    pool.retain(|scored| {
        let count = &mut counts[scored.candidate.offer.category.index()];
        *count += 1;
        *count <= share || is_pinned(query, scored.candidate.offer)
    });
}

/// Whether the request fixes the place of an offer.
pub fn is_pinned(query: &Query<'_>, offer: &OfferRow) -> bool {
    query.request.pins.iter().any(|pin| pin.offer_id == offer.id)
}

/// The other offers of a candidate's work that pass, nearest first. A pinned offer is itself.
pub fn siblings<'q>(
    query: &'q Query<'_>,
    one: &Scored<'_>,
    passes: impl Fn(Row) -> bool + 'q,
) -> impl Iterator<Item = Row> + 'q {
    let (row, pinned) = (one.candidate.row, is_pinned(query, one.candidate.offer));
    let item = query.catalogue.item(one.candidate.offer.item);
    let item = item.filter(|item| item.rows.len() > 1 && !pinned);
    let nearest = item.map(|item| item.nearest(query.origin)).unwrap_or_default();
    nearest
        .into_iter()
        .filter(move |other| *other != row && passes(*other))
        .take(SIBLINGS)
}
