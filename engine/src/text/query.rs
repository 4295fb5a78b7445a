//! What a reader typed, as what is asked of the index.
//!
//! Second stage of search: `"quoted phrases"`, `-word`, book numbers, words; the last word is a prefix unless a space
//! follows it. Invariant: any text parses, nothing panics, and a query asks for at most [`MAX_UNITS`] things.

use super::analysis::{Word, identifier, words};
use super::document::{MAX_EDGE, PAIR, whole};
use super::fold::{is_hyphen, is_word_char};
use super::stem::{Families, Stems};
use super::stop::is_stop;
use super::synonyms::{Synonym, Synonyms};

/// Words and phrases read of one query; the rest is ignored and counted.
pub const MAX_UNITS: usize = 32;
/// Characters read of one query; the rest is ignored.
pub const MAX_CHARS: usize = 512;
/// Words of one query that may be misspelt, the first ones; seeking misspelt words costs most.
pub const MAX_MISSPELT: usize = 8;
/// Letters from which a word may have one typo.
const ONE_TYPO: usize = 4;
/// Letters from which a word may have two.
const TWO_TYPOS: usize = 8;

/// One parsed query.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TextQuery {
    /// As typed, up to the limit.
    pub(super) text: String,
    pub(super) units: Vec<Unit>,
    pub(super) excluded: Vec<Unit>,
    /// The whole query as a name, for the criterion of the same name.
    pub(super) whole: Option<String>,
    /// Units that stand side by side, stop words skipped.
    pub(super) pairs: Vec<(usize, usize)>,
    ignored: usize,
}

/// One thing asked for.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Unit {
    pub(super) what: What,
    /// A stop word beside others is not required.
    pub(super) required: bool,
    /// As typed.
    pub(super) typed: String,
}

/// The kinds of things asked for.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum What {
    Word(WordUnit),
    /// Words in this order side by side in one attribute, as they are.
    Phrase(Vec<String>),
    /// A book or product number, or a word that looks like one.
    Identifier {
        code: String,
        word: String,
    },
}

/// A word and the other ways to meet it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct WordUnit {
    pub(super) text: String,
    /// As typed, when it has accents.
    pub(super) accented: Option<String>,
    pub(super) joined: Vec<String>,
    pub(super) families: Families,
    /// Two words that mean the same.
    pub(super) paired: Vec<String>,
    /// Whole names that mean the same, such as a category's.
    pub(super) wholes: Vec<String>,
    pub(super) prefix: bool,
    /// Typos allowed when typos are allowed.
    pub(super) typos: u8,
}

/// A stretch of the query.
struct Part<'a> {
    text: &'a str,
    phrase: bool,
    negative: bool,
}

impl TextQuery {
    /// Reads a query. Never fails: what has no words asks for nothing.
    pub fn parse(text: &str) -> Self {
        let text = match text.char_indices().nth(MAX_CHARS) {
            Some((at, _)) => &text[..at],
            None => text,
        };
        let mut query = Self {
            text: text.to_owned(),
            ..Self::default()
        };
        if let Some(code) = identifier(text) {
            query.units.push(number_unit(text.trim(), code));
            return query;
        }
        let stems = Stems::default();
        let mut all: Vec<Word> = Vec::new();
        for part in parts(text) {
            query.add_part(&part, &stems, &mut all);
        }
        query.finish(text, &all);
        query
    }

    /// Reads a query, with the synonyms that editors gave.
    pub fn parse_with(text: &str, synonyms: &Synonyms) -> Self {
        let mut query = Self::parse(text);
        query.add_synonyms(synonyms);
        query
    }

    /// Whole names that meet some of its words as well as saying them does; both sides folded as in the index.
    pub fn add_names(&mut self, of: &[String], names: &[String]) {
        let wholes: Vec<String> = names.iter().filter_map(|name| whole(&words(name))).collect();
        for unit in &mut self.units {
            if let What::Word(word) = &mut unit.what
                && of.contains(&word.text)
            {
                word.wholes.extend(wholes.iter().cloned());
            }
        }
    }

    /// Whether nothing is asked for or excluded.
    pub fn is_empty(&self) -> bool {
        self.units.is_empty() && self.excluded.is_empty()
    }

    /// How many words stood past the limit.
    pub fn ignored(&self) -> usize {
        self.ignored
    }

    /// The words and phrases asked for, as typed.
    pub fn typed(&self) -> impl Iterator<Item = &str> {
        self.units.iter().map(|unit| unit.typed.as_str())
    }

