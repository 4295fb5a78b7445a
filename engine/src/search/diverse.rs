//! Hits under diversity rules, where a search asks for them: the same arranger as the lists.
//!
//! In place of the plain order. Relevance is the place by the sort's key; the pool is the first hits and the first of
//! each category. Pages remember which works they showed, and the last offers for the rules across the cut. Invariant:
//! a strict rule is never broken; where it leaves too few the page is short, ends the list and says so.

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use super::{Match, key};
use crate::arrange::soft::{Strength, adjusted, mmr};
use crate::arrange::{
    Attribute, Checked, LIVE_BUDGET, Policy, Problem, Rule, Shown, Slate, Values, Workspace, solve_with,
};
use crate::catalogue::row::OfferRow;
use crate::invalid::{Code, Invalid};
use crate::live::Generation;
use crate::pipeline::attributes::{dense, name};
use crate::pipeline::{fingerprint, soft};
use crate::query::{DiversityRequest, PolicyRequest, RuleBy, RuleRequest, SearchRequest};

/// The first hits that may stand on a page, whatever their category.
const POOL: usize = 300;
/// The most works that the pages of one search may show together; it keeps a cursor small.
const MAX_SHOWN: usize = 2_000;

/// The state at a cut.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Cut {
    /// Fingerprints of the works shown, sorted.
    shown: Vec<u64>,
    /// The last offers shown, oldest first.
    last: Vec<String>,
    /// How many were shown.
    start: usize,
}

/// What the rules made of a page.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Diversified {
    /// Whether the page is full and no strict rule is broken.
    pub satisfied: bool,
    /// Each break of a soft rule, by rank over all pages.
    pub violations: Vec<BrokenAt>,
    /// The discounted relevance of the page, relevance being the place in the plain order, from 1 down to 0.
    pub value: f64,
    /// No legal page of this pool is worth more.
    pub bound: f64,
    /// 1 - value / bound.
    pub gap: f64,
    /// How much relevance gave way to variety, 0 to 1.
    pub strength: f64,
    /// Mean distance of the page's hits in pairs, 1 - cosine over category, subcategory and genres; only with a strength.
    pub ild: Option<f64>,
    /// Strict rules that gave way, by their place in the request.
    pub relaxed: Vec<usize>,
}

/// A rule broken at a rank.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct BrokenAt {
    /// The rule's place in the request.
    pub rule: usize,
    /// The last place of the broken window.
    pub rank: usize,
}

/// A diversified page.
pub(super) struct Page {
    pub(super) hits: Vec<Match>,
    pub(super) report: Diversified,
    /// Where the next one starts.
    pub(super) next: Option<Cut>,
}

/// Arranges the hits that no page has shown yet.
pub(super) fn page(
    generation: &Generation,
    mut works: Vec<Match>,
    request: &SearchRequest,
    diversity: &DiversityRequest,
    cut: Option<&Cut>,
) -> Result<Page, Invalid> {
    let cut = cut.cloned().unwrap_or_default();
    let item = |one: &Match| {
        generation
            .catalogue()
            .item(one.item)
            .map_or(0, |item| fingerprint(item.id.as_str()))
    };
    works.retain(|one| cut.shown.binary_search(&item(one)).is_err());
    works.sort_unstable_by(|one, two| key::order(generation, one, two));
    let left = works.len();
    let pool = pool(generation, works, request.limit());
    let rules = diversity.rules.clone().unwrap_or_else(default_rules);
    let problem = problem(generation, &pool, request.limit(), &rules, diversity, &cut);
    let failed = |error: String| Invalid::one("/diversity", Code::InvalidValue, error);
    let checked = problem.check().map_err(|error| failed(error.to_string()))?;
    let (slate, ild) = arranged(generation, &pool, &checked, diversity, request.limit())?;
    let hits: Vec<Match> = slate
        .places
        .iter()
        .filter_map(|place| pool.get(*place as usize).copied())
        .collect();
    let more = hits.len() == request.limit() && left > hits.len() && cut.start + hits.len() < MAX_SHOWN;
    let report = Diversified {
        satisfied: slate.satisfied || hits.len() == left,
        violations: slate
            .violations
            .iter()
            .map(|one| BrokenAt {
                rule: one.rule,
                rank: cut.start + one.rank,
            })
            .collect(),
        value: slate.value,
        bound: slate.bound,
        gap: slate.gap,
        strength: diversity.strength.unwrap_or(0.0),
        ild,
        relaxed: slate.relaxed.iter().map(|(rule, _)| *rule).collect(),
    };
    let next = more.then(|| cut.after(generation, &hits, &rules, item));
    Ok(Page { hits, report, next })
}

