//! The writer: one thread that gathers waiting submissions into one transaction after another.
//!
//! On the main path it stands behind every writing call. Invariant: a submission is answered after the commit that
//! made it durable, or refused whole; a submission that waits is bounded by [`Limits::queued_changes`].

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use florilege_engine::change::{Change, Sequence};
use tokio::runtime;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time;

use super::answer::{Appended, Outcome};
use super::error::StoreError;
use super::sql::Database;
use super::{Limits, Shared, StoreUrl, load, save};

/// How many submissions may wait.
const WAITING: usize = 4_096;
/// A transaction takes no further submission beyond so many changes.
const GROUP: usize = 20_000;
/// When a client should come back to a full queue.
const RETRY_AFTER: Duration = Duration::from_secs(1);
/// How long a transaction may take before the database counts as away.
const STUCK: Duration = Duration::from_secs(300);
/// How often the bytes of an erasure are tried again to be removed while somebody still reads them.
const CLEAN_AGAIN: Duration = Duration::from_millis(200);

type Answer = oneshot::Sender<Result<Appended, StoreError>>;

struct Job {
    changes: Vec<Change>,
    answer: Answer,
}

/// The way to the writer.
#[derive(Debug)]
pub(super) struct Queue {
    /// Taken away by [`Queue::close`].
    sender: Mutex<Option<mpsc::Sender<Job>>>,
    finished: watch::Receiver<bool>,
    /// Changes that wait or are being written.
    waiting: Arc<AtomicUsize>,
    limit: usize,
}

impl Queue {
    /// Starts the writer on its own thread, over its own connections.
    pub(super) async fn start(
        database: Database,
        url: StoreUrl,
        limits: &Limits,
        shared: Arc<Shared>,
    ) -> Result<Self, StoreError> {
        let (sender, jobs) = mpsc::channel(WAITING);
        let (ready, opened) = oneshot::channel();
        let (finish, finished) = watch::channel(false);
        let waiting = Arc::new(AtomicUsize::new(0));
        let count = waiting.clone();
        let timeout = limits.timeout;
        let run = move || {
            let runtime = runtime::Builder::new_current_thread().enable_all().build();
            let runtime = match runtime {
                Ok(runtime) => runtime,
                Err(error) => return drop(ready.send(Err(unavailable(&error)))),
            };
            runtime.block_on(async move {
                match database.again(&url, timeout).await {
                    Ok(database) => {
                        let _ = ready.send(Ok(()));
                        Writer::new(database, count, shared).run(jobs).await;
                    }
                    Err(error) => drop(ready.send(Err(error))),
                }
                let _ = finish.send(true);
            });
        };
        let thread = std::thread::Builder::new().name("florilege-writer".to_owned());
        thread.spawn(run).map_err(|error| unavailable(&error))?;
        opened.await.map_err(|error| unavailable(&error))??;
        Ok(Self {
            sender: Mutex::new(Some(sender)),
            finished,
            waiting,
            limit: limits.queued_changes,
        })
    }

    /// Waits in the queue, then for the commit.
    pub(super) async fn submit(&self, changes: Vec<Change>) -> Result<Appended, StoreError> {
        let count = changes.len();
        let sender = self.sender.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let sender = sender.ok_or_else(closed)?;
        self.enter(count)?;
        let (answer, answered) = oneshot::channel();
        if let Err(refused) = sender.try_send(Job { changes, answer }) {
            self.waiting.fetch_sub(count, Ordering::AcqRel);
            return Err(match refused {
                TrySendError::Full(_) => overloaded(),
                TrySendError::Closed(_) => closed(),
            });
        }
        drop(sender);
        answered.await.map_err(|error| unavailable(&error))?
    }

    /// Takes room for so many changes; an empty queue takes any number.
    fn enter(&self, count: usize) -> Result<(), StoreError> {
        let room = |waiting: usize| (waiting == 0 || waiting + count <= self.limit).then_some(waiting + count);
        let entered = self.waiting.fetch_update(Ordering::AcqRel, Ordering::Acquire, room);
        entered.map(|_| ()).map_err(|_| overloaded())
    }

    /// Lets the writer finish what waits, and waits for that.
    pub(super) async fn close(&self) {
        drop(self.sender.lock().unwrap_or_else(PoisonError::into_inner).take());
        let _ = self.finished.clone().wait_for(|finished| *finished).await;
    }

    pub(super) fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Acquire)
    }
}

