//! A reading of a query: what its words were taken to mean, and what is left of them.
//!
//! Plain data, so that a cursor keeps the one of its first page. Invariant: [`Reading::gentler`] gives readings that
//! keep ever more, down to the plain words, so no reading makes a page empty.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::Span;
use super::lexicon::LEXICON;
use super::means::{Means, WIDER};
use super::tokens::{self, Token};
use crate::query::Filters;
use crate::text::TextQuery;

/// What a query was taken to mean.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    /// What was recognised, in the order of the query.
    pub(in crate::search) parts: Vec<Part>,
    /// The words that are left, which are searched for.
    pub(in crate::search) rest: String,
    /// The parts that were given up, by their place.
    pub(in crate::search) given_up: Vec<usize>,
    /// How often the radius was widened.
    pub(in crate::search) widened: usize,
    /// Whether the words mean what they say and nothing else: as the caller asked.
    pub(in crate::search) literal: bool,
}

/// Some words and what they mean.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(in crate::search) struct Part {
    pub(in crate::search) text: String,
    pub(in crate::search) means: Vec<Means>,
}

impl Reading {
    /// Nothing but words.
    pub(in crate::search) fn plain(text: &str) -> Self {
        Self {
            rest: text.to_owned(),
            ..Self::default()
        }
    }

    pub(super) fn of(text: &str, tokens: &[Token], spans: Vec<Span>) -> Self {
        let (mut rest, mut at, mut parts) = (String::new(), 0, Vec::new());
        for span in spans {
            let (start, end) = (tokens[span.from].start, tokens[span.to - 1].end);
            if !matches!(span.means.as_slice(), [Means::Theme { .. }]) {
                rest.push_str(&text[at..start]);
                rest.push(' ');
                at = end;
            }
            parts.push(Part {
                text: text[start..end].to_owned(),
                means: span.means,
            });
        }
        let tail = &text[at..];
        rest.push_str(tail.trim_start_matches(['€', '?', '!']));
        let words_left = tokens::tokens(&rest);
        let stops = |token: &Token| crate::text::is_stop(&token.text);
        if words_left.iter().all(stops) && !rest.contains(['"', '«']) {
            rest.clear();
        }
        Self {
            parts,
            rest,
            ..Self::default()
        }
    }

    /// Whether it is nothing but words.
    pub(in crate::search) fn is_plain(&self) -> bool {
        self.parts.is_empty()
    }

    fn kept(&self) -> impl Iterator<Item = (usize, &Part)> {
        self.parts
            .iter()
            .enumerate()
            .filter(|(at, _)| !self.given_up.contains(at))
    }

    /// The caller's filters with those that the words mean.
    pub(in crate::search) fn filters(&self, asked: &Filters) -> Filters {
        let mut filters = asked.clone();
        for means in self.kept().flat_map(|(_, part)| &part.means) {
            means.apply(&mut filters, self.widened);
        }
        filters
    }

    /// The words that are left.
    pub(in crate::search) fn query(&self) -> TextQuery {
        let mut query = TextQuery::parse(&self.rest);
        if !self.literal {
            query.add_synonyms(&LEXICON.same);
        }
        for means in self.kept().flat_map(|(_, part)| &part.means) {
            if let Means::Theme { words, names } = means {
                query.add_names(words, names);
            }
        }
        query
    }

    /// The same with a wider place.
    pub(in crate::search) fn wider(&self) -> Option<Self> {
        let around = |part: &Part| part.means.iter().any(|means| matches!(means, Means::Around { .. }));
        let can = self.widened < WIDER.len() && self.kept().any(|(_, part)| around(part));
        can.then(|| Self {
            widened: self.widened + 1,
            ..self.clone()
        })
    }

    /// Readings that give up ever more: time of day and public first, then price, then the place, then the day.
    pub(in crate::search) fn gentler(&self, text: &str) -> Vec<Self> {
        let mut order: Vec<(u8, usize)> = self.kept().filter_map(|(at, part)| Some((worth(part)?, at))).collect();
        order.sort_unstable();
        let mut readings = Vec::new();
        let mut reading = self.clone();
        for (_, at) in order {
            reading.given_up.push(at);
            readings.push(reading.clone());
        }
        let mut plain = Self::plain(text);
        plain.parts.clone_from(&self.parts);
        plain.given_up = (0..self.parts.len()).collect();
        readings.push(plain);
        readings
    }

    /// What was understood, for the answer.
    pub(in crate::search) fn shown(&self) -> Vec<Understood> {
        let understood = |(at, part): (usize, &Part)| {
            let mut filters = Map::new();
            part.means
                .iter()
                .for_each(|means| filters.extend(means.shown(self.widened)));
            let themes = part.means.iter().filter_map(Means::names);
            Understood {
                text: part.text.clone(),
                filters: Value::Object(filters),
                themes: themes.flatten().cloned().collect(),
                given_up: self.given_up.contains(&at),
            }
        };
        self.parts.iter().enumerate().map(understood).collect()
    }

    /// What had to give way, for the answer.
    pub(in crate::search) fn relaxed(&self) -> Vec<Value> {
        let given_up = self.given_up.iter().filter_map(|at| self.parts.get(*at));
        let mut relaxed: Vec<Value> = given_up
            .map(|part| json!({"text": part.text, "how": "given_up"}))
            .collect();
        let around = |part: &&Part| part.means.iter().any(|means| matches!(means, Means::Around { .. }));
        if self.widened > 0 {
            let widened = self.kept().map(|(_, part)| part).find(around);
            relaxed.extend(widened.map(|part| json!({"text": part.text, "how": "widened"})));
        }
        relaxed
    }
}

/// The order in which parts are given up; none for those that filter nothing.
fn worth(part: &Part) -> Option<u8> {
    part.means
        .iter()
        .filter_map(|means| match means {
            Means::Nothing | Means::Theme { .. } => None,
            Means::TimeOfDay(_) => Some(0),
            Means::Age(_) => Some(1),
            Means::Price(_) => Some(2),
            Means::Free => Some(3),
            Means::Duo | Means::Kinds(_) => Some(4),
            Means::Around { .. } | Means::Venues(_) | Means::Departments(_) => Some(5),
            Means::Dates(_) => Some(6),
            Means::Accessibility(_) => Some(7),
        })
        .max()
}

/// Some words of the query and what they were taken to mean.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Understood {
    /// The words.
    pub text: String,
    /// The filters that they make, as a caller would give them.
    #[cfg_attr(feature = "schema", schema(value_type = Object))]
    pub filters: Value,
    /// Names of the taxonomy that meet the words as well as saying them does.
    pub themes: Vec<String>,
    /// Whether they had to be given up, since nothing was left.
    pub given_up: bool,
}