    fn add_part(&mut self, part: &Part<'_>, stems: &Stems, all: &mut Vec<Word>) {
        let words = words(part.text);
        if part.negative {
            self.exclude(part, &words, stems);
        } else if part.phrase {
            if !words.is_empty() {
                let texts = words.iter().map(|word| word.text.clone()).collect();
                self.push(Unit {
                    what: What::Phrase(texts),
                    required: true,
                    typed: part.text.to_owned(),
                });
            }
            all.extend(words);
        } else if let Some(code) = identifier(part.text) {
            self.push(number_unit(part.text, code));
        } else {
            let at = self.units.len();
            words
                .iter()
                .for_each(|word| self.push(word_unit(word, part.text, stems)));
            join_neighbours(&mut self.units[at..]);
            all.extend(words);
        }
    }

    fn exclude(&mut self, part: &Part<'_>, words: &[Word], stems: &Stems) {
        if self.excluded.len() >= MAX_UNITS || words.is_empty() {
            return;
        }
        let unit = match words {
            [word] if !part.phrase => word_unit(word, part.text, stems),
            _ => {
                let texts = words.iter().map(|word| word.text.clone()).collect();
                Unit {
                    what: What::Phrase(texts),
                    required: true,
                    typed: part.text.to_owned(),
                }
            }
        };
        self.excluded.push(unit);
    }

    fn push(&mut self, unit: Unit) {
        if self.units.len() < MAX_UNITS {
            self.units.push(unit);
        } else {
            self.ignored += 1;
        }
    }

    /// What only the whole query tells: the prefix, the stop words, the neighbours, the name.
    fn finish(&mut self, text: &str, all: &[Word]) {
        self.whole = whole(all);
        if self.ignored == 0 && text.chars().next_back().is_some_and(is_word_char) {
            self.open_last(text);
        }
        if self.units.iter().any(|unit| !unit.is_stop()) {
            self.units.iter_mut().for_each(|unit| unit.required = !unit.is_stop());
        }
        self.bound_typos();
        let counting: Vec<usize> = (0..self.units.len()).filter(|at| self.units[*at].required).collect();
        self.pairs = counting.windows(2).map(|two| (two[0], two[1])).collect();
        self.pairs
            .retain(|(one, two)| self.units[*one].word().is_some() && self.units[*two].word().is_some());
    }

    /// After the first few words that may be misspelt, none may.
    fn bound_typos(&mut self) {
        let mut left = MAX_MISSPELT;
        for unit in &mut self.units {
            if let What::Word(word) = &mut unit.what
                && unit.required
                && word.typos > 0
            {
                word.typos = if left > 0 { word.typos } else { 0 };
                left = left.saturating_sub(1);
            }
        }
    }

    /// Other ways to say its words.
    pub fn add_synonyms(&mut self, synonyms: &Synonyms) {
        if synonyms.is_empty() {
            return;
        }
        let text = |at: usize| self.units[at].word().map(|word| word.text.as_str());
        let single = (0..self.units.len()).filter_map(|at| Some((vec![at], text(at)?.to_owned())));
        let pair =
            |(one, two): &(usize, usize)| Some((vec![*one, *two], format!("{}{PAIR}{}", text(*one)?, text(*two)?)));
        let forms: Vec<(Vec<usize>, String)> = single.chain(self.pairs.iter().filter_map(pair)).collect();
        for (units, form) in forms {
            for (at, synonym) in units
                .iter()
                .flat_map(|at| synonyms.of(&form).iter().map(move |other| (*at, other)))
            {
                if let What::Word(word) = &mut self.units[at].what {
                    word.add(synonym);
                }
            }
        }
    }

    /// The last word is still being typed.
    fn open_last(&mut self, text: &str) {
        let excluded_last = self
            .excluded
            .last()
            .is_some_and(|unit| text.ends_with(unit.typed.as_str()))
            && parts(text).last().is_some_and(|part| part.negative);
        if let Some(Unit {
            what: What::Word(word), ..
        }) = self.units.last_mut().filter(|_| !excluded_last)
        {
            word.prefix = true;
        }
    }
}

impl Unit {
    pub(super) fn word(&self) -> Option<&WordUnit> {
        match &self.what {
            What::Word(word) => Some(word),
            What::Phrase(_) | What::Identifier { .. } => None,
        }
    }

    /// The same without completion or typos: how exclusions are meant.
    pub(super) fn plainly(&self) -> Self {
        let mut plain = self.clone();
        if let What::Word(word) = &mut plain.what {
            (word.prefix, word.typos) = (false, 0);
        }
        plain
    }

    fn is_stop(&self) -> bool {
        self.word().is_some_and(|word| is_stop(&word.text))
    }
}

impl WordUnit {
    fn add(&mut self, synonym: &Synonym) {
        let list = if synonym.is_pair() {
            &mut self.paired
        } else {
            &mut self.joined
        };
        if !list.contains(&synonym.form) {
            list.push(synonym.form.clone());
        }
        for key in &synonym.families {
            if !self.families.contains(key) {
                self.families.push(key.clone());
            }
        }
    }

    /// Whether it may be the beginning of the second word of a pair.
    pub(super) fn completes_pairs(&self) -> bool {
        self.prefix && self.text.chars().count() >= MAX_EDGE
    }

