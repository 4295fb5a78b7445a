//! Search: words, place and moment, on the same generation as the feed.
//!
//! `understand → match → filter → one hit a work → sort → page → count facets → show`. Invariant: `total` and the
//! facets are exact, and equal to a linear scan under the filters that `interpreted` shows; pages go by key, so only an
//! offer whose own key changed can be missed or seen twice.

mod diverse;
mod facets;
mod hit;
mod key;
mod matching;
pub mod names;
mod personal;
mod reading;
mod scratch;
mod sieve;
pub mod suggest;
pub mod understand;
pub mod wording;
mod works;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::catalogue::row::{ItemIx, Row};
use crate::filter::{Ground, Requested};
use crate::invalid::{Code, Invalid};
use crate::live::Generation;
use crate::query::{Filters, SearchRequest};
use crate::text::TextRank;
use crate::time::Moment;
pub use diverse::Diversified;
pub use key::Key;
use key::Ordered;
use matching::Matched;
use personal::Affinity;
use reading::Read;
use sieve::Sieve;
use understand::{Reading, Understood};

/// Where a page of a search ends.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SearchPage {
    key: Key,
    id: String,
    typos: bool,
    dropped: Vec<usize>,
    reading: Reading,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cut: Option<diverse::Cut>,
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
    /// What the diversity rules made of the page, where they were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub diversity: Option<Diversified>,
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
    /// Other offers of the work that match.
    others: u32,
}

/// Executes a checked request.
pub fn execute(
    generation: &Generation,
    request: &SearchRequest,
    page: Option<&SearchPage>,
    now: Moment,
) -> Result<Found, Invalid> {
    let catalogue = generation.catalogue();
    centred(request)?;
    let Read {
        reading,
        matched,
        boosted,
    } = reading::read(generation, request, page, now)?;
    let Matched { hits, plan, wider } = matched;
    let filters = reading.filters(&request.filters);
    let ground = Ground::new(&filters, request.context.position);
    let requested = Requested::new(catalogue, &filters, ground, now.millis());
    let query = reading::query(generation, request, &reading);
    let sieve = Sieve::new(catalogue, &requested, 0);
    let order = Ordered {
        sieve: &sieve,
        affinity: Affinity::of(generation, request, now),
        sort: request.sort,
        now: now.millis(),
    };
    let counted = facets::Counted {
        generation,
        requested: &requested,
        filters: &filters,
        words: (&query, &plan, &boosted),
        wider: wider.as_deref(),
        hits: &hits,
        now: now.millis(),
    };
    let facets = facets::count(&counted, &request.facets)?;
    let works = works::one_a_work(generation, &order, &hits, &boosted);
    let total = works.len();
    let (page, more, cut, diversity) = match &request.diversity {
        Some(diversity) => {
            let cut = page.and_then(|page| page.cut.as_ref());
            let page = diverse::page(generation, works, request, diversity, cut)?;
            (page.hits, page.next.is_some(), page.next, Some(page.report))
        }
        None => {
            let (page, more) = key::page(generation, works, page, request.limit());
            (page, more, None, None)
        }
    };
    let next = page.last().filter(|_| more).map(|last| SearchPage {
        cut,
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
        order: &order,
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
        diversity,
        degraded: Vec::new(),
        next,
    })
}

/// A radius is around somewhere.
fn centred(request: &SearchRequest) -> Result<(), Invalid> {
    if request.filters.radius_m.is_none() || request.filters.position.or(request.context.position).is_some() {
        return Ok(());
    }
    Err(Invalid::one(
        "/filters/radius_m",
        Code::InvalidValue,
        "a radius needs a position",
    ))
}

#[cfg(test)]
mod tests;
