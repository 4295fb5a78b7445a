//! Which subcategory a row is of: the first rule of the mapping that holds.
//!
//! Invariant: a row that no rule takes gets the mapping's default or none at all; nothing is guessed.

use std::collections::BTreeSet;

use super::frame::Row;
use super::mapping::{Classify, Rule};
use super::text::{Needle, fold};
use super::value::all_hold;

/// What classification says of a row.
#[derive(Debug, PartialEq)]
pub(super) enum Verdict<'a> {
    /// Its subcategory, with the tags and genres of the rule.
    Is(&'a str, &'a [String], &'a [String]),
    /// Kept out, with a reason.
    Out(&'a str),
    /// No rule holds and there is no default.
    Unclassified,
}

/// The rules, made ready.
pub(super) struct Classifier<'a> {
    rules: &'a Classify,
    ready: Vec<Ready<'a>>,
    columns: Vec<&'a str>,
}

struct Ready<'a> {
    rule: &'a Rule,
    any: Vec<Needle>,
    all: Vec<Needle>,
    none: Vec<Needle>,
    columns: Vec<usize>,
}

impl<'a> Classifier<'a> {
    /// Of the rules of a mapping.
    pub(super) fn new(rules: &'a Classify) -> Self {
        let named = rules.rule.iter().flat_map(|rule| looked_into(rules, rule));
        let columns: Vec<&str> = named.map(String::as_str).collect::<BTreeSet<_>>().into_iter().collect();
        let needles = |words: &[String]| words.iter().map(|word| Needle::new(word)).collect();
        let ready = |rule: &'a Rule| Ready {
            rule,
            any: needles(&rule.any),
            all: needles(&rule.all),
            none: needles(&rule.none),
            columns: looked_into(rules, rule)
                .iter()
                .filter_map(|name| columns.iter().position(|column| column == name))
                .collect(),
        };
        Self {
            rules,
            ready: rules.rule.iter().map(ready).collect(),
            columns,
        }
    }

    /// The verdict on a row.
    pub(super) fn verdict(&self, row: Row<'_>) -> Verdict<'a> {
        let texts: Vec<String> = self
            .columns
            .iter()
            .map(|column| fold(row.cell(column).unwrap_or("")))
            .collect();
        match self.ready.iter().find(|rule| rule.holds(row, &texts)) {
            Some(Ready { rule, .. }) => match (&rule.subcategory, &rule.drop) {
                (Some(key), _) => Verdict::Is(key, &rule.tags, &rule.genres),
                (None, Some(reason)) => Verdict::Out(reason),
                (None, None) => Verdict::Unclassified,
            },
            None => self
                .rules
                .default
                .as_deref()
                .map_or(Verdict::Unclassified, |key| Verdict::Is(key, &[], &[])),
        }
    }
}

fn looked_into<'a>(rules: &'a Classify, rule: &'a Rule) -> &'a [String] {
    if rule.columns.is_empty() {
        &rules.text
    } else {
        &rule.columns
    }
}

impl Ready<'_> {
    fn holds(&self, row: Row<'_>, texts: &[String]) -> bool {
        let stands = |needle: &Needle| self.columns.iter().any(|column| needle.is_in(&texts[*column]));
        self.rule.when.as_ref().is_none_or(|tests| all_hold(tests, row))
            && (self.any.is_empty() || self.any.iter().any(stands))
            && self.all.iter().all(stands)
            && !self.none.iter().any(stands)
    }
}
