//! `/health/live` and `/health/ready`: whether the process runs, and whether it can serve.
//!
//! Invariant: ready means that the log was followed to its end once, that the serving state does not lag more than
//! `ready_lag_s` behind it, and that the store answers. An empty catalogue can serve.

use axum::extract::State;
use serde::Serialize;

use super::answer::{Answer, Answered};
use super::call::Call;
use super::problem::{Kind, Problem};
use super::route::{Note, Shape};
use crate::app::App;

/// How the server is.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct Health {
    /// `live` or `ready`.
    status: &'static str,
    /// The last entry of the log.
    sequence: u64,
}

pub(crate) fn live_note() -> Note {
    Note {
        tag: "Operating",
        summary: "Whether the process runs",
        detail: "Restart it when this fails.",
        query: &[],
        bodies: vec![],
        answer: Shape::json::<Health>(""),
        problems: &[],
    }
}

pub(crate) async fn live(State(app): State<App>) -> Answered {
    healthy(&app, "live")
}

pub(crate) fn ready_note() -> Note {
    Note {
        tag: "Operating",
        summary: "Whether it can serve",
        detail: "503 while the log is being followed to its end at start, while the serving state lags, while the store \
                 is away, and before a stop. Send it no calls meanwhile.",
        query: &[],
        bodies: vec![],
        answer: Shape::json::<Health>(""),
        problems: &[503],
    }
}

pub(crate) async fn ready(State(app): State<App>, _call: Call) -> Answered {
    if app.stopping.load(std::sync::atomic::Ordering::Acquire) {
        return Err(Problem::new(Kind::Unavailable, "the server is about to stop"));
    }
    if !app.is_caught_up() {
        return Err(Problem::new(Kind::NotYetApplied, "the change log is being applied"));
    }
    app.note_lag();
    if app.lag().is_some_and(|lag| lag > app.policy().ready_lag) {
        return Err(Problem::new(
            Kind::NotYetApplied,
            "the serving state lags behind the change log",
        ));
    }
    app.store.ping().await?;
    healthy(&app, "ready")
}

fn healthy(app: &App, status: &'static str) -> Answered {
    let health = Health {
        status,
        sequence: app.store.last_sequence().0,
    };
    Answer::new(&health, app.applied())
}
