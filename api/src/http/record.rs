//! What was answered, kept so that it can be explained and replayed.
//!
//! Written by the store off the serving path. Invariant: the record holds the seed, the moment and the page state of
//! the answer, so that the same generation gives it again; it is bound to every reader that the request names.

use florilege_engine::ids::UserId;
use florilege_engine::live::Generation;
use florilege_engine::pipeline::{Asking, Explored};
use florilege_engine::query::Context;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use uuid::Uuid;

use super::answer::Answer;
use super::problem::Problem;
use crate::store::{Answered, Store};

/// The kinds of answers that are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// One of `/v1/recommendations`.
    Recommendations,
    /// One of `/v1/similar`.
    Similar,
    /// One of `/v1/search`.
    Search,
    /// One of `/v1/playlists/{id}/offers`.
    Playlist,
    /// One of `/v1/feed`.
    Feed,
}

/// A kept answer; its parts are read by who knows the kind.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Record {
    /// What it answers.
    pub(crate) kind: Kind,
    /// The request, with its seed and its moment.
    pub(crate) request: Box<RawValue>,
    /// The state at the cut, on later pages.
    pub(crate) page: Option<Box<RawValue>>,
    /// What was answered, without the envelope.
    pub(crate) answer: Box<RawValue>,
    /// What the list was asked for with, beside the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) asking: Option<Asking>,
    /// The learnt models that stood beside the log, by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) models: Vec<String>,
    /// What was drawn by chance, and how likely that was.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) explored: Vec<Explored>,
}

impl Record {
    /// The record of an answer.
    pub(crate) fn new(
        kind: Kind,
        generation: &Generation,
        request: &impl Serialize,
        page: Option<&impl Serialize>,
        answer: &Answer,
    ) -> Result<Self, Problem> {
        let raw = |text: String| RawValue::from_string(text).map_err(Problem::internal);
        let body = String::from_utf8(answer.body().to_vec()).map_err(Problem::internal)?;
        let page = page.map(serde_json::to_string).transpose().map_err(Problem::internal)?;
        Ok(Self {
            kind,
            request: raw(serde_json::to_string(request).map_err(Problem::internal)?)?,
            page: page.map(raw).transpose()?,
            answer: raw(body)?,
            asking: None,
            models: models(generation),
            explored: Vec::new(),
        })
    }

    /// Whether a generation has the learnt models that the answer was made beside.
    pub(crate) fn is_beside(&self, generation: &Generation) -> bool {
        self.models == models(generation)
    }

    /// The same with what a list was asked for with, and what was drawn by chance for it.
    pub(crate) fn traced(self, asking: &Asking, explored: Vec<Explored>) -> Self {
        let asking = Some(asking).filter(|asking| **asking != Asking::default()).cloned();
        Self {
            asking,
            explored,
            ..self
        }
    }

    /// Hands it to the store, which writes it a little later.
    pub(crate) fn keep(&self, store: &Store, id: Uuid, readers: Vec<UserId>) -> Result<(), Problem> {
        let body = serde_json::to_string(self)
            .and_then(RawValue::from_string)
            .map_err(Problem::internal)?;
        if !store.record(Answered { id, readers, body }) {
            tracing::debug!("too many answers wait to be kept; one was not");
        }
        Ok(())
    }
}

/// The learnt models of a generation, by name.
fn models(generation: &Generation) -> Vec<String> {
    generation.catalogue().models().names().map(str::to_owned).collect()
}

/// Every reader that a request names.
pub(crate) fn readers(user: Option<&UserId>, context: &Context) -> Vec<UserId> {
    let of_events = context
        .events
        .iter()
        .flat_map(|event| std::iter::once(&event.user_id).chain(&event.to_user_id));
    let named = user
        .into_iter()
        .chain(&context.friends)
        .chain(&context.users)
        .chain(of_events);
    let mut all: Vec<UserId> = named.cloned().collect();
    all.sort_unstable();
    all.dedup();
    all
}
