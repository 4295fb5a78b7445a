//! One change from a call: submitted, durable, and told.
//!
//! What the writing endpoints of single documents share. Invariants: an answer exists only once the change is
//! durable; its `generation` is the log's place that a state must have applied to show it.

use florilege_engine::change::{Change, Sequence};

use super::problem::Problem;
use crate::app::App;
use crate::store::{Ignored, Outcome};

/// What became of a change that was not refused.
pub(crate) struct Written {
    /// A state that has applied up to here shows it.
    pub(crate) sequence: Sequence,
    /// Whether an older `updated_at` left the stored document as it was.
    pub(crate) older: bool,
}

/// Submits one change and waits until it is durable.
pub(crate) async fn write(app: &App, change: Change) -> Result<Written, Problem> {
    let appended = app.store.submit(vec![change]).await?;
    let older = match appended.outcomes.into_iter().next() {
        Some(Outcome::Rejected(fault)) => return Err(fault.into()),
        Some(Outcome::Ignored(Ignored::Older)) => true,
        Some(Outcome::Applied(_) | Outcome::Ignored(Ignored::Duplicate | Ignored::NoConsent)) | None => false,
    };
    Ok(Written {
        sequence: appended.sequence,
        older,
    })
}
