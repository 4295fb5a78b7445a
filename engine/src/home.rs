//! The home: a page of modules, solved together.
//!
//! `choose a home → conditions → candidates of each module → allocate and arrange together → floors → explain`, over the
//! stages of the main path. Invariants: no work stands twice on a page; each module keeps its own rules, exactly;
//! fitness holds everywhere; an empty module vanishes, and the trace says why.

mod choose;
mod joint;
mod kinds;
mod listed;
mod solved;
#[cfg(test)]
mod tests;
mod whole;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::editorial::home::{MAX_MODULES, MAX_OFFERS_PER_MODULE, Module, ModuleKind};
use crate::editorial::visitor::Visitor;
use crate::ids::{DocumentId, UserId};
use crate::invalid::{Code, Faults, Invalid};
use crate::live::Generation;
use crate::pipeline::answer::{Diversity, Placed};
use crate::pipeline::placement::Applied;
use crate::pipeline::{Asking, Query};
use crate::query::{self, Context, Include, RecommendationRequest};
use crate::time::Moment;
pub(crate) use choose::precedence;
pub use joint::Means;
use listed::Listed;
pub use whole::{Floor, Worth};

/// `POST /v1/feed`: a page.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct FeedRequest {
    /// The reader; an unknown one gets the non-personal page.
    pub user_id: Option<UserId>,
    /// Where, when and who.
    pub context: Context,
    /// A published home; the one that is for the reader where absent.
    pub home: Option<DocumentId>,
    /// How many modules, 1 to 30; 10 where absent.
    pub modules: Option<usize>,
    /// How many offers each, 1 to 50; 10 where absent.
    pub offers_per_module: Option<usize>,
    /// Makes the answer repeatable; drawn where absent.
    pub seed: Option<u64>,
    /// Whether each offer carries its explanation, and the page its trace.
    pub explain: bool,
    /// What stands beside each offer.
    pub include: Vec<Include>,
    /// Offers or items that must not stand.
    pub exclude: Vec<String>,
}

impl FeedRequest {
    /// Every limit of the contract.
    pub fn check(&self) -> Result<(), Invalid> {
        let mut faults = Faults::default();
        let bounded = |count: Option<usize>, most: usize| count.is_none_or(|count| (1..=most).contains(&count));
        faults.require(
            bounded(self.modules, MAX_MODULES),
            "/modules",
            Code::InvalidValue,
            || format!("between 1 and {MAX_MODULES}"),
        );
        let offers = bounded(self.offers_per_module, MAX_OFFERS_PER_MODULE);
        faults.require(offers, "/offers_per_module", Code::InvalidValue, || {
            format!("between 1 and {MAX_OFFERS_PER_MODULE}")
        });
        self.context.check(&mut faults);
        faults.limit_words(&self.exclude, query::MAX_EXCLUDE, "/exclude");
        faults.finish()
    }

    fn offers_per_module(&self) -> usize {
        self.offers_per_module.unwrap_or(10)
    }

    /// The request of the main path that all modules share.
    fn base(&self) -> RecommendationRequest {
        RecommendationRequest {
            user_id: self.user_id.clone(),
            context: self.context.clone(),
            limit: Some(self.offers_per_module()),
            seed: self.seed,
            explain: self.explain,
            include: self.include.clone(),
            exclude: self.exclude.clone(),
            ..RecommendationRequest::default()
        }
    }
}

/// A page.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Feed {
    /// The last entry of the log that the answer knows of.
    pub generation: u64,
    /// The seed; the same one gives the same answer.
    pub seed: u64,
    /// The moment of the answer.
    pub now: Moment,
    /// The home that was taken; null where it is the built-in one.
    pub home: Option<Applied>,
    /// From top to bottom.
    pub modules: Vec<PageModule>,
    /// What the page is worth, and what it was held to.
    pub page: Worth,
    /// What was missing while it was made.
    pub degraded: Vec<String>,
    /// Every module of the home, shown or not, and why; on request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace: Option<Vec<Traced>>,
}

