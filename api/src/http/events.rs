//! `POST /v1/events`: what readers did and saw, as one array.
//!
//! Invariants: a second delivery changes nothing; a bad event is reported by its place, from 1, and the rest goes in.

use axum::extract::{Request, State};
use florilege_engine::change::Change;
use florilege_engine::event::Event;
use florilege_engine::invalid::{Code, Invalid};
use florilege_engine::json;
use florilege_engine::taxonomy::Taxonomy;
use serde_json::value::RawValue;

use super::answer::{Answer, Answered};
use super::body;
use super::route::{Note, Shape};
use crate::app::App;
use crate::bulk::{Bulk, Report};

const EXAMPLE: &str =
    r#"[{"id":"e1","type":"view","user_id":"u1","offer_id":"offer-1","at":"2026-12-01T19:30:00+01:00"}]"#;

/// What the call takes, in any number that fits into the body.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "only its schema is used; each event is read by itself")]
struct Events(Vec<Event>);

pub(crate) fn note() -> Note {
    Note {
        tag: "Writing",
        summary: "Write events",
        detail: "An array; each event is idempotent by its `id`. Without the reader's consent to personalisation it is \
                 accepted and not kept. Always 200, as for changes; `line` is the place in the array, from 1.",
        query: &[],
        bodies: vec![Shape::json::<Events>(EXAMPLE)],
        answer: Shape::json::<Report>(""),
        problems: &[],
    }
}

pub(crate) async fn post(State(app): State<App>, request: Request) -> Answered {
    let text = body::json_bytes(request).await?;
    let mut bulk = Bulk::new(app.store.clone(), app.taxonomy.clone(), read);
    for (place, event) in (1..).zip(elements(&text)?) {
        bulk.push(place, event.get().as_bytes()).await?;
    }
    let report = bulk.finish().await?;
    Answer::new(&report, report.sequence)
}

/// The elements of the array, unread.
fn elements(text: &[u8]) -> Result<Vec<&RawValue>, Invalid> {
    let unread = serde_json::from_slice::<Vec<&RawValue>>(text);
    unread.or_else(|_| {
        // Not JSON at all, or another type: the strict reader knows which.
        json::parse::<Vec<serde_json::Value>>(text)?;
        Err(Invalid::one("", Code::InvalidType, "the body is an array of events"))
    })
}

fn read(text: &[u8], _: &Taxonomy) -> Result<Change, Invalid> {
    let event: Event = body::object(text)?;
    event.check()?;
    Ok(Change::Event(Box::new(event)))
}
