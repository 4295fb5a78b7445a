//! Which offers match: the words narrowed by the filters, or the filters alone.
//!
//! Invariant: exactly the offers that pass every filter and, where there are words, match them by the plan.

use super::sieve::Sieve;
use crate::catalogue::row::Row;
use crate::filter::Requested;
use crate::invalid::{Code, Invalid};
use crate::live::Generation;
use crate::text::{Accept, Among, Hit, Plan, TextError, TextQuery, TextRank};

/// What matches.
pub(super) struct Matched {
    /// Every match with its text rank.
    pub(super) hits: Vec<(Row, TextRank)>,
    /// The plan by which the words were taken.
    pub(super) plan: Plan,
    /// What fails one of the fields in `but` or none, with what it fails, where it was found on the way.
    pub(super) wider: Option<Vec<(Row, u16)>>,
}

/// Every match by a plan: the given one, or the strictest that finds anything. The facets will ask what fails one of
/// the fields in `but` (bits of [`crate::filter::Field`]): the same search says it, where it finds a match.
pub(super) fn matching(
    generation: &Generation,
    requested: &Requested<'_>,
    (query, boosted): (&TextQuery, &[Row]),
    plan: Option<Plan>,
    but: u16,
) -> Result<Matched, Invalid> {
    if but != 0 || query.is_empty() {
        let by = plan.clone().unwrap_or(Plan::STRICT);
        let found = by_plan(generation, requested, (query, &by, boosted), but)?;
        let whole = found.iter().filter(|(.., misses)| *misses == 0);
        let hits: Vec<(Row, TextRank)> = whole.map(|(row, rank, _)| (*row, *rank)).collect();
        if plan.is_some() || query.is_empty() || !hits.is_empty() {
            let wider = (but != 0).then(|| found.into_iter().map(|(row, _, misses)| (row, misses)).collect());
            return Ok(Matched { hits, plan: by, wider });
        }
    }
    let sieve = Sieve::new(generation.catalogue(), requested, 0);
    let text = generation.text();
    let (found, plan) = accepted(&sieve, |accept| match plan {
        Some(plan) => Ok((text.search_by(query, &plan, accept)?, plan)),
        None => text
            .search(query, accept, 1)
            .map(|matches| (matches.hits, matches.plan)),
    })?;
    let mut hits: Vec<(Row, TextRank)> = found.into_iter().map(ranked).collect();
    let make = |row| (row, TextRank::default());
    add(&sieve, boosted, &mut hits, |(row, _)| *row, make);
    Ok(Matched {
        hits,
        plan,
        wider: None,
    })
}

/// The matches by a plan that fail no filter but one of those in `but`, with what they fail.
pub(super) fn matching_but(
    generation: &Generation,
    requested: &Requested<'_>,
    words: (&TextQuery, &Plan, &[Row]),
    but: u16,
) -> Result<Vec<(Row, u16)>, Invalid> {
    let found = by_plan(generation, requested, words, but)?.into_iter();
    Ok(found.map(|(row, _, misses)| (row, misses)).collect())
}

fn by_plan(
    generation: &Generation,
    requested: &Requested<'_>,
    (query, plan, boosted): (&TextQuery, &Plan, &[Row]),
    but: u16,
) -> Result<Vec<(Row, TextRank, u16)>, Invalid> {
    let sieve = Sieve::new(generation.catalogue(), requested, but);
    if query.is_empty() {
        let all = sieve.all().into_iter();
        return Ok(all.map(|(row, misses)| (row, TextRank::default(), misses)).collect());
    }
    let hits = accepted(&sieve, |accept| generation.text().search_by(query, plan, accept))?;
    let mut found: Vec<(Row, TextRank)> = hits.into_iter().map(ranked).collect();
    add(
        &sieve,
        boosted,
        &mut found,
        |(row, _)| *row,
        |row| (row, TextRank::default()),
    );
    let known = found
        .into_iter()
        .filter_map(|(row, rank)| Some((row, rank, sieve.misses(row)?)));
    Ok(known.collect())
}

/// Searches the text among what the filters let through.
fn accepted<T>(sieve: &Sieve<'_>, search: impl FnOnce(Accept<'_>) -> Result<T, TextError>) -> Result<T, Invalid> {
    let test = |row: crate::text::Row| sieve.passes(Row(row.0));
    let (about, rows) = (|| sieve.about(), || sieve.accepted());
    let among = Among {
        about: &about,
        rows: &rows,
        test: &test,
    };
    let accept = if sieve.is_narrow() {
        Accept::Among(among)
    } else {
        Accept::Test(&test)
    };
    search(accept).map_err(failed)
}

/// Adds the boosted offers that pass the filters and are not there.
fn add<T>(sieve: &Sieve<'_>, boosted: &[Row], rows: &mut Vec<T>, row_of: impl Fn(&T) -> Row, make: impl Fn(Row) -> T) {
    for first in boosted {
        if sieve.passes(*first) && !rows.iter().any(|one| row_of(one) == *first) {
            rows.push(make(*first));
        }
    }
}

fn ranked(hit: Hit) -> (Row, TextRank) {
    (Row(hit.row.0), hit.rank)
}

/// The index is opened and checked before it serves; a failure here is of its files.
pub(super) fn failed(error: TextError) -> Invalid {
    Invalid::one(
        "/q",
        Code::InvalidValue,
        format!("the words could not be searched: {error}"),
    )
}
