//! The modules of a page with their candidates, each a problem of its own.
//!
//! The reader is hydrated and the sources are asked once for all modules that are the reader's; playlists bring their
//! own. Invariant: a list holds each work once, in the order of offer identifiers, and nothing that fitness, its rule
//! or its territory removes.

use std::collections::BTreeMap;

use super::choose;
use super::kinds::{because, belongs, feature, leaning, missing, rules};
use crate::arrange::{Attribute, Problem, Values, Workspace};
use crate::editorial::home::{Module, ModuleKind};
use crate::editorial::visitor::Visitor;
use crate::editorial::{Playlist, Published};
use crate::invalid::Invalid;
use crate::live::Generation;
use crate::pipeline::placement::{Applied, Placement};
use crate::pipeline::pool::{self, Removed, Scored};
use crate::pipeline::soft::Arranged;
use crate::pipeline::{Asking, Query, depths};
use crate::playlist::{self, Bounds, Compiled, List, Pins, PlaylistRequest};
use crate::query::RecommendationRequest;
use crate::score::FEATURES;
use crate::source;

/// A module without a number of its own needs so many offers.
const MIN_OFFERS: usize = 3;
/// The most candidates of a category in one module: what others may take of it is left out of the count.
const OF_A_CATEGORY: usize = 60;
/// A venue with so many offers or fewer is small.
const SMALL: usize = 20;

/// What an offer counts for over a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub(super) enum Mark {
    /// At a small venue.
    SmallVenue = 1,
    /// Carries a label.
    Labelled = 2,
    /// A step of the reader's way outwards.
    Outward = 3,
}

/// A module with its candidates.
pub(super) struct Listed<'a> {
    /// Its place in the home.
    pub(super) place: usize,
    /// The module.
    pub(super) module: &'a Module,
    /// What stands over it.
    pub(super) title: String,
    /// What stands under that.
    pub(super) subtitle: Option<String>,
    /// How it looks.
    pub(super) layout: Option<String>,
    /// Its playlist.
    pub(super) playlist: Option<Applied>,
    /// Each work once, by offer identifier.
    pub(super) pool: Vec<Scored<'a>>,
    /// What it is ordered by; relevance where absent.
    pub(super) order: Option<Vec<f64>>,
    /// Fixed places.
    pub(super) pins: Pins,
    /// The problem in relevance, over all candidates; none where it has no offers.
    pub(super) problem: Option<Problem>,
    /// The weights and rules it was scored with; swapped into the query to show it.
    pub(super) placement: Placement<'a>,
    /// How many offers at most.
    pub(super) most: usize,
    /// With fewer it vanishes.
    pub(super) least: usize,
    /// The mean relevance for the reader of its best.
    pub(super) affinity: f64,
    /// How many candidates each filter removed.
    pub(super) removed: Removed,
    /// What was arranged.
    pub(super) arranged: Option<Arranged>,
}

impl Listed<'_> {
    /// What it is arranged by.
    pub(super) fn scores(&self) -> &[f64] {
        let plain = self.problem.as_ref().map_or(&[][..], |problem| &problem.scores);
        self.order.as_deref().unwrap_or(plain)
    }
}

/// The requests of the playlists of a page, by the module's place.
pub(super) fn requests(
    generation: &Generation,
    modules: &[Module],
    request: &super::FeedRequest,
    visitor: &Visitor,
) -> Vec<Option<RecommendationRequest>> {
    let asked = PlaylistRequest {
        user_id: request.user_id.clone(),
        context: request.context.clone(),
        limit: Some(request.offers_per_module()),
        seed: request.seed,
        explain: request.explain,
        include: request.include.clone(),
        exclude: request.exclude.clone(),
        ..PlaylistRequest::default()
    };
    let one = |module: &Module| {
        let playlist = published(generation, module)?;
        let mut request = playlist::asked(playlist, &asked, None, visitor);
        request.weights.extend(known(&module.weights));
        request.diversity = module.diversity.clone().or(request.diversity);
        Some(request)
    };
    modules.iter().map(one).collect()
}

