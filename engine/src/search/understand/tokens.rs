//! A query as the grammar reads it: words with where they stand.
//!
//! First step of understanding. Invariant: what is quoted or excluded is opaque: no rule reads it.

use crate::text::{fold, is_word_char};

/// The most words that the grammar reads.
pub(super) const MAX_TOKENS: usize = 48;

/// One word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    /// Folded.
    pub(super) text: String,
    /// As typed.
    pub(super) raw: String,
    pub(super) start: usize,
    pub(super) end: usize,
    /// What stands between it and the next word.
    pub(super) after: String,
    /// Whether it is quoted or excluded.
    pub(super) opaque: bool,
}

/// The words of a query.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::new();
    let (mut at, mut quoted) = (0, false);
    while let Some(begin) = text[at..].find(is_word_char).map(|found| at + found) {
        let length = text[begin..]
            .find(|letter| !is_word_char(letter))
            .unwrap_or(text.len() - begin);
        let gap = &text[at..begin];
        for sign in gap.chars() {
            quoted = match sign {
                '"' => !quoted,
                '«' | '“' => true,
                '»' | '”' => false,
                _ => quoted,
            };
        }
        if let Some(last) = tokens.last_mut() {
            gap.clone_into(&mut last.after);
        }
        let end = begin + length;
        let excluded = gap.ends_with('-') && (gap.len() == 1 && begin == 1 || gap.ends_with(" -"));
        tokens.push(Token {
            text: fold(&text[begin..end]),
            raw: text[begin..end].to_lowercase(),
            start: begin,
            end,
            after: String::new(),
            opaque: quoted || excluded,
        });
        at = end;
        if tokens.len() >= MAX_TOKENS {
            return tokens;
        }
    }
    if let Some(last) = tokens.last_mut() {
        text[at..].clone_into(&mut last.after);
    }
    tokens
}

/// How many words a phrase takes, when the words begin with it.
pub(super) fn says(tokens: &[Token], phrase: &str) -> Option<usize> {
    let mut taken = 0;
    for word in phrase.split(' ') {
        let token = tokens.get(taken).filter(|token| !token.opaque)?;
        if token.text != word {
            return None;
        }
        taken += 1;
    }
    Some(taken)
}

/// The first of several phrases that the words begin with: the longest ones should come first.
pub(super) fn says_any(tokens: &[Token], phrases: &[&str]) -> Option<usize> {
    phrases.iter().filter_map(|phrase| says(tokens, phrase)).max()
}

/// The words joined by spaces.
pub(super) fn joined(tokens: &[Token]) -> String {
    let words: Vec<&str> = tokens
        .iter()
        .map(|token| super::super::names::spelt(&token.text))
        .collect();
    words.join(" ")
}
