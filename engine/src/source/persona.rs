//! Persona: what this reader takes to, in the categories that the list aims at: within reach, then everywhere.
//!
//! A source of the main path. Within reach it looks for what taste, distance, price and others' bookings make best
//! together, which neither the nearest nor the most booked need be. A category gives by its share of the aim, so that
//! what lies one step outwards is there too. Invariant: it gives nothing for nobody, and looks at a bounded number of
//! rows.

use super::{Out, Source, near};
use crate::catalogue::Ranked;
use crate::catalogue::row::Row;
use crate::geo::{Metres, Position};
use crate::pipeline::Query;
use crate::reader::Portrait;
use crate::reader::member::Member;
use crate::score;

/// How many rows of the most booked it looks at for one that it gives.
const LOOKED_AT: usize = 4;
/// An offer is taken to from this taste on, of the best taste of its category.
const TAKEN_TO: f64 = 0.6;
/// The most rows within reach that are looked at, and of those the most of a category at one place.
const WITHIN_REACH: (usize, usize) = (2_000, 24);

pub(super) struct Persona;

impl Source for Persona {
    fn name(&self) -> &'static str {
        "persona"
    }

    fn gather(&self, query: &Query<'_>, depth: usize, out: &mut Out) -> bool {
        // Asked without bound, the popular offers hold everything that this could add.
        if depth == usize::MAX {
            return true;
        }
        let mut exhausted = true;
        for member in query.company.iter().filter(|member| member.portrait.is_personal) {
            let wanted = wanted(&member.portrait, depth);
            exhausted &= within_reach(query, member, &wanted, depth, out);
            exhausted &= everywhere(query, &member.portrait, &wanted, out);
        }
        exhausted
    }
}

/// How many of each category, by its share of the aim.
fn wanted(portrait: &Portrait, depth: usize) -> Vec<usize> {
    let aim = portrait.way.aim();
    let most = aim.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
    let of = |share: &f64| (depth as f64 * share.max(0.0) / most).ceil() as usize;
    aim.iter().map(of).collect()
}

/// What suits best of what stands around the reader.
fn within_reach(query: &Query<'_>, member: &Member<'_>, wanted: &[usize], depth: usize, out: &mut Out) -> bool {
    let Some(origin) = query.position else { return true };
    let (groups, mut exhausted) = standing(query, origin, wanted, depth, out);
    let rows = groups.iter().flat_map(|group| group.rows);
    query.catalogue.glances_ahead(rows.copied());
    let leanings = member.portrait.leanings();
    let mut found: Vec<Vec<(f64, Row)>> = vec![Vec::new(); wanted.len()];
    for group in &groups {
        for row in group.rows.iter().filter(|row| query.stands(**row)) {
            let Some(glance) = query.catalogue.glance(*row) else {
                continue;
            };
            let taste = leanings.get(glance.subcategory()).copied().unwrap_or(0.0);
            let suits = taste * score::means(query, member, group.distance, glance);
            found[group.category].push((suits, *row));
        }
    }
    for (mut rows, wanted) in found.into_iter().zip(wanted) {
        exhausted &= rows.len() <= *wanted;
        rows.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        out.rows.extend(rows.iter().take(*wanted).map(|(_, row)| *row));
    }
    exhausted
}

/// The most booked of a category at a place.
struct Group<'a> {
    category: usize,
    distance: Metres,
    rows: &'a [Row],
}

/// What is looked at within reach, nearest places first, and whether that is all.
fn standing<'q>(
    query: &'q Query<'_>,
    origin: Position,
    wanted: &[usize],
    depth: usize,
    out: &Out,
) -> (Vec<Group<'q>>, bool) {
    let (mut left, each) = WITHIN_REACH;
    let (mut groups, mut exhausted) = (Vec::new(), true);
    for &(place, distance) in &near::reached(query, origin, depth).places {
        let Some(place) = query.catalogue.places().get(place) else {
            continue;
        };
        for (category, rows) in place.rows.by_category() {
            if wanted.get(category).is_none_or(|wanted| *wanted == 0) {
                continue;
            }
            let looked_at = rows.len().min(each);
            if looked_at > left || !out.meter.spend(looked_at) {
                return (groups, false);
            }
            left -= looked_at;
            exhausted &= looked_at == rows.len();
            groups.push(Group {
                category,
                distance,
                rows: &rows[..looked_at],
            });
        }
    }
    (groups, exhausted)
}

/// The most booked of each category that the reader takes to.
fn everywhere(query: &Query<'_>, portrait: &Portrait, wanted: &[usize], out: &mut Out) -> bool {
    let mut exhausted = true;
    for (order, wanted) in query.catalogue.popular().iter().zip(wanted) {
        let looked_at = order.len().min(wanted * LOOKED_AT);
        if !out.meter.spend(looked_at) {
            return false;
        }
        let rows: Vec<Row> = order.iter().take(looked_at).map(Ranked::row).collect();
        query.catalogue.offers_ahead(rows.iter().copied());
        let taste = |row: &Row| Some((*row, portrait.taste(query.catalogue.offer(*row)?)));
        let tastes: Vec<(Row, f64)> = rows.iter().filter_map(taste).collect();
        let best = tastes.iter().map(|(_, taste)| *taste).fold(0.0, f64::max);
        let taken = tastes
            .iter()
            .filter(|(_, taste)| *taste > 0.0 && *taste >= best * TAKEN_TO);
        out.rows.extend(taken.take(*wanted).map(|(row, _)| *row));
        exhausted &= order.len() <= wanted * LOOKED_AT;
    }
    exhausted
}
