//! What the studio keeps beside the server's state: the forms already sent, room for slow hashes, the newest numbers.
//!
//! Invariant: a form's mark is taken once; what is kept is bounded.

use std::collections::{HashSet, VecDeque};
use std::ops::Deref;
use std::sync::{Arc, Mutex, PoisonError};

use florilege_engine::live::Generation;
use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::answer::Refusal;
use super::form::Form;
use super::fresh::Fresh;
use super::numbers;
use super::persona::Samples;
use super::playlist::Counts;
use super::view::{self, Town, View};
use super::words::Lang;
use crate::app::{App, clock};

/// How many sent forms are remembered.
const FORMS: usize = 20_000;
/// How long a page may wait for the engine.
const LOOK_WITHIN: std::time::Duration = std::time::Duration::from_secs(5);
/// How many passwords are hashed at once; each takes 19 MiB for a moment.
const HASHES_AT_ONCE: usize = 2;

/// The state of the studio's handlers.
#[derive(Clone)]
pub(super) struct Studio {
    app: App,
    kept: Arc<Kept>,
}

struct Kept {
    sent: Mutex<Sent>,
    hashing: Semaphore,
    /// Of how many venues, and which.
    towns: Mutex<(usize, Vec<Town>)>,
    numbers: numbers::Kept,
    counts: Fresh<Counts>,
    samples: Fresh<Samples>,
}

#[derive(Default)]
struct Sent {
    marks: HashSet<String>,
    order: VecDeque<String>,
}

impl Deref for Studio {
    type Target = App;
    fn deref(&self) -> &App {
        &self.app
    }
}

impl Studio {
    pub(super) fn new(app: App) -> Self {
        Self {
            app,
            kept: Arc::new(Kept {
                sent: Mutex::default(),
                hashing: Semaphore::new(HASHES_AT_ONCE),
                towns: Mutex::default(),
                numbers: numbers::Kept::default(),
                counts: Fresh::default(),
                samples: Fresh::default(),
            }),
        }
    }

    /// Takes the mark of a form; false when it was taken before.
    pub(super) fn take(&self, mark: &str) -> bool {
        let mut sent = self.kept.sent.lock().unwrap_or_else(PoisonError::into_inner);
        if !sent.marks.insert(mark.to_owned()) {
            return false;
        }
        sent.order.push_back(mark.to_owned());
        while sent.order.len() > FORMS {
            if let Some(oldest) = sent.order.pop_front() {
                sent.marks.remove(&oldest);
            }
        }
        true
    }

    /// What readers saw and did, as last counted.
    pub(super) fn numbers(&self) -> &numbers::Kept {
        &self.kept.numbers
    }

    /// What rules have found.
    pub(super) fn counts(&self) -> &Fresh<Counts> {
        &self.kept.counts
    }

    /// What sample readers get as the engine stands.
    pub(super) fn samples(&self) -> &Fresh<Samples> {
        &self.kept.samples
    }

    /// Whom a form's preview is for.
    pub(super) fn view(&self, form: &Form, lang: Lang) -> View {
        View::of(form, lang, self.towns(), clock())
    }

    /// The towns to choose from; counted anew when venues have come or gone.
    pub(super) fn towns(&self) -> Vec<Town> {
        let generation = self.engine.generation();
        let venues = generation.counts().venues;
        let mut known = self.kept.towns.lock().unwrap_or_else(PoisonError::into_inner);
        if known.0 != venues {
            *known = (venues, view::towns(&generation));
        }
        known.1.clone()
    }

    /// Asks the engine on the pool, for a page.
    pub(super) async fn look<T, F>(&self, question: F) -> Result<T, Refusal>
    where
        T: Send + 'static,
        F: FnOnce(&Generation) -> Result<T, Refusal> + Send + 'static,
    {
        self.ask(Instant::now() + LOOK_WITHIN, question).await?
    }

    /// Runs a slow hash off the async threads, few at a time.
    pub(super) async fn hashing<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
        let _room = self.kept.hashing.acquire().await.ok()?;
        tokio::task::spawn_blocking(work).await.ok()
    }
}
