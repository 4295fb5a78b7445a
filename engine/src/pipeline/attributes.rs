//! The pool as a problem for the arranger: values of the rules' attributes as numbers, pins, history.
//!
//! Invariant: two offers share a number of an attribute exactly when they share the value; a value of the history
//! that no candidate has gets a number of its own.

use rustc_hash::FxHashMap;

use super::pool::Scored;
use super::{PageState, Query};
use crate::arrange::{Attribute, Checked, LIVE_BUDGET, MAX_RESERVE, Pin, Policy, Problem, Rule, Shown, Values};
use crate::catalogue::Catalogue;
use crate::catalogue::row::{ItemIx, OfferRow, VenueIx};
use crate::catalogue::words::Word;
use crate::invalid::{Code, Invalid};
use crate::query::{PolicyRequest, RuleBy};
use crate::taxonomy::Kind;

/// The distinct attributes that the rules look at, in the order of the rules.
pub fn looked_at(query: &Query<'_>) -> Vec<RuleBy> {
    let mut by = Vec::new();
    for rule in &query.placement.rules {
        if !by.contains(&rule.by) {
            by.push(rule.by);
        }
    }
    by
}

/// The problem of this page.
pub fn problem(query: &Query<'_>, pool: &[Scored<'_>]) -> Result<Checked, Invalid> {
    let looked_at = looked_at(query);
    let mut numbers: Vec<FxHashMap<String, u32>> = vec![FxHashMap::default(); looked_at.len()];
    let attributes = looked_at
        .iter()
        .zip(&mut numbers)
        .map(|(by, numbers)| attribute(query, pool, *by, numbers));
    let attributes: Vec<Attribute> = attributes.collect();
    let history = history(&query.page, &mut numbers);
    let problem = Problem {
        scores: pool.iter().map(|scored| scored.score).collect(),
        attributes,
        k: query.limit(),
        rules: rules(query, &looked_at),
        pins: pins(query, pool),
        exclude: later_pins(query, pool),
        history,
        policy: match query.placement.policy {
            PolicyRequest::Cut | PolicyRequest::Widen => Policy::Cut,
            PolicyRequest::Relax => Policy::Relax,
        },
        reserve: reserve(query),
        budget: LIVE_BUDGET,
        ..Problem::default()
    };
    problem
        .check()
        .map_err(|error| Invalid::one("/diversity", Code::InvalidValue, error.to_string()))
}

/// How many places after this page must stay fillable. For the one rule whose rest has a closed form, as far as the
/// arranger looks; else one page.
fn reserve(query: &Query<'_>) -> usize {
    match query.placement.rules.as_slice() {
        [rule] if rule.strict && rule.window == 2 && rule.max == 1 => MAX_RESERVE,
        _ => query.limit().min(MAX_RESERVE),
    }
}

/// The values of an offer, as texts that mean the same in every process.
pub fn values(catalogue: &Catalogue, offer: &OfferRow, by: RuleBy) -> Vec<String> {
    let taxonomy = catalogue.taxonomy();
    let words = |list: &[Word]| {
        list.iter()
            .map(|word| catalogue.words().text(*word).to_owned())
            .collect()
    };
    match by {
        RuleBy::Category => vec![taxonomy.category(offer.category).key.clone()],
        RuleBy::Subcategory => vec![taxonomy.subcategory(offer.subcategory).named.key.clone()],
        RuleBy::SearchGroup => offer
            .search_group
            .map(|ix| taxonomy.search_group(ix).key.clone())
            .into_iter()
            .collect(),
        RuleBy::Kind => vec![offer.kind.as_str().to_owned()],
        RuleBy::Venue => offer
            .venue
            .and_then(|ix| catalogue.venue(ix))
            .map(|v| v.id.to_string())
            .into_iter()
            .collect(),
        RuleBy::Item => catalogue
            .item(offer.item)
            .map(|item| item.id.to_string())
            .into_iter()
            .collect(),
        RuleBy::Creator => words(&offer.creators),
        RuleBy::Genre => words(&offer.genres),
    }
}

/// The text of a rule's dense value; the inverse of what the problem was given.
pub fn text(query: &Query<'_>, rule: usize, value: u32) -> Option<String> {
    let (catalogue, number) = (query.catalogue, value as usize);
    let taxonomy = catalogue.taxonomy();
    match query.placement.rules.get(rule)?.by {
        RuleBy::Category => taxonomy
            .categories()
            .find(|(ix, _)| ix.index() == number)
            .map(|(_, named)| named.key.clone()),
        RuleBy::Subcategory => taxonomy
            .subcategories()
            .find(|(ix, _)| ix.index() == number)
            .map(|(_, s)| s.named.key.clone()),
        RuleBy::SearchGroup => taxonomy
            .search_groups()
            .find(|(ix, _)| ix.index() == number)
            .map(|(_, n)| n.key.clone()),
        RuleBy::Kind => Kind::ALL.get(number).map(|kind| kind.as_str().to_owned()),
        RuleBy::Venue => catalogue.venue(VenueIx(value)).map(|venue| venue.id.to_string()),
        RuleBy::Item => catalogue.item(ItemIx(value)).map(|item| item.id.to_string()),
        RuleBy::Creator | RuleBy::Genre => {
            Some(catalogue.words().text(Word(value)).to_owned()).filter(|t| !t.is_empty())
        }
    }
}

