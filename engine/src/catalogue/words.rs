//! Words as numbers: genres, creators, tags, territories and languages, each text kept once.
//!
//! Filters and rules compare numbers. Invariant: a word keeps its number while anything names it, and what readers
//! remember (genres, kinds of venues) keeps it for the life of the process; a creator or a tag that no offer names any
//! more gives its number up. Numbers are never compared across processes.

use std::sync::Arc;

use rustc_hash::FxBuildHasher;

use super::chunked::Chunked;

/// The number of a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Word(pub u32);

/// So many uses are never given up.
const FOR_GOOD: u32 = u32::MAX;

/// All words of a catalogue.
#[derive(Debug, Default, Clone)]
pub struct Words {
    numbers: imbl::GenericHashMap<Arc<str>, Word, FxBuildHasher, imbl::shared_ptr::DefaultSharedPtr>,
    /// The text of each number, and how many lists of creators and tags hold it.
    texts: Chunked<(Arc<str>, u32)>,
    free: Vec<Word>,
}

impl Words {
    /// The number of a known word.
    pub fn find(&self, text: &str) -> Option<Word> {
        self.numbers.get(text).copied()
    }

    /// The text of a number.
    pub fn text(&self, word: Word) -> &str {
        self.texts.get(word.0 as usize).map_or("", |(text, _)| text)
    }

    /// How many words there are.
    pub fn len(&self) -> usize {
        self.numbers.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.numbers.is_empty()
    }

    /// The number of a word, new or known, for good.
    pub(super) fn number(&mut self, text: &str) -> Word {
        let word = self.counted(text);
        if let Some((_, uses)) = self.texts.get_mut(word.0 as usize) {
            *uses = FOR_GOOD;
        }
        word
    }

    /// The numbers of a list, sorted, each once, for good.
    pub(super) fn numbers(&mut self, texts: &[String]) -> Box<[Word]> {
        sorted(texts.iter().map(|text| self.number(text)))
    }

    /// The numbers of a list, sorted, each once: theirs once they are taken, while they are not released.
    pub(super) fn lent(&mut self, texts: &[String]) -> Box<[Word]> {
        sorted(texts.iter().map(|text| self.counted(text)))
    }

    /// One use more of each.
    pub(super) fn take(&mut self, words: impl Iterator<Item = Word>) {
        for word in words {
            if let Some((_, uses)) = self.texts.get_mut(word.0 as usize) {
                *uses = uses.saturating_add(1);
            }
        }
    }

    /// One use less of each; what has none any more is forgotten.
    pub(super) fn release(&mut self, words: impl Iterator<Item = Word>) {
        for word in words {
            let Some(slot) = self.texts.get_mut(word.0 as usize) else {
                continue;
            };
            if slot.1 != FOR_GOOD {
                slot.1 = slot.1.saturating_sub(1);
            }
            if slot.1 == 0 {
                let (text, _) = std::mem::take(slot);
                self.numbers.remove(&text);
                self.free.push(word);
            }
        }
    }

    fn counted(&mut self, text: &str) -> Word {
        if let Some(word) = self.find(text) {
            return word;
        }
        let text: Arc<str> = Arc::from(text);
        let word = match self.free.pop() {
            Some(word) => {
                let slot = self.texts.get_mut(word.0 as usize);
                slot.into_iter().for_each(|slot| *slot = (Arc::clone(&text), 0));
                word
            }
            None => Word(u32::try_from(self.texts.push((Arc::clone(&text), 0))).unwrap_or(u32::MAX)),
        };
        self.numbers.insert(text, word);
        word
    }
}

fn sorted(words: impl Iterator<Item = Word>) -> Box<[Word]> {
    let mut words: Vec<Word> = words.collect();
    words.sort_unstable();
    words.dedup();
    words.into()
}
