//! The state of a running server: store, engine, pool, and how far the engine has followed the log.
//!
//! Handlers share it; `server` and the tests make it. Invariants: the engine follows the store's log through one
//! applier; every engine call runs on the pool.

mod lag;
mod rates;

use std::collections::VecDeque;
use std::ops::Deref;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arc_swap::{ArcSwap, ArcSwapOption};
use florilege_engine::change::Sequence;
use florilege_engine::taxonomy::Taxonomy;
use florilege_engine::time::Moment;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::sync::{Notify, Semaphore, watch};
use tokio::time::Instant;
use tower_http::cors::CorsLayer;

use lag::Lag;
use rates::Rates;

use crate::http::access::from_browsers;
use crate::http::cursor::Signer;
use crate::http::problem::{Kind, Problem};
use crate::http::search::statistics::Statistics;
use crate::pool::{Pool, PoolError};
use crate::store::Store;
use crate::telemetry::{self, stages};
use florilege_engine::live::{Engine, Generation};

/// How many generations are held for replays.
const HELD: usize = 8;
/// How many bulk bodies may be in memory at once, 128 MiB each at most.
const BULK_AT_ONCE: usize = 2;

/// The shared state; clones are cheap.
#[derive(Clone)]
pub struct App(Arc<Inner>);

/// What the state is made of.
pub struct Inner {
    /// The truth.
    pub(crate) store: Store,
    /// What answers.
    pub(crate) engine: Arc<Engine>,
    /// The taxonomy that changes are checked against.
    pub(crate) taxonomy: Arc<Taxonomy>,
    /// Where the engine's calls run.
    pub(crate) pool: Pool,
    /// Seals cursors.
    pub(crate) signer: Signer,
    /// How far the engine has followed the log.
    pub(crate) followed: watch::Sender<Sequence>,
    /// The newest generations, for replays.
    held: Mutex<VecDeque<Arc<Generation>>>,
    /// Told when a reader was erased.
    pub(crate) erased: Notify,
    /// Whether the log was once followed to its end.
    pub(crate) caught_up: AtomicBool,
    /// How long the serving state has been behind the log.
    lag: Mutex<Lag>,
    /// What it allows and expects, as the settings last said.
    policy: ArcSwap<Policy>,
    /// What pages of other origins are told, where any may call.
    pub(crate) browsers: ArcSwapOption<CorsLayer>,
    /// How many calls each key has left.
    pub(crate) rates: Rates,
    /// Whether it is about to stop: it serves on, and asks to be sent nothing more.
    pub(crate) stopping: AtomicBool,
    /// Whether calls need a key even when none is configured: when listening beyond loopback.
    pub(crate) needs_key: bool,
    /// Room for bulk bodies.
    pub(crate) bulk: Semaphore,
    /// What is searched for.
    pub(crate) searches: Statistics,
    /// The process's metrics.
    pub(crate) metrics: PrometheusHandle,
}

impl Deref for App {
    type Target = Inner;
    fn deref(&self) -> &Inner {
        &self.0
    }
}

/// What a server allows and expects; of its settings.
#[derive(Debug, Clone)]
pub struct Policy {
    /// How far behind the log it may be and still be ready.
    pub ready_lag: Duration,
    /// Calls a second that each key may make; 0 is no limit.
    pub rate: u32,
    /// Origins whose pages may call from a browser; `*` is any.
    pub origins: Vec<String>,
    /// How long it serves on after a stop signal.
    pub drain: Duration,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            ready_lag: Duration::from_secs(10),
            rate: 0,
            origins: Vec::new(),
            drain: Duration::ZERO,
        }
    }
}

/// What a state is made from.
pub struct Parts {
    /// The open store.
    pub store: Store,
    /// The open engine.
    pub engine: Arc<Engine>,
    /// The taxonomy of both.
    pub taxonomy: Arc<Taxonomy>,
    /// Where the engine's calls run.
    pub pool: Pool,
    /// Seals cursors.
    pub signer: Signer,
    /// Whether calls need a key even when none is configured.
    pub needs_key: bool,
    /// What it allows and expects.
    pub policy: Policy,
}