/// The slate by relevance, or by relevance that gave way to variety as far as the strength says; with the intra-list
/// distance of the latter. Value, bound and gap speak of relevance.
fn arranged(
    generation: &Generation,
    pool: &[Match],
    checked: &Checked,
    diversity: &DiversityRequest,
    limit: usize,
) -> Result<(Slate, Option<f64>), Invalid> {
    let slate = solve_with(checked, &mut Workspace::default());
    let strength = diversity.strength.unwrap_or(0.0);
    if strength == 0.0 || pool.is_empty() {
        return Ok((slate, None));
    }
    let failed =
        |error: &dyn std::fmt::Display| Invalid::one("/diversity/strength", Code::InvalidValue, error.to_string());
    let catalogue = generation.catalogue();
    let offers = pool.iter().filter_map(|one| catalogue.offer(one.row));
    let vectors = soft::contents(catalogue, offers).map_err(|error| failed(&error))?;
    let plain = checked.problem();
    let strength = Strength::new(strength).map_err(|error| failed(&error))?;
    let picked = mmr::pick(&plain.scores, &vectors, 2 * limit, strength).map_err(|error| failed(&error))?;
    let softened = Problem {
        scores: adjusted(&plain.scores, &picked.order),
        ..plain.clone()
    };
    let softened = softened.check().map_err(|error| failed(&error))?;
    let mut varied = solve_with(&softened, &mut Workspace::default());
    soft::in_relevance(plain, &mut varied, slate.bound);
    let ild = vectors.intra_list_distance(&varied.places);
    Ok((varied, Some(ild)))
}

fn default_rules() -> Vec<RuleRequest> {
    vec![RuleRequest {
        by: RuleBy::Category,
        window: 2,
        max: 1,
        strict: true,
    }]
}

/// The first hits, and the first of each category.
fn pool(generation: &Generation, works: Vec<Match>, limit: usize) -> Vec<Match> {
    let mut of_category: FxHashMap<usize, usize> = FxHashMap::default();
    let mut place = 0;
    let mut keep = |one: &Match| {
        place += 1;
        let category = generation
            .catalogue()
            .offer(one.row)
            .map_or(0, |offer| offer.category.index());
        let count = of_category.entry(category).or_default();
        *count += 1;
        place <= POOL || *count <= limit
    };
    works.into_iter().filter(|one| keep(one)).collect()
}

fn problem(
    generation: &Generation,
    pool: &[Match],
    limit: usize,
    rules: &[RuleRequest],
    diversity: &DiversityRequest,
    cut: &Cut,
) -> Problem {
    let catalogue = generation.catalogue();
    let mut by: Vec<RuleBy> = Vec::new();
    for rule in rules {
        if !by.contains(&rule.by) {
            by.push(rule.by);
        }
    }
    let values = |offer: Option<&OfferRow>, by: RuleBy| offer.map_or_else(Values::new, |offer| dense(offer, by));
    let attributes = by.iter().map(|by| Attribute {
        by: name(*by).into(),
        values: pool.iter().map(|one| values(catalogue.offer(one.row), *by)).collect(),
    });
    let history = cut.last.iter().map(|id| Shown {
        values: by
            .iter()
            .map(|by| values(catalogue.find(id).and_then(|row| catalogue.offer(row)), *by))
            .collect(),
    });
    let rule = |rule: &RuleRequest| Rule {
        attribute: by.iter().position(|by| *by == rule.by).unwrap_or(0),
        window: rule.window,
        max: rule.max,
        strict: rule.strict,
    };
    let many = pool.len().max(1) as f64;
    Problem {
        scores: (0..pool.len()).map(|place| (many - place as f64) / many).collect(),
        attributes: attributes.collect(),
        k: limit,
        rules: rules.iter().map(rule).collect(),
        history: history.collect(),
        policy: match diversity.policy {
            Some(PolicyRequest::Cut | PolicyRequest::Widen) | None => Policy::Cut,
            Some(PolicyRequest::Relax) => Policy::Relax,
        },
        reserve: limit,
        budget: LIVE_BUDGET,
        ..Problem::default()
    }
}

impl Cut {
    /// The state after these hits.
    fn after(
        mut self,
        generation: &Generation,
        hits: &[Match],
        rules: &[RuleRequest],
        item: impl Fn(&Match) -> u64,
    ) -> Self {
        self.shown.extend(hits.iter().map(item));
        self.shown.sort_unstable();
        self.start += hits.len();
        let id = |one: &Match| generation.catalogue().offer(one.row).map(|offer| offer.id.to_string());
        self.last.extend(hits.iter().filter_map(id));
        let back = rules
            .iter()
            .map(|rule| rule.window.saturating_sub(1))
            .max()
            .unwrap_or(0);
        self.last.drain(..self.last.len().saturating_sub(back));
        self
    }
}
