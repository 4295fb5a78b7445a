//! What is asked for, as posting lists of one segment.
//!
//! Between a query and the walk over documents. Each way of meeting a word (as typed, as a plural, as a beginning,
//! misspelt) is one list with a grade; the twin tries the same ways on one offer. Invariant: expanding touches
//! dictionaries alone, and misspelt forms are sought for the first `MAX_MISSPELT` words only.

use std::cell::OnceCell;
use std::sync::Arc;

use tantivy::postings::TermInfo;
use tantivy::query::{DfaWrapper, FuzzyTermQuery, PhraseQuery, Query, TermQuery};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{InvertedIndexReader, Term};
use tantivy_fst::Automaton;

use super::TextError;
use super::dense::is_common;
use super::document::{PAIR, Tier};
use super::query::{TextQuery, Unit, What, WordUnit};
use super::rank::{Form, Grade};
use super::reader::{Segment, TextReader};
use super::schema::Fields;
use super::twin::{begun_typos, splits, typos};

/// One way of meeting what is asked for: a list of documents with a grade.
pub(super) enum Way<'a> {
    /// A term's list; the frequency is the tier when the field is coded.
    Term {
        index: &'a InvertedIndexReader,
        info: TermInfo,
        grade: Grade,
        least: u32,
    },
    /// Documents that hold words side by side in one attribute.
    Phrase {
        query: Box<dyn Query>,
        grade: Grade,
        size: u32,
    },
}

impl Way<'_> {
    /// At most so many documents.
    pub(super) fn size(&self) -> u64 {
        match self {
            Way::Term { info, .. } => u64::from(info.doc_freq),
            Way::Phrase { size, .. } => u64::from(*size),
        }
    }
}

/// The ways to meet one unit in one segment.
#[derive(Default)]
pub(super) struct Ways<'a> {
    pub(super) list: Vec<Way<'a>>,
    /// Misspelt forms of the word, whole, for the pairs.
    misspelt: Vec<String>,
    /// Under what the grades of all documents are kept, where they are many.
    key: Option<String>,
    flat: OnceCell<Arc<[u8]>>,
}

impl<'a> Ways<'a> {
    pub(super) fn size(&self) -> u64 {
        self.list.iter().map(Way::size).sum()
    }

    /// One way alone.
    fn single(way: Way<'a>, segment: &Segment, key: impl FnOnce() -> String) -> Self {
        Self {
            list: vec![way],
            ..Self::default()
        }
        .kept(segment, key)
    }

    /// The same, kept where it is common.
    fn kept(mut self, segment: &Segment, key: impl FnOnce() -> String) -> Self {
        if is_common(self.size(), segment.reader.max_doc()) {
            self.key = Some(key());
        }
        self
    }

    /// Whether the grades of all documents are laid out flat.
    pub(super) fn is_flat(&self) -> bool {
        self.key.is_some()
    }

    /// The grade of every document as a byte, where they are many.
    pub(super) fn flat(&self, segment: &Segment) -> Result<Option<&[u8]>, TextError> {
        let Some(key) = &self.key else { return Ok(None) };
        if let Some(flat) = self.flat.get() {
            return Ok(Some(flat));
        }
        let made = segment.columns.kept.grades(key, &self.list, segment)?;
        Ok(Some(self.flat.get_or_init(|| made)))
    }
}

/// A query in one segment.
pub(super) struct Expanded<'a> {
    pub(super) segment: &'a Segment,
    /// In the order of the query's units.
    pub(super) units: Vec<Ways<'a>>,
    pub(super) accents: Vec<Option<Ways<'a>>>,
    pub(super) excluded: Vec<Ways<'a>>,
    pub(super) pairs: Vec<Ways<'a>>,
    pub(super) whole: Option<Ways<'a>>,
}

/// Automata of the words that may be misspelt, one a unit, for all segments.
pub(super) struct Automata(Vec<Option<DfaWrapper>>);

impl Automata {
    pub(super) fn of(query: &TextQuery, fields: &Fields) -> Result<Self, TextError> {
        let build = |unit: &Unit| {
            unit.word()
                .filter(|word| word.typos > 0 && unit.required)
                .map(|word| automaton(word, fields.words))
        };
        Ok(Self(
            query
                .units
                .iter()
                .map(|unit| build(unit).transpose())
                .collect::<Result<_, _>>()?,
        ))
    }

    /// No typos.
    pub(super) fn none() -> Self {
        Self(Vec::new())
    }

    fn get(&self, at: usize) -> Option<&DfaWrapper> {
        self.0.get(at).and_then(Option::as_ref)
    }
}

/// Accepts the words within the typos that a word may have.
pub(super) fn automaton(word: &WordUnit, field: Field) -> Result<DfaWrapper, TextError> {
    let term = Term::from_field_text(field, &word.text);
    Ok(FuzzyTermQuery::new(term, word.typos, true).automaton()?)
}

/// Accepts every word of which some beginning is near enough. No state: near enough already.
struct Begun<'a>(&'a DfaWrapper);

