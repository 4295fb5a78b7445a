//! Sources: where candidates come from, each bounded and named.
//!
//! Second stage of the main path. Every source gives at most `depth` rows of each category, so that no category can
//! crowd out the others before the rules have their say. Invariant: asked without bound, the sources together give
//! every offer that can be booked.

mod near;
mod newest;
mod popular;

use crate::catalogue::row::Row;
use crate::pipeline::Query;

/// A supplier of candidates.
pub trait Source: Sync {
    /// Its name, as it stands in answers.
    fn name(&self) -> &'static str;

    /// Adds at most `depth` rows of each category. Says whether it has nothing more to give.
    fn gather(&self, query: &Query<'_>, depth: usize, rows: &mut Vec<Row>) -> bool;
}

/// Every source, in the order of the bits in [`Gathered::sources`].
pub const SOURCES: [&dyn Source; 3] = [&near::Near, &popular::Popular, &newest::Newest];

/// A row and the sources that named it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gathered {
    /// The offer.
    pub row: Row,
    /// Bit n is set when `SOURCES[n]` named it.
    pub sources: u16,
}

/// What all sources gave.
#[derive(Debug, Default)]
pub struct Harvest {
    /// Each row once, by row number.
    pub rows: Vec<Gathered>,
    /// Whether asking for more would give nothing.
    pub exhausted: bool,
}

/// Asks every source and merges what they give.
pub fn gather(query: &Query<'_>, depth: usize) -> Harvest {
    let mut harvest = Harvest {
        rows: Vec::new(),
        exhausted: true,
    };
    let mut rows = Vec::new();
    for (bit, source) in SOURCES.iter().enumerate() {
        harvest.exhausted &= source.gather(query, depth, &mut rows);
        harvest
            .rows
            .extend(rows.drain(..).map(|row| Gathered { row, sources: 1 << bit }));
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

/// A pinned offer is a candidate whoever names it.
fn pinned(query: &Query<'_>, rows: &mut Vec<Gathered>) {
    let pins = query.request.pins.iter();
    rows.extend(
        pins.filter_map(|pin| query.catalogue.find(pin.offer_id.as_str()))
            .map(|row| Gathered { row, sources: 0 }),
    );
}

/// The names of the sources in a set of bits.
pub fn names(sources: u16) -> Vec<&'static str> {
    let named = SOURCES.iter().enumerate().filter(|(bit, _)| sources >> bit & 1 == 1);
    named.map(|(_, source)| source.name()).collect()
}
