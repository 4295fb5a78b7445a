//! Words of the catalogue: completions and corrections.
//!
//! Beside search: "did you mean", and what may follow the letters typed so far. Invariant: only words that some
//! document of the index has are proposed (a document replaced since the last merge still counts).

use rustc_hash::FxHashMap;
use tantivy::Term;
use tantivy::query::FuzzyTermQuery;

use super::TextError;
use super::expand::{after, automaton};
use super::fold::fold;
use super::query::{TextQuery, WordUnit};
use super::reader::TextReader;
use super::twin::typos;

/// A correction of a word that exists must be this many times more common.
const MORE_COMMON: u64 = 100;

/// A spelling with accents is the usual one when at least one document in so many has it in a name.
const USUAL: u64 = 20;

/// A word of the catalogue and how many documents have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownWord {
    /// With its usual accents.
    pub word: String,
    /// How many documents.
    pub documents: u64,
}

impl TextReader {
    /// The query with its unknown words replaced by the catalogue's nearest, none when there is nothing to replace.
    /// A word that exists is replaced only by one a hundred times more common.
    pub fn did_you_mean(&self, query: &TextQuery) -> Result<Option<String>, TextError> {
        let mut corrected = String::new();
        let mut rest = query.text.as_str();
        let mut changed = false;
        for unit in query.units.iter().filter(|unit| unit.required) {
            let Some(word) = unit.word().filter(|word| word.typos > 0) else {
                continue;
            };
            let Some(better) = self.correction(word)? else { continue };
            let Some(at) = rest.find(&unit.typed) else { continue };
            corrected.push_str(&rest[..at]);
            corrected.push_str(&better);
            rest = &rest[at + unit.typed.len()..];
            changed = true;
        }
        Ok(changed.then(|| corrected + rest))
    }

    /// The most common words of the catalogue that begin so, the word itself among them.
    pub fn completions(&self, beginning: &str, limit: usize) -> Result<Vec<KnownWord>, TextError> {
        let prefix = fold(beginning);
        let mut known: FxHashMap<String, u64> = FxHashMap::default();
        if prefix.is_empty() {
            return Ok(Vec::new());
        }
        for segment in self.segments.iter() {
            let mut stream = segment
                .words
                .terms()
                .range()
                .ge(&prefix)
                .lt(after(&prefix))
                .into_stream()?;
            while let Some((word, info)) = stream.next() {
                count(&mut known, word, info.doc_freq);
            }
        }
        let mut words: Vec<(u64, String)> = known.into_iter().map(|(word, documents)| (documents, word)).collect();
        words.sort_by(|one, two| two.0.cmp(&one.0).then_with(|| one.1.cmp(&two.1)));
        words.truncate(limit);
        let accented = |(documents, word)| {
            Ok(KnownWord {
                word: self.accented(word, documents)?,
                documents,
            })
        };
        words.into_iter().map(accented).collect()
    }

    /// How many documents have this folded word, anywhere.
    pub fn documents_with(&self, word: &str) -> u64 {
        let infos = self
            .segments
            .iter()
            .filter_map(|segment| segment.words.terms().get(word).ok().flatten());
        infos.map(|info| u64::from(info.doc_freq)).sum()
    }

    /// The word that was probably meant, none when the word is known well enough.
    fn correction(&self, word: &WordUnit) -> Result<Option<String>, TextError> {
        let documents = self.documents(word)?;
        let mut known: FxHashMap<String, u64> = FxHashMap::default();
        let automaton = automaton(word, self.fields.words)?;
        let first: String = word.text.chars().take(1).collect();
        for segment in self.segments.iter() {
            let mut stream = segment
                .words
                .terms()
                .search(&automaton)
                .ge(&first)
                .lt(after(&first))
                .into_stream()?;
            while let Some((text, info)) = stream.next() {
                count(&mut known, text, info.doc_freq);
            }
        }
        let near = known
            .into_iter()
            .filter_map(|(text, documents)| Some((typos(&word.text, &text)?, documents, text)));
        let enough = documents.saturating_mul(MORE_COMMON);
        let better = near.filter(|(typos, rows, _)| (1..=word.typos).contains(typos) && *rows > enough);
        let best = better.min_by(|one, two| (one.0, two.1, &one.2).cmp(&(two.0, one.1, &two.2)));
        best.map(|(_, documents, text)| self.accented(text, documents))
            .transpose()
    }

    /// How many documents have the word, a plural of it, or a word that it begins.
    fn documents(&self, word: &WordUnit) -> Result<u64, TextError> {
        let mut documents = 0;
        for segment in self.segments.iter() {
            let forms = std::iter::once(&word.text)
                .chain(&word.joined)
                .map(|form| (&segment.words, form));
            let families = word.families.iter().map(|key| (&segment.families, key));
            for (index, text) in forms.chain(families) {
                documents += index.terms().get(text)?.map_or(0, |info| u64::from(info.doc_freq));
            }
            if word.prefix {
                let mut stream = segment
                    .words
                    .terms()
                    .range()
                    .ge(&word.text)
                    .lt(after(&word.text))
                    .into_stream()?;
                documents += stream.next().map_or(0, |(_, info)| u64::from(info.doc_freq));
            }
        }
        Ok(documents)
    }

    /// The word as the names of the catalogue mostly write it.
    fn accented(&self, word: String, documents: u64) -> Result<String, TextError> {
        let mut known: FxHashMap<String, u64> = FxHashMap::default();
        let automaton = FuzzyTermQuery::new(Term::from_field_text(self.fields.accents, &word), 2, false).automaton()?;
        for segment in self.segments.iter() {
            let mut stream = segment.accents.terms().search(&automaton).into_stream()?;
            while let Some((surface, info)) = stream.next() {
                count(&mut known, surface, info.doc_freq);
            }
        }
        known.retain(|surface, _| fold(surface) == word);
        let best = known
            .into_iter()
            .max_by(|one, two| one.1.cmp(&two.1).then_with(|| two.0.cmp(&one.0)));
        Ok(best
            .filter(|(_, names)| names * USUAL >= documents)
            .map_or(word, |(surface, _)| surface))
    }
}

fn count(known: &mut FxHashMap<String, u64>, word: &[u8], documents: u32) {
    if let Ok(word) = std::str::from_utf8(word) {
        *known.entry(word.to_owned()).or_default() += u64::from(documents);
    }
}
