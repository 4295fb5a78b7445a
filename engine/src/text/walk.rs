//! Walks over posting lists: all of one, or where it meets candidates.
//!
//! The inner loops of search. Invariant: documents come in increasing order, each at most once a list.

use tantivy::query::{EnableScoring, Scorer};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocSet, TERMINATED, postings::Postings, postings::SegmentPostings};

use super::TextError;
use super::expand::Way;
use super::rank::Grade;
use super::reader::Segment;

/// Candidates are searched for a list's documents when they are this many times more.
const GALLOP: usize = 8;

/// Calls `found` with every document of a list and its grade.
pub(super) fn each(way: &Way<'_>, segment: &Segment, found: &mut impl FnMut(u32, Grade)) -> Result<(), TextError> {
    match way {
        Way::Term {
            index,
            info,
            grade,
            least,
        } => {
            let mut block = index.read_block_postings_from_terminfo(info, IndexRecordOption::WithFreqs)?;
            while block.block_len() > 0 {
                for (doc, tier) in block.docs().iter().zip(block.freqs()) {
                    if tier >= least {
                        found(*doc, grade.in_tier(*tier));
                    }
                }
                block.advance();
            }
        }
        Way::Phrase { grade, .. } => {
            let mut scorer = phrase_scorer(way, segment)?;
            while scorer.doc() != TERMINATED {
                found(scorer.doc(), *grade);
                scorer.advance();
            }
        }
    }
    Ok(())
}

/// Calls `found` with the place of every candidate that is in a list, its grade and its tier.
pub(super) fn meet(
    way: &Way<'_>,
    segment: &Segment,
    docs: &[u32],
    found: &mut impl FnMut(usize, Grade, u32),
) -> Result<(), TextError> {
    match way {
        Way::Term {
            index,
            info,
            grade,
            least,
        } => {
            let mut list = index.read_postings_from_terminfo(info, IndexRecordOption::WithFreqs)?;
            let mut found = |at: usize, tier: u32| {
                if tier >= *least {
                    found(at, grade.in_tier(tier), tier);
                }
            };
            if (info.doc_freq as usize) < docs.len() / GALLOP {
                search_candidates(&mut list, docs, &mut found);
            } else {
                search_list(&mut list, docs, |list, at| found(at, list.term_freq()));
            }
        }
        Way::Phrase { grade, .. } => {
            let mut scorer = phrase_scorer(way, segment)?;
            search_list(&mut scorer, docs, |_, at| found(at, *grade, 0));
        }
    }
    Ok(())
}

/// For a list longer than the candidates.
fn search_list<D: DocSet>(list: &mut D, docs: &[u32], mut found: impl FnMut(&mut D, usize)) {
    for (at, doc) in docs.iter().enumerate() {
        let reached = if list.doc() < *doc { list.seek(*doc) } else { list.doc() };
        if reached == *doc {
            found(list, at);
        } else if reached == TERMINATED {
            return;
        }
    }
}

/// For a list much shorter than the candidates.
fn search_candidates(list: &mut SegmentPostings, docs: &[u32], found: &mut impl FnMut(usize, u32)) {
    let mut from = 0;
    while list.doc() != TERMINATED && from < docs.len() {
        from += docs[from..].partition_point(|doc| *doc < list.doc());
        if docs.get(from) == Some(&list.doc()) {
            found(from, list.term_freq());
        }
        list.advance();
    }
}

fn phrase_scorer(way: &Way<'_>, segment: &Segment) -> Result<Box<dyn Scorer>, TextError> {
    let Way::Phrase { query, .. } = way else {
        return Ok(Box::new(tantivy::query::EmptyScorer));
    };
    let weight = query.weight(EnableScoring::disabled_from_schema(segment.reader.schema()))?;
    Ok(weight.scorer(&segment.reader, 1.0)?)
}

thread_local! {
    /// Kept between searches, all zero.
    static BEST: std::cell::RefCell<(Vec<Grade>, Vec<u64>)> = const { std::cell::RefCell::new((Vec::new(), Vec::new())) };
}

/// The best grade of each document over several lists.
pub(super) struct Union {
    best: Vec<Grade>,
    met: Vec<u64>,
}

impl Union {
    pub(super) fn over(max_doc: u32) -> Self {
        let (mut best, mut met) = BEST.take();
        let docs = max_doc as usize;
        best.resize(best.len().max(docs), Grade::NONE);
        met.resize(met.len().max(docs.div_ceil(64)), 0);
        Self { best, met }
    }

    pub(super) fn raise(&mut self, doc: u32, grade: Grade) {
        let best = &mut self.best[doc as usize];
        *best = (*best).max(grade);
        self.met[doc as usize / 64] |= 1 << (doc % 64);
    }

    /// Gives every document once, in order, and leaves the memory clean for the next search.
    pub(super) fn drain(mut self, found: &mut impl FnMut(u32, Grade)) {
        for (at, word) in self.met.iter_mut().enumerate() {
            let mut bits = std::mem::take(word);
            while bits != 0 {
                let doc = at * 64 + bits.trailing_zeros() as usize;
                found(doc as u32, std::mem::replace(&mut self.best[doc], Grade::NONE));
                bits &= bits - 1;
            }
        }
        BEST.set((self.best, self.met));
    }
}
