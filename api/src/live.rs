//! Stands where the engine's façade will come: an engine that knows no offer.
//!
//! Invariant: same signatures as the engine's own; this file goes when that one comes.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use florilege_engine::change::{Change, Sequence};
use florilege_engine::invalid::Invalid;
use florilege_engine::query::{RecommendationRequest, SearchRequest};
use florilege_engine::time::Moment;
use serde::{Deserialize, Serialize};

/// What the catalogue holds.
#[derive(Debug, Default, Clone, Copy)]
pub struct Counts {
    /// Offers.
    pub offers: usize,
    /// Offers whose venue has not come.
    pub waiting: usize,
    /// Venues.
    pub venues: usize,
    /// Works.
    pub items: usize,
    /// Readers.
    pub users: usize,
}

/// Where a list goes on.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PageState {
    rank: usize,
}

/// Where a search goes on.
pub type SearchPage = PageState;

/// A list.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Recommended {
    seed: u64,
    now: String,
    offers: Vec<String>,
    /// Where it goes on.
    #[serde(skip)]
    pub next: Option<PageState>,
}

/// Hits.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Found {
    hits: Vec<String>,
    total: usize,
    /// Where it goes on.
    #[serde(skip)]
    pub next: Option<SearchPage>,
}

/// The engine.
#[derive(Debug, Clone, Default)]
pub struct Engine(Arc<AtomicU64>);

/// A generation.
#[derive(Debug)]
pub struct Generation(Sequence);

/// An opened engine.
pub struct Opened {
    /// It.
    pub engine: Engine,
    /// What was refused.
    pub notes: Vec<String>,
}

impl Engine {
    /// Opens.
    pub fn open(_: &std::path::Path, _: &Arc<florilege_engine::taxonomy::Taxonomy>) -> Result<Opened, std::io::Error> {
        Ok(Opened { engine: Self::default(), notes: Vec::new() })
    }
    /// Writes.
    pub fn snapshot(&self, _: &std::path::Path) -> Result<(), std::io::Error> {
        Ok(())
    }
    /// The newest generation.
    pub fn generation(&self) -> Arc<Generation> {
        Arc::new(Generation(Sequence(self.0.load(Ordering::Acquire))))
    }
    /// Applies.
    pub fn apply(&self, batch: &[(Sequence, Option<Change>)]) -> Result<Sequence, std::io::Error> {
        let last = batch.last().map_or(self.generation().0, |(at, _)| *at);
        self.0.store(last.0, Ordering::Release);
        Ok(last)
    }
}

impl Generation {
    /// Where it stands.
    pub fn sequence(&self) -> Sequence {
        self.0
    }
    /// Stub.
    pub fn catalogue(&self) -> &Self {
        self
    }
    /// Stub.
    pub fn readers(&self) -> impl Iterator<Item = (&florilege_engine::ids::UserId, ())> {
        std::iter::empty()
    }
    /// What it holds.
    pub fn counts(&self) -> Counts {
        Counts::default()
    }
    /// A list.
    pub fn recommend(
        &self,
        request: &RecommendationRequest,
        page: Option<&PageState>,
        now: Moment,
    ) -> Result<Recommended, Invalid> {
        let rank = page.map_or(0, |page| page.rank);
        Ok(Recommended {
            seed: request.seed.unwrap_or(1),
            now: now.to_string(),
            offers: Vec::new(),
            next: (rank < 3).then_some(PageState { rank: rank + 1 }),
        })
    }
    /// Hits.
    pub fn search(&self, _: &SearchRequest, page: Option<&SearchPage>, _: Moment) -> Result<Found, Invalid> {
        let rank = page.map_or(0, |page| page.rank);
        Ok(Found {
            hits: Vec::new(),
            total: 0,
            next: (rank < 3).then_some(PageState { rank: rank + 1 }),
        })
    }
}
