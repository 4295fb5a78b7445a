//! Places: "à Rennes", "près de Nyons", "autour de moi", "chez Ombres Blanches".
//!
//! Towns and venues are the catalogue's own. Invariant: a bound that was understood from words holds at least one
//! offer when it was made, and its radius is shown.

use super::Scene;
use super::tokens::{Token, joined, says_any};
use crate::catalogue::row::VenueIx;
use crate::geo::{Metres, Position};
use crate::ids::VenueId;
use crate::search::names::{Named, TITLES, Town};

/// Where.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Where {
    Around {
        centre: Position,
        radius: Metres,
    },
    Venues(Vec<VenueId>),
    /// Near the reader, whose place nobody told.
    Unknown,
}

const NEAR: &[&str] = &[
    "pres de",
    "pres d",
    "pres du",
    "pres des",
    "proche de",
    "proche d",
    "proche du",
    "autour de",
    "autour d",
    "autour du",
    "aux alentours de",
    "aux alentours d",
    "alentours de",
    "alentours d",
    "a cote de",
    "a cote d",
    "a cote du",
    "du cote de",
    "vers",
    "dans les environs de",
    "aux environs de",
    "environs de",
    "dans le coin de",
    "near",
    "around",
    "close to",
    "next to",
];
const IN: &[&str] = &["a", "au", "aux", "sur", "dans", "in", "at", "chez"];
const ME: &[&str] = &[
    "autour de moi",
    "pres de moi",
    "pres de chez moi",
    "autour de chez moi",
    "a cote de chez moi",
    "a cote de moi",
    "pres d ici",
    "a proximite",
    "dans le coin",
    "dans mon quartier",
    "near me",
    "around me",
    "nearby",
    "close to me",
];
/// Words of the longest name that is sought.
const LONGEST: usize = 7;
/// A shorter name needs its accented "à" before it: "il y a eu" is no visit to Eu.
const SHORT: usize = 4;
/// The first radius, and how far it may widen, in metres.
const RADII: [f64; 5] = [5_000.0, 10_000.0, 20_000.0, 50_000.0, 100_000.0];
/// The first of them that holds so many offers is taken.
const ENOUGH: usize = 30;
/// The least radius of a town.
const TOWN: f64 = 3_000.0;
const LARGE_TOWN: f64 = 12_000.0;
/// Venues that one name may mean.
const MAX_VENUES: usize = 200;
/// A lone town's name that stands in so many times more offers than the town has is a word.
const COMMON: u64 = 3;

/// The place that the words begin with, after a preposition, and how many words say it.
pub(super) fn place(tokens: &[Token], scene: &Scene<'_>) -> Option<(usize, Where)> {
    if let Some(taken) = says_any(tokens, ME) {
        let around = |centre| Where::Around {
            centre,
            radius: dense_enough(scene, centre, RADII[0]),
        };
        return Some((taken, scene.origin.map_or(Where::Unknown, around)));
    }
    let near = says_any(tokens, NEAR);
    let taken = near.or_else(|| says_any(tokens, IN))?;
    let last = tokens[taken - 1].text.as_str();
    let article = match last {
        "au" | "du" => "le ",
        "aux" | "des" => "les ",
        _ => "",
    };
    let rest = &tokens[taken..];
    let skipped = says_any(rest, &["la", "le", "les", "l", "the"]).unwrap_or(0);
    for (skip, before) in [(0, article), (0, ""), (skipped, "")] {
        if let Some((more, found)) = named(
            &rest[skip.min(rest.len())..],
            before,
            &tokens[taken - 1],
            near.is_some(),
            scene,
        ) {
            return Some((taken + skip + more, found));
        }
    }
    None
}

/// A town's name alone: only beside other words, and only where it is no common word or name.
pub(super) fn alone(tokens: &[Token], scene: &Scene<'_>) -> Option<(usize, Where)> {
    for length in (1..=tokens.len().min(LONGEST)).rev() {
        let words = &tokens[..length];
        let name = joined(words);
        if words.iter().any(|token| token.opaque) || name.len() < SHORT {
            continue;
        }
        let bearers = scene.names.exact(&name);
        if bearers
            .iter()
            .any(|who| matches!(who, Named::Work(_) | Named::Creator(_)) && who.bears(scene.catalogue, &name, TITLES))
        {
            continue;
        }
        let Some(town) = best_town(&bearers, scene) else {
            continue;
        };
        let offers = town.offers(scene.catalogue) as u64;
        let common = length == 1 && scene.text.documents_with(&words[0].text) > COMMON * offers;
        if let Some(found) = around(town, false, scene).filter(|_| offers > 0 && !common) {
            return Some((length, found));
        }
    }
    None
}

