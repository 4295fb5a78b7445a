//! Words as numbers: genres, creators, tags, territories and languages, each text kept once.
//!
//! Filters and rules compare numbers. Invariant: a word keeps its number for the life of the process; numbers are
//! never compared across processes.

use std::sync::Arc;

use rustc_hash::FxBuildHasher;

use super::chunked::Chunked;

/// The number of a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Word(pub u32);

/// All words of a catalogue.
#[derive(Debug, Default, Clone)]
pub struct Words {
    numbers: imbl::GenericHashMap<Arc<str>, Word, FxBuildHasher, imbl::shared_ptr::DefaultSharedPtr>,
    texts: Chunked<Arc<str>>,
}

impl Words {
    /// The number of a known word.
    pub fn find(&self, text: &str) -> Option<Word> {
        self.numbers.get(text).copied()
    }

    /// The text of a number.
    pub fn text(&self, word: Word) -> &str {
        self.texts.get(word.0 as usize).map_or("", |text| text)
    }

    /// The number of a word, new or known.
    pub(super) fn number(&mut self, text: &str) -> Word {
        if let Some(word) = self.find(text) {
            return word;
        }
        let text: Arc<str> = Arc::from(text);
        let word = Word(u32::try_from(self.texts.push(Arc::clone(&text))).unwrap_or(u32::MAX));
        self.numbers.insert(text, word);
        word
    }

    /// The numbers of a list, sorted, each once.
    pub(super) fn numbers(&mut self, texts: &[String]) -> Box<[Word]> {
        let mut words: Vec<Word> = texts.iter().map(|text| self.number(text)).collect();
        words.sort_unstable();
        words.dedup();
        words.into()
    }
}
