//! The pool that computes: a bounded number of threads and a bounded number of waiting jobs.
//!
//! Every engine call runs here, so that the async threads only ever move bytes. Invariants: a job whose caller is
//! gone or late never starts; a full queue refuses at once; a panic in a job ends that call alone.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::oneshot;
use tokio::time::Instant;

/// Why a job did not answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PoolError {
    /// Too many jobs wait already.
    #[error("too many calls wait for a thread")]
    Full,
    /// The deadline passed before the answer was there.
    #[error("the deadline passed")]
    Late,
    /// The job panicked.
    #[error("the computation failed")]
    Panicked,
}

/// The threads and the count of jobs that are waiting or running.
#[derive(Debug, Clone)]
pub struct Pool {
    threads: Arc<rayon::ThreadPool>,
    held: Arc<AtomicUsize>,
    capacity: usize,
}

/// Gives the place in the queue back, however the job ends.
struct Place(Arc<AtomicUsize>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Pool {
    /// A pool of so many threads, with room for so many jobs waiting.
    ///
    /// # Errors
    /// When the system gives no threads.
    pub fn new(threads: usize, queue: usize) -> Result<Self, rayon::ThreadPoolBuildError> {
        let builder = rayon::ThreadPoolBuilder::new().num_threads(threads.max(1));
        let pool = builder.thread_name(|ix| format!("engine-{ix}")).build()?;
        Ok(Self {
            threads: Arc::new(pool),
            held: Arc::new(AtomicUsize::new(0)),
            capacity: threads.max(1) + queue,
        })
    }

    /// How many jobs wait or run.
    #[must_use]
    pub fn held(&self) -> usize {
        self.held.load(Ordering::Acquire)
    }

    /// Whether a job would be refused now.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.held() >= self.capacity
    }

    /// Runs a job and waits for it until the deadline.
    ///
    /// # Errors
    /// When the queue is full, the deadline passes, or the job panics.
    pub async fn run<T, F>(&self, deadline: Instant, job: F) -> Result<T, PoolError>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        let place = self.enter()?;
        let (sender, receiver) = oneshot::channel();
        self.threads.spawn(move || {
            let wanted = !sender.is_closed() && Instant::now() < deadline;
            let result = wanted.then(|| catch_unwind(AssertUnwindSafe(job)));
            drop(place);
            // The caller may be gone: nobody is left to tell.
            let _ = sender.send(result);
        });
        match tokio::time::timeout_at(deadline, receiver).await {
            Ok(Ok(Some(Ok(value)))) => Ok(value),
            Ok(Ok(Some(Err(_))) | Err(_)) => Err(PoolError::Panicked),
            Ok(Ok(None)) | Err(_) => Err(PoolError::Late),
        }
    }

    fn enter(&self) -> Result<Place, PoolError> {
        let place = Place(Arc::clone(&self.held));
        let before = self.held.fetch_add(1, Ordering::AcqRel);
        if before < self.capacity {
            Ok(place)
        } else {
            Err(PoolError::Full)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(20)
    }

    #[tokio::test]
    async fn a_full_queue_refuses_and_recovers() {
        let pool = Pool::new(1, 0).expect("threads");
        let (release, wait) = std::sync::mpsc::channel::<()>();
        let busy = tokio::spawn({
            let pool = pool.clone();
            async move { pool.run(soon(), move || wait.recv().is_ok()).await }
        });
        while pool.held() == 0 {
            tokio::task::yield_now().await;
        }
        assert!(pool.is_full());
        assert_eq!(pool.run(soon(), || 1).await, Err(PoolError::Full));
        release.send(()).expect("the job waits");
        assert_eq!(busy.await.expect("joins"), Ok(true));
        assert_eq!(pool.run(soon(), || 2).await, Ok(2));
        assert!(!pool.is_full());
        assert_eq!(pool.held(), 0);
    }

    #[tokio::test]
    async fn a_late_job_and_a_panic_are_told_apart() {
        let pool = Pool::new(1, 4).expect("threads");
        let past = Instant::now();
        assert_eq!(pool.run(past, || 1).await, Err(PoolError::Late));
        let panics = pool.run(soon(), || -> u8 { panic!("on purpose") }).await;
        assert_eq!(panics, Err(PoolError::Panicked));
        assert_eq!(pool.run(soon(), || 3).await, Ok(3));
    }
}
