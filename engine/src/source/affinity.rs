//! Affinity: which works are near to those that a list starts from, by readers, by content, by vector.
//!
//! Found once for a query and read by three sources and by the score. Invariant: the works that a list starts from are
//! not among those found; each list is best first, ties by the fingerprint of the work, and bounded.

mod content;

use std::sync::OnceLock;

use rustc_hash::FxHashMap;

use crate::catalogue::Catalogue;
use crate::catalogue::row::{ItemIx, Row};
use crate::event::{Event, EventType};
use crate::pipeline::Query;
use crate::pipeline::asking::{Asking, Meter};
use crate::query::RecommendationRequest;

/// The most recent works of a reader that a list starts from.
const RECENT: usize = 6;
/// What each older one counts, of the one before it.
const OLDER: f64 = 0.8;
/// What a look counts, of a taking.
const LOOK: f64 = 0.5;
/// The most works that are kept of what is found.
const FOUND: usize = 400;
/// The most numbers that are multiplied to compare vectors; past it only the most booked of the same categories are.
const PRODUCTS: usize = 1 << 20;

/// The works that a list starts from.
#[derive(Debug, Default)]
pub struct Seeds {
    asked: Vec<ItemIx>,
    weighted: Vec<(ItemIx, f64)>,
}

impl Seeds {
    /// Those of the asking; else those of this visit, then the reader's latest, if the reader agrees to be learnt from.
    pub fn new(catalogue: &Catalogue, request: &RecommendationRequest, asking: &Asking) -> Self {
        let asked: Vec<ItemIx> = asking
            .similar_to
            .iter()
            .filter_map(|id| catalogue.find_item(id.as_str()))
            .collect();
        if !asking.similar_to.is_empty() {
            let weighted = asked.iter().map(|item| (*item, 1.0)).collect();
            return Self { asked, weighted };
        }
        Self {
            asked,
            weighted: recent(catalogue, request),
        }
    }

    /// The works asked about, for `/v1/similar`.
    pub fn asked(&self) -> &[ItemIx] {
        &self.asked
    }

    /// Every work that the list starts from, with its weight above 0.
    pub fn weighted(&self) -> &[(ItemIx, f64)] {
        &self.weighted
    }

    fn hold(&self, item: ItemIx) -> bool {
        self.weighted.iter().any(|(seed, _)| *seed == item)
    }
}

fn recent(catalogue: &Catalogue, request: &RecommendationRequest) -> Vec<(ItemIx, f64)> {
    let id = request.user_id.as_ref().map_or("", |id| id.as_str());
    let known = catalogue.reader(id);
    if known.is_some_and(|reader| !reader.is_personal()) {
        return Vec::new();
    }
    let item = |event: &Event| {
        Some(
            catalogue
                .offer(catalogue.find(event.offer_id.as_ref()?.as_str())?)?
                .item,
        )
    };
    let visit = request.context.events.iter().rev();
    let visit = visit.filter_map(|event| Some((item(event)?, weight(event.kind)?)));
    let before = known.into_iter().flat_map(|_| catalogue.acts().recent(id));
    let mut seeds: Vec<(ItemIx, f64)> = Vec::new();
    for (item, weight) in visit.chain(before.map(|item| (item, 1.0))) {
        if seeds.len() == RECENT {
            break;
        }
        if !seeds.iter().any(|(seed, _)| *seed == item) {
            let older = OLDER.powi(i32::try_from(seeds.len()).unwrap_or(i32::MAX));
            seeds.push((item, weight * older));
        }
    }
    seeds
}

/// What an act of this visit says of a work that is to be continued; none where it says nothing, or no.
const fn weight(kind: EventType) -> Option<f64> {
    match kind {
        EventType::Favorite | EventType::Booking | EventType::Attendance | EventType::Like | EventType::Share => {
            Some(1.0)
        }
        EventType::View | EventType::Click => Some(LOOK),
        EventType::Impression
        | EventType::Unfavorite
        | EventType::Cancellation
        | EventType::Dislike
        | EventType::Hide
        | EventType::Review
        | EventType::Search => None,
    }
}

/// A work and how near it is, in (0, 1].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Kin {
    /// The work.
    pub item: ItemIx,
    /// How near.
    pub likeness: f64,
}

#[derive(Debug)]
struct Found {
    kin: Vec<Kin>,
    short: bool,
}

/// What is near, each part found when it is first asked for.
#[derive(Debug, Default)]
pub struct Affinity {
    neighbours: OnceLock<Found>,
    content: OnceLock<Found>,
    vectors: OnceLock<Found>,
    likeness: OnceLock<FxHashMap<ItemIx, f64>>,
}

impl Affinity {
    /// Works that the same readers took.
    pub fn neighbours(&self, query: &Query<'_>, meter: &Meter) -> &[Kin] {
        let find = || query.catalogue.acts().kin(query.seeds.weighted(), meter);
        part(&self.neighbours, query, meter, find)
    }

    /// Works like them by what is said of them.
    pub fn content(&self, query: &Query<'_>, meter: &Meter) -> &[Kin] {
        part(&self.content, query, meter, || content::found(query, meter))
    }

