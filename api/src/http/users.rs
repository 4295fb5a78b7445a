//! `/v1/users/{id}`: a reader's profile, all that is known of them, and their erasure.
//!
//! Invariant: a field that names a person is refused; after a `DELETE` nothing of the reader is left but numbers.

use axum::extract::{Request, State};
use florilege_engine::change::Change;
use florilege_engine::event::Event;
use florilege_engine::ids::UserId;
use florilege_engine::user::User;
use serde::Serialize;
use serde_json::Value;

use super::answer::{Answer, Answered};
use super::body;
use super::id::{Id, require_same};
use super::offers::Deleted;
use super::problem::Problem;
use super::route::{Note, Shape};
use super::write::write;
use crate::app::App;

/// A reader's profile as answers show it, every field said.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct UserAnswer {
    /// The document.
    #[schema(value_type = User)]
    user: Value,
}

/// All that is known of a reader.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct ReaderAnswer {
    /// The profile.
    #[schema(value_type = User)]
    user: Value,
    /// Every kept event, the oldest first.
    events: Vec<Event>,
}

const EXAMPLE: &str = r#"{"id":"u1","birth_year":2008,"department":"35","practices":["LIVRE","CINEMA"],"consents":{"personalisation":true}}"#;

pub(crate) fn put_note() -> Note {
    Note {
        tag: "Writing",
        summary: "Write a reader's profile",
        detail: "An absent consent is a refusal. Without `personalisation` nothing is learnt about the reader. Fields \
                 that name a person are refused.",
        query: &[],
        bodies: vec![Shape::json::<User>(EXAMPLE)],
        answer: Shape::json::<UserAnswer>(""),
        problems: &[],
    }
}

pub(crate) async fn put(State(app): State<App>, Id(id): Id<UserId>, request: Request) -> Answered {
    let user: User = body::json(request).await?;
    require_same(&id, &user.id)?;
    user.check()?;
    let answer = UserAnswer { user: user.full() };
    let written = write(&app, Change::UserUpsert(Box::new(user))).await?;
    Answer::new(&answer, written.sequence)
}

pub(crate) fn get_note() -> Note {
    Note {
        tag: "Writing",
        summary: "Read all that is known of a reader",
        detail: "The profile and every kept event.",
        query: &[],
        bodies: vec![],
        answer: Shape::json::<ReaderAnswer>(""),
        problems: &[404],
    }
}

pub(crate) async fn get(State(app): State<App>, Id(id): Id<UserId>) -> Answered {
    let stands = app.store.last_sequence();
    let reader = app.store.user(&id).await?;
    let reader = reader.ok_or_else(|| Problem::not_found("user", id.as_str()))?;
    let answer = ReaderAnswer {
        user: reader.profile.full(),
        events: reader.events,
    };
    Answer::new(&answer, stands)
}

pub(crate) fn delete_note() -> Note {
    Note {
        tag: "Writing",
        summary: "Erase a reader",
        detail: "Profile, events and every derived trace. The log keeps its numbers, not its content.",
        query: &[],
        bodies: vec![],
        answer: Shape::json::<Deleted>(""),
        problems: &[404],
    }
}

pub(crate) async fn delete(State(app): State<App>, Id(id): Id<UserId>) -> Answered {
    let written = write(&app, Change::UserErase(id.clone())).await?;
    let gone = Deleted {
        id: id.to_string(),
        deleted: true,
    };
    Answer::new(&gone, written.sequence)
}
