//! Which home a visitor gets, and the order of its modules.
//!
//! Invariant: a home without a territory and with a priority above 0 is a frame that no territory's home replaces; one
//! with no priority is what stands where no territory has its own.

use std::cmp::Reverse;
use std::sync::Arc;

use super::listed::Listed;
use crate::catalogue::Catalogue;
use crate::editorial::home::{Conditions, Module, ModuleKind};
use crate::editorial::visitor::{Closed, Visitor};
use crate::editorial::{Home, Published};
use crate::ids::DocumentId;
use crate::invalid::{Code, Invalid};

/// The home that is asked for, else the first that is for the visitor; none where the built-in one stands.
pub(super) fn home<'a>(
    catalogue: &'a Catalogue,
    asked: Option<&DocumentId>,
    visitor: &Visitor,
) -> Result<Option<&'a Arc<Published<Home>>>, Invalid> {
    let homes = catalogue.editorial().homes();
    if let Some(id) = asked {
        let unknown = || Invalid::one("/home", Code::UnknownValue, format!("no home {id} is published"));
        return homes.get(id.as_str()).map(Some).ok_or_else(unknown);
    }
    let fit = homes.iter().filter(|home| is_for(home, visitor));
    Ok(fit.min_by_key(|home| precedence(home)))
}

/// Whether a home is for a visitor now.
pub(crate) fn is_for(home: &Published<Home>, visitor: &Visitor) -> bool {
    let here = home
        .territory
        .as_ref()
        .is_none_or(|territory| visitor.territories.contains(territory));
    here && Closed::of(visitor, home.body.schedule, &home.body.audience).is_none()
}

/// Frames of the whole country first, then homes of territories, then what stands elsewhere; then by priority; then by
/// identifier.
pub(crate) fn precedence(home: &Published<Home>) -> (u8, Reverse<i32>, &str) {
    let level = match (&home.territory, home.body.priority) {
        (None, 1..) => 0,
        (Some(_), _) => 1,
        (None, _) => 2,
    };
    (level, Reverse(home.body.priority), home.id.as_str())
}

/// The home where none is published.
pub(super) fn built_in() -> Vec<Module> {
    [
        ModuleKind::Recommendations,
        ModuleKind::Nearby,
        ModuleKind::Trending,
        ModuleKind::New,
        ModuleKind::Because,
    ]
    .into_iter()
    .filter_map(module)
    .collect()
}

fn module(kind: ModuleKind) -> Option<Module> {
    let name = serde_json::to_value(kind).ok()?;
    Some(Module {
        id: DocumentId::new(name.as_str()?).ok()?,
        kind,
        title: None,
        subtitle: None,
        layout: None,
        playlist: None,
        content: None,
        conditions: Conditions::default(),
        floating: false,
        min_offers: Some(1),
        max_offers: None,
        rule: None,
        weights: std::collections::BTreeMap::new(),
        diversity: None,
    })
}

/// What a module shows where its editor gives it no title.
pub(super) const fn title(kind: ModuleKind) -> &'static str {
    match kind {
        ModuleKind::Playlist => "Sélection",
        ModuleKind::Recommendations => "Pour vous",
        ModuleKind::Nearby => "Près de vous",
        ModuleKind::Trending => "En ce moment",
        ModuleKind::New => "Nouveautés",
        ModuleKind::Because => "Dans la même veine",
        ModuleKind::Friends => "Vos proches",
        ModuleKind::Reviews => "Vos avis",
        ModuleKind::Journey => "Pour aller plus loin",
        ModuleKind::Venues => "Des lieux à découvrir",
        ModuleKind::Content | ModuleKind::Banner => "",
    }
}

/// Floating modules change places among themselves: the one that the reader takes to most first, but not beside one of
/// its own kind where another could stand there.
pub(super) fn float(lists: &mut [Listed<'_>]) {
    let places: Vec<usize> = (0..lists.len()).filter(|place| lists[*place].module.floating).collect();
    for (done, place) in places.iter().enumerate() {
        let before = place.checked_sub(1).map(|before| lists[before].module.kind);
        let better = |one: &usize| {
            let list = &lists[*one];
            let (alike, affinity) = (Some(list.module.kind) == before, list.affinity);
            (!alike, affinity.to_bits(), Reverse(list.place))
        };
        if let Some(best) = places[done..].iter().copied().max_by_key(better) {
            lists.swap(*place, best);
        }
    }
}