impl App {
    /// The state over these parts; nothing follows the log yet (see [`crate::applier`]).
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        let stands = parts.engine.generation().sequence();
        Self(Arc::new(Inner {
            store: parts.store,
            engine: parts.engine,
            taxonomy: parts.taxonomy,
            pool: parts.pool,
            signer: parts.signer,
            followed: watch::Sender::new(stands),
            held: Mutex::new(VecDeque::new()),
            erased: Notify::new(),
            caught_up: AtomicBool::new(false),
            lag: Mutex::default(),
            rates: Rates::new(parts.policy.rate),
            browsers: ArcSwapOption::new(from_browsers(&parts.policy.origins).map(Arc::new)),
            policy: ArcSwap::from_pointee(parts.policy),
            stopping: AtomicBool::new(false),
            needs_key: parts.needs_key,
            bulk: Semaphore::new(BULK_AT_ONCE),
            searches: Statistics::default(),
            metrics: telemetry::metrics(),
        }))
    }

    /// What it allows and expects now.
    pub(crate) fn policy(&self) -> Arc<Policy> {
        self.policy.load_full()
    }

    /// Allows and expects something else from now on; calls under way are not touched.
    pub(crate) fn set_policy(&self, policy: Policy) {
        self.rates.set(policy.rate);
        self.browsers.store(from_browsers(&policy.origins).map(Arc::new));
        self.policy.store(Arc::new(policy));
    }

    /// The sequence that serving answers stand at.
    #[must_use]
    pub fn applied(&self) -> Sequence {
        *self.followed.borrow()
    }

    /// Notes that the engine has a new generation, and that the log is followed up to here. When a reader was erased
    /// by it, the generations before go at once.
    pub(crate) fn followed_to(&self, sequence: Sequence, erased: bool) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if erased {
            held.clear();
            self.erased.notify_one();
        }
        held.push_back(self.engine.generation());
        while held.len() > HELD {
            held.pop_front();
        }
        drop(held);
        self.followed.send_replace(sequence);
    }

    /// The generation that stands at a sequence, while it is held.
    pub(crate) fn held(&self, sequence: u64) -> Option<Arc<Generation>> {
        let stands = |generation: &Arc<Generation>| generation.sequence().0 == sequence;
        let current = Some(self.engine.generation()).filter(stands);
        current.or_else(|| {
            let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
            held.iter().find(|generation| stands(generation)).cloned()
        })
    }

    /// Whether every entry that was there at start has been applied.
    #[must_use]
    pub fn is_caught_up(&self) -> bool {
        self.caught_up.load(Ordering::Acquire)
    }

    /// For how long the serving state has been behind the log; nothing when it has reached all that is known of it.
    #[must_use]
    pub fn lag(&self) -> Option<Duration> {
        let lag = self.lag.lock().unwrap_or_else(PoisonError::into_inner);
        lag.of(self.applied(), Instant::now())
    }

    /// Notes where the state stands now, and where the log ends.
    pub(crate) fn note_lag(&self) {
        let mut lag = self.lag.lock().unwrap_or_else(PoisonError::into_inner);
        lag.note(self.applied(), self.store.last_sequence(), Instant::now());
    }

    /// Returns once the serving state has applied a sequence.
    pub(crate) async fn wait_for(&self, sequence: Sequence, deadline: Instant) -> Result<(), Problem> {
        let mut followed = self.followed.subscribe();
        let waited = tokio::time::timeout_at(deadline, followed.wait_for(|at| *at >= sequence));
        let waited = stages::timed("log", waited).await;
        match waited {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(Problem::new(
                Kind::NotYetApplied,
                format!("the state stands at {}, not yet at {}", self.applied().0, sequence.0),
            )),
        }
    }

    /// Returns once the log has been followed to its end after the start: before, lists would be of the past.
    pub(crate) async fn wait_caught_up(&self, deadline: Instant) -> Result<(), Problem> {
        if self.is_caught_up() {
            return Ok(());
        }
        self.wait_for(self.store.last_sequence(), deadline).await
    }

    /// Refuses at once what the pool would refuse later.
    pub(crate) fn refuse_when_full(&self) -> Result<(), Problem> {
        if self.pool.is_full() {
            return Err(PoolError::Full.into());
        }
        Ok(())
    }

    /// Runs a question to the engine on the pool, over one generation from start to end.
    pub(crate) async fn ask<T, F>(&self, deadline: Instant, question: F) -> Result<T, Problem>
    where
        T: Send + 'static,
        F: FnOnce(&Generation) -> T + Send + 'static,
    {
        let (engine, asked) = (Arc::clone(&self.engine), Instant::now());
        let job = move || {
            let begun = Instant::now();
            (question(&engine.generation()), begun, begun.elapsed())
        };
        let answered = self.pool.run(deadline, job).await;
        let (value, begun, took) = answered.inspect_err(|_| stages::note("queue", asked, asked.elapsed()))?;
        stages::note("queue", asked, begun - asked);
        stages::note("engine", begun, took);
        Ok(value)
    }
}

impl From<PoolError> for Problem {
    fn from(error: PoolError) -> Self {
        match error {
            PoolError::Full => Self::new(
                Kind::Overloaded,
                "too many calls wait for a thread; send again in a second",
            ),
            PoolError::Late => Self::new(
                Kind::DeadlineExceeded,
                "the deadline passed before the answer was ready",
            ),
            PoolError::Panicked => Self::internal("an engine call panicked"),
        }
    }
}

/// The clock of the server, read at the edge alone, in whole milliseconds.
#[expect(
    clippy::disallowed_methods,
    reason = "the edge of the system is where the clock is read"
)]
pub(crate) fn clock() -> Moment {
    Moment::from_millis(jiff::Timestamp::now().as_millisecond())
}

/// The same in nanoseconds since 1970, for traces.
#[expect(
    clippy::disallowed_methods,
    reason = "the edge of the system is where the clock is read"
)]
pub(crate) fn clock_ns() -> i128 {
    jiff::Timestamp::now().as_nanosecond()
}