/// One module of a page.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct PageModule {
    /// Its identifier.
    pub id: DocumentId,
    /// What it shows.
    pub kind: ModuleKind,
    /// What stands over it.
    pub title: String,
    /// What stands under the title.
    pub subtitle: Option<String>,
    /// How it looks.
    pub layout: Option<String>,
    /// Its playlist, where it shows one.
    pub playlist: Option<Applied>,
    /// What an editor wrote, in `content` and `banner`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<Map<String, Value>>,
    /// Its offers; ranks count from 0 in each module.
    pub offers: Vec<Placed>,
    /// What the rules made of them.
    pub diversity: Diversity,
}

/// What became of a module.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Traced {
    /// Which.
    pub id: DocumentId,
    /// What it shows.
    pub kind: ModuleKind,
    /// Whether it stands on the page.
    pub shown: bool,
    /// Why not: a condition by its name, `not_published`, `not_begun`, `over`, `calendar`, `audience`, `min_offers`,
    /// `no_position`, `no_history`, `no_room`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// How many works it could choose from.
    pub candidates: usize,
}

/// The page for a checked request; its seed and its `now` are given by the caller.
pub fn execute(generation: &Generation, request: &FeedRequest, now: Moment) -> Result<Feed, Invalid> {
    execute_by(generation, request, now, Means::Together)
}

/// The same by other means: what solving together is compared with.
pub fn execute_by(generation: &Generation, request: &FeedRequest, now: Moment, means: Means) -> Result<Feed, Invalid> {
    let catalogue = generation.catalogue();
    let (base, asking) = (request.base(), Asking::default());
    let mut query = Query::hydrate(catalogue, &base, &asking, None, now)?;
    let mut visitor = Visitor::new(catalogue, request.user_id.as_ref(), &request.context, now);
    visitor.know(&query);
    let home = choose::home(catalogue, request.home.as_ref(), &visitor)?;
    let built_in;
    let modules: &[Module] = match home {
        Some(home) => &home.body.modules,
        None => {
            built_in = choose::built_in();
            &built_in
        }
    };
    let asked = listed::requests(generation, modules, request, &visitor);
    let maker = listed::Maker {
        generation,
        visitor: &visitor,
        asking: &asking,
        asked: &asked,
        most: request.offers_per_module(),
        territory: home.and_then(|home| home.territory.as_deref()),
    };
    let made = maker.lists(&mut query, modules)?;
    let (mut lists, mut traces) = (made.lists, made.traces);
    choose::float(&mut lists);
    let page = whole::solve(&mut lists, request.modules.unwrap_or(10), means, query.is_personal())?;
    for (place, why) in page.left_out {
        traces[place].0 = Some(why);
    }
    let mut shown = Vec::with_capacity(page.shown.len());
    for place in &page.shown {
        let list = lists.iter_mut().find(|list| list.place == *place);
        shown.extend(list.map(|list| show(&mut query, list)));
    }
    Ok(Feed {
        generation: generation.sequence().0,
        seed: query.seed,
        now,
        home: home.map(|home| Applied {
            id: home.id.clone(),
            version: home.version,
        }),
        modules: shown,
        page: page.worth,
        degraded: made.degraded,
        trace: request.explain.then(|| trace(modules, &traces, &page.shown)),
    })
}

fn show<'a>(query: &mut Query<'a>, list: &mut Listed<'a>) -> PageModule {
    let listed = solved::show(query, list);
    PageModule {
        id: list.module.id.clone(),
        kind: list.module.kind,
        title: list.title.clone(),
        subtitle: list.subtitle.clone(),
        layout: list.layout.clone(),
        playlist: list.playlist.clone(),
        content: list.module.content.clone(),
        offers: listed.offers,
        diversity: listed.diversity,
    }
}

fn trace(modules: &[Module], traces: &[(Option<String>, usize)], shown: &[usize]) -> Vec<Traced> {
    let traced = modules.iter().zip(traces).enumerate();
    let line = |(place, (module, (reason, candidates))): (usize, (&Module, &(Option<String>, usize)))| {
        let stands = shown.contains(&place);
        Traced {
            id: module.id.clone(),
            kind: module.kind,
            shown: stands,
            reason: reason.clone().filter(|_| !stands),
            candidates: *candidates,
        }
    };
    traced.map(line).collect()
}
