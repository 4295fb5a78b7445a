//! What it means that an offer matches: the definition, slow and obvious, over the offer's own terms.
//!
//! The index must agree with it on every query (`tests.rs` compares them); the search uses it to explain a hit.
//! Invariant: it reads nothing but the query, the plan and one offer.

use super::document::{DocTerms, PAIR, Tier};
use super::plan::Plan;
use super::query::{TextQuery, Unit, What, WordUnit};
use super::rank::{Criteria, Form, Grade, Tally};

/// Whether an offer matches: every required word that the plan keeps, nothing that is excluded.
pub fn matches(query: &TextQuery, plan: &Plan, terms: &DocTerms) -> bool {
    let kept = |at: &usize| query.units[*at].required && !plan.dropped.contains(at);
    (0..query.units.len())
        .filter(kept)
        .all(|at| grade(&query.units[at], plan.typos, terms).is_met())
        && !query
            .excluded
            .iter()
            .any(|unit| grade(&unit.plainly(), false, terms).is_met())
}

/// The criteria of an offer, none when it does not match.
pub fn explain(query: &TextQuery, plan: &Plan, terms: &DocTerms) -> Option<Criteria> {
    if !matches(query, plan, terms) {
        return None;
    }
    let mut tally = Tally::default();
    for unit in query.units.iter().filter(|unit| unit.required) {
        tally.add(grade(unit, plan.typos, terms));
        let accented = unit.word().and_then(|word| word.accented.as_ref());
        tally.accents += u8::from(accented.is_some_and(|word| terms.accents.contains(word)));
    }
    for (one, two) in &query.pairs {
        if let (Some(one), Some(two)) = (query.units[*one].word(), query.units[*two].word()) {
            tally.pairs += u8::from(side_by_side(one, two, plan.typos, terms));
        }
    }
    tally.whole = query
        .whole
        .as_ref()
        .and_then(|whole| terms.wholes.get(whole))
        .copied()
        .unwrap_or(0);
    Some(tally.criteria(terms.title_words))
}

/// The best way in which an offer has one thing asked for.
fn grade(unit: &Unit, typos: bool, terms: &DocTerms) -> Grade {
    match &unit.what {
        What::Word(word) if typos => plain(word, terms).max(misspelt(word, terms)),
        What::Word(word) => plain(word, terms),
        What::Phrase(words) => phrase(words, terms),
        What::Identifier { code, word } => {
            let known = terms
                .identifiers
                .contains(code)
                .then(|| Grade::new(0, Tier::Title as u8, Form::Exact));
            known
                .or_else(|| at(&terms.words, word, Form::Exact))
                .unwrap_or(Grade::NONE)
        }
    }
}

fn at(map: &rustc_hash::FxHashMap<String, u8>, term: &str, form: Form) -> Option<Grade> {
    map.get(term).map(|tier| Grade::new(0, *tier, form))
}

fn plain(word: &WordUnit, terms: &DocTerms) -> Grade {
    let exact = at(&terms.words, &word.text, Form::Exact);
    let joined = word
        .joined
        .iter()
        .filter_map(|form| at(&terms.words, form, Form::Family));
    let family = word
        .families
        .iter()
        .filter_map(|key| at(&terms.families, key, Form::Family));
    let paired = word
        .paired
        .iter()
        .filter_map(|pair| at(&terms.pairs, pair, Form::Family));
    let named = word
        .wholes
        .iter()
        .filter_map(|whole| at(&terms.wholes, whole, Form::Family));
    let beginning = word.prefix.then(|| beginning(word, terms)).flatten();
    exact
        .into_iter()
        .chain(joined)
        .chain(family)
        .chain(paired)
        .chain(named)
        .chain(beginning)
        .max()
        .unwrap_or(Grade::NONE)
}

/// A word of a name that begins with it.
fn beginning(word: &WordUnit, terms: &DocTerms) -> Option<Grade> {
    if word.is_edge() {
        return at(&terms.edges, &word.text, Form::Beginning);
    }
    let begins = |(text, tier): &(&String, &u8)| text.starts_with(&word.text) && **tier > Tier::Description as u8;
    terms
        .words
        .iter()
        .filter(begins)
        .map(|(_, tier)| Grade::new(0, *tier, Form::Beginning))
        .max()
}

