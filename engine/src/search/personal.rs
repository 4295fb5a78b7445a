//! The personal touch: what a reader takes to, as a criterion of the order.
//!
//! After every criterion of the words and the distance, before popularity. Invariants: at most three steps, so that it
//! moves nothing past an offer that answers the words or stands better; nobody, an unknown reader and one who did not
//! agree are all the same: none.

use crate::catalogue::glance::Glance;
use crate::live::Generation;
use crate::query::{SearchRequest, Sort};
use crate::reader::{Portrait, Sitter};
use crate::time::Moment;

/// The highest step.
pub(super) const MOST: u8 = 3;

/// What a reader takes to, by subcategory, 0 to [`MOST`].
#[derive(Debug, Default)]
pub(super) struct Affinity(Vec<u8>);

impl Affinity {
    /// Of the reader of a request, where it sorts by relevance and the reader agreed.
    pub(super) fn of(generation: &Generation, request: &SearchRequest, now: Moment) -> Self {
        let catalogue = generation.catalogue();
        let asker = request.user_id.as_ref().filter(|_| request.sort == Sort::Relevance);
        let stored = asker.and_then(|id| catalogue.reader(id.as_str()));
        let Some(reader) = stored.filter(|reader| reader.is_personal()) else {
            return Self::default();
        };
        let portrait = Portrait::draw(
            catalogue,
            &Sitter {
                stored: Some(reader),
                practice: Some(&reader.practice),
                given: &request.context.persona,
                pace: 1.0,
                sparsity: 0.0,
                now: now.millis(),
            },
        );
        if !portrait.is_personal {
            return Self::default();
        }
        let leanings = portrait.leanings();
        let most = leanings.iter().copied().fold(0.0, f64::max);
        let step = |leaning: &f64| {
            (leaning / most * f64::from(MOST + 1))
                .floor()
                .clamp(0.0, f64::from(MOST)) as u8
        };
        if most > 0.0 {
            Self(leanings.iter().map(step).collect())
        } else {
            Self::default()
        }
    }

    /// How much the reader takes to an offer, 0 to [`MOST`].
    pub(super) fn step(&self, glance: &Glance) -> u8 {
        self.0.get(glance.subcategory()).copied().unwrap_or(0)
    }
}
