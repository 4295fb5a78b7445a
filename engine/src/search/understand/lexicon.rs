//! Words that mean something to the taxonomy: the data of `data/understand.toml`, compiled in.
//!
//! Read once. Invariant: the text is part of the program and a test reads it, so it cannot fail at work; keys that a
//! programme's own taxonomy lacks are passed over.

use std::sync::LazyLock;

use serde::Deserialize;

use super::tokens::Token;
use crate::query::filters::Need;
use crate::taxonomy::{Kind, Taxonomy};
use crate::text::Synonyms;

const TEXT: &str = include_str!("../../../data/understand.toml");

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    theme: Vec<Theme>,
    same: Vec<Same>,
    noise: Noise,
    audience: Vec<Audience>,
}

/// A kind of culture and the words for it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Theme {
    words: Vec<String>,
    #[serde(default)]
    pub(super) categories: Vec<String>,
    #[serde(default)]
    pub(super) subcategories: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Same {
    words: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Noise {
    phrases: Vec<String>,
}

/// Who it is for.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Audience {
    phrases: Vec<String>,
    #[serde(default)]
    pub(super) duo: bool,
    #[serde(default)]
    pub(super) kinds: Vec<Kind>,
    #[serde(default)]
    pub(super) accessibility: Vec<Need>,
}

/// All of it.
#[derive(Debug, Default)]
pub(super) struct Lexicon {
    themes: Vec<Theme>,
    noise: Vec<String>,
    audiences: Vec<Audience>,
    pub(super) same: Synonyms,
}

/// The lexicon of the program.
pub(super) static LEXICON: LazyLock<Lexicon> = LazyLock::new(|| Lexicon::read(TEXT).unwrap_or_default());

impl Lexicon {
    pub(super) fn read(text: &str) -> Result<Self, toml::de::Error> {
        let raw: Raw = toml::from_str(text)?;
        let groups: Vec<Vec<String>> = raw.same.into_iter().map(|same| same.words).collect();
        Ok(Self {
            themes: raw.theme,
            noise: raw.noise.phrases,
            audiences: raw.audience,
            same: Synonyms::new(&groups),
        })
    }

    /// The kind of culture that the words begin with, and how many words say it.
    pub(super) fn theme(&self, tokens: &[Token]) -> Option<(usize, &Theme)> {
        let said = self
            .themes
            .iter()
            .flat_map(|theme| theme.words.iter().map(move |words| (words, theme)));
        let said = said.filter_map(|(words, theme)| Some((says_plurally(tokens, words)?, theme)));
        said.max_by_key(|(taken, _)| *taken)
    }

    pub(super) fn noise(&self, tokens: &[Token]) -> Option<usize> {
        self.noise
            .iter()
            .filter_map(|phrase| super::tokens::says(tokens, phrase))
            .max()
    }

    pub(super) fn audience(&self, tokens: &[Token]) -> Option<(usize, &Audience)> {
        let said = self
            .audiences
            .iter()
            .flat_map(|one| one.phrases.iter().map(move |phrase| (phrase, one)));
        let said = said.filter_map(|(phrase, one)| Some((super::tokens::says(tokens, phrase)?, one)));
        said.max_by_key(|(taken, _)| *taken)
    }
}

impl Theme {
    /// The names of its categories and subcategories in this taxonomy: words that the index knows them by.
    pub(super) fn names(&self, taxonomy: &Taxonomy) -> Vec<String> {
        let of_categories = taxonomy
            .categories()
            .filter(|(_, named)| self.categories.contains(&named.key));
        let of_subcategories = taxonomy
            .subcategories()
            .filter(|(_, sub)| self.subcategories.contains(&sub.named.key));
        let names = of_categories.map(|(_, named)| named.fr.clone());
        names
            .chain(of_subcategories.map(|(_, sub)| sub.named.fr.clone()))
            .collect()
    }
}

/// The same with plurals in s or x.
fn says_plurally(tokens: &[Token], words: &str) -> Option<usize> {
    let mut taken = 0;
    for word in words.split(' ') {
        let token = tokens.get(taken).filter(|token| !token.opaque)?;
        let plural = token.text.strip_suffix(['s', 'x']).is_some_and(|single| single == word);
        if token.text != word && !plural {
            return None;
        }
        taken += 1;
    }
    Some(taken)
}