fn named(rest: &[Token], article: &str, preposition: &Token, near: bool, scene: &Scene<'_>) -> Option<(usize, Where)> {
    for length in (1..=rest.len().min(LONGEST)).rev() {
        let words = &rest[..length];
        if words.iter().any(|token| token.opaque) {
            continue;
        }
        let name = format!("{article}{}", joined(words));
        if name.len() < 2 || name.len() < SHORT && preposition.raw != "à" {
            continue;
        }
        let bearers = scene.names.exact(&name);
        if let Some(found) = best_town(&bearers, scene).and_then(|town| around(town, near, scene)) {
            return Some((length, found));
        }
        if is_telling(words, scene)
            && let Some(found) = venues(&bearers, near, scene)
        {
            return Some((length, found));
        }
    }
    None
}

/// Whether words may name a venue: "au théâtre" names none, even where a venue is called so.
fn is_telling(words: &[Token], scene: &Scene<'_>) -> bool {
    let counting: Vec<&Token> = words
        .iter()
        .filter(|token| !crate::text::is_stop(&token.text))
        .collect();
    match counting.as_slice() {
        [] => false,
        [word] => {
            word.text.len() >= 5 && super::lexicon::LEXICON.theme(words).is_none() && !is_generic(&word.text, scene)
        }
        _ => true,
    }
}

/// A single word that many venues have in their names.
fn is_generic(word: &str, scene: &Scene<'_>) -> bool {
    scene.names.beginning(word, 4).len() > 3
}

fn best_town<'a>(bearers: &[Named], scene: &Scene<'a>) -> Option<&'a Town> {
    let towns = bearers.iter().filter_map(|who| match who {
        Named::Town(town) => scene.names.town(*town),
        Named::Work(_) | Named::Creator(_) | Named::Venue(_) | Named::Category(_) | Named::Subcategory(_) => None,
    });
    let towns = towns.filter(|town| town.offers(scene.catalogue) > 0);
    match scene.origin {
        // Of two towns of a name, the nearer; without a place, the one with more to offer.
        Some(origin) => towns.min_by(|one, two| {
            let away = |town: &Town| {
                town.extent(scene.catalogue)
                    .map_or(f64::INFINITY, |(at, _)| origin.distance(at).0)
            };
            away(one).total_cmp(&away(two))
        }),
        None => towns.max_by_key(|town| town.offers(scene.catalogue)),
    }
}

fn around(town: &Town, near: bool, scene: &Scene<'_>) -> Option<Where> {
    let Some((centre, extent)) = town.extent(scene.catalogue) else {
        return venue_ids(&town.venues, scene).map(Where::Venues);
    };
    let own = extent.0.clamp(TOWN, LARGE_TOWN);
    let radius = if near {
        dense_enough(scene, centre, own.max(RADII[1]))
    } else {
        Metres(own)
    };
    Some(Where::Around { centre, radius })
}

fn venues(bearers: &[Named], near: bool, scene: &Scene<'_>) -> Option<Where> {
    let venues: Vec<VenueIx> = bearers
        .iter()
        .filter_map(|who| match who {
            Named::Venue(venue) => Some(*venue),
            Named::Work(_) | Named::Creator(_) | Named::Town(_) | Named::Category(_) | Named::Subcategory(_) => None,
        })
        .filter(|venue| {
            scene
                .catalogue
                .venue(*venue)
                .is_some_and(|venue| !venue.rows.is_empty())
        })
        .collect();
    let first = venues.first()?;
    let place = scene
        .catalogue
        .venue(*first)?
        .place
        .and_then(|place| scene.catalogue.places().get(place));
    match place.filter(|_| near) {
        Some(place) => Some(Where::Around {
            centre: place.position,
            radius: dense_enough(scene, place.position, RADII[0]),
        }),
        None => venue_ids(&venues, scene).map(Where::Venues),
    }
}

fn venue_ids(venues: &[VenueIx], scene: &Scene<'_>) -> Option<Vec<VenueId>> {
    let rows = venues.iter().filter_map(|venue| scene.catalogue.venue(*venue));
    let standing = rows.filter(|venue| venue.document.is_some() && !venue.rows.is_empty());
    let ids: Vec<VenueId> = standing.take(MAX_VENUES).map(|venue| venue.id.clone()).collect();
    (!ids.is_empty()).then_some(ids)
}

/// The least radius, from `least` on, within which there is enough to choose from.
fn dense_enough(scene: &Scene<'_>, centre: Position, least: f64) -> Metres {
    let mut radius = least;
    for wider in RADII.into_iter().filter(|wider| *wider > least) {
        if holds(scene, centre, Metres(radius)) >= ENOUGH {
            break;
        }
        radius = wider;
    }
    Metres(radius)
}

fn holds(scene: &Scene<'_>, centre: Position, radius: Metres) -> usize {
    let places = scene.catalogue.places();
    let within = places
        .within(centre, radius)
        .into_iter()
        .filter_map(|(place, _)| places.get(place));
    within.map(|place| place.rows.len()).sum()
}