    /// Whether its completions are indexed as such; longer prefixes are read off the dictionary.
    pub(super) fn is_edge(&self) -> bool {
        self.text.chars().count() <= MAX_EDGE
    }
}

fn number_unit(typed: &str, code: String) -> Unit {
    let word = typed.chars().filter(char::is_ascii_digit).collect();
    Unit {
        what: What::Identifier { code, word },
        required: true,
        typed: typed.to_owned(),
    }
}

fn word_unit(word: &Word, text: &str, stems: &Stems) -> Unit {
    let what = What::Word(WordUnit {
        text: word.text.clone(),
        accented: (!word.surface.is_ascii()).then(|| word.surface.clone()),
        joined: word.joined.to_vec(),
        families: stems.families(&word.surface, &word.text),
        paired: Vec::new(),
        wholes: Vec::new(),
        prefix: false,
        typos: typos_allowed(&word.text),
    });
    Unit {
        what,
        required: true,
        typed: text[word.start..word.end].to_owned(),
    }
}

/// None for numbers and short words, one from four letters, two from eight.
fn typos_allowed(text: &str) -> u8 {
    let letters = text.chars().count();
    if text.bytes().any(|byte| byte.is_ascii_digit()) || letters < ONE_TYPO {
        0
    } else if letters < TWO_TYPOS {
        1
    } else {
        2
    }
}

/// "porte bonheur" also asks for "portebonheur".
fn join_neighbours(units: &mut [Unit]) {
    let joined: Vec<Option<String>> = units.windows(2).map(|two| join(&two[0], &two[1])).collect();
    for (at, form) in joined.into_iter().enumerate() {
        let Some(form) = form else { continue };
        for unit in &mut units[at..=at + 1] {
            if let What::Word(word) = &mut unit.what
                && !word.joined.contains(&form)
            {
                word.joined.push(form.clone());
            }
        }
    }
}

fn join(one: &Unit, two: &Unit) -> Option<String> {
    let (one, two) = (one.word()?, two.word()?);
    let letters = |word: &WordUnit| word.text.chars().all(char::is_alphabetic) && word.text.chars().count() > 1;
    (letters(one) && letters(two)).then(|| format!("{}{}", one.text, two.text))
}

/// Cuts a query at its quotes, its exclusions and its book numbers.
fn parts(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut plain = 0;
    let mut at = 0;
    while at < text.len() {
        match special(text, at) {
            Some((part, next)) => {
                parts.push(Part {
                    text: &text[plain..at],
                    phrase: false,
                    negative: false,
                });
                parts.push(part);
                (plain, at) = (next, next);
            }
            None => at += text[at..].chars().next().map_or(1, char::len_utf8),
        }
    }
    parts.push(Part {
        text: &text[plain..],
        phrase: false,
        negative: false,
    });
    parts.retain(|part| part.text.contains(is_word_char));
    parts
}

/// The phrase, exclusion or book number that begins here, and where it ends.
fn special(text: &str, at: usize) -> Option<(Part<'_>, usize)> {
    let rest = &text[at..];
    if let Some((phrase, length)) = quoted(rest) {
        return Some((
            Part {
                text: phrase,
                phrase: true,
                negative: false,
            },
            at + length,
        ));
    }
    if !text[..at].chars().next_back().is_none_or(char::is_whitespace) {
        return None;
    }
    let first = rest.chars().next()?;
    let token = rest
        .split(char::is_whitespace)
        .next()?
        .trim_end_matches(|sign: char| !sign.is_alphanumeric());
    if !is_hyphen(first) {
        let number = Part {
            text: token,
            phrase: false,
            negative: false,
        };
        return identifier(token).map(|_| (number, at + token.len()));
    }
    let body = &rest[first.len_utf8()..];
    if let Some((phrase, length)) = quoted(body) {
        return Some((
            Part {
                text: phrase,
                phrase: true,
                negative: true,
            },
            at + first.len_utf8() + length,
        ));
    }
    let token = body.split(char::is_whitespace).next()?;
    let negative = Part {
        text: token,
        phrase: false,
        negative: true,
    };
    token
        .starts_with(is_word_char)
        .then_some((negative, at + first.len_utf8() + token.len()))
}

/// The inside of a quotation that begins here and ends, and its length with the quotes.
fn quoted(rest: &str) -> Option<(&str, usize)> {
    let open = rest.chars().next()?;
    let close: &[char] = match open {
        '"' | '“' | '”' | '„' => &['"', '”', '“'],
        '«' => &['»'],
        _ => return None,
    };
    let inside = &rest[open.len_utf8()..];
    let end = inside.find(close)?;
    let length = open.len_utf8() + end + inside[end..].chars().next().map_or(0, char::len_utf8);
    Some((&inside[..end], length))
}
