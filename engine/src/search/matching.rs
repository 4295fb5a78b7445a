//! Which offers match: the words narrowed by the filters, or the filters alone.
//!
//! Invariant: exactly the offers that pass every filter and, where there are words, match them by the plan.

use super::sieve::Sieve;
use crate::catalogue::row::Row;
use crate::filter::Requested;
use crate::invalid::{Code, Invalid};
use crate::live::Generation;
use crate::text::{Accept, Among, Hit, Plan, TextError, TextQuery, TextRank};

/// Every match with its text rank, and the plan by which the words were taken: the given one, or the strictest that
/// finds anything.
pub(super) fn matching(
    generation: &Generation,
    requested: &Requested<'_>,
    (query, boosted): (&TextQuery, &[Row]),
    plan: Option<Plan>,
) -> Result<(Vec<(Row, TextRank)>, Plan), Invalid> {
    let sieve = Sieve::new(generation.catalogue(), requested, 0);
    if query.is_empty() {
        let rows = sieve.all().into_iter();
        return Ok((
            rows.map(|(row, _)| (row, TextRank::default())).collect(),
            Plan::default(),
        ));
    }
    let text = generation.text();
    let (hits, plan) = accepted(&sieve, |accept| match plan {
        Some(plan) => Ok((text.search_by(query, &plan, accept)?, plan)),
        None => text
            .search(query, accept, 1)
            .map(|matches| (matches.hits, matches.plan)),
    })?;
    let mut hits: Vec<(Row, TextRank)> = hits.into_iter().map(ranked).collect();
    let make = |row| (row, TextRank::default());
    add(&sieve, boosted, &mut hits, |(row, _)| *row, make);
    Ok((hits, plan))
}

/// The matches by a plan that fail no filter but one of those in `but` (bits of [`crate::filter::Field`]), with what
/// they fail.
pub(super) fn matching_but(
    generation: &Generation,
    requested: &Requested<'_>,
    (query, plan, boosted): (&TextQuery, &Plan, &[Row]),
    but: u16,
) -> Result<Vec<(Row, u16)>, Invalid> {
    let sieve = Sieve::new(generation.catalogue(), requested, but);
    if query.is_empty() {
        return Ok(sieve.all());
    }
    let hits = accepted(&sieve, |accept| generation.text().search_by(query, plan, accept))?;
    let mut rows = hits.into_iter().map(|hit| ranked(hit).0).collect();
    add(&sieve, boosted, &mut rows, |row| *row, |row| row);
    let known = rows.into_iter().filter_map(|row| Some((row, sieve.misses(row)?)));
    Ok(known.filter(|(_, misses)| misses.count_ones() <= 1).collect())
}

/// Searches the text among what the filters let through.
fn accepted<T>(sieve: &Sieve<'_>, search: impl FnOnce(Accept<'_>) -> Result<T, TextError>) -> Result<T, Invalid> {
    let test = |row: crate::text::Row| sieve.passes(Row(row.0));
    let (about, rows) = (|| sieve.about(), || sieve.rows());
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
