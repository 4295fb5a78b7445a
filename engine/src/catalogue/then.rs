//! What an act is about, in the catalogue's numbers: the offer as it was when the act came.
//!
//! Between the log and what is known of a reader. Invariant: of an event that says what its offer was then, the
//! present catalogue is not asked, so that a log read again over another catalogue teaches the same.

use super::practice::{About, Act, Subject};
use super::row::VenueIx;
use super::words::Word;
use super::{Catalogue, Reader};
use crate::catalogue::practice::Step;
use crate::event::{Event, Facts, Then};
use crate::taxonomy::SubcategoryIx;

/// Facts in numbers.
struct Numbers {
    subcategory: SubcategoryIx,
    venue: Option<VenueIx>,
    venue_kind: Option<Word>,
    genres: Vec<Word>,
}

impl Catalogue {
    /// Lets a reader learn from an event. One that does not say what its offer was (an entry of an older program, an
    /// act outside of the log) is about the present offer.
    pub(super) fn learn(&mut self, reader: &mut Reader, event: &Event) -> Option<Step> {
        let facts = match &event.then {
            None => return reader.note(event, self.act(event)),
            Some(Then::Unknown) => return reader.note(event, None),
            Some(Then::Known(facts)) => facts,
        };
        let Some(numbers) = self.numbers(facts) else {
            return reader.note(event, None);
        };
        let about = About {
            category: self.taxonomy.subcategory(numbers.subcategory).category,
            subcategory: numbers.subcategory,
            venue: numbers.venue,
            venue_kind: numbers.venue_kind,
            genres: &numbers.genres,
        };
        let act = Act {
            kind: event.kind,
            value: event.value,
            at: event.at.millis(),
            subject: Subject {
                item: &facts.item,
                about,
            },
        };
        reader.note(event, Some(act))
    }

    /// None where the taxonomy of today does not know the subcategory.
    fn numbers(&mut self, facts: &Facts) -> Option<Numbers> {
        Some(Numbers {
            subcategory: self.taxonomy.find(&facts.subcategory)?,
            venue: facts.venue.as_ref().map(|venue| self.venue_ix(venue)),
            venue_kind: facts.venue_kind.as_deref().map(|kind| self.words.number(kind)),
            genres: facts.genres.iter().map(|genre| self.words.number(genre)).collect(),
        })
    }
}

#[cfg(test)]
mod tests;