fn published<'a>(generation: &'a Generation, module: &Module) -> Option<&'a Published<Playlist>> {
    let shelf = generation.catalogue().editorial().playlists();
    shelf
        .get(module.playlist.as_ref()?.as_str())
        .map(|playlist| &**playlist)
}

/// Weights of features that this program knows.
fn known(weights: &BTreeMap<String, f64>) -> impl Iterator<Item = (String, f64)> + '_ {
    let known = |name: &str| FEATURES.iter().any(|(feature, _)| *feature == name);
    let kept = weights.iter().filter(move |(name, _)| known(name));
    kept.map(|(name, weight)| (name.clone(), *weight))
}

/// Why a module has no list, and how much it could choose from.
pub(super) type Trace = (Option<String>, usize);

/// The lists of a page.
pub(super) struct Made<'a> {
    /// Of the modules that may stand.
    pub(super) lists: Vec<Listed<'a>>,
    /// What there is to say of each module of the home.
    pub(super) traces: Vec<Trace>,
    /// Sources that were cut short.
    pub(super) degraded: Vec<String>,
}

/// Makes the lists of a page.
pub(super) struct Maker<'m, 'a> {
    pub(super) generation: &'a Generation,
    pub(super) visitor: &'m Visitor,
    pub(super) asking: &'a Asking,
    pub(super) asked: &'a [Option<RecommendationRequest>],
    pub(super) most: usize,
    pub(super) territory: Option<&'m str>,
}

