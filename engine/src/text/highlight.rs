//! Marks the words that matched.
//!
//! Last stage of search, on the texts of the hits shown. Invariant: the text is escaped for HTML, unchanged but for
//! `<em>` around whole words, accents and all.

use std::ops::Range;

use super::analysis::{Word, words};
use super::document::Analyser;
use super::plan::Plan;
use super::query::{TextQuery, What, WordUnit};
use super::twin::{begun_typos, typos};

/// The text with the query's words in `<em>…</em>`, safe in HTML; none when it has none of them.
pub fn highlight(query: &TextQuery, plan: &Plan, text: &str) -> Option<String> {
    let words = words(text);
    let marked = marked(query, plan, &words);
    marked
        .contains(&true)
        .then(|| mark(text, 0..text.len(), &words, &marked))
}

/// The stretch of at most `length` words that holds most of the query's, marked like a highlight, with an ellipsis
/// where the text goes on; none when the text has none of them.
pub fn snippet(query: &TextQuery, plan: &Plan, text: &str, length: usize) -> Option<String> {
    let words = words(text);
    let marked = marked(query, plan, &words);
    if !marked.contains(&true) {
        return None;
    }
    let length = length.clamp(1, words.len());
    let (from, to) = densest(&marked, length);
    let start = if from == 0 { 0 } else { words[from].start };
    let end = if to == words.len() {
        text.len()
    } else {
        words[to - 1].end
    };
    let body = mark(text, start..end, &words, &marked);
    let (before, after) = (
        if from == 0 { "" } else { "… " },
        if to == words.len() { "" } else { " …" },
    );
    Some(format!("{before}{body}{after}"))
}

/// The first of the windows with most marks, moved back so that its marks stand in the middle.
fn densest(marked: &[bool], length: usize) -> (usize, usize) {
    let count = |from: usize| marked[from..from + length].iter().filter(|marked| **marked).count();
    let last = marked.len() - length;
    let best = (0..=last)
        .max_by_key(|from| (count(*from), std::cmp::Reverse(*from)))
        .unwrap_or(0);
    let window = &marked[best..best + length];
    let first = best + window.iter().position(|marked| *marked).unwrap_or(0);
    let end = best + window.iter().rposition(|marked| *marked).map_or(0, |at| at + 1);
    let from = first.saturating_sub((length - (end - first)) / 2).min(last);
    (from, from + length)
}

fn marked(query: &TextQuery, plan: &Plan, words: &[Word]) -> Vec<bool> {
    let mut analyser = None;
    let mut marked: Vec<bool> = words
        .iter()
        .map(|word| is_asked(query, plan, word, &mut analyser))
        .collect();
    for unit in &query.units {
        if let What::Phrase(phrase) = &unit.what {
            mark_phrase(phrase, words, &mut marked);
        }
    }
    marked
}

fn mark_phrase(phrase: &[String], words: &[Word], marked: &mut [bool]) {
    for at in 0..(words.len() + 1).saturating_sub(phrase.len()) {
        let window = &words[at..at + phrase.len()];
        if window.iter().zip(phrase).all(|(word, text)| word.text == *text) {
            marked[at..at + phrase.len()].fill(true);
        }
    }
}

fn is_asked(query: &TextQuery, plan: &Plan, word: &Word, analyser: &mut Option<Analyser>) -> bool {
    query
        .units
        .iter()
        .filter(|unit| unit.required)
        .any(|unit| match &unit.what {
            What::Word(asked) => meets(asked, plan.typos, word, analyser),
            What::Phrase(_) => false,
            What::Identifier { word: asked, .. } => forms(word).any(|form| form == asked),
        })
}

fn forms(word: &Word) -> impl Iterator<Item = &String> {
    std::iter::once(&word.text).chain(&word.joined).chain(&word.bare)
}

fn meets(asked: &WordUnit, typos_allowed: bool, word: &Word, analyser: &mut Option<Analyser>) -> bool {
    let same = |form: &String| {
        *form == asked.text
            || asked.joined.contains(form)
            || (asked.prefix && form.starts_with(&asked.text))
            || (typos_allowed && is_misspelt(asked, form))
    };
    // A family keeps the first letter of its words, so most words need not be stemmed.
    let related = || {
        asked
            .families
            .iter()
            .any(|key| key.bytes().next() == word.text.bytes().next())
    };
    let mut families = || analyser.get_or_insert_with(Analyser::default).families(word);
    forms(word).any(same) || related() && families().iter().any(|key| asked.families.contains(key))
}

fn is_misspelt(asked: &WordUnit, form: &str) -> bool {
    let fewest = typos(&asked.text, form)
        .into_iter()
        .chain(begun_typos(asked, form))
        .min();
    fewest.is_some_and(|typos| typos <= asked.typos)
}

fn mark(text: &str, range: Range<usize>, words: &[Word], marks: &[bool]) -> String {
    let mut marked = String::with_capacity(range.len() + 32);
    let mut at = range.start;
    for (word, _) in words
        .iter()
        .zip(marks)
        .filter(|(word, mark)| **mark && range.contains(&word.start))
    {
        escape(&text[at..word.start], &mut marked);
        marked.push_str("<em>");
        escape(&text[word.start..word.end], &mut marked);
        marked.push_str("</em>");
        at = word.end;
    }
    escape(&text[at..range.end], &mut marked);
    marked
}

/// Writes a text so that it is safe in a page.
pub(crate) fn escape(text: &str, out: &mut String) {
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            plain => out.push(plain),
        }
    }
}
