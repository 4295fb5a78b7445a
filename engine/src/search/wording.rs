//! What editors say about words: which mean the same, and what some of them find first.
//!
//! Compiled from the published documents once for each publication, read by every search. Invariant: a document of a
//! territory holds for searches in that territory and for its readers; a boosted offer must still pass the filters.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use super::names::normal;
use crate::catalogue::Catalogue;
use crate::catalogue::row::Row;
use crate::editorial::playlist::Pick;
use crate::query::SearchRequest;
use crate::text::Synonyms;

/// The words of every territory.
#[derive(Debug, Default)]
pub struct Wording {
    /// By territory; those for everywhere under none.
    by_territory: BTreeMap<Option<String>, Own>,
}

/// The words of one territory.
#[derive(Debug, Default)]
struct Own {
    synonyms: Synonyms,
    boosts: FxHashMap<String, Vec<Pick>>,
}

impl Wording {
    /// What the published documents say.
    pub fn of(catalogue: &Catalogue) -> Self {
        let mut groups: BTreeMap<Option<String>, Vec<Vec<String>>> = BTreeMap::new();
        let mut by_territory: BTreeMap<Option<String>, Own> = BTreeMap::new();
        for document in catalogue.editorial().synonyms().iter() {
            let own = groups.entry(document.territory.clone()).or_default();
            own.extend(document.body.groups.iter().cloned());
            let own = by_territory.entry(document.territory.clone()).or_default();
            for boost in &document.body.boosts {
                own.boosts
                    .entry(normal(&boost.q))
                    .or_default()
                    .extend(boost.picks.iter().cloned());
            }
        }
        for (territory, groups) in groups {
            by_territory.entry(territory).or_default().synonyms = Synonyms::new(&groups);
        }
        Self { by_territory }
    }

    fn own<'a>(&'a self, territories: &'a [String]) -> impl Iterator<Item = &'a Own> {
        let there = |territory: &Option<String>| territory.as_ref().is_none_or(|name| territories.contains(name));
        self.by_territory
            .iter()
            .filter(move |(name, _)| there(name))
            .map(|(_, own)| own)
    }

    /// The synonyms that hold in these territories.
    pub(crate) fn synonyms<'a>(&'a self, territories: &'a [String]) -> impl Iterator<Item = &'a Synonyms> {
        self.own(territories).map(|own| &own.synonyms)
    }

    /// The offers that these words find first, in the editors' order.
    pub(super) fn boosted(&self, q: &str, territories: &[String], catalogue: &Catalogue) -> Vec<Row> {
        if self.by_territory.is_empty() {
            return Vec::new();
        }
        let q = normal(q);
        let picks = self.own(territories).filter_map(|own| own.boosts.get(&q)).flatten();
        let rows = picks.flat_map(|pick| {
            let offer = pick.offer_id.as_ref().and_then(|id| catalogue.find(id.as_str()));
            let item = pick
                .item_id
                .as_ref()
                .and_then(|id| catalogue.item(catalogue.find_item(id.as_str())?));
            let of_item = item.map(|item| item.rows.to_vec()).unwrap_or_default();
            offer.into_iter().chain(of_item)
        });
        rows.collect()
    }
}

/// The territories that a search is made in: those it filters by, and the reader's.
pub(super) fn territories(catalogue: &Catalogue, request: &SearchRequest) -> Vec<String> {
    let reader = request.user_id.as_ref().and_then(|id| catalogue.reader(id.as_str()));
    let own = reader
        .and_then(|reader| reader.profile.as_ref())
        .map(|profile| profile.territories.clone());
    request
        .filters
        .territories
        .iter()
        .cloned()
        .chain(own.unwrap_or_default())
        .collect()
}
