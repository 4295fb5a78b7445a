//! What an offer says, as the terms under which it is found.
//!
//! Between the catalogue and the index: [`TextDoc`] in, [`DocTerms`] out. The index writes exactly these maps and the
//! slow twin reads them, so that both mean the same. Invariant: pure, and the tier of a term is the best attribute
//! that holds it.

use rustc_hash::{FxHashMap, FxHashSet};

use super::analysis::{Word, identifier, words};
use super::stem::{Families, Stems};
use super::stop::is_stop;

/// The texts of one offer.
#[derive(Debug, Clone, Copy, Default)]
pub struct TextDoc<'a> {
    /// The title.
    pub title: &'a str,
    /// Authors, artists, companies.
    pub creators: &'a [&'a str],
    /// The venue's name.
    pub venue_name: &'a str,
    /// The town.
    pub city: &'a str,
    /// Genres, tags, and the names of category and subcategory in both languages.
    pub themes: &'a [&'a str],
    /// The description.
    pub description: &'a str,
    /// ISBN and EAN, with or without hyphens.
    pub identifiers: &'a [&'a str],
}

/// How well an attribute speaks for an offer; more is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Tier {
    /// The description.
    Description = 1,
    /// Genres, tags, categories.
    Theme = 2,
    /// The venue's name and the town.
    Place = 3,
    /// Authors and artists.
    Creator = 4,
    /// The title.
    Title = 5,
}

impl Tier {
    /// All of them, the least first.
    pub const ALL: [Self; 5] = [Self::Description, Self::Theme, Self::Place, Self::Creator, Self::Title];
}

/// Letters of the longest prefix that is indexed as such; longer ones are read off the dictionary.
pub(super) const MAX_EDGE: usize = 3;
/// The separator inside a pair, which no word holds.
pub(super) const PAIR: char = ' ';

/// The terms of one offer. Maps lead from a term to its best tier.
#[derive(Debug, Clone, Default)]
pub struct DocTerms {
    /// Folded words with their joined and bare forms.
    pub words: FxHashMap<String, u8>,
    /// Keys of families of words.
    pub families: FxHashMap<String, u8>,
    /// The first one to three letters of the words of names (all attributes but the description).
    pub edges: FxHashMap<String, u8>,
    /// Whole names, word by word: "le petit prince".
    pub wholes: FxHashMap<String, u8>,
    /// Neighbours in names, stop words skipped: "petit prince".
    pub pairs: FxHashMap<String, u8>,
    /// Words of names as written, when they have accents.
    pub accents: FxHashSet<String>,
    /// ISBN, EAN.
    pub identifiers: FxHashSet<String>,
    /// The words of every attribute in order, for phrases.
    pub sequences: Vec<(u8, Vec<String>)>,
    /// Words of the title that count, at least one.
    pub title_words: u8,
}

/// Keys of families, remembered: a catalogue repeats its words.
#[derive(Default)]
pub struct Analyser {
    stems: Stems,
    known: FxHashMap<String, Families>,
}

/// Words whose families are remembered; past it the memory is emptied.
const KNOWN_WORDS: usize = 200_000;

impl Analyser {
    /// The keys of a word's families.
    pub fn families(&mut self, word: &Word) -> Families {
        if let Some(keys) = self.known.get(&word.surface) {
            return keys.clone();
        }
        let keys = self.stems.families(&word.surface, &word.text);
        if self.known.len() >= KNOWN_WORDS {
            self.known.clear();
        }
        self.known.insert(word.surface.clone(), keys.clone());
        keys
    }

    /// The terms of one offer.
    pub fn terms(&mut self, doc: &TextDoc<'_>) -> DocTerms {
        let mut terms = DocTerms {
            title_words: 1,
            ..DocTerms::default()
        };
        self.attribute(&mut terms, Tier::Title, doc.title);
        doc.creators
            .iter()
            .for_each(|name| self.attribute(&mut terms, Tier::Creator, name));
        self.attribute(&mut terms, Tier::Place, doc.venue_name);
        self.attribute(&mut terms, Tier::Place, doc.city);
        doc.themes
            .iter()
            .for_each(|name| self.attribute(&mut terms, Tier::Theme, name));
        self.attribute(&mut terms, Tier::Description, doc.description);
        terms
            .identifiers
            .extend(doc.identifiers.iter().filter_map(|code| identifier(code)));
        terms
    }

    fn attribute(&mut self, terms: &mut DocTerms, tier: Tier, text: &str) {
        let words = words(text);
        if words.is_empty() {
            return;
        }
        for word in &words {
            self.word(terms, tier, word);
        }
        if tier != Tier::Description {
            add_name(terms, tier, &words);
        }
        terms
            .sequences
            .push((tier as u8, words.into_iter().map(|word| word.text).collect()));
    }

    fn word(&mut self, terms: &mut DocTerms, tier: Tier, word: &Word) {
        raise(&mut terms.words, &word.text, tier);
        word.joined
            .iter()
            .chain(&word.bare)
            .for_each(|form| raise(&mut terms.words, form, tier));
        for key in self.families(word) {
            raise(&mut terms.families, &key, tier);
        }
    }
}

fn raise(map: &mut FxHashMap<String, u8>, term: &str, tier: Tier) {
    match map.get_mut(term) {
        Some(best) => *best = (*best).max(tier as u8),
        None => {
            map.insert(term.to_owned(), tier as u8);
        }
    }
}

fn add_name(terms: &mut DocTerms, tier: Tier, words: &[Word]) {
    if let Some(whole) = whole(words) {
        raise(&mut terms.wholes, &whole, tier);
    }
    if tier == Tier::Title {
        let counting = words.iter().filter(|word| !is_stop(&word.text)).count();
        terms.title_words = u8::try_from(counting.max(1)).unwrap_or(u8::MAX);
    }
    for word in words {
        if !word.surface.is_ascii() {
            terms.accents.insert(word.surface.clone());
        }
        for (at, letter) in word.text.char_indices().take(MAX_EDGE) {
            raise(&mut terms.edges, &word.text[..at + letter.len_utf8()], tier);
        }
    }
    let texts: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
    for (one, two) in pairs(&texts) {
        raise(&mut terms.pairs, &format!("{one}{PAIR}{two}"), tier);
    }
}

/// Bytes of the longest whole name that is a term.
const MAX_WHOLE: usize = 256;

/// A whole name as one term, unless it is very long.
pub(super) fn whole(words: &[Word]) -> Option<String> {
    let texts: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
    Some(texts.join(" ")).filter(|whole| !whole.is_empty() && whole.len() <= MAX_WHOLE)
}

/// Neighbours: words that count, stop words between them skipped; and stop words that stand together.
pub(super) fn pairs<'a>(texts: &'a [&'a str]) -> impl Iterator<Item = (&'a str, &'a str)> {
    let counting: Vec<&str> = texts.iter().copied().filter(|text| !is_stop(text)).collect();
    let close: Vec<_> = counting.windows(2).map(|two| (two[0], two[1])).collect();
    let stops = texts
        .windows(2)
        .filter(|two| two.iter().all(|text| is_stop(text)))
        .map(|two| (two[0], two[1]));
    close.into_iter().chain(stops)
}