    /// Works near them by their vectors.
    pub fn vectors(&self, query: &Query<'_>, meter: &Meter) -> &[Kin] {
        part(&self.vectors, query, meter, || vectors(query, meter))
    }

    /// How near a work is, in [0, 1], by all that the sources found: each way that speaks for it narrows what is
    /// missing to 1.
    pub fn likeness(&self, item: ItemIx) -> f64 {
        let all = self.likeness.get_or_init(|| self.together());
        all.get(&item).copied().unwrap_or(0.0)
    }

    fn together(&self) -> FxHashMap<ItemIx, f64> {
        let mut missing: FxHashMap<ItemIx, f64> = FxHashMap::default();
        // The cosine of two works with common readers is small by nature; its root spreads it.
        let spread = |kin: &Kin| (kin.item, kin.likeness.sqrt());
        let plain = |kin: &Kin| (kin.item, kin.likeness);
        let found = |part: &OnceLock<Found>| part.get().map(|found| found.kin.clone()).unwrap_or_default();
        let ways = [found(&self.content), found(&self.vectors)];
        let neighbours = found(&self.neighbours);
        let each = ways.iter().flatten().map(plain).chain(neighbours.iter().map(spread));
        for (item, likeness) in each {
            *missing.entry(item).or_insert(1.0) *= 1.0 - likeness;
        }
        missing.values_mut().for_each(|missing| *missing = 1.0 - *missing);
        missing
    }
}

/// A part, found once and in order. One that was cut short empties the meter of whoever asks for it again.
fn part<'f>(
    held: &'f OnceLock<Found>,
    query: &Query<'_>,
    meter: &Meter,
    find: impl FnOnce() -> Vec<(ItemIx, f64)>,
) -> &'f [Kin] {
    let found = held.get_or_init(|| {
        let kin = ordered(query, find());
        Found {
            kin,
            short: meter.ran_out(),
        }
    });
    if found.short && !meter.ran_out() {
        meter.spend(usize::MAX);
    }
    &found.kin
}

fn ordered(query: &Query<'_>, found: Vec<(ItemIx, f64)>) -> Vec<Kin> {
    let print = |item| query.catalogue.item(item).map(|work| work.print);
    let others = found
        .into_iter()
        .filter(|(item, likeness)| *likeness > 0.0 && !query.seeds.hold(*item));
    let mut kin: Vec<(u64, Kin)> = others
        .filter_map(|(item, likeness)| Some((print(item)?, Kin { item, likeness })))
        .collect();
    kin.sort_unstable_by(|a, b| b.1.likeness.total_cmp(&a.1.likeness).then(a.0.cmp(&b.0)));
    kin.truncate(FOUND);
    kin.into_iter().map(|(_, kin)| kin).collect()
}

/// The works nearest by cosine to any of the seeds that has a vector: over all that have one while they are few.
fn vectors(query: &Query<'_>, meter: &Meter) -> Vec<(ItemIx, f64)> {
    let catalogue = query.catalogue;
    let vector = |row: &Row| catalogue.offer(*row)?.vector.as_deref();
    let of_item = |item| catalogue.item(item)?.rows.iter().take(8).find_map(vector);
    let seeds = query.seeds.weighted().iter();
    let seeds: Vec<(&[f32], f64)> = seeds
        .filter_map(|(item, weight)| Some((of_item(*item)?, *weight)))
        .collect();
    let longest = seeds.iter().map(|(vector, _)| vector.len()).max().unwrap_or(0);
    let mut best: FxHashMap<ItemIx, f64> = FxHashMap::default();
    if seeds.is_empty() {
        return Vec::new();
    }
    let rows = compared(query, PRODUCTS / (longest * seeds.len()).max(1));
    if !meter.spend(rows.len()) {
        return Vec::new();
    }
    for row in rows {
        let Some(offer) = catalogue.offer(row) else { continue };
        let Some(theirs) = offer.vector.as_deref() else {
            continue;
        };
        let near = seeds.iter().map(|(seed, weight)| weight * cosine(seed, theirs));
        let near = near.fold(0.0, f64::max);
        let held = best.entry(offer.item).or_default();
        *held = held.max(near);
    }
    best.into_iter().collect()
}

fn compared(query: &Query<'_>, most: usize) -> Vec<Row> {
    let rows = query.catalogue.vectors();
    if rows.len() <= most as u64 {
        return rows.iter().map(Row).collect();
    }
    let categories = content::categories(query);
    let share = most / categories.len().max(1);
    let orders = categories
        .iter()
        .map(|category| &query.catalogue.popular()[category.index()]);
    let booked = orders.flat_map(|order| order.iter().map(|ranked| ranked.row()).take(share));
    booked.collect()
}

/// The cosine, 0 where it is negative, undefined, or of vectors of two lengths.
fn cosine(left: &[f32], right: &[f32]) -> f64 {
    if left.len() != right.len() {
        return 0.0;
    }
    let dot = |a: &[f32], b: &[f32]| -> f64 { a.iter().zip(b).map(|(x, y)| f64::from(*x) * f64::from(*y)).sum() };
    let norms = (dot(left, left) * dot(right, right)).sqrt();
    let cosine = dot(left, right) / norms;
    if cosine.is_finite() {
        cosine.clamp(0.0, 1.0)
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests;
