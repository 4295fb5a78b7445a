//! Which offers match: the words narrowed by the filters, or the filters alone.
//!
//! Invariant: exactly the offers that pass every filter and, where there are words, match them by the plan.

use roaring::RoaringBitmap;

use crate::catalogue::row::Row;
use crate::filter::Requested;
use crate::invalid::{Code, Invalid};
use crate::live::Generation;
use crate::text::{Accept, Hit, Plan, TextError, TextQuery, TextRank};

/// Every match with its text rank, and the plan by which the words were taken: the given one, or the strictest that
/// finds anything.
pub(super) fn matching(
    generation: &Generation,
    requested: &Requested<'_>,
    (query, boosted): (&TextQuery, &[Row]),
    plan: Option<Plan>,
) -> Result<(Vec<(Row, TextRank)>, Plan), Invalid> {
    if query.is_empty() {
        let rows = by_filters(generation, requested, 0);
        return Ok((
            rows.into_iter().map(|row| (row, TextRank::default())).collect(),
            Plan::default(),
        ));
    }
    let text = generation.text();
    let narrow = narrowed(generation, requested);
    let test = |row: crate::text::Row| passes(generation, requested, Row(row.0), 0);
    let accept = narrow.as_ref().map_or(Accept::Test(&test), Accept::Rows);
    let (hits, plan) = match plan {
        Some(plan) => (text.search_by(query, &plan, accept).map_err(failed)?, plan),
        None => text
            .search(query, accept, 1)
            .map(|matches| (matches.hits, matches.plan))
            .map_err(failed)?,
    };
    let mut hits: Vec<(Row, TextRank)> = hits.into_iter().map(ranked).collect();
    let make = |row| (row, TextRank::default());
    add(generation, requested, boosted, 0, &mut hits, |(row, _)| *row, make);
    Ok((hits, plan))
}

/// The matches by a plan that fail no filter but those in `but` (bits of [`crate::filter::Field`]).
pub(super) fn matching_but(
    generation: &Generation,
    requested: &Requested<'_>,
    (query, plan, boosted): (&TextQuery, &Plan, &[Row]),
    but: u16,
) -> Result<Vec<Row>, Invalid> {
    if query.is_empty() {
        return Ok(by_filters(generation, requested, but));
    }
    let test = |row: crate::text::Row| passes(generation, requested, Row(row.0), but);
    let hits = generation
        .text()
        .search_by(query, plan, Accept::Test(&test))
        .map_err(failed)?;
    let mut rows: Vec<Row> = hits.into_iter().map(|hit| ranked(hit).0).collect();
    add(generation, requested, boosted, but, &mut rows, |row| *row, |row| row);
    Ok(rows)
}

/// Adds the boosted offers that pass the filters and are not there.
fn add<T>(
    generation: &Generation,
    requested: &Requested<'_>,
    boosted: &[Row],
    but: u16,
    rows: &mut Vec<T>,
    row_of: impl Fn(&T) -> Row,
    make: impl Fn(Row) -> T,
) {
    for first in boosted {
        if passes(generation, requested, *first, but) && !rows.iter().any(|one| row_of(one) == *first) {
            rows.push(make(*first));
        }
    }
}

fn ranked(hit: Hit) -> (Row, TextRank) {
    (Row(hit.row.0), hit.rank)
}

fn passes(generation: &Generation, requested: &Requested<'_>, row: Row, but: u16) -> bool {
    generation
        .catalogue()
        .offer(row)
        .is_some_and(|offer| requested.misses(offer) & !but == 0)
}

/// The rows within the circle that pass, where there is a circle.
fn narrowed(generation: &Generation, requested: &Requested<'_>) -> Option<RoaringBitmap> {
    requested.ground().circle()?;
    Some(
        by_filters(generation, requested, 0)
            .into_iter()
            .map(|row| row.0)
            .collect(),
    )
}

/// Every offer that passes, from the places in the circle or from all.
fn by_filters(generation: &Generation, requested: &Requested<'_>, but: u16) -> Vec<Row> {
    let catalogue = generation.catalogue();
    let Some((centre, radius)) = requested.ground().circle() else {
        let passing = catalogue
            .offers()
            .filter(|(_, offer)| requested.misses(offer) & !but == 0);
        return passing.map(|(row, _)| row).collect();
    };
    let places = catalogue.places().within(centre, radius).into_iter();
    let placed = places
        .filter_map(|(place, _)| catalogue.places().get(place))
        .flat_map(|place| place.rows.iter().copied());
    let nowhere = catalogue.unplaced().iter().map(Row);
    placed
        .chain(nowhere)
        .filter(|row| passes(generation, requested, *row, but))
        .collect()
}

/// The index is opened and checked before it serves; a failure here is of its files.
pub(super) fn failed(error: TextError) -> Invalid {
    Invalid::one(
        "/q",
        Code::InvalidValue,
        format!("the words could not be searched: {error}"),
    )
}
