//! Freezing a playlist: what its rule finds at publication, kept as picks.
//!
//! Called where a document is published, never while serving. Invariants: for no reader in particular, so age, budget
//! and place are left to the reader's own fitness later; each work once, a work of several offers as the work.

use std::collections::BTreeSet;

use super::rule::Compiled;
use crate::catalogue::row::OfferRow;
use crate::editorial::Playlist;
use crate::editorial::playlist::{Pick, PlaylistOrder};
use crate::invalid::Invalid;
use crate::live::Generation;
use crate::time::Moment;

/// What the rule of a playlist finds now, first the next one by date where that is the order, else the most booked.
pub fn freeze(generation: &Generation, playlist: &Playlist, now: Moment) -> Result<Vec<Pick>, Invalid> {
    let Some(rule) = &playlist.rule else {
        return Ok(Vec::new());
    };
    let catalogue = generation.catalogue();
    let compiled = Compiled::new(generation, rule, playlist.territory.as_deref(), None, now);
    let rows = compiled
        .rows(generation)?
        .into_iter()
        .filter_map(|row| catalogue.offer(row));
    let mut offers: Vec<&OfferRow> = rows
        .filter(|offer| offer.is_offered() && offer.is_bookable(now.millis()))
        .collect();
    let by_date = playlist.order() == PlaylistOrder::Date;
    let date = |offer: &OfferRow| offer.next_date(now.millis()).filter(|_| by_date).unwrap_or(i64::MAX);
    offers.sort_by(|a, b| {
        let booked = b.popularity().cmp(&a.popularity());
        date(a).cmp(&date(b)).then(booked).then_with(|| a.id.cmp(&b.id))
    });
    let picked: BTreeSet<&str> = playlist
        .picks
        .iter()
        .map(Pick::id)
        .chain(playlist.exclude.iter().map(String::as_str))
        .collect();
    let mut works = BTreeSet::new();
    let mut picks = Vec::new();
    for offer in offers {
        let Some(item) = catalogue.item(offer.item) else {
            continue;
        };
        let named = picked.contains(offer.id.as_str()) || picked.contains(item.id.as_str());
        if named || !works.insert(&item.id) {
            continue;
        }
        let several = item.rows.len() > 1;
        picks.push(Pick {
            offer_id: (!several).then(|| offer.id.clone()),
            item_id: several.then(|| item.id.clone()),
            rank: None,
        });
        if picks.len() == playlist.max_offers {
            break;
        }
    }
    Ok(picks)
}
