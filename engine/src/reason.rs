//! Reasons: why an offer stands in a list, in the reader's words.
//!
//! Part of the answer. Invariant: a reason is true and backed: it names a feature whose value and weight both count.

use serde::Serialize;

use crate::arrange::explain::Reason as Cause;
use crate::filter::Candidate;
use crate::pipeline::{Query, attributes};
use crate::score::{FEATURES, Features};

/// The most reasons of one offer.
const MAX_REASONS: usize = 3;
/// A feature that gives less than this share of its best is no reason.
const TELLING: f64 = 0.25;

/// One reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Reason {
    /// The feature that it names.
    pub code: &'static str,
    /// The sentence, in French.
    pub text: String,
}

/// The reasons of an offer, strongest contribution first.
pub fn reasons(query: &Query<'_>, candidate: &Candidate<'_>, features: &Features) -> Vec<Reason> {
    let mut parts = query.placement.weights.contributions(features);
    parts.retain(|part| part.value >= TELLING && part.weight > 0.0);
    parts.sort_by(|a, b| b.contribution.total_cmp(&a.contribution));
    let told = parts.iter().filter_map(|part| {
        Some(Reason {
            code: part.name,
            text: sentence(query, candidate, part.name)?,
        })
    });
    told.take(MAX_REASONS).collect()
}

fn sentence(query: &Query<'_>, candidate: &Candidate<'_>, feature: &str) -> Option<String> {
    let offer = candidate.offer;
    match feature {
        "proximity" => candidate
            .distance
            .map(|distance| format!("À {} de vous", metres(distance.0))),
        "popularity" => Some("Très réservé en ce moment".to_owned()),
        "freshness" => Some("Vient d’arriver".to_owned()),
        "soon" => offer
            .next_date(query.now.millis())
            .map(|at| soon(at - query.now.millis())),
        "price" => crate::score::is_free(offer.price).then(|| "Gratuit".to_owned()),
        _ => None,
    }
}

/// A distance as one says it: metres below a kilometre, then tenths, then whole kilometres.
fn metres(metres: f64) -> String {
    if metres < 995.0 {
        format!("{:.0} m", (metres / 10.0).round().max(1.0) * 10.0)
    } else if metres < 9_950.0 {
        format!("{:.1} km", metres / 1_000.0).replace('.', ",")
    } else {
        format!("{:.0} km", metres / 1_000.0)
    }
}

fn soon(millis: i64) -> String {
    match millis / 3_600_000 {
        0 => "Commence dans moins d’une heure".to_owned(),
        hours @ 1..48 => format!("Dans {hours} h"),
        hours => format!("Dans {} jours", hours / 24),
    }
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
    fn a_distance_is_said_as_one_says_it() {
        assert_eq!(
            [4.0, 446.0, 1_234.0, 9_949.0, 9_960.0, 54_321.0].map(metres),
            ["10 m", "450 m", "1,2 km", "9,9 km", "10 km", "54 km"]
        );
    }
}
