//! `/v1/requests/{id}`: what was answered and why, and the same answer again.
//!
//! Invariant: a replay says how it was made: `recomputed` over the very generation and beside the very models while those
//! are held, else `stored`.

use axum::extract::{Path, State};
use florilege_engine::home::FeedRequest;
use florilege_engine::invalid::Invalid;
use florilege_engine::live::Generation;
use florilege_engine::pipeline::Explored;
use florilege_engine::playlist::PlaylistRequest;
use florilege_engine::query::{Context, RecommendationRequest, SearchRequest, SimilarRequest};
use florilege_engine::time::Moment;
use serde::Serialize;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::answer::{Answer, Answered};
use super::call::Call;
use super::problem::Problem;
use super::record::{Kind, Record};
use super::route::{Note, Shape};
use crate::app::{App, clock};

/// What was asked and what was answered.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct Kept {
    /// `recommendations`, `similar`, `search`, `playlist` or `feed`.
    #[schema(value_type = String)]
    kind: Kind,
    /// The request, with the seed and the moment that it got.
    #[schema(value_type = Object)]
    request: Value,
    /// The answer, without `request_id` and `took_ms`; with `explain`, each offer says why it stands there.
    #[schema(value_type = Object)]
    answer: Value,
    /// What was drawn by chance for it, whether it was chosen or not, and how likely that was.
    explored: Vec<Explored>,
}

/// The same answer again.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct Replay {
    /// `recomputed` over the same generation, or `stored`.
    replay: &'static str,
    /// The request that is replayed.
    replayed_request_id: String,
    /// The fields of the answer.
    #[serde(flatten)]
    #[schema(value_type = Object)]
    answer: Map<String, Value>,
}

pub(crate) fn get_note() -> Note {
    Note {
        tag: "Serving",
        summary: "What was answered, and why",
        detail: "Kept for a week. Goes with any reader that the request names.",
        query: &[],
        bodies: vec![],
        answer: Shape::json::<Kept>(""),
        problems: &[404],
    }
}

pub(crate) async fn get(State(app): State<App>, Path(id): Path<String>) -> Answered {
    let (_, record) = find(&app, &id).await?;
    let kept = Kept {
        kind: record.kind,
        request: serde_json::from_str(record.request.get()).map_err(Problem::internal)?,
        answer: serde_json::from_str(record.answer.get()).map_err(Problem::internal)?,
        explored: record.explored,
    };
    Answer::new(&kept, app.applied())
}

pub(crate) fn replay_note() -> Note {
    Note {
        tag: "Serving",
        summary: "The same answer again",
        detail: "Recomputed while its generation is held, else as stored; `replay` says which.",
        query: &[],
        bodies: vec![],
        answer: Shape::json::<Replay>(""),
        problems: &[404],
    }
}

pub(crate) async fn replay(State(app): State<App>, call: Call, Path(id): Path<String>) -> Answered {
    let (id, record) = find(&app, &id).await?;
    let stored: Map<String, Value> = serde_json::from_str(record.answer.get()).map_err(Problem::internal)?;
    let sequence = stored.get("generation").and_then(Value::as_u64);
    let mut answer = stored;
    let mut replay = "stored";
    let held = sequence.and_then(|sequence| app.held(sequence));
    if let Some(generation) = held.filter(|generation| record.is_beside(generation)) {
        let job = move || recompute(&generation, &record);
        let again = app.pool.run(call.deadline(), job).await??;
        // The cursor seals more than the engine's answer: it is the stored one.
        answer.extend(again);
        replay = "recomputed";
    }
    Answer::of_engine(&Replay {
        replay,
        replayed_request_id: id.to_string(),
        answer,
    })
}

async fn find(app: &App, id: &str) -> Result<(Uuid, Record), Problem> {
    let unknown = || Problem::not_found("request", id);
    let uuid: Uuid = id.parse().map_err(|_| unknown())?;
    let body = app.store.request(uuid).await?.ok_or_else(unknown)?;
    Ok((uuid, serde_json::from_str(body.get()).map_err(Problem::internal)?))
}

/// The engine's answer to a kept request, over the generation that answered it.
fn recompute(generation: &Generation, record: &Record) -> Result<Map<String, Value>, Problem> {
    let asking = record.asking.clone().unwrap_or_default();
    match record.kind {
        Kind::Recommendations => again(record, |request: &RecommendationRequest, page| {
            generation.recommend_asked(request, &asking, page, moment(&request.context))
        }),
        Kind::Similar => again(record, |fields: &Map<String, Value>, page| {
            let request = SimilarRequest::read(fields.clone())?.list;
            generation.recommend_asked(&request, &asking, page, moment(&request.context))
        }),
        Kind::Search => again(record, |request: &SearchRequest, page| {
            generation.search(request, page, moment(&request.context))
        }),
        Kind::Feed => again(record, |request: &FeedRequest, _: Option<&()>| {
            generation.feed(request, moment(&request.context))
        }),
        Kind::Playlist => again(record, |request: &PlaylistRequest, page| {
            let id = request.id.as_ref().map_or("", |id| id.as_str());
            generation.playlist(id, request, page, moment(&request.context))
        }),
    }
}

/// The moment of a kept request, which always says it.
fn moment(context: &Context) -> Moment {
    context.now.unwrap_or_else(clock)
}

fn again<R, P, A>(
    record: &Record,
    ask: impl Fn(&R, Option<&P>) -> Result<A, Invalid>,
) -> Result<Map<String, Value>, Problem>
where
    R: serde::de::DeserializeOwned,
    P: serde::de::DeserializeOwned,
    A: Serialize,
{
    let request: R = serde_json::from_str(record.request.get()).map_err(Problem::internal)?;
    let page = record.page.as_ref().map(|page| serde_json::from_str(page.get()));
    let page: Option<P> = page.transpose().map_err(Problem::internal)?;
    let answer = ask(&request, page.as_ref())?;
    let text = serde_json::to_vec(&answer).map_err(Problem::internal)?;
    serde_json::from_slice(&text).map_err(Problem::internal)
}
