//! Answers to common words, kept: the grade of every document of a segment, one byte each.
//!
//! Beside a segment's columns. What many documents hold is asked for often, and its lists are long; laid out flat they
//! are read in any order at the price of a byte. Invariant: what is kept is a function of the segment and the key
//! alone (deletions are looked at elsewhere), and it never exceeds its budget by more than one answer.

use std::sync::{Arc, Mutex, PoisonError};

use rustc_hash::FxHashMap;

use super::TextError;
use super::expand::Way;
use super::rank::Grade;
use super::reader::Segment;
use super::walk::each;

/// Shorter lists are walked. Small catalogues of tests take both ways.
const LEAST: u64 = if cfg!(test) { 24 } else { 4_096 };
/// Lists that hold fewer than one document in so many are walked.
const RARE: u64 = 64;
/// Bytes kept for each document of the segment, over all answers.
const BUDGET: usize = 40;

/// Whether lists of so many documents are better laid out flat.
pub(super) fn is_common(size: u64, max_doc: u32) -> bool {
    size >= LEAST.max(u64::from(max_doc) / RARE)
}

/// The kept answers of one segment.
#[derive(Default)]
pub(super) struct Kept(Mutex<Shelf>);

#[derive(Default)]
struct Shelf {
    by_key: FxHashMap<String, (Arc<[u8]>, u64)>,
    clock: u64,
}

impl Kept {
    /// The grades of some ways over all documents, made where nobody asked before.
    pub(super) fn grades(&self, key: &str, ways: &[Way<'_>], segment: &Segment) -> Result<Arc<[u8]>, TextError> {
        if let Some(known) = self.known(key) {
            return Ok(known);
        }
        let mut grades = vec![Grade::NONE; segment.reader.max_doc() as usize];
        for way in ways {
            each(way, segment, &mut |doc, grade| {
                let best = &mut grades[doc as usize];
                *best = (*best).max(grade);
            })?;
        }
        let made: Arc<[u8]> = grades.into_iter().map(Grade::byte).collect();
        self.keep(key, &made);
        Ok(made)
    }

    fn known(&self, key: &str) -> Option<Arc<[u8]>> {
        let mut shelf = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        shelf.clock += 1;
        let now = shelf.clock;
        let (known, used) = shelf.by_key.get_mut(key)?;
        *used = now;
        Some(Arc::clone(known))
    }

    /// Keeps an answer, in the place of those that were not asked for longest.
    fn keep(&self, key: &str, made: &Arc<[u8]>) {
        let mut shelf = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while shelf.by_key.len() >= BUDGET {
            let oldest = shelf.by_key.iter().min_by_key(|(_, (_, used))| *used);
            let Some(oldest) = oldest.map(|(key, _)| key.clone()) else {
                break;
            };
            shelf.by_key.remove(&oldest);
        }
        let now = shelf.clock;
        shelf.by_key.insert(key.to_owned(), (Arc::clone(made), now));
    }
}
