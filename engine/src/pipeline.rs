//! The main path: from a request to a list, one stage a line.
//!
//! `hydrate → gather → filter → score → resolve to the best offer of each work → arrange → explain`. When the rules
//! leave the list short, or could leave one of its next pages short, the sources are asked again for more, until they
//! have given everything. Invariant: the answer is a function of the catalogue, the request, its page, its seed and
//! its `now`.

pub mod answer;
pub mod asking;
pub mod attributes;
pub mod page;
pub mod placement;
pub mod pool;
pub mod query;
pub mod soft;

use crate::arrange::Workspace;
use crate::catalogue::Catalogue;
use crate::invalid::Invalid;
use crate::query::RecommendationRequest;
use crate::source;
use crate::time::Moment;
pub use answer::{Explored, Recommended};
pub use asking::Asking;
pub use page::{PageState, fingerprint};
pub use query::Query;

/// From this depth on a list that keeps its rules is enough.
pub(crate) const ENOUGH: usize = 40;

/// How much the sources give at each asking, for each category: first about as much as the list has places, which is
/// enough where there is plenty.
pub(crate) fn depths(places: usize) -> impl Iterator<Item = usize> {
    let first = (places < ENOUGH).then_some(places.max(16));
    first.into_iter().chain([ENOUGH, 400, usize::MAX])
}

/// One ranked list. The request has passed its `check`; its seed is drawn by the caller where it has none.
pub fn execute(
    catalogue: &Catalogue,
    request: &RecommendationRequest,
    page: Option<&PageState>,
    now: Moment,
) -> Result<Recommended, Invalid> {
    execute_asked(catalogue, request, &Asking::default(), page, now)
}

/// The same, near to some works, without some sources, or with so much effort.
pub fn execute_asked(
    catalogue: &Catalogue,
    request: &RecommendationRequest,
    asking: &Asking,
    page: Option<&PageState>,
    now: Moment,
) -> Result<Recommended, Invalid> {
    let query = Query::hydrate(catalogue, request, asking, page, now)?;
    let mut workspace = Workspace::default();
    let mut depths = depths(query.limit());
    loop {
        let depth = depths.next().unwrap_or(usize::MAX);
        let gathered = source::gather(&query, depth);
        let exhausted = gathered.exhausted || depth == usize::MAX;
        let (kept, removed) = pool::filter(&query, &gathered.rows);
        let scored = pool::score(&query, kept);
        let pool = pool::resolve(&query, &scored, pool::share(&query, depth));
        let problem = attributes::problem(&query, &pool)?;
        let arranged = soft::arrange(&query, &pool, &problem, &mut workspace)?;
        let enough = depth >= ENOUGH || pool::is_plenty(&query, &pool);
        if (arranged.slate.satisfied && enough) || exhausted {
            let answer = answer::explain(&query, &pool, problem.problem(), &arranged, removed);
            return Ok(answer::traced(&query, &gathered, answer));
        }
    }
}

#[cfg(test)]
mod tests;
