//! What booking a list would widen, and who is shown: by category, venue kind, subcategory, venue and genre of items.
//!
//! Invariant: an item whose facets are not known widens nothing, and belongs to no provider.

use std::collections::HashMap;

use serde::Deserialize;

use super::exposure::gini;
use super::input::{Data, Item};
use super::{List, discount, mean};

/// Points of production for what is new to a reader, in the order of [`Facets`]; together those of a first booking.
const POINTS: [f64; 5] = [25.0, 20.0, 10.0, 5.0, 5.0];
const VENUE: usize = 3;

/// The facets of one item, as written.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Written {
    category: Option<String>,
    venue_kind: Option<String>,
    subcategory: Option<String>,
    venue: Option<String>,
    genre: Option<String>,
}

/// The facets of every item, as numbers.
#[derive(Debug, Default)]
pub struct Facets {
    of_item: Vec<[Option<u32>; 5]>,
    venues: usize,
}

impl Facets {
    /// Numbers what is written; `place` says which item a name is.
    pub(super) fn new(written: Vec<(Item, Written)>) -> Self {
        let mut made = Self::default();
        let mut numbers: [HashMap<String, u32>; 5] = Default::default();
        for (item, one) in written {
            if made.of_item.len() <= item.index() {
                made.of_item.resize(item.index() + 1, [None; 5]);
            }
            let names = [one.category, one.venue_kind, one.subcategory, one.venue, one.genre];
            for (level, name) in names.into_iter().enumerate() {
                let known = &mut numbers[level];
                let next = u32::try_from(known.len()).unwrap_or(u32::MAX);
                made.of_item[item.index()][level] = name.map(|name| *known.entry(name).or_insert(next));
            }
        }
        made.venues = numbers[VENUE].len();
        made
    }

    fn of(&self, item: Item) -> [Option<u32>; 5] {
        self.of_item.get(item.index()).copied().unwrap_or([None; 5])
    }
}

/// Diversity score@K = the mean over places of the points of production that booking it would give: 25 for a new
/// category, 20 a new kind of venue, 10 a new subcategory, 5 a new venue, 5 a new genre; 65 for a first booking.
pub(super) fn diversity_score(list: &List<'_>) -> Option<f64> {
    let facets = list.data.facets.as_ref()?;
    let had: Vec<[Option<u32>; 5]> = list.user.history.iter().map(|item| facets.of(*item)).collect();
    let fresh = |level: usize, value: Option<u32>| value.is_some() && had.iter().all(|one| one[level] != value);
    let points = |item: &Item| -> f64 {
        if had.is_empty() {
            return POINTS.iter().sum();
        }
        let own = facets.of(*item);
        let new = (0..5).filter(|level| fresh(*level, own[*level]));
        new.map(|level| POINTS[level]).sum()
    };
    Some(mean(list.items.iter().map(points)))
}

/// Provider Gini@K and KL@K over venues: exposure is Σ disc(i) over all lists (Singh and Joachims 2018). Gini 0 is even;
/// KL(exposure ‖ share of the catalogue), in nats, is 0 where venues are shown as much as they offer.
pub(super) fn of_venues(data: &Data, k: usize) -> Option<(f64, f64)> {
    let facets = data.facets.as_ref()?;
    let mut offered = vec![0.0; facets.venues];
    let venues = facets.of_item.iter().filter_map(|own| own[VENUE]);
    venues.for_each(|venue| offered[venue as usize] += 1.0);
    let mut shown = vec![0.0; facets.venues];
    for user in &data.users {
        for (place, item) in (1..=k).zip(&user.list) {
            if let Some(venue) = facets.of(*item)[VENUE] {
                shown[venue as usize] += discount(place);
            }
        }
    }
    let (all, exposed): (f64, f64) = (offered.iter().sum(), shown.iter().sum());
    let term = |(shown, offered): (&f64, &f64)| {
        let (p, q) = (shown / exposed, offered / all);
        if p > 0.0 { p * (p / q).ln() } else { 0.0 }
    };
    let kl = if exposed > 0.0 {
        shown.iter().zip(&offered).map(term).sum::<f64>().max(0.0)
    } else {
        0.0
    };
    Some((gini(shown), kl))
}
