//! From a request to the reading that finds something: the strictest, or one that gave way.
//!
//! First step of a search. All that was understood with all words; then a wider place; then fewer words; then fewer of
//! the filters that were understood; then plain words. Invariant: the caller's own filters never give way, and the
//! answer says what did.

use super::matching::Matched;
use super::understand::{Reading, understand};
use super::{Interpreted, SearchPage, facets, matching, wording};
use crate::catalogue::row::Row;
use crate::filter::{Ground, Requested};
use crate::invalid::Invalid;
use crate::live::Generation;
use crate::query::{Filters, SearchRequest};
use crate::text::{Plan, TextQuery};
use crate::time::Moment;

/// A reading and what it finds.
pub(super) struct Read {
    pub(super) reading: Reading,
    pub(super) matched: Matched,
    /// What editors put first.
    pub(super) boosted: Vec<Row>,
}

impl Read {
    /// Whether it finds something with all words.
    fn is_whole(&self) -> bool {
        !self.matched.hits.is_empty() && self.matched.plan.dropped.is_empty()
    }
}

/// The strictest reading that finds something, or the one of the page before.
pub(super) fn read(
    generation: &Generation,
    request: &SearchRequest,
    page: Option<&SearchPage>,
    now: Moment,
) -> Result<Read, Invalid> {
    let attempt = |reading: Reading, plan| attempt(generation, request, reading, plan, now);
    if let Some(page) = page {
        let plan = Plan {
            typos: page.typos,
            dropped: page.dropped.clone(),
        };
        return attempt(page.reading.clone(), Some(plan));
    }
    let first = attempt(understand(generation, request, now), None)?;
    if first.reading.is_plain() || first.is_whole() {
        return Ok(first);
    }
    let (mut next, mut fallback) = (first.reading.wider(), None);
    while let Some(reading) = next {
        let wider = attempt(reading, None)?;
        if wider.is_whole() {
            return Ok(wider);
        }
        next = wider.reading.wider();
        fallback = fallback.or(Some(wider).filter(|wider| !wider.matched.hits.is_empty()));
    }
    if !first.matched.hits.is_empty() {
        return Ok(first);
    }
    if let Some(wider) = fallback {
        return Ok(wider);
    }
    for reading in first.reading.gentler(&request.q) {
        let gentler = attempt(reading, None)?;
        if !gentler.matched.hits.is_empty() {
            return Ok(gentler);
        }
    }
    Ok(first)
}

fn attempt(
    generation: &Generation,
    request: &SearchRequest,
    reading: Reading,
    plan: Option<Plan>,
    now: Moment,
) -> Result<Read, Invalid> {
    let filters = reading.filters(&request.filters);
    let ground = Ground::new(&filters, request.context.position);
    let requested = Requested::new(generation.catalogue(), &filters, ground, now.millis());
    let query = query(generation, request, &reading);
    let territories = wording::territories(generation.catalogue(), request);
    let boosted = generation
        .wording()
        .boosted(&request.q, &territories, generation.catalogue());
    let but = facets::chosen(&filters, &request.facets);
    let matched = matching::matching(generation, &requested, (&query, &boosted), plan, but)?;
    Ok(Read {
        reading,
        matched,
        boosted,
    })
}

/// The words of a reading with what means the same.
pub(super) fn query(generation: &Generation, request: &SearchRequest, reading: &Reading) -> TextQuery {
    let mut query = reading.query();
    let territories = wording::territories(generation.catalogue(), request);
    generation
        .wording()
        .synonyms(&territories)
        .for_each(|synonyms| query.add_synonyms(synonyms));
    query
}

/// How the words were taken, for the answer.
pub(super) fn interpreted(
    generation: &Generation,
    reading: &Reading,
    query: &TextQuery,
    plan: &Plan,
    filters: Filters,
) -> Result<Interpreted, Invalid> {
    let gave_way = plan.typos || !plan.dropped.is_empty();
    let meant = if gave_way {
        generation.text().did_you_mean(query).map_err(matching::failed)?
    } else {
        None
    };
    Ok(Interpreted {
        words: query.typed().map(str::to_owned).collect(),
        typos: plan.typos,
        dropped: plan.dropped_words(query).map(str::to_owned).collect(),
        understood: reading.shown(),
        filters: (!reading.is_plain()).then_some(filters),
        relaxed: reading.relaxed(),
        did_you_mean: meant.map(|meant| meant.split_whitespace().collect::<Vec<_>>().join(" ")),
    })
}
