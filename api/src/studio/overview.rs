//! The first page: what there is, what was done last, and where to begin.
//!
//! Invariant: it shows figures of the generation that serves.

use askama::Template;
use axum::extract::State;
use florilege_engine::catalogue::Counts;

use super::answer::{Answer, html};
use super::desk;
use super::page::Page;
use super::session::Signed;
use super::state::Studio;
use crate::store::Audited;

/// How many acts of editors it shows.
const LATEST: usize = 8;

#[derive(Template)]
#[template(path = "overview.html")]
struct Overview {
    p: Page,
    counts: Counts,
    sequence: u64,
    latest: Vec<Audited>,
}

impl Overview {
    fn path(&self, line: &Audited) -> String {
        desk::path(line.key.kind, line.key.id.as_str())
    }
}

pub(super) async fn show(State(studio): State<Studio>, signed: Signed) -> Answer {
    let generation = studio.engine.generation();
    html(&Overview {
        p: signed.page("overview"),
        counts: generation.counts(),
        sequence: generation.sequence().0,
        latest: studio.store.audit_before(u64::MAX, LATEST).await?,
    })
}