fn misspelt(word: &WordUnit, terms: &DocTerms) -> Grade {
    let near = terms.words.iter().filter_map(|(text, tier)| {
        let whole = typos(&word.text, text).filter(|typos| *typos <= word.typos);
        let begun = begun_typos(word, text).filter(|typos| *typos <= word.typos && *tier > Tier::Description as u8);
        let fewest = whole.into_iter().chain(begun).min()?;
        (fewest > 0).then(|| Grade::new(fewest, *tier, Form::Misspelt))
    });
    let split = splits(word)
        .filter_map(|pair| terms.pairs.get(&pair))
        .map(|tier| Grade::new(1, *tier, Form::Misspelt));
    near.chain(split).max().unwrap_or(Grade::NONE)
}

/// The ways to cut a word in two: "portebonheur" may be "porte bonheur".
pub(super) fn splits(word: &WordUnit) -> impl Iterator<Item = String> {
    let text = word.text.as_str();
    let letters = if word.typos > 0 { text.chars().count() } else { 0 };
    let cuts = text.char_indices().skip(2).take(letters.saturating_sub(3));
    cuts.map(move |(at, _)| format!("{}{PAIR}{}", &text[..at], &text[at..]))
}

/// More typos than this no word may have.
const MOST_TYPOS: usize = 2;

/// Whether a word of the catalogue may be a misspelt form of anything: it has no digit.
fn is_spelt(text: &str) -> bool {
    !text.bytes().any(|byte| byte.is_ascii_digit())
}

/// The typos between a word as asked and a word of the catalogue; none when they cannot be the same word.
pub(super) fn typos(asked: &str, text: &str) -> Option<u8> {
    let letters = asked.chars().count().abs_diff(text.chars().count());
    let possible = letters <= MOST_TYPOS && is_spelt(text) && asked.chars().next() == text.chars().next();
    possible.then(|| distances(asked, text).0)
}

/// The typos between a begun word and the beginning of a word of the catalogue that it is nearest to.
pub(super) fn begun_typos(word: &WordUnit, text: &str) -> Option<u8> {
    let possible = word.prefix && is_spelt(text) && word.text.chars().next() == text.chars().next();
    possible.then(|| distances(&word.text, text).1)
}

/// Optimal string alignment: insertions, deletions, changes and swaps of neighbours cost one each. To the whole
/// of `text`, and to its nearest beginning.
fn distances(asked: &str, text: &str) -> (u8, u8) {
    let (asked, text): (Vec<char>, Vec<char>) = (asked.chars().collect(), text.chars().collect());
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=asked.len()).collect();
    let mut begun = asked.len();
    for (j, letter) in text.iter().enumerate() {
        let mut next = vec![j + 1];
        for i in 0..asked.len() {
            let change = row[i] + usize::from(asked[i] != *letter);
            let mut best = change.min(row[i + 1] + 1).min(next[i] + 1);
            if i > 0 && j > 0 && asked[i] == text[j - 1] && asked[i - 1] == *letter {
                best = best.min(before[i - 1] + 1);
            }
            next.push(best);
        }
        before = std::mem::replace(&mut row, next);
        begun = begun.min(row[asked.len()]);
    }
    let small = |distance: usize| u8::try_from(distance).unwrap_or(u8::MAX);
    (small(row[asked.len()]), small(begun))
}

fn phrase(words: &[String], terms: &DocTerms) -> Grade {
    let holds = |sequence: &[String]| sequence.windows(words.len()).any(|window| window == words);
    let tiers = terms
        .sequences
        .iter()
        .filter(|(_, sequence)| holds(sequence))
        .map(|(tier, _)| *tier);
    tiers.max().map_or(Grade::NONE, |tier| Grade::new(0, tier, Form::Exact))
}

/// Whether two words of the query stand together in a name, at most one of them misspelt.
fn side_by_side(one: &WordUnit, two: &WordUnit, typos_allowed: bool, terms: &DocTerms) -> bool {
    let exact = |word: &WordUnit, text: &str| word.text == text;
    let begun = |text: &str| two.completes_pairs() && text.starts_with(&two.text);
    let near = |word: &WordUnit, text: &str| typos_allowed && typos(&word.text, text).is_some_and(|n| n <= word.typos);
    terms
        .pairs
        .keys()
        .filter_map(|pair| pair.split_once(PAIR))
        .any(|(first, second)| {
            (exact(one, first) && (exact(two, second) || begun(second) || near(two, second)))
                || (near(one, first) && exact(two, second))
        })
}
