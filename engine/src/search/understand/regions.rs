//! Parts of France: "en Bretagne", "dans la Drôme", "festival Île-de-France", "dans le 35".
//!
//! Departments and regions are facts of the program (`department.rs`, `data/regions.toml`); whether anything stands
//! there, the catalogue says. Invariant: a name that is a common word or a town is a region only after the
//! preposition of one, and a region where no venue with an offer stands stays words.

use std::sync::LazyLock;

use rustc_hash::{FxHashMap, FxHashSet};
use serde::Deserialize;

use super::Scene;
use super::tokens::{Token, joined, says, says_any};
use crate::department::Department;
use crate::search::names::{Named, normal};

const TEXT: &str = include_str!("../../../data/regions.toml");
/// Words of the longest name.
const LONGEST: usize = 6;
/// Articles and prepositions before a department that has an article.
const WITHIN: &[&str] = &[
    "dans le departement de la",
    "dans le departement de l",
    "dans le departement des",
    "dans le departement du",
    "dans le departement de",
    "dans la region",
    "dans toute la",
    "dans tout le",
    "dans la",
    "dans le",
    "dans les",
    "dans l",
    "a la",
    "a l ile de la",
];
/// Prepositions before a region without an article.
const INSIDE: &[&str] = &["en region", "partout en", "en", "in", "a", "region"];
/// A lone name that stands in so many times more offers than the region has is a word.
const COMMON: u64 = 3;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    ambiguous: FxHashSet<String>,
    article_only: FxHashSet<String>,
    names: FxHashMap<String, Vec<String>>,
}

/// The names and what they mean.
#[derive(Debug, Default)]
struct Atlas {
    ambiguous: FxHashSet<String>,
    article_only: FxHashSet<String>,
    codes: FxHashMap<String, Vec<&'static str>>,
}

static ATLAS: LazyLock<Atlas> = LazyLock::new(|| Atlas::read(TEXT).unwrap_or_default());

impl Atlas {
    fn read(text: &str) -> Result<Self, toml::de::Error> {
        let raw: Raw = toml::from_str(text)?;
        let mut codes: FxHashMap<String, Vec<&'static str>> = FxHashMap::default();
        for department in Department::all() {
            codes
                .entry(normal(department.region))
                .or_default()
                .push(department.code);
        }
        // A region of one department and the department itself are the same.
        for department in Department::all() {
            codes
                .entry(normal(department.name))
                .or_insert_with(|| vec![department.code]);
        }
        for (name, asked) in raw.names {
            let known = asked.iter().filter_map(|code| Department::find(code));
            codes.insert(name, known.map(|one| one.code).collect());
        }
        Ok(Self {
            ambiguous: raw.ambiguous,
            article_only: raw.article_only,
            codes,
        })
    }

