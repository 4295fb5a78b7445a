//! Sources: where candidates come from, each bounded and named.
//!
//! Second stage of the main path. Every source gives at most `depth` rows of each category, so that no category can
//! crowd out the others before the rules have their say, and looks at so many rows at most. Invariant: asked without
//! bound, the required sources together give every offer that can be booked.

pub mod affinity;
pub mod exploration;
mod friends;
mod labels;
pub mod learnt;
pub(crate) mod near;
mod neighbours;
mod newest;
mod persona;
mod popular;
mod reviews;
mod rising;
mod shares;
mod similar;
mod vector;
mod venue;
mod works;

use crate::catalogue::row::Row;
use crate::model::Kind;
use crate::pipeline::Query;
use crate::pipeline::asking::Meter;

/// A supplier of candidates.
pub trait Source: Sync {
    /// Its name, as it stands in answers.
    fn name(&self) -> &'static str;

    /// Whether no list is made without it: no effort bounds it, and switched off it is still the last resort.
    fn is_required(&self) -> bool {
        false
    }

    /// Adds at most `depth` rows of each category. Says whether it has nothing more to give.
    fn gather(&self, query: &Query<'_>, depth: usize, out: &mut Out) -> bool;
}

/// Where a source puts what it finds.
#[derive(Debug)]
pub struct Out {
    /// The rows, in any order; a row may stand twice.
    pub rows: Vec<Row>,
    /// How likely each explored row was to be drawn.
    pub drawn: Vec<(Row, f64)>,
    /// What the source may still look at.
    pub meter: Meter,
}

/// A set of sources: bit n is that of `SOURCES[n]`.
pub type Sources = u32;

/// Every source, in the order of the bits in [`Gathered::sources`].
pub const SOURCES: [&dyn Source; 16] = [
    &near::Near,
    &popular::Popular,
    &newest::Newest,
    &similar::Similar,
    &neighbours::Neighbours,
    &vector::Vector,
    &venue::SameVenue,
    &rising::Rising,
    &labels::Labels,
    &friends::Friends,
    &shares::Shares,
    &reviews::Reviews,
    &exploration::Exploration,
    &persona::Persona,
    &learnt::FromModel(Kind::Collaborative),
    &learnt::FromModel(Kind::Content),
];

/// A row and the sources that named it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gathered {
    /// The offer.
    pub row: Row,
    /// Bit n is set when `SOURCES[n]` named it.
    pub sources: Sources,
}

/// What all sources gave.
#[derive(Debug, Default)]
pub struct Harvest {
    /// Each row once, by row number.
    pub rows: Vec<Gathered>,
    /// Whether asking for more would give nothing.
    pub exhausted: bool,
    /// Sources that were cut short by the effort that was left.
    pub degraded: Vec<&'static str>,
    /// How likely each explored row was to be drawn.
    pub drawn: Vec<(Row, f64)>,
}

/// Asks every source that is on and merges what they give.
pub fn gather(query: &Query<'_>, depth: usize) -> Harvest {
    let mut harvest = Harvest {
        exhausted: true,
        ..Harvest::default()
    };
    let mut effort = Effort::of(query);
    for (bit, source) in SOURCES.iter().enumerate() {
        match share(query, *source, depth) {
            0 => harvest.exhausted &= !source.is_required(),
            depth => ask(query, (*source, 1 << bit), depth, &mut effort, &mut harvest),
        }
    }
    pinned(query, &mut harvest.rows);
    harvest.rows.sort_unstable_by_key(|found| found.row);
    harvest.rows.dedup_by(|next, first| {
        let same = next.row == first.row;
        first.sources |= if same { next.sources } else { 0 };
        same
    });
    harvest
}

fn ask(
    query: &Query<'_>,
    (source, bit): (&dyn Source, Sources),
    depth: usize,
    effort: &mut Effort,
    harvest: &mut Harvest,
) {
    let mut out = Out {
        rows: Vec::new(),
        drawn: Vec::new(),
        meter: effort.share(source),
    };
    let done = source.gather(query, depth, &mut out);
    effort.take_back(source, &out.meter);
    harvest.exhausted &= done || !source.is_required();
    if out.meter.ran_out() {
        harvest.degraded.push(source.name());
    }
    harvest.drawn.extend(out.drawn);
    let found = out.rows.into_iter().map(|row| Gathered { row, sources: bit });
    harvest.rows.extend(found);
}

/// Whether a source is on, by its name.
pub(crate) fn is_on(query: &Query<'_>, name: &str) -> bool {
    !query.asking.without.iter().any(|off| off == name) && query.placement.share(name) > 0.0
}

/// How much of each category a source is asked for: 0 where the scenario or the asking switches it off.
fn share(query: &Query<'_>, source: &dyn Source, depth: usize) -> usize {
    if depth == usize::MAX && source.is_required() {
        return depth;
    }
    match query.placement.share(source.name()) {
        _ if !is_on(query, source.name()) => 0,
        _ if depth == usize::MAX => depth,
        share => (depth as f64 * share).ceil() as usize,
    }
}

/// What is left of the effort, and how many sources it is for. Each has an equal share of what is left; what one does
/// not need is for those after it.
struct Effort {
    rows: Option<usize>,
    sources: usize,
}

impl Effort {
    fn of(query: &Query<'_>) -> Self {
        Self {
            rows: query.asking.effort,
            sources: SOURCES.iter().filter(|source| !source.is_required()).count(),
        }
    }

    fn share(&self, source: &dyn Source) -> Meter {
        match self.rows {
            Some(rows) if !source.is_required() => Meter::new(rows / self.sources.max(1)),
            Some(_) | None => Meter::endless(),
        }
    }

    fn take_back(&mut self, source: &dyn Source, meter: &Meter) {
        if let Some(rows) = self.rows.filter(|_| !source.is_required()) {
            let given = rows / self.sources.max(1);
            self.rows = Some(rows - given + meter.left().min(given));
            self.sources = self.sources.saturating_sub(1);
        }
    }
}

/// A pinned offer is a candidate whoever names it.
fn pinned(query: &Query<'_>, rows: &mut Vec<Gathered>) {
    let pins = query.request.pins.iter();
    rows.extend(
        pins.filter_map(|pin| query.catalogue.find(pin.offer_id.as_str()))
            .map(|row| Gathered { row, sources: 0 }),
    );
}

/// The names of the sources in a set of bits.
pub fn names(sources: Sources) -> Vec<&'static str> {
    let named = SOURCES.iter().enumerate().filter(|(bit, _)| sources >> bit & 1 == 1);
    named.map(|(_, source)| source.name()).collect()
}

/// Whether somebody close named an offer: a friend took it, or sent it.
pub fn is_of_friends(sources: Sources) -> bool {
    let close = SOURCES.iter().enumerate().filter(|(bit, _)| sources >> bit & 1 == 1);
    sources != 0
        && close
            .into_iter()
            .any(|(_, source)| matches!(source.name(), "friends" | "shares"))
}

#[cfg(test)]
mod tests;
