//! Search: words, place and moment, on the same generation as the feed.
//!
//! `understand → match → filter → one hit a work → sort → page → count facets → show`. Invariant: `total` and the
//! facets are exact, and equal to a linear scan under the filters that `interpreted` shows; pages go by key, so only an
//! offer whose own key changed can be missed or seen twice.

mod facets;
mod hit;
mod key;
mod matching;
pub mod names;
mod reading;
pub mod suggest;
pub mod understand;

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::catalogue::row::{ItemIx, Row};
use crate::filter::{Ground, Requested};
use crate::invalid::{Code, Invalid};
use crate::live::Generation;
use crate::query::{Filters, SearchRequest};
use crate::text::TextRank;
use crate::time::Moment;
pub use key::Key;
use reading::Read;
use understand::{Reading, Understood};

/// Where a page of a search ends.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SearchPage {
    key: Key,
    id: String,
    typos: bool,
    dropped: Vec<usize>,
    reading: Reading,
}

/// What a search found.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Found {
    /// The last entry of the log that the answer knows of.
    pub generation: u64,
    /// The moment of the answer.
    pub now: Moment,
    /// The hits of this page: each an offer with `category`, `kind`, `distance_m`, `highlights` and `score`.
    #[cfg_attr(feature = "schema", schema(value_type = Vec<Object>))]
    pub hits: Vec<Map<String, Value>>,
    /// How many works match, over all pages.
    pub total: usize,
    /// Always true here.
    pub total_is_exact: bool,
    /// Works of each value; a facet that is filtered by still counts its other values.
    pub facets: BTreeMap<&'static str, BTreeMap<String, usize>>,
    /// How the words were taken.
    pub interpreted: Interpreted,
    /// What was missing while it was made.
    pub degraded: Vec<String>,
    /// Where the next page starts; none when there is none.
    #[serde(skip)]
    pub next: Option<SearchPage>,
}

/// How the words were taken.
#[derive(Debug, Clone, Default, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Interpreted {
    /// The words searched for.
    pub words: Vec<String>,
    /// Whether typos were allowed, since nothing matched without.
    pub typos: bool,
    /// Words let go, since nothing matched with them.
    pub dropped: Vec<String>,
    /// What other words were taken to mean, as filters.
    pub understood: Vec<Understood>,
    /// All filters that hold: the caller's, and those that words mean and that were not given up.
    pub filters: Option<Filters>,
    /// What had to give way so that the page is not empty.
    #[cfg_attr(feature = "schema", schema(value_type = Vec<Object>))]
    pub relaxed: Vec<Value>,
    /// The words as the catalogue spells them, where that is probably what was meant.
    pub did_you_mean: Option<String>,
}

/// One matching offer, before it is shown.
#[derive(Debug, Clone, Copy)]
struct Match {
    row: Row,
    item: ItemIx,
    key: Key,
    rank: TextRank,
}

/// Executes a checked request.
pub fn execute(
    generation: &Generation,
    request: &SearchRequest,
    page: Option<&SearchPage>,
    now: Moment,
) -> Result<Found, Invalid> {
    let catalogue = generation.catalogue();
    if request.filters.radius_m.is_some() && request.filters.position.or(request.context.position).is_none() {
        return Err(Invalid::one(
            "/filters/radius_m",
            Code::InvalidValue,
            "a radius needs a position",
        ));
    }
    let Read { reading, hits, plan } = reading::read(generation, request, page, now)?;
    let filters = reading.filters(&request.filters);
    let ground = Ground::new(&filters, request.context.position);
    let requested = Requested::new(catalogue, &filters, ground, now.millis());
    let query = reading.query(generation.synonyms());
    let works = one_a_work(generation, &requested, request, now, hits);
    let facets = facets::count(generation, &requested, (request, &filters), &query, &plan, &works)?;
    let total = works.len();
    let (page, more) = key::page(generation, works, page, request.limit());
    let next = page.last().filter(|_| more).map(|last| SearchPage {
        key: last.key,
        id: catalogue
            .offer(last.row)
            .map(|offer| offer.id.to_string())
            .unwrap_or_default(),
        typos: plan.typos,
        dropped: plan.dropped.clone(),
        reading: reading.clone(),
    });
    let interpreted = reading::interpreted(generation, &reading, &query, &plan, filters.clone())?;
    let shown = hit::Shown {
        generation,
        requested: &requested,
        request,
        query: &query,
        plan: &plan,
    };
    Ok(Found {
        generation: catalogue.sequence().0,
        now,
        hits: page.iter().filter_map(|found| shown.hit(found)).collect(),
        total,
        total_is_exact: true,
        facets,
        interpreted,
        degraded: Vec::new(),
        next,
    })
}

/// The best offer of each work under the sort.
fn one_a_work(
    generation: &Generation,
    requested: &Requested<'_>,
    request: &SearchRequest,
    now: Moment,
    hits: Vec<(Row, TextRank)>,
) -> Vec<Match> {
    let catalogue = generation.catalogue();
    let mut several: FxHashMap<ItemIx, usize> = FxHashMap::default();
    let mut works: Vec<Match> = Vec::with_capacity(hits.len());
    for (row, rank) in hits {
        let Some(offer) = catalogue.offer(row) else { continue };
        let key = Key::new(request.sort, &requested.candidate(row, offer), rank, now.millis());
        let found = Match {
            row,
            item: offer.item,
            key,
            rank,
        };
        if catalogue.item(offer.item).is_none_or(|item| item.rows.len() < 2) {
            works.push(found);
            continue;
        }
        let place = *several.entry(offer.item).or_insert(works.len());
        match works.get_mut(place) {
            Some(best) => *best = key::first(generation, *best, found),
            None => works.push(found),
        }
    }
    works
}

#[cfg(test)]
mod tests;
