//! What an editor picked by hand, for one reader: an offer is itself, a work is its nearest offer.
//!
//! Invariants: a pick that the reader cannot book gives its place up, with the reason; ranks never leave a hole: a
//! rank past the end of a short list moves up.

use rustc_hash::FxHashSet;
use serde::Serialize;

use super::arranged::Pins;
use crate::arrange::Pin;
use crate::catalogue::row::{ItemIx, Row};
use crate::editorial::Playlist;
use crate::editorial::playlist::{Pick, PlaylistOrder};
use crate::pipeline::Query;
use crate::pipeline::pool::{self, Scored};
use crate::source::Gathered;

/// The most offers of a work that are looked at.
const MEASURED: usize = 4_096;
/// Of those, so many of the nearest are tried.
const TRIED: usize = 64;

/// A pick that could not stand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct UnmetPick {
    /// Its place among the picks.
    pub pick: usize,
    /// The offer or the work.
    pub id: String,
    /// `unknown`, `repeated`, or the filter that removed it, such as `not_bookable`, `age`, `budget`.
    pub reason: String,
}

/// A pick that can stand.
#[derive(Debug, Clone, Copy)]
pub(super) struct Picked<'a> {
    /// Its offer.
    pub(super) scored: Scored<'a>,
    /// The rank that it was given.
    rank: Option<usize>,
}

/// The picks that can stand, in their order, and those that cannot.
pub(super) fn resolve<'a>(query: &Query<'a>, playlist: &Playlist) -> (Vec<Picked<'a>>, Vec<UnmetPick>) {
    let frozen: &[Pick] = if playlist.frozen { &playlist.frozen_picks } else { &[] };
    let (mut picked, mut unmet) = (Vec::new(), Vec::new());
    let mut works: FxHashSet<ItemIx> = FxHashSet::default();
    for (place, pick) in playlist.picks.iter().chain(frozen).enumerate() {
        let found = match offer_of(query, pick) {
            Ok(scored) if works.insert(scored.candidate.offer.item) => Ok(scored),
            Ok(_) => Err("repeated".to_owned()),
            Err(reason) => Err(reason),
        };
        match found {
            Ok(scored) => picked.push(Picked {
                scored,
                rank: pick.rank,
            }),
            // What stood on a page before is no fault of the pick.
            Err(reason) if reason == "shown_before" => {}
            Err(reason) => unmet.push(UnmetPick {
                pick: place,
                id: pick.id().to_owned(),
                reason,
            }),
        }
    }
    (picked, unmet)
}

fn offer_of<'a>(query: &Query<'a>, pick: &Pick) -> Result<Scored<'a>, String> {
    let rows: Vec<Row> = match (&pick.offer_id, &pick.item_id) {
        (Some(offer), _) => query.catalogue.find(offer.as_str()).into_iter().collect(),
        (None, Some(item)) => {
            let item = query
                .catalogue
                .find_item(item.as_str())
                .and_then(|item| query.catalogue.item(item));
            item.map(|item| nearest(query, &item.rows)).unwrap_or_default()
        }
        (None, None) => Vec::new(),
    };
    if rows.is_empty() {
        return Err("unknown".to_owned());
    }
    let gathered: Vec<Gathered> = rows.into_iter().map(|row| Gathered { row, sources: 0 }).collect();
    let (kept, removed) = pool::filter(query, &gathered);
    let reason = removed.keys().next().copied().unwrap_or("unknown");
    let scored = pool::score(query, kept).into_iter();
    scored
        .min_by(|a, b| nearer(query, a, b))
        .ok_or_else(|| reason.to_owned())
}

/// Nearest first; without a position the best for the reader; then by identifier.
fn nearer(query: &Query<'_>, a: &Scored<'_>, b: &Scored<'_>) -> std::cmp::Ordering {
    let placed = query.position.is_some();
    let metres = |one: &Scored<'_>| one.candidate.distance.filter(|_| placed).map_or(f64::INFINITY, |d| d.0);
    let near = metres(a).total_cmp(&metres(b));
    near.then(b.score.total_cmp(&a.score))
        .then_with(|| a.candidate.offer.id.cmp(&b.candidate.offer.id))
}

/// The offers of a work that can be booked, nearest first, as many as are tried.
fn nearest(query: &Query<'_>, rows: &[Row]) -> Vec<Row> {
    let now = query.now.millis();
    let measured = rows.iter().take(MEASURED).filter_map(|row| {
        let offer = query.catalogue.offer(*row)?;
        let metres = query
            .requested
            .candidate(*row, offer)
            .distance
            .map_or(f64::INFINITY, |d| d.0);
        Some((!offer.is_bookable(now), metres, &offer.id, *row))
    });
    let mut measured: Vec<_> = measured.collect();
    measured.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)).then_with(|| a.2.cmp(b.2)));
    measured.truncate(TRIED);
    measured.into_iter().map(|(_, _, _, row)| row).collect()
}

/// Fixed places of the picks on this page, over a pool in the order of identifiers. Without a rank a pick has a fixed
/// place in a manual list alone: the next that is free.
pub(super) fn pins(
    query: &Query<'_>,
    playlist: &Playlist,
    picked: &[Picked<'_>],
    pool: &[Scored<'_>],
    most: usize,
) -> Pins {
    let start = query.page.start;
    let ranked = ranked(picked, start, pool.len());
    let taken: FxHashSet<usize> = ranked.iter().map(|(rank, _)| *rank).collect();
    let mut free = (start..).filter(|rank| !taken.contains(rank));
    let manual = playlist.order() == PlaylistOrder::Manual;
    let next = picked.iter().filter(|one| manual && is_free(one, start));
    let placed: Vec<(usize, &Picked<'_>)> = ranked
        .into_iter()
        .chain(next.zip(&mut free).map(|(one, rank)| (rank, one)))
        .collect();
    let mut pins = Pins::default();
    for (rank, one) in placed {
        let Some(candidate) = find(pool, one) else { continue };
        if rank < start + most {
            pins.here.push(Pin {
                candidate,
                rank: rank - start,
            });
        } else {
            pins.later.push(candidate);
        }
    }
    pins
}

/// A pick without a rank, or whose rank stood on a page before.
fn is_free(one: &Picked<'_>, start: usize) -> bool {
    one.rank.is_none_or(|rank| rank < start)
}

/// Picks with a rank from this page on, by rank. With `count` candidates left, the last of them is no later than the
/// last place, the one before it no later than the place before that, and so on.
fn ranked<'p, 'a>(picked: &'p [Picked<'a>], start: usize, count: usize) -> Vec<(usize, &'p Picked<'a>)> {
    let given = picked.iter().filter(|one| !is_free(one, start));
    let mut ranked: Vec<(usize, &Picked<'_>)> = given.filter_map(|one| Some((one.rank?, one))).collect();
    ranked.sort_by_key(|(rank, _)| *rank);
    let behind = ranked.len();
    for (place, (rank, _)) in ranked.iter_mut().enumerate() {
        *rank = (*rank).min((start + count + place).saturating_sub(behind));
    }
    ranked
}

fn find(pool: &[Scored<'_>], one: &Picked<'_>) -> Option<u32> {
    let place = pool
        .binary_search_by(|scored| scored.candidate.offer.id.cmp(&one.scored.candidate.offer.id))
        .ok()?;
    u32::try_from(place).ok()
}
