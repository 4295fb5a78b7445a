//! Marks the words that matched.
//!
//! Last stage of search, on the texts of the hits shown. Invariant: the text is escaped for HTML, unchanged but for
//! `<em>` around whole words, accents and all.

use super::analysis::{Word, words};
use super::document::Analyser;
use super::plan::Plan;
use super::query::{TextQuery, What, WordUnit};
use super::twin::{begun_typos, typos};

/// The text with the query's words in `<em>…</em>`, safe in HTML; none when it has none of them.
pub fn highlight(query: &TextQuery, plan: &Plan, text: &str) -> Option<String> {
    let words = words(text);
    let mut analyser = Analyser::default();
    let mut marked: Vec<bool> = words
        .iter()
        .map(|word| is_asked(query, plan, word, &mut analyser))
        .collect();
    for unit in &query.units {
        if let What::Phrase(phrase) = &unit.what {
            mark_phrase(phrase, &words, &mut marked);
        }
    }
    let spans: Vec<(usize, usize)> = words
        .iter()
        .zip(marked)
        .filter(|(_, marked)| *marked)
        .map(|(word, _)| (word.start, word.end))
        .collect();
    (!spans.is_empty()).then(|| mark(text, &spans))
}

fn mark_phrase(phrase: &[String], words: &[Word], marked: &mut [bool]) {
    for at in 0..(words.len() + 1).saturating_sub(phrase.len()) {
        let window = &words[at..at + phrase.len()];
        if window.iter().zip(phrase).all(|(word, text)| word.text == *text) {
            marked[at..at + phrase.len()].fill(true);
        }
    }
}

fn is_asked(query: &TextQuery, plan: &Plan, word: &Word, analyser: &mut Analyser) -> bool {
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

fn meets(asked: &WordUnit, typos_allowed: bool, word: &Word, analyser: &mut Analyser) -> bool {
    let same = |form: &String| {
        *form == asked.text
            || asked.joined.contains(form)
            || (asked.prefix && form.starts_with(&asked.text))
            || (typos_allowed && is_misspelt(asked, form))
    };
    forms(word).any(same) || analyser.families(word).iter().any(|key| asked.families.contains(key))
}

fn is_misspelt(asked: &WordUnit, form: &str) -> bool {
    let fewest = typos(&asked.text, form)
        .into_iter()
        .chain(begun_typos(asked, form))
        .min();
    fewest.is_some_and(|typos| typos <= asked.typos)
}

fn mark(text: &str, spans: &[(usize, usize)]) -> String {
    let mut marked = String::with_capacity(text.len() + spans.len() * 9);
    let mut at = 0;
    for (start, end) in spans {
        escape(&text[at..*start], &mut marked);
        marked.push_str("<em>");
        escape(&text[*start..*end], &mut marked);
        marked.push_str("</em>");
        at = *end;
    }
    escape(&text[at..], &mut marked);
    marked
}

fn escape(text: &str, out: &mut String) {
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