fn overloaded() -> StoreError {
    StoreError::Overloaded {
        retry_after: RETRY_AFTER,
    }
}

fn closed() -> StoreError {
    StoreError::Unavailable {
        reason: "the store is closed".to_owned(),
    }
}

fn unavailable(error: &dyn std::error::Error) -> StoreError {
    StoreError::Unavailable {
        reason: error.to_string(),
    }
}

struct Writer {
    database: Database,
    waiting: Arc<AtomicUsize>,
    shared: Arc<Shared>,
    /// Whether erased bytes may still stand in SQLite's write-ahead log.
    unclean: bool,
}

impl Writer {
    const fn new(database: Database, waiting: Arc<AtomicUsize>, shared: Arc<Shared>) -> Self {
        Self {
            database,
            waiting,
            shared,
            unclean: false,
        }
    }

    async fn run(mut self, mut jobs: mpsc::Receiver<Job>) {
        loop {
            let job = if self.unclean {
                time::timeout(CLEAN_AGAIN, jobs.recv()).await
            } else {
                Ok(jobs.recv().await)
            };
            match job {
                Ok(Some(first)) => self.group(first, &mut jobs).await,
                Ok(None) => break,
                Err(_) => self.clean().await,
            }
        }
        self.database.close().await;
    }

    /// Gathers what waits behind the first, writes it, answers all.
    async fn group(&mut self, first: Job, jobs: &mut mpsc::Receiver<Job>) {
        let mut count = first.changes.len();
        let mut group = vec![(first.changes, first.answer)];
        while count < GROUP {
            let Ok(job) = jobs.try_recv() else { break };
            count += job.changes.len();
            group.push((job.changes, job.answer));
        }
        let (submissions, answers): (Vec<_>, Vec<Answer>) = group.into_iter().unzip();
        let written = time::timeout(STUCK, self.write(submissions)).await;
        let written = written.unwrap_or_else(|stuck| Err(unavailable(&stuck)));
        self.waiting.fetch_sub(count, Ordering::AcqRel);
        answer(answers, written);
    }

    /// One transaction for all.
    async fn write(&mut self, submissions: Vec<Vec<Change>>) -> Result<Vec<Appended>, StoreError> {
        let mut tx = self.database.write().await?;
        let counter = load::counter(&mut tx).await?;
        let mut batch = load::batch(&mut tx, &counter, submissions.iter().flatten()).await?;
        let mut written = Vec::with_capacity(submissions.len());
        for changes in submissions {
            let outcomes: Result<Vec<Outcome>, StoreError> =
                changes.into_iter().map(|change| batch.play(change)).collect();
            written.push(Appended {
                outcomes: outcomes?,
                sequence: Sequence(batch.sequence.unsigned_abs()),
            });
        }
        let last = Sequence(batch.sequence.unsigned_abs());
        let erased = std::mem::take(&mut batch.erased);
        let at = self.shared.next_time(counter.at);
        save::save(&mut tx, batch, &erased, at).await?;
        tx.commit().await?;
        self.committed(last, erased).await;
        Ok(written)
    }

    async fn committed(&mut self, last: Sequence, erased: Vec<(i64, florilege_engine::ids::UserId)>) {
        let has_erased = !erased.is_empty();
        for (number, id) in erased {
            self.shared.pending.forget(&id);
            self.shared.names.erase(number, id);
        }
        if has_erased {
            self.unclean = true;
            self.clean().await;
        }
        self.shared.grown(last);
    }

    /// Removes what was erased from SQLite's write-ahead log, by emptying it.
    async fn clean(&mut self) {
        let done = self
            .database
            .pragma("PRAGMA wal_checkpoint(TRUNCATE)", Vec::new())
            .await;
        let busy = match done {
            Ok(rows) => rows.first().is_some_and(|row| row.int(0).unwrap_or(1) != 0),
            Err(error) => {
                tracing::warn!(%error, "erased bytes wait in the write-ahead log");
                true
            }
        };
        self.unclean = busy;
    }
}

/// Tells each caller; a caller who has gone is no matter.
fn answer(answers: Vec<Answer>, written: Result<Vec<Appended>, StoreError>) {
    match written {
        Ok(written) => {
            for (answer, appended) in answers.into_iter().zip(written) {
                let _ = answer.send(Ok(appended));
            }
        }
        Err(error) => {
            tracing::warn!(%error, submissions = answers.len(), "changes refused: the database did not take them");
            for answer in answers {
                let _ = answer.send(Err(error.clone()));
            }
        }
    }
}
