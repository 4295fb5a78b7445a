//! The order of a playlist as scores for the arranger: the earlier, the higher.
//!
//! Invariant: a total order; what the key leaves even goes by relevance, then by identifier.

use std::cmp::Ordering;

use crate::editorial::playlist::PlaylistOrder;
use crate::editorial::visitor::Visitor;
use crate::editorial::{Playlist, Published};
use crate::filter::Candidate;
use crate::pipeline::pool::Scored;
use crate::pipeline::{Query, fingerprint};

/// What a list is ordered by, ready to compare offers.
#[derive(Debug, Clone)]
pub(super) struct Order {
    by: PlaylistOrder,
    now: i64,
    salt: String,
}

impl Order {
    /// The order of a playlist for a reader. A day is that of the clock where the reader is.
    pub(super) fn new(playlist: &Published<Playlist>, query: &Query<'_>, visitor: &Visitor) -> Self {
        let by = playlist.body.order();
        let salt = if by == PlaylistOrder::DailyShuffle {
            let zone = visitor.zone(query.catalogue, playlist.territory.as_deref());
            let day = query.now.timestamp().to_zoned(zone).date();
            let reader = query.request.user_id.as_ref().map_or("", |id| id.as_str());
            format!("{day} {} {reader} ", playlist.id)
        } else {
            String::new()
        };
        Self {
            by,
            now: query.now.millis(),
            salt,
        }
    }

    /// By relevance.
    pub(super) const fn relevance() -> Self {
        Self {
            by: PlaylistOrder::Relevance,
            now: 0,
            salt: String::new(),
        }
    }

    /// Whether it is by relevance, which needs no scores of its own.
    pub(super) const fn is_relevance(&self) -> bool {
        matches!(self.by, PlaylistOrder::Relevance | PlaylistOrder::Manual)
    }

    /// Whether the most booked come first, which is an order that the catalogue keeps.
    pub(super) const fn is_popularity(&self) -> bool {
        matches!(self.by, PlaylistOrder::Popularity)
    }

    /// The earlier of two offers.
    pub(super) fn compare(&self, a: &Scored<'_>, b: &Scored<'_>) -> Ordering {
        let key = |one: &Scored<'_>| self.key(&one.candidate);
        key(a)
            .total_cmp(&key(b))
            .then_with(|| b.score.total_cmp(&a.score))
            .then_with(|| a.candidate.offer.id.cmp(&b.candidate.offer.id))
    }

    /// The lower, the earlier; a missing one is last.
    pub(super) fn key(&self, one: &Candidate<'_>) -> f64 {
        let offer = one.offer;
        match self.by {
            PlaylistOrder::Manual | PlaylistOrder::Relevance => 0.0,
            PlaylistOrder::Distance => one.distance.map_or(f64::INFINITY, |metres| metres.0),
            PlaylistOrder::Date => offer.next_date(self.now).map_or(f64::INFINITY, |at| at as f64),
            PlaylistOrder::Popularity => -f64::from(offer.popularity()),
            PlaylistOrder::DailyShuffle => fingerprint(&format!("{}{}", self.salt, offer.id)) as f64,
        }
    }

    /// A score for each candidate of a pool, the first one 1; none where relevance is the order.
    pub(super) fn scores(&self, pool: &[Scored<'_>]) -> Option<Vec<f64>> {
        if self.is_relevance() {
            return None;
        }
        let mut places: Vec<usize> = (0..pool.len()).collect();
        places.sort_by(|a, b| self.compare(&pool[*a], &pool[*b]));
        let mut scores = vec![0.0; pool.len()];
        for (rank, place) in places.into_iter().enumerate() {
            scores[place] = (pool.len() - rank) as f64 / pool.len() as f64;
        }
        Some(scores)
    }
}