impl Begun<'_> {
    fn settle(&self, state: u32) -> Option<u32> {
        (!self.0.is_match(&state)).then_some(state)
    }
}

impl Automaton for Begun<'_> {
    type State = Option<u32>;

    fn start(&self) -> Option<u32> {
        self.settle(self.0.start())
    }

    fn is_match(&self, state: &Option<u32>) -> bool {
        state.is_none()
    }

    fn can_match(&self, state: &Option<u32>) -> bool {
        state.is_none_or(|state| self.0.can_match(&state))
    }

    fn accept(&self, state: &Option<u32>, byte: u8) -> Option<u32> {
        state.and_then(|state| self.settle(self.0.accept(&state, byte)))
    }
}

/// A query in all segments of a reader.
pub(super) fn expand<'a>(
    reader: &'a TextReader,
    query: &TextQuery,
    automata: &Automata,
) -> Result<Vec<Expanded<'a>>, TextError> {
    reader
        .segments
        .iter()
        .map(|segment| Expanded::of(segment, &reader.fields, query, automata))
        .collect()
}

impl<'a> Expanded<'a> {
    fn of(segment: &'a Segment, fields: &Fields, query: &TextQuery, automata: &Automata) -> Result<Self, TextError> {
        let expander = Expander { segment, fields };
        let unit = |(at, unit): (usize, &Unit)| {
            let automaton = automata.get(at);
            let ways = expander.unit(unit, automaton)?;
            let key = |word: &WordUnit| format!("{} {word:?}", automaton.is_some());
            Ok::<_, TextError>(match unit.word() {
                Some(word) => ways.kept(segment, || key(word)),
                None => ways,
            })
        };
        let units: Vec<Ways<'a>> = query.units.iter().enumerate().map(unit).collect::<Result<_, _>>()?;
        let excluded = query.excluded.iter().map(|unit| expander.unit(&unit.plainly(), None));
        let accented = |unit: &Unit| {
            let word = unit.word().filter(|_| unit.required)?.accented.as_ref()?;
            let way = term(&segment.accents, word, Grade::NONE).transpose()?;
            Some(way.map(|way| Ways::single(way, segment, || format!("accents {word}"))))
        };
        let pair = |pair: &(usize, usize)| expander.pair(query, &units, *pair);
        Ok(Self {
            segment,
            accents: query
                .units
                .iter()
                .map(|unit| accented(unit).transpose())
                .collect::<Result<_, _>>()?,
            excluded: excluded.collect::<Result<_, _>>()?,
            pairs: query.pairs.iter().map(pair).collect::<Result<_, _>>()?,
            whole: match &query.whole {
                Some(whole) => term(&segment.wholes, whole, Grade::NONE)?
                    .map(|way| Ways::single(way, segment, || format!("whole {whole}"))),
                None => None,
            },
            units,
        })
    }
}

struct Expander<'a, 'f> {
    segment: &'a Segment,
    fields: &'f Fields,
}

/// The list of one term, in any tier.
fn term<'a>(index: &'a Arc<InvertedIndexReader>, text: &str, grade: Grade) -> Result<Option<Way<'a>>, TextError> {
    let info = index.terms().get(text)?;
    Ok(info.map(|info| Way::Term {
        index,
        info,
        grade,
        least: 1,
    }))
}

