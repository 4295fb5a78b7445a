//! Reasons: why an offer stands in a list, in the reader's words and language.
//!
//! Part of the answer. Invariant: a reason is true and backed: it names a feature whose value and weight both count;
//! one that speaks of the reader says only what that reader said or did, and is not told to who wants none.

mod words;

use serde::{Deserialize, Serialize};

use crate::arrange::explain::Reason as Cause;
use crate::filter::Candidate;
use crate::pipeline::{Query, attributes};
use crate::reader::member::Member;
use crate::score::{FEATURES, Features};
use words::Words;

/// The most reasons of one offer.
const MAX_REASONS: usize = 3;
/// A feature that gives less than this share of its best is no reason.
const TELLING: f64 = 0.25;
/// Features that grow with a small share of their best tell from here on.
const TELLING_STEP: f64 = 0.05;
/// "For you", or what everybody does: not for who rejects recommendations.
const FOR_YOU: [&str; 8] = [
    "taste",
    "discovery",
    "outward",
    "company",
    "similar",
    "friends",
    "popularity",
    "rising",
];

/// The language of the reasons.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// French.
    #[default]
    Fr,
    /// English.
    En,
}

impl Language {
    /// The first of an `accept-language` header that there are sentences in: by quality, then by order.
    pub fn accepted(header: &str) -> Option<Self> {
        let mut best: Option<(f64, Self)> = None;
        for part in header.split(',') {
            let mut fields = part.split(';').map(str::trim);
            let tag = fields.next().unwrap_or_default().to_ascii_lowercase();
            let language = match tag.split('-').next() {
                Some("fr") => Self::Fr,
                Some("en") => Self::En,
                _ => continue,
            };
            let quality = fields.find_map(|field| field.strip_prefix("q=")?.trim().parse::<f64>().ok());
            let quality = quality.unwrap_or(1.0);
            if quality > 0.0 && best.is_none_or(|(known, _)| quality > known) {
                best = Some((quality, language));
            }
        }
        best.map(|(_, language)| language)
    }
}

/// One reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Reason {
    /// The feature that it names.
    pub code: &'static str,
    /// The sentence, in the language asked for.
    pub text: String,
}

/// The reasons of an offer, strongest contribution first.
pub fn reasons(query: &Query<'_>, candidate: &Candidate<'_>, features: &Features) -> Vec<Reason> {
    let silent = query.company.iter().any(|member| member.portrait.is_silent);
    let mut parts = query.placement.weights.contributions(features);
    let telling = |name| {
        if name == "outward" || name == "discovery" {
            TELLING_STEP
        } else {
            TELLING
        }
    };
    parts.retain(|part| part.value >= telling(part.name) && part.weight > 0.0);
    parts.retain(|part| !(silent && FOR_YOU.contains(&part.name)));
    parts.sort_by(|a, b| b.contribution.total_cmp(&a.contribution));
    let words = Words::new(query);
    let told = parts.iter().filter_map(|part| {
        Some(Reason {
            code: part.name,
            text: words.sentence(candidate, part.name)?,
        })
    });
    told.take(MAX_REASONS).collect()
}

/// What a member of a group takes to in an offer; nothing of who does not agree to be shown to others.
pub fn of_member(query: &Query<'_>, candidate: &Candidate<'_>, member: &Member<'_>) -> Vec<Reason> {
    let shown = member.is_social() && member.portrait.is_personal && !member.portrait.is_silent;
    if !shown || member.portrait.taste(candidate.offer) < TELLING {
        return Vec::new();
    }
    let text = Words::new(query).taste_of(candidate, member);
    let told = text.map(|text| Reason { code: "taste", text });
    told.into_iter().collect()
}

/// What moved an offer, by the name that the request knows.
pub fn moved_by(query: &Query<'_>, by: &Cause) -> String {
    match by {
        Cause::Rule(rule) => {
            let rule = query.placement.rules.get(*rule);
            rule.map_or_else(
                || "rule".to_owned(),
                |rule| format!("rule:{}", attributes::name(rule.by)),
            )
        }
        Cause::Pin => "pin".to_owned(),
        Cause::Quota(_) => "quota".to_owned(),
        Cause::Others => "others".to_owned(),
    }
}

/// The names of the features, for documents.
pub fn feature_names() -> impl Iterator<Item = &'static str> {
    FEATURES.iter().map(|(name, _)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_the_best_that_there_is() {
        for (header, language) in [
            ("en", Some(Language::En)),
            ("de, en;q=0.8, fr;q=0.9", Some(Language::Fr)),
            ("fr-FR,fr;q=0.9,en;q=0.8", Some(Language::Fr)),
            ("en-GB, fr", Some(Language::En)),
            ("de", None),
            ("en;q=0, fr;q=0.1", Some(Language::Fr)),
            ("", None),
        ] {
            assert_eq!(Language::accepted(header), language, "{header}");
        }
    }
}
