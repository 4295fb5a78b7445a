//! Searches for one word: most searches, and those with most hits.
//!
//! Beside the general way of `search.rs`, which gives the same hits with the same ranks. Invariant: a rank is worked
//! out once for each way of meeting the word, not once for each hit.

use super::Row;
use super::TextError;
use super::expand::{Expanded, Ways};
use super::rank::{Grade, TextRank};
use super::search::{Hit, Run, each_met};
use super::walk::{Union, each};

/// The bit of a mark that says that the accents are as typed; the bits below hold the tier of the whole name.
const ACCENT: u8 = 8;

impl Run<'_> {
    /// Whether one word decides all and nothing else but accents and whole names ranks.
    pub(super) fn is_single(&self, required: &[usize]) -> bool {
        required.len() == 1
            && self.plan.dropped.is_empty()
            && self.expanded.excluded.is_empty()
            && self.expanded.pairs.is_empty()
    }

    /// The hits of one word, straight from its lists: most searches, and those with most hits.
    pub(super) fn collect_single(&self, at: usize, hits: &mut Vec<Hit>) -> Result<(), TextError> {
        let segment = self.expanded.segment;
        let ways = &self.expanded.units[at];
        let driving = self.driving(Some(ways))?;
        let Some(flat) = ways.flat(segment)? else {
            return match driving {
                Some(rows) => self.among(&rows, at, hits),
                None => self.listed_single(at, hits),
            };
        };
        let marks = Marks::of(self.expanded, at)?;
        let mut ranks = Ranks::default();
        let mut hit = |doc: u32, grade: Grade| {
            if segment.is_alive(doc) {
                let row = Row(segment.columns.rows[doc as usize]);
                let rank = ranks.of(grade, marks.of_doc(doc), segment.columns.title_words[doc as usize]);
                hits.push(Hit { row, rank });
            }
        };
        match driving {
            Some(rows) => {
                let met = segment.columns.docs_of(&rows).map(|doc| (doc, flat[doc as usize]));
                met.filter(|(_, grade)| *grade != 0)
                    .for_each(|(doc, grade)| hit(doc, Grade::of_byte(grade)));
            }
            None => each_met(flat, |doc, grade| {
                if self.gate.passes(segment.columns.rows[doc as usize]) {
                    hit(doc, grade);
                }
            }),
        }
        Ok(())
    }

    /// The hits of a rare word among the accepted rows.
    fn among(&self, rows: &[u32], at: usize, hits: &mut Vec<Hit>) -> Result<(), TextError> {
        let mut candidates = self.candidates_among(rows, &mut vec![at])?;
        candidates.keep(self.expanded, &self.expanded.units[at])?;
        self.finish(&mut candidates)?;
        self.emit(&candidates, hits);
        Ok(())
    }

    /// The hits of a rare word.
    fn listed_single(&self, at: usize, hits: &mut Vec<Hit>) -> Result<(), TextError> {
        let segment = self.expanded.segment;
        let mut union = Union::over(segment.reader.max_doc());
        for way in &self.expanded.units[at].list {
            each(way, segment, &mut |doc, grade| union.raise(doc, grade))?;
        }
        for accent in self.expanded.accents[at].iter().flat_map(|ways| &ways.list) {
            each(accent, segment, &mut |doc, _| union.mark(doc, ACCENT))?;
        }
        for whole in self.expanded.whole.iter().flat_map(|ways| &ways.list) {
            each(whole, segment, &mut |doc, grade| union.mark(doc, grade.tier()))?;
        }
        let mut ranks = Ranks::default();
        union.drain(&mut |doc, grade, extra| {
            let row = segment.columns.rows[doc as usize];
            if segment.is_alive(doc) && self.gate.passes(row) {
                let rank = ranks.of(grade, extra, segment.columns.title_words[doc as usize]);
                hits.push(Hit { row: Row(row), rank });
            }
        });
        Ok(())
    }
}

/// Ranks of one word, worked out once each.
struct Ranks([Option<TextRank>; Grade::COUNT * 16]);

impl Default for Ranks {
    fn default() -> Self {
        Self([None; Grade::COUNT * 16])
    }
}

impl Ranks {
    fn of(&mut self, grade: Grade, extra: u8, title_words: u8) -> TextRank {
        let rank = self.0[grade.index() * 16 + usize::from(extra)]
            .get_or_insert_with(|| TextRank::of_one(grade, extra & !ACCENT, extra / ACCENT));
        rank.covering_one(grade, title_words)
    }
}

/// The accents and whole names of one word, by document.
struct Marks<'a> {
    accent: Mark<'a>,
    whole: Mark<'a>,
}

/// One of them: laid out flat, or the few that there are.
enum Mark<'a> {
    Flat(&'a [u8]),
    Few(rustc_hash::FxHashMap<u32, u8>),
}

impl<'a> Marks<'a> {
    fn of(expanded: &'a Expanded<'a>, at: usize) -> Result<Self, TextError> {
        Ok(Self {
            accent: Mark::of(expanded.accents[at].as_ref(), expanded)?,
            whole: Mark::of(expanded.whole.as_ref(), expanded)?,
        })
    }

    fn of_doc(&self, doc: u32) -> u8 {
        let accent = if self.accent.byte(doc) == 0 { 0 } else { ACCENT };
        accent | Grade::of_byte(self.whole.byte(doc)).tier()
    }
}

impl<'a> Mark<'a> {
    fn of(ways: Option<&'a Ways<'a>>, expanded: &'a Expanded<'a>) -> Result<Self, TextError> {
        let mut few = rustc_hash::FxHashMap::default();
        let Some(ways) = ways else { return Ok(Self::Few(few)) };
        if let Some(flat) = ways.flat(expanded.segment)? {
            return Ok(Self::Flat(flat));
        }
        for way in &ways.list {
            each(way, expanded.segment, &mut |doc, grade| {
                few.insert(doc, grade.byte());
            })?;
        }
        Ok(Self::Few(few))
    }

    fn byte(&self, doc: u32) -> u8 {
        match self {
            Self::Flat(flat) => flat[doc as usize],
            Self::Few(few) if few.is_empty() => 0,
            Self::Few(few) => few.get(&doc).copied().unwrap_or(0),
        }
    }
}