    /// The longest name that the words begin with.
    fn named(&self, tokens: &[Token]) -> Option<(usize, String, &[&'static str])> {
        (1..=tokens.len().min(LONGEST)).rev().find_map(|length| {
            let words = &tokens[..length];
            let name = (!words.iter().any(|token| token.opaque)).then(|| joined(words))?;
            let codes = self.codes.get(&name)?;
            Some((length, name, codes.as_slice()))
        })
    }
}

/// The departments that the words begin with, after a preposition, and how many words say it.
pub(super) fn region(tokens: &[Token], scene: &Scene<'_>) -> Option<(usize, Vec<&'static str>)> {
    let within =
        says_any(tokens, WITHIN).and_then(|taken| numbered(tokens, taken).or_else(|| bare(tokens, taken, true)));
    let found = within.or_else(|| bare(tokens, says_any(tokens, INSIDE)?, false))?;
    Some(found).filter(|(_, codes)| has_offers(codes, scene))
}

/// "dans le 35".
fn numbered(tokens: &[Token], taken: usize) -> Option<(usize, Vec<&'static str>)> {
    says(tokens, "dans le")?;
    let token = tokens
        .get(taken)
        .filter(|token| !token.opaque && token.text.len() >= 2)?;
    let next = tokens.get(taken + 1).map(|token| token.text.as_str());
    // "dans le 20e", "dans le 18 arrondissement" are parts of a town.
    if next.is_some_and(|next| next.starts_with("arr") || next == "eme" || next == "e") {
        return None;
    }
    Department::find(&token.text).map(|one| (taken + 1, vec![one.code]))
}

fn bare(tokens: &[Token], taken: usize, article: bool) -> Option<(usize, Vec<&'static str>)> {
    let (more, name, codes) = ATLAS.named(&tokens[taken..])?;
    let led = tokens[taken - 1].text.as_str();
    let island = |code: &&str| code.len() == 3;
    let fits = match led {
        // "à La Réunion", "à Mayotte"; "à Paris" is a town.
        "a" => codes.iter().all(island),
        "en" | "in" => !ATLAS.article_only.contains(&name),
        // "dans le nord de la ville" is a direction.
        _ => article || !ATLAS.ambiguous.contains(&name),
    };
    let onwards = tokens.get(taken + more).map(|token| token.text.as_str());
    let direction = matches!(name.as_str(), "nord" | "centre" | "manche" | "aube" | "somme")
        && matches!(onwards, Some("de" | "du" | "des" | "d"));
    let telling = fits && !direction && !(led == "la" && tokens[0].text == "a" && !codes.iter().all(island));
    telling.then(|| (taken + more, codes.to_vec()))
}

/// A region's name alone: only beside other words, and only where it is no common word, town or name.
pub(super) fn alone(before: &[Token], tokens: &[Token], scene: &Scene<'_>) -> Option<(usize, Vec<&'static str>)> {
    let (taken, name, codes) = ATLAS.named(tokens)?;
    // "Bretagne" in "Grande-Bretagne".
    let longer = before
        .last()
        .is_some_and(|last| ATLAS.codes.contains_key(&format!("{} {name}", last.text)));
    if longer || ATLAS.ambiguous.contains(&name) || codes.is_empty() {
        return None;
    }
    let known = |who: &Named| matches!(who, Named::Work(_) | Named::Creator(_) | Named::Town(_));
    if scene.names.exact(&name).iter().any(known) || !has_offers(codes, scene) {
        return None;
    }
    let common = || taken == 1 && scene.text.documents_with(&tokens[0].text) > COMMON * offers(codes, scene);
    (!common()).then(|| (taken, codes.to_vec()))
}

/// The clock of the first of some departments.
pub(super) fn zone(codes: &[&'static str]) -> Option<jiff::tz::TimeZone> {
    let zone = Department::find(codes.first()?)?.zone?;
    jiff::tz::db().get(zone).ok()
}

fn has_offers(codes: &[&'static str], scene: &Scene<'_>) -> bool {
    let mut there = scene.catalogue.venues().filter(|venue| !venue.rows.is_empty());
    there.any(|venue| venue.department.is_some_and(|one| codes.contains(&one.code)))
}

fn offers(codes: &[&'static str], scene: &Scene<'_>) -> u64 {
    let there = scene
        .catalogue
        .venues()
        .filter(|venue| venue.department.is_some_and(|one| codes.contains(&one.code)));
    there.map(|venue| venue.rows.len() as u64).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_reads_and_names_known_departments() {
        let raw: Raw = toml::from_str(TEXT).expect("the table");
        for (name, codes) in &raw.names {
            assert_eq!(&normal(name), name);
            codes
                .iter()
                .for_each(|code| assert!(Department::find(code).is_some(), "{name}: {code}"));
        }
        assert!(raw.article_only.is_subset(&raw.ambiguous));
        let atlas = Atlas::read(TEXT).expect("the table");
        assert_eq!(atlas.codes["bretagne"], ["22", "29", "35", "56"]);
        assert_eq!(atlas.codes["drome"], ["26"]);
        assert_eq!(atlas.codes["la reunion"], ["974"]);
        assert_eq!(atlas.codes["ile de france"].len(), 8);
        let unknown = raw.ambiguous.iter().filter(|name| !atlas.codes.contains_key(*name));
        assert_eq!(unknown.collect::<Vec<_>>(), Vec::<&String>::new());
    }
}
