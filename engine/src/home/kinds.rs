//! What each kind of module shows, leans on, and cannot do without.
//!
//! Read when the lists of a page are made. Invariant: a kind that shows a source's offers names that source as the
//! answer does; a feature or a source that is not there gives nothing, and the module vanishes.

use crate::editorial::home::{MAX_OFFERS_PER_MODULE, ModuleKind};
use crate::pipeline::Query;
use crate::pipeline::pool::Scored;
use crate::query::{DiversityRequest, RuleBy, RuleRequest};
use crate::score::FEATURES;
use crate::source::{SOURCES, Sources};

/// What a kind of module leans on, over the defaults.
pub(super) const fn leaning(kind: ModuleKind) -> &'static [(&'static str, f64)] {
    match kind {
        ModuleKind::Nearby | ModuleKind::Venues => &[("proximity", 1.5)],
        ModuleKind::Trending => &[("popularity", 1.2)],
        ModuleKind::New => &[("freshness", 1.2)],
        ModuleKind::Because => &[("similar", 1.5)],
        ModuleKind::Friends => &[("friends", 1.2)],
        ModuleKind::Journey => &[("outward", 1.5), ("discovery", 0.6)],
        ModuleKind::Recommendations
        | ModuleKind::Playlist
        | ModuleKind::Reviews
        | ModuleKind::Content
        | ModuleKind::Banner => &[],
    }
}

/// Venues show each venue once; others have the rules of every list.
pub(super) fn rules(kind: ModuleKind) -> Option<DiversityRequest> {
    let once = RuleRequest {
        by: RuleBy::Venue,
        window: MAX_OFFERS_PER_MODULE,
        max: 1,
        strict: true,
    };
    (kind == ModuleKind::Venues).then(|| DiversityRequest {
        rules: Some(vec![once]),
        ..DiversityRequest::default()
    })
}

/// What a kind of module cannot do without, where it is not there.
pub(super) fn missing(query: &Query<'_>, kind: ModuleKind) -> Option<&'static str> {
    match kind {
        ModuleKind::Nearby => query.position.is_none().then_some("no_position"),
        ModuleKind::Because => query.seeds.weighted().is_empty().then_some("no_history"),
        ModuleKind::Journey | ModuleKind::Friends => (!query.is_personal()).then_some("no_history"),
        ModuleKind::Playlist
        | ModuleKind::Recommendations
        | ModuleKind::Trending
        | ModuleKind::New
        | ModuleKind::Reviews
        | ModuleKind::Venues
        | ModuleKind::Content
        | ModuleKind::Banner => None,
    }
}

/// Whether a candidate is what a kind of module shows.
pub(super) fn belongs(kind: ModuleKind, one: &Scored<'_>) -> bool {
    match kind {
        ModuleKind::Nearby => one.candidate.distance.is_some() && is_named(one.sources, &["near"]),
        ModuleKind::Trending => is_named(one.sources, &["rising"]) || feature(one, "popularity") > 0.0,
        ModuleKind::New => feature(one, "freshness") > 0.0,
        ModuleKind::Because => feature(one, "similar") > 0.0,
        ModuleKind::Friends => is_named(one.sources, &["friends", "shares"]),
        ModuleKind::Reviews => is_named(one.sources, &["reviews"]),
        ModuleKind::Journey => feature(one, "outward") > 0.0,
        ModuleKind::Venues => one.candidate.offer.venue.is_some() && one.candidate.offer.place.is_some(),
        ModuleKind::Recommendations | ModuleKind::Playlist => true,
        ModuleKind::Content | ModuleKind::Banner => false,
    }
}

/// A feature's value, by name; 0 where there is no such feature.
pub(super) fn feature(one: &Scored<'_>, name: &str) -> f64 {
    let place = FEATURES.iter().position(|(feature, _)| *feature == name);
    place.and_then(|place| one.features.get(place)).copied().unwrap_or(0.0)
}

/// Whether any of these sources named an offer.
fn is_named(sources: Sources, names: &[&str]) -> bool {
    let named = SOURCES
        .iter()
        .enumerate()
        .filter(|(_, source)| names.contains(&source.name()));
    named.map(|(bit, _)| sources >> bit & 1).sum::<Sources>() > 0
}

/// Because of which work.
pub(super) fn because(query: &Query<'_>) -> Option<String> {
    let (item, _) = query.seeds.weighted().first()?;
    let row = *query.catalogue.item(*item)?.rows.first()?;
    Some(format!(
        "Parce que vous avez choisi « {} »",
        query.catalogue.document(row)?.title
    ))
}