/// The dense numbers of an offer's values; cheap, since the catalogue has numbered them already.
pub(crate) fn dense(offer: &OfferRow, by: RuleBy) -> Values {
    let index = |n: usize| Values::from_slice(&[u32::try_from(n).unwrap_or(u32::MAX)]);
    match by {
        RuleBy::Category => index(offer.category.index()),
        RuleBy::Subcategory => index(offer.subcategory.index()),
        RuleBy::SearchGroup => offer.search_group.map_or_else(Values::new, |ix| index(ix.index())),
        RuleBy::Kind => index(offer.kind as usize),
        RuleBy::Venue => offer
            .venue
            .map_or_else(Values::new, |venue| Values::from_slice(&[venue.0])),
        RuleBy::Item => Values::from_slice(&[offer.item.0]),
        RuleBy::Creator => offer.creators.iter().map(|word| word.0).collect(),
        RuleBy::Genre => offer.genres.iter().map(|word| word.0).collect(),
    }
}

fn attribute(query: &Query<'_>, pool: &[Scored<'_>], by: RuleBy, numbers: &mut FxHashMap<String, u32>) -> Attribute {
    let values: Vec<Values> = pool.iter().map(|scored| dense(scored.candidate.offer, by)).collect();
    if !query.page.history.is_empty() {
        for (scored, dense) in pool.iter().zip(&values) {
            let texts = self::values(query.catalogue, scored.candidate.offer, by);
            numbers.extend(texts.into_iter().zip(dense.iter().copied()));
        }
    }
    Attribute {
        by: name(by).into(),
        values,
    }
}

fn history(page: &PageState, numbers: &mut [FxHashMap<String, u32>]) -> Vec<Shown> {
    let mut fresh = u32::MAX;
    let mut number = |known: &mut FxHashMap<String, u32>, text: &String| {
        *known.entry(text.clone()).or_insert_with(|| {
            fresh -= 1;
            fresh
        })
    };
    let shown = page.history.iter().map(|shown| Shown {
        values: shown
            .iter()
            .zip(numbers.iter_mut())
            .map(|(texts, known)| texts.iter().map(|text| number(known, text)).collect())
            .collect(),
    });
    shown.collect()
}

/// An attribute's name, as in a request.
pub const fn name(by: RuleBy) -> &'static str {
    match by {
        RuleBy::Category => "category",
        RuleBy::Subcategory => "subcategory",
        RuleBy::SearchGroup => "search_group",
        RuleBy::Kind => "kind",
        RuleBy::Venue => "venue",
        RuleBy::Creator => "creator",
        RuleBy::Genre => "genre",
        RuleBy::Item => "item",
    }
}

fn rules(query: &Query<'_>, looked_at: &[RuleBy]) -> Vec<Rule> {
    let rule = |rule: &crate::query::RuleRequest| Rule {
        attribute: looked_at.iter().position(|by| *by == rule.by).unwrap_or(0),
        window: rule.window,
        max: rule.max,
        strict: rule.strict,
    };
    query.placement.rules.iter().map(rule).collect()
}

fn find(pool: &[Scored<'_>], id: &crate::ids::OfferId) -> Option<u32> {
    let place = pool.binary_search_by(|scored| scored.candidate.offer.id.cmp(id)).ok()?;
    u32::try_from(place).ok()
}

/// Pins of this page that can stand; the others are told in the answer.
fn pins(query: &Query<'_>, pool: &[Scored<'_>]) -> Vec<Pin> {
    let start = query.page.start;
    let here = query
        .request
        .pins
        .iter()
        .filter(|pin| (start..start + query.limit()).contains(&pin.rank));
    here.filter_map(|pin| {
        Some(Pin {
            candidate: find(pool, &pin.offer_id)?,
            rank: pin.rank - start,
        })
    })
    .collect()
}

/// An offer pinned to a later page waits for it.
fn later_pins(query: &Query<'_>, pool: &[Scored<'_>]) -> Vec<u32> {
    let end = query.page.start + query.limit();
    let later = query.request.pins.iter().filter(|pin| pin.rank >= end);
    let mut later: Vec<u32> = later.filter_map(|pin| find(pool, &pin.offer_id)).collect();
    later.sort_unstable();
    later.dedup();
    later
}
