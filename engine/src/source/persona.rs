//! Persona: what this reader takes to, most booked first, in the categories that the list aims at.
//!
//! A source of the main path. A category gives by its share of the aim, so that what lies one step outwards is there
//! too. Invariant: it gives nothing for nobody, and looks at a bounded number of rows of each category.

use super::{Out, Source};
use crate::catalogue::Ranked;
use crate::catalogue::row::Row;
use crate::pipeline::Query;
use crate::reader::Portrait;

/// How many rows it looks at for one that it gives.
const LOOKED_AT: usize = 4;
/// An offer is taken to from this taste on, of the best taste of its category.
const TAKEN_TO: f64 = 0.6;

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
            exhausted &= of(query, &member.portrait, depth, out);
        }
        exhausted
    }
}

fn of(query: &Query<'_>, portrait: &Portrait, depth: usize, out: &mut Out) -> bool {
    let aim = portrait.way.aim();
    let most = aim.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
    let mut exhausted = true;
    for (order, share) in query.catalogue.popular().iter().zip(&aim) {
        if *share <= 0.0 {
            continue;
        }
        let wanted = (depth as f64 * share / most).ceil() as usize;
        if !out.meter.spend(order.len().min(wanted * LOOKED_AT)) {
            return false;
        }
        let looked_at: Vec<Row> = order.iter().take(wanted * LOOKED_AT).map(Ranked::row).collect();
        query.catalogue.ahead(looked_at.iter().copied());
        let offers = looked_at
            .iter()
            .filter_map(|row| Some((*row, query.catalogue.offer(*row)?)));
        let tastes: Vec<(Row, f64)> = offers.map(|(row, offer)| (row, portrait.taste(offer))).collect();
        let best = tastes.iter().map(|(_, taste)| *taste).fold(0.0, f64::max);
        let taken = tastes
            .iter()
            .filter(|(_, taste)| *taste > 0.0 && *taste >= best * TAKEN_TO);
        out.rows.extend(taken.take(wanted).map(|(row, _)| *row));
        exhausted &= order.len() <= wanted * LOOKED_AT;
    }
    exhausted
}
