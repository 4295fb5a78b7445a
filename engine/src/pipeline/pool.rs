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
const SIBLINGS: usize = 32;
/// The most offers of a work whose distance is measured to find those.
const MEASURED: usize = 4_096;

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
    let mut removed = Removed::new();
    let mut kept = Vec::with_capacity(gathered.len());
    for found in gathered {
        let Some(offer) = query.catalogue.offer(found.row) else {
            continue;
        };
        let candidate = query.requested.candidate(found.row, offer);
        match first_reason(&filters, &candidate) {
            None => kept.push((candidate, found.sources)),
            Some(reason) => *removed.entry(reason).or_default() += 1,
        }
    }
    (kept, removed)
}

fn first_reason(filters: &[Box<dyn Filter + '_>], candidate: &Candidate<'_>) -> Option<&'static str> {
    filters
        .iter()
        .find(|filter| !filter.keeps(candidate))
        .map(|filter| filter.name())
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

/// One offer a work: the best of those gathered, cut to what the arranger can use, then the best of its siblings.
/// The pool is in the order of offer identifiers, the order in which ties are resolved.
pub fn resolve<'a>(query: &Query<'a>, mut scored: Vec<Scored<'a>>, depth: usize) -> Vec<Scored<'a>> {
    scored.sort_by(|a, b| {
        (!is_pinned(query, a.candidate.offer), order(a)).cmp(&(!is_pinned(query, b.candidate.offer), order(b)))
    });
    let mut best: FxHashMap<ItemIx, usize> = FxHashMap::default();
    let mut pool: Vec<Scored<'a>> = Vec::new();
    for next in scored {
        match best.get(&next.candidate.offer.item) {
            Some(place) => pool[*place].sources |= next.sources,
            None => {
                best.insert(next.candidate.offer.item, pool.len());
                pool.push(next);
            }
        }
    }
    cut(query, &mut pool, depth);
    let filters = fitness::filters(query);
    pool.iter_mut()
        .for_each(|one| *one = best_sibling(query, &filters, *one));
    pool.sort_by(|a, b| a.candidate.offer.id.cmp(&b.candidate.offer.id));
    pool
}

/// Best score first, then by identifier: a total order, since scores are finite and not negative.
fn order<'a>(scored: &Scored<'a>) -> (Reverse<u64>, &'a str) {
    (Reverse(scored.score.to_bits()), scored.candidate.offer.id.as_str())
}

/// Keeps the best of each category, as many as a page and its reserve can use. Pinned offers stay.
fn cut(query: &Query<'_>, pool: &mut Vec<Scored<'_>>, depth: usize) {
    let most = depth.saturating_mul(2).max(2 * query.limit());
    let mut counts = [0usize; 256];
    pool.retain(|scored| {
        let count = &mut counts[scored.candidate.offer.category.index()];
        *count += 1;
        *count <= most || is_pinned(query, scored.candidate.offer)
    });
}

/// Whether the request fixes the place of an offer.
pub fn is_pinned(query: &Query<'_>, offer: &OfferRow) -> bool {
    query.request.pins.iter().any(|pin| pin.offer_id == offer.id)
}

/// The best offer of the work for this reader. A pinned offer is itself.
fn best_sibling<'a>(query: &Query<'a>, filters: &[Box<dyn Filter + '_>], one: Scored<'a>) -> Scored<'a> {
    let Some(item) = query.catalogue.item(one.candidate.offer.item) else {
        return one;
    };
    if item.rows.len() < 2 || is_pinned(query, one.candidate.offer) {
        return one;
    }
    let others = siblings(query, &item.rows)
        .into_iter()
        .filter(|other| other.row != one.candidate.row);
    let fit = others.filter(|other| first_reason(filters, other).is_none());
    fit.map(|other| scored(query, other, one.sources))
        .chain([one])
        .min_by(|a, b| order(a).cmp(&order(b)))
        .unwrap_or(one)
}

fn siblings<'a>(query: &Query<'a>, rows: &[Row]) -> Vec<Candidate<'a>> {
    let offer = |row: &Row| Some(query.requested.candidate(*row, query.catalogue.offer(*row)?));
    let mut others: Vec<_> = rows.iter().take(MEASURED).filter_map(offer).collect();
    if others.len() > SIBLINGS {
        let metres = |other: &Candidate<'_>| other.distance.map_or(f64::INFINITY, |distance| distance.0);
        others.sort_by(|a, b| metres(a).total_cmp(&metres(b)).then(a.offer.id.cmp(&b.offer.id)));
        others.truncate(SIBLINGS);
    }
    others
}