impl<'a> Maker<'_, 'a> {
    /// The lists of the modules that may stand, and what there is to say of each module.
    pub(super) fn lists(&self, query: &mut Query<'a>, modules: &'a [Module]) -> Result<Made<'a>, Invalid> {
        let (pool, removed, degraded) = self.stock(query, modules.len());
        let stock = (pool, removed);
        let (mut lists, mut traces) = (Vec::new(), Vec::new());
        for (place, module) in modules.iter().enumerate() {
            match self.list(query, &stock, place, module)? {
                Ok(list) => {
                    traces.push((None, list.pool.len()));
                    lists.push(list);
                }
                Err(reason) => traces.push((Some(reason), 0)),
            }
        }
        Ok(Made {
            lists,
            traces,
            degraded,
        })
    }

    /// What the reader could be shown, whatever the module.
    fn stock(&self, query: &Query<'a>, modules: usize) -> (Vec<Scored<'a>>, Removed, Vec<String>) {
        let wanted = 2 * modules * self.most;
        let mut depths = depths(self.most);
        loop {
            let depth = depths.next().unwrap_or(usize::MAX);
            let harvest = source::gather(query, depth);
            let (kept, removed) = pool::filter(query, &harvest.rows);
            let pool = pool::resolve(query, &pool::score(query, kept), depth);
            if pool.len() >= wanted || harvest.exhausted || depth == usize::MAX {
                let degraded = harvest.degraded.iter().map(|name| (*name).to_owned());
                return (pool, removed, degraded.collect());
            }
        }
    }

    fn list(
        &self,
        query: &mut Query<'a>,
        stock: &(Vec<Scored<'a>>, Removed),
        place: usize,
        module: &'a Module,
    ) -> Result<Result<Listed<'a>, String>, Invalid> {
        if let Some(fails) = self.visitor.fails(self.generation.catalogue(), &module.conditions) {
            return Ok(Err(fails.to_owned()));
        }
        if module.kind.is_content() {
            let placement = self.placement(query, module)?;
            return Ok(Ok(self.bare(place, module, placement)));
        }
        if module.kind == ModuleKind::Playlist {
            return self.playlist(place, module);
        }
        if let Some(missing) = missing(query, module.kind) {
            return Ok(Err(missing.to_owned()));
        }
        let mut list = self.bare(place, module, self.placement(query, module)?);
        list.removed.clone_from(&stock.1);
        self.choose(query, &stock.0, &mut list)?;
        if let (ModuleKind::Because, None) = (module.kind, &module.title) {
            list.title = because(query).unwrap_or(list.title);
        }
        std::mem::swap(&mut query.placement, &mut list.placement);
        let posed = self.pose(query, &mut list, 0);
        std::mem::swap(&mut query.placement, &mut list.placement);
        posed.map(|()| Ok(list))
    }

    /// The candidates of a module that is the reader's, scored by its weights.
    fn choose(&self, query: &mut Query<'a>, stock: &[Scored<'a>], list: &mut Listed<'a>) -> Result<(), Invalid> {
        let module = list.module;
        let rule = module.rule.as_ref();
        let rule =
            rule.map(|rule| Compiled::new(self.generation, rule, self.territory, query.position, self.visitor.now));
        let fits = |one: &Scored<'_>| {
            belongs(module.kind, one)
                && rule
                    .as_ref()
                    .is_none_or(|rule| rule.is_wordless() && rule.passes(self.generation, one.candidate.row))
        };
        let mut pool: Vec<Scored<'a>> = stock.iter().filter(|one| fits(one)).copied().collect();
        if let Some(rule) = rule.as_ref().filter(|_| pool.len() < 2 * self.most) {
            let found = playlist::by_rule(self.generation, rule, query, 2 * self.most, &mut list.removed)?;
            pool = found.into_iter().filter(|one| belongs(module.kind, one)).collect();
        }
        list.affinity = affinity(&pool, list.most);
        for one in &mut pool {
            one.score = list.placement.weights.score(&one.features);
        }
        list.pool = cut(pool);
        Ok(())
    }

    fn playlist(&self, place: usize, module: &'a Module) -> Result<Result<Listed<'a>, String>, Invalid> {
        let asked = self.asked.get(place).and_then(Option::as_ref);
        let Some((playlist, asked)) = published(self.generation, module).zip(asked) else {
            return Ok(Err("not_published".to_owned()));
        };
        if let Some(closed) = playlist::closed(self.generation, playlist, self.visitor) {
            return Ok(Err(closed.name().to_owned()));
        }
        let mut query = playlist::hydrate(self.generation, playlist, (asked, self.asking), None, self.visitor.now)?;
        let most = module
            .max_offers
            .unwrap_or(self.most)
            .min(self.most)
            .min(playlist.body.max_offers);
        let found = playlist::gather(self.generation, playlist, &query, self.visitor, most)?;
        let lenient = asked.diversity.as_ref().is_none_or(|said| said.rules.is_none());
        let at_least = if lenient { playlist.body.min_offers } else { 0 };
        let mut list = self.bare(place, module, self.empty(&query)?);
        list.title = module.title.clone().unwrap_or_else(|| playlist.body.title.clone());
        list.subtitle = module.subtitle.clone().or_else(|| playlist.body.subtitle.clone());
        list.layout = module.layout.clone().or_else(|| playlist.body.layout.clone());
        list.playlist = Some(Applied {
            id: playlist.id.clone(),
            version: playlist.version,
        });
        list.most = most;
        list.least = module.min_offers.unwrap_or(playlist.body.min_offers).min(most);
        list.pool = found.pool;
        list.order = found.order;
        list.pins = found.pins;
        list.removed = found.removed;
        list.affinity = affinity(&list.pool, most);
        self.pose(&mut query, &mut list, at_least)?;
        list.placement = query.placement;
        Ok(Ok(list))
    }

    /// The problem of a list, with the marks that count over the page; rules that nobody asked for give way.
    fn pose(&self, query: &mut Query<'a>, list: &mut Listed<'a>, at_least: usize) -> Result<(), Invalid> {
        let bounds = Bounds {
            marks: Some(marks(query, &list.pool)),
            ..Bounds::default()
        };
        let asked = List {
            pool: &list.pool,
            order: list.order.as_deref(),
            pins: &list.pins,
            most: list.most,
            ends_at: list.most,
            at_least,
            removed: Removed::new(),
        };
        let Some(mut problem) = playlist::problem(query, &asked, &bounds)? else {
            return Ok(());
        };
        playlist::soften(query, &mut problem, at_least, &mut Workspace::default())?;
        problem.reserve = 0;
        list.problem = Some(problem);
        Ok(())
    }

    fn bare(&self, place: usize, module: &'a Module, placement: Placement<'a>) -> Listed<'a> {
        let most = module.max_offers.unwrap_or(self.most).min(self.most);
        Listed {
            place,
            module,
            title: module
                .title
                .clone()
                .unwrap_or_else(|| choose::title(module.kind).to_owned()),
            subtitle: module.subtitle.clone(),
            layout: module.layout.clone(),
            playlist: None,
            pool: Vec::new(),
            order: None,
            pins: Pins::default(),
            problem: None,
            placement,
            most,
            least: if module.kind.is_content() {
                0
            } else {
                module.min_offers.unwrap_or(MIN_OFFERS).min(most)
            },
            affinity: 0.0,
            removed: Removed::new(),
            arranged: None,
        }
    }

    /// A placement that is replaced once the list is posed.
    fn empty(&self, query: &Query<'a>) -> Result<Placement<'a>, Invalid> {
        let (catalogue, none) = (self.generation.catalogue(), RecommendationRequest::default());
        Placement::resolve(catalogue, &none, None, None, (&query.company, self.asking))
    }

    /// The weights and rules of a module: its own, over those of its kind, over those of the scenario.
    fn placement(&self, query: &Query<'a>, module: &Module) -> Result<Placement<'a>, Invalid> {
        let mut weights: BTreeMap<String, f64> = leaning(module.kind)
            .iter()
            .map(|(name, weight)| ((*name).to_owned(), *weight))
            .collect();
        weights.extend(known(&module.weights));
        let request = RecommendationRequest {
            weights,
            diversity: module.diversity.clone().or_else(|| rules(module.kind)),
            filters: query.request.filters.clone(),
            ..RecommendationRequest::default()
        };
        let profile = query.asker().and_then(|member| member.profile);
        let mut placement = Placement::resolve(
            self.generation.catalogue(),
            &request,
            None,
            profile,
            (&query.company, self.asking),
        )?;
        // The way outwards is met over the page, not in each module.
        placement.strength = Some(0.0);
        Ok(placement)
    }
}

/// The mean score of the best so many, by the reader's own weights.
fn affinity(pool: &[Scored<'_>], most: usize) -> f64 {
    let mut scores: Vec<f64> = pool.iter().map(|one| one.score).collect();
    scores.sort_by(|a, b| b.total_cmp(a));
    scores.truncate(most);
    scores.iter().sum::<f64>() / most.max(1) as f64
}

/// The best of each category, back in the order of identifiers.
fn cut(mut pool: Vec<Scored<'_>>) -> Vec<Scored<'_>> {
    let by_id = |a: &Scored<'_>, b: &Scored<'_>| a.candidate.offer.id.cmp(&b.candidate.offer.id);
    pool.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| by_id(a, b)));
    let mut counts = [0usize; 256];
    pool.retain(|one| {
        let count = &mut counts[one.candidate.offer.category.index()];
        *count += 1;
        *count <= OF_A_CATEGORY
    });
    pool.sort_by(by_id);
    pool
}

/// What each candidate counts for over the page.
fn marks(query: &Query<'_>, pool: &[Scored<'_>]) -> Attribute {
    let values = |one: &Scored<'_>| {
        let offer = one.candidate.offer;
        let venue = offer.venue.and_then(|venue| query.catalogue.venue(venue));
        let small = venue.is_some_and(|venue| venue.rows.len() <= SMALL);
        let marks = [
            (small, Mark::SmallVenue),
            (offer.labels != 0, Mark::Labelled),
            (feature(one, "outward") > 0.0, Mark::Outward),
        ];
        marks
            .iter()
            .filter(|(holds, _)| *holds)
            .map(|(_, mark)| *mark as u32)
            .collect::<Values>()
    };
    Attribute {
        by: "mark".into(),
        values: pool.iter().map(values).collect(),
    }
}