impl<'a> Expander<'a, '_> {
    fn unit(&self, unit: &Unit, automaton: Option<&DfaWrapper>) -> Result<Ways<'a>, TextError> {
        let mut ways = Ways::default();
        match &unit.what {
            What::Word(_) if !unit.required => {}
            What::Word(word) => {
                self.plain(word, &mut ways.list)?;
                if let Some(automaton) = automaton {
                    self.misspelt(word, automaton, &mut ways)?;
                }
            }
            What::Phrase(words) => self.phrase(words, &mut ways.list)?,
            What::Identifier { code, word } => {
                let known = Grade::new(0, Tier::Title as u8, Form::Exact);
                ways.list.extend(term(&self.segment.identifiers, code, known)?);
                ways.list
                    .extend(term(&self.segment.words, word, Grade::new(0, 0, Form::Exact))?);
            }
        }
        Ok(ways)
    }

    fn plain(&self, word: &WordUnit, list: &mut Vec<Way<'a>>) -> Result<(), TextError> {
        list.extend(term(&self.segment.words, &word.text, Grade::new(0, 0, Form::Exact))?);
        let family = Grade::new(0, 0, Form::Family);
        for form in &word.joined {
            list.extend(term(&self.segment.words, form, family)?);
        }
        for key in &word.families {
            list.extend(term(&self.segment.families, key, family)?);
        }
        for pair in &word.paired {
            list.extend(term(&self.segment.pairs, pair, family)?);
        }
        for whole in &word.wholes {
            list.extend(term(&self.segment.wholes, whole, family)?);
        }
        let beginning = Grade::new(0, 0, Form::Beginning);
        if word.prefix && word.is_edge() {
            list.extend(term(&self.segment.edges, &word.text, beginning)?);
        } else if word.prefix {
            self.beginnings(&word.text, beginning, list)?;
        }
        Ok(())
    }

    /// The words that begin so, where they stand in names.
    fn beginnings(&self, prefix: &str, grade: Grade, list: &mut Vec<Way<'a>>) -> Result<(), TextError> {
        let index = &self.segment.words;
        let mut stream = index.terms().range().ge(prefix).lt(after(prefix)).into_stream()?;
        while let Some((_, info)) = stream.next() {
            list.push(Way::Term {
                index,
                info: info.clone(),
                grade,
                least: Tier::Theme as u32,
            });
        }
        Ok(())
    }

    fn misspelt(&self, word: &WordUnit, automaton: &DfaWrapper, ways: &mut Ways<'a>) -> Result<(), TextError> {
        let Some(first) = word.text.chars().next() else {
            return Ok(());
        };
        let first = first.to_string();
        let index = &self.segment.words;
        if word.prefix {
            let mut stream = index
                .terms()
                .search(Begun(automaton))
                .ge(&first)
                .lt(after(&first))
                .into_stream()?;
            while let Some((text, info)) = stream.next() {
                self.near(word, text, info, ways);
            }
        } else {
            let mut stream = index
                .terms()
                .search(automaton)
                .ge(&first)
                .lt(after(&first))
                .into_stream()?;
            while let Some((text, info)) = stream.next() {
                self.near(word, text, info, ways);
            }
        }
        for pair in splits(word) {
            ways.list
                .extend(term(&self.segment.pairs, &pair, Grade::new(1, 0, Form::Misspelt))?);
        }
        Ok(())
    }

    /// Adds a word of the catalogue that an automaton let through.
    fn near(&self, word: &WordUnit, text: &[u8], info: &TermInfo, ways: &mut Ways<'a>) {
        let Ok(text) = std::str::from_utf8(text) else { return };
        let mut add = |typos: u8, least: Tier| {
            let grade = Grade::new(typos, 0, Form::Misspelt);
            ways.list.push(Way::Term {
                index: &self.segment.words,
                info: info.clone(),
                grade,
                least: least as u32,
            });
        };
        let possible = 1..=word.typos;
        if let Some(typos) = typos(&word.text, text).filter(|typos| possible.contains(typos)) {
            add(typos, Tier::Description);
            ways.misspelt.push(text.to_owned());
        }
        if let Some(typos) = begun_typos(word, text).filter(|typos| possible.contains(typos)) {
            add(typos, Tier::Theme);
        }
    }

    fn phrase(&self, words: &[String], list: &mut Vec<Way<'a>>) -> Result<(), TextError> {
        for tier in Tier::ALL {
            let field = self.fields.sequences[usize::from(tier as u8) - 1];
            let index = self.segment.reader.inverted_index(field)?;
            let mut size = u32::MAX;
            for word in words {
                size = size.min(index.terms().get(word)?.map_or(0, |info| info.doc_freq));
            }
            if size == 0 {
                continue;
            }
            let query = phrase_query(words.iter().map(|word| Term::from_field_text(field, word)).collect());
            list.push(Way::Phrase {
                query,
                grade: Grade::new(0, tier as u8, Form::Exact),
                size,
            });
        }
        Ok(())
    }

    /// The neighbours, at most one of them misspelt; the second may be a beginning.
    fn pair(&self, query: &TextQuery, units: &[Ways<'a>], pair: (usize, usize)) -> Result<Ways<'a>, TextError> {
        let mut ways = Ways::default();
        let (Some(one), Some(two)) = (query.units[pair.0].word(), query.units[pair.1].word()) else {
            return Ok(ways);
        };
        let index = &self.segment.pairs;
        let exact = format!("{}{PAIR}{}", one.text, two.text);
        if two.completes_pairs() {
            let mut stream = index.terms().range().ge(&exact).lt(after(&exact)).into_stream()?;
            while let Some((_, info)) = stream.next() {
                ways.list.push(Way::Term {
                    index,
                    info: info.clone(),
                    grade: Grade::NONE,
                    least: 1,
                });
            }
        } else {
            ways.list.extend(term(index, &exact, Grade::NONE)?);
        }
        for first in &units[pair.0].misspelt {
            ways.list
                .extend(term(index, &format!("{first}{PAIR}{}", two.text), Grade::NONE)?);
        }
        for second in &units[pair.1].misspelt {
            ways.list
                .extend(term(index, &format!("{}{PAIR}{second}", one.text), Grade::NONE)?);
        }
        Ok(ways)
    }
}

/// tantivy has phrases of two words and more.
fn phrase_query(mut terms: Vec<Term>) -> Box<dyn Query> {
    match terms.pop() {
        Some(term) if terms.is_empty() => Box::new(TermQuery::new(term, IndexRecordOption::Basic)),
        last => {
            terms.extend(last);
            Box::new(PhraseQuery::new(terms))
        }
    }
}

/// A key above all that begin with `prefix`, as no text holds the byte 255.
pub(super) fn after(prefix: &str) -> Vec<u8> {
    [prefix.as_bytes(), &[u8::MAX]].concat()
}
