//! What may stand: the filters of a request, compiled against a catalogue, and the fitness of a reader.
//!
//! Third stage of the main path, and the same code behind search. Invariant: a filter looks at one row and the
//! request, never at other rows, so kept and removed do not depend on the order of the stages.

mod ground;
mod requested;

pub use ground::Ground;
pub(crate) use requested::is_open_to;
pub use requested::{Field, Requested};

use crate::catalogue::row::{OfferRow, Row};
use crate::geo::Metres;

/// One candidate as filters, features and rules see it.
#[derive(Debug, Clone, Copy)]
pub struct Candidate<'a> {
    /// Its row.
    pub row: Row,
    /// Its columns.
    pub offer: &'a OfferRow,
    /// How far it is, where both ends are known.
    pub distance: Option<Metres>,
}

/// A stage that keeps a candidate or removes it, for one reason.
pub trait Filter {
    /// The reason, as it stands in traces.
    fn name(&self) -> &'static str;

    /// Whether the candidate stays.
    fn keeps(&self, candidate: &Candidate<'_>) -> bool;
}
