//! The newest count, kept: pages show it and never wait long for the next one.
//!
//! Stands between the pages of numbers and the count. Invariants: at most one count is made at a time, and counting
//! takes at most one part in [`REST`] of the time; a page waits [`WAIT`] for a newer one, then shows what there is.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, timeout};

use super::count::{Counted, count};
use crate::studio::state::Studio;

/// How long a page waits for a count.
const WAIT: Duration = Duration::from_millis(100);
/// After a count, so many times what it took pass before the next.
const REST: u32 = 20;
/// A count is made anew after so long even when the log has not grown: answers are kept a little after they are given.
const OLDEST: Duration = Duration::from_secs(2);

/// The newest count, and whether another is being made.
#[derive(Debug)]
pub(crate) struct Kept {
    newest: watch::Sender<Option<Arc<Counted>>>,
    counting: AtomicBool,
}

impl Default for Kept {
    fn default() -> Self {
        Self {
            newest: watch::Sender::new(None),
            counting: AtomicBool::new(false),
        }
    }
}

impl Kept {
    /// The newest count, made anew when it is time; none while the first one is being made.
    pub(super) async fn newest(studio: &Studio) -> Option<Arc<Counted>> {
        let kept = studio.numbers();
        let sequence = studio.engine.generation().sequence().0;
        let mut seen = kept.newest.subscribe();
        let newest = seen.borrow_and_update().clone();
        if newest
            .as_ref()
            .is_some_and(|counted| is_fresh(counted, sequence, Instant::now()))
        {
            return newest;
        }
        if !kept.counting.swap(true, Ordering::AcqRel) {
            tokio::spawn(recount(studio.clone()));
        }
        // A count that fails, or takes longer, leaves the one before.
        let _ = timeout(WAIT, seen.changed()).await;
        seen.borrow().clone()
    }
}

fn is_fresh(counted: &Counted, sequence: u64, now: Instant) -> bool {
    let age = now.duration_since(counted.made);
    age < counted.took * REST || (counted.sequence == sequence && age < OLDEST)
}

async fn recount(studio: Studio) {
    let counted = count(&studio).await;
    let kept = studio.numbers();
    match counted {
        Ok(counted) => _ = kept.newest.send_replace(Some(Arc::new(counted))),
        Err(refusal) => tracing::warn!(?refusal, "the numbers were not counted"),
    }
    kept.counting.store(false, Ordering::Release);
}
