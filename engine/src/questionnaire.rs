//! The questionnaire: what a reader has answered, read into evidence, odds and wishes.
//!
//! Part of hydrating a reader. It is short, and everything in it is optional:
//!
//! | key | answer |
//! |---|---|
//! | `likes`, `dislikes` | a list of category, subcategory or search group keys, or genres |
//! | `outings` | `never` `sometimes` `often` |
//! | `company` | `alone` `friends` `family` `group` |
//! | `choice` | `friends` `trends` `alone` `image` `expertise` `place` `everything`: what one chooses by |
//! | `reach` | `near` `town` `far` |
//! | `outwards` | `off` `slow` `normal` `fast`: how fast the lists lead out of one's habits |
//!
//! A booking core may store its own questions too: of a key that is not here, words that are keys of the taxonomy or
//! genres of the catalogue are read as likes, the rest says nothing. Invariant: no answer is an error, and none is
//! kept anywhere but in the profile.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::catalogue::Catalogue;
use crate::catalogue::words::Word;
use crate::taxonomy::{CategoryIx, SubcategoryIx};

/// The most words of an answer that are read.
const MAX_WORDS: usize = 64;

/// How fast the lists lead out of a reader's habits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Outwards {
    /// Not at all.
    Off,
    /// Half as fast.
    Slow,
    /// As the persona and the reader's own acceptance say.
    Normal,
    /// Half as fast again.
    Fast,
}

impl Outwards {
    /// What the pace is multiplied by.
    pub const fn factor(self) -> f64 {
        match self {
            Self::Off => 0.0,
            Self::Slow => 0.5,
            Self::Normal => 1.0,
            Self::Fast => 1.5,
        }
    }

    fn read(text: &str) -> Option<Self> {
        match text {
            "off" => Some(Self::Off),
            "slow" => Some(Self::Slow),
            "normal" => Some(Self::Normal),
            "fast" => Some(Self::Fast),
            _ => None,
        }
    }
}

/// What a word of an answer names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    /// A category.
    Category(CategoryIx),
    /// A subcategory.
    Subcategory(SubcategoryIx),
    /// A genre, or another word of the catalogue.
    Genre(Word),
}

/// A questionnaire, read.
#[derive(Debug, Clone, PartialEq)]
pub struct Answers {
    /// What is liked, or with a minus disliked, and how much.
    pub named: Vec<(Named, f64)>,
    /// Log odds by persona, in their order.
    pub odds: Vec<f64>,
    /// What the reach is multiplied by.
    pub reach: f64,
    /// The pace that the reader has set.
    pub outwards: Option<Outwards>,
}

impl Answers {
    /// Nothing was answered.
    pub fn none(catalogue: &Catalogue) -> Self {
        Self {
            named: Vec::new(),
            odds: vec![0.0; catalogue.personas().all().len()],
            reach: 1.0,
            outwards: None,
        }
    }

    /// Reads a questionnaire.
    pub fn read(catalogue: &Catalogue, questionnaire: &Map<String, Value>) -> Self {
        let mut answers = Self::none(catalogue);
        for (question, answer) in questionnaire {
            answers.take(catalogue, question, answer);
        }
        answers
    }

    fn take(&mut self, catalogue: &Catalogue, question: &str, answer: &Value) {
        match question {
            "likes" => self.like(catalogue, answer, 1.0),
            "dislikes" => self.like(catalogue, answer, -1.0),
            "reach" => self.reach = answer.as_str().map_or(1.0, reach),
            "outwards" => self.outwards = answer.as_str().and_then(Outwards::read),
            _ if catalogue.personas().asks(question) => self.count(catalogue, question, answer),
            _ => self.like(catalogue, answer, 1.0),
        }
    }

    fn like(&mut self, catalogue: &Catalogue, answer: &Value, weight: f64) {
        for word in words(answer) {
            named(catalogue, word, |named, share| self.named.push((named, weight * share)));
        }
    }

    fn count(&mut self, catalogue: &Catalogue, question: &str, answer: &Value) {
        for word in words(answer) {
            let odds = catalogue.personas().answer(question, word);
            odds.into_iter()
                .flatten()
                .for_each(|(persona, odds)| self.odds[persona] += odds);
        }
    }
}

/// The words of an answer: itself, or the list of them.
fn words(answer: &Value) -> impl Iterator<Item = &str> {
    let list = answer.as_array().map_or(&[][..], Vec::as_slice);
    let own = answer.as_str().into_iter();
    own.chain(list.iter().filter_map(Value::as_str)).take(MAX_WORDS)
}

fn reach(answer: &str) -> f64 {
    match answer {
        "near" => 0.5,
        "far" => 2.0,
        _ => 1.0,
    }
}

/// What a word names, and which share of its weight each of it gets.
pub(crate) fn named(catalogue: &Catalogue, word: &str, mut found: impl FnMut(Named, f64)) {
    let taxonomy = catalogue.taxonomy();
    let upper = word.to_uppercase();
    if let Some(category) = taxonomy.find_category(&upper) {
        found(Named::Category(category), 1.0);
    } else if let Some(subcategory) = taxonomy.find(&upper) {
        found(Named::Subcategory(subcategory), 1.0);
    } else if let Some(group) = taxonomy.find_search_group(&upper) {
        let of = || {
            taxonomy
                .subcategories()
                .filter(|(_, sub)| sub.search_group == Some(group))
        };
        let share = 1.0 / of().count().max(1) as f64;
        of().for_each(|(ix, _)| found(Named::Subcategory(ix), share));
    } else if let Some(genre) = genre(catalogue, word) {
        found(Named::Genre(genre), 1.0);
    }
}

/// A word of the catalogue as it was written, or with another first letter.
fn genre(catalogue: &Catalogue, word: &str) -> Option<Word> {
    let find = |text: &str| catalogue.words().find(text);
    let capital = || {
        let mut letters = word.chars();
        let first = letters.next()?.to_uppercase();
        find(&first.chain(letters.flat_map(char::to_lowercase)).collect::<String>())
    };
    find(word).or_else(|| find(&word.to_lowercase())).or_else(capital)
}
