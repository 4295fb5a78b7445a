//! The open loop: calls go out when they are due, whatever became of those before.
//!
//! A latency counts from the moment at which the call was due, so a server that stalls pays for every call that it
//! kept waiting (no coordinated omission). Invariant: every call that was due in the run is in the outcome.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::client::{Call, Client, Reply};
use crate::traffic::Kind;

/// One call that was made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Made {
    pub(crate) kind: Kind,
    /// When it was due, from the start of the run.
    pub(crate) due: Duration,
    /// From when it was due to its answer.
    pub(crate) took: Duration,
    /// The status; 0 when there was no answer.
    pub(crate) status: u16,
    pub(crate) generation: u64,
}

impl Made {
    /// When the answer came, from the start of the run.
    pub(crate) fn at(&self) -> Duration {
        self.due + self.took
    }
}

/// What a run sends.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    /// Calls a second.
    pub(crate) rate: f64,
    /// For how long.
    pub(crate) lasts: Duration,
    /// Connections that may be under way at once.
    pub(crate) connections: usize,
}

/// Sends the calls of `draw` at a steady pace; every call that was made, by when it was due.
pub(crate) fn open_loop(
    address: &str,
    started: Instant,
    pace: Pace,
    draw: impl Fn(u64) -> (Kind, Call) + Sync,
) -> Vec<Made> {
    let next = AtomicU64::new(0);
    let total = (pace.rate * pace.lasts.as_secs_f64()) as u64;
    let work = || {
        let (mut client, mut made) = (Client::new(address), Vec::new());
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= total {
                return made;
            }
            let due = Duration::from_secs_f64(number as f64 / pace.rate);
            let (kind, call) = draw(number);
            std::thread::sleep(due.saturating_sub(started.elapsed()));
            let reply = answered(client.call(&call));
            made.push(Made {
                kind,
                due,
                took: started.elapsed().saturating_sub(due),
                status: reply.status,
                generation: reply.generation,
            });
        }
    };
    let mut all = crew(pace.connections, &work);
    all.sort_by_key(|made| made.due);
    all
}

/// As many calls as so many connections can make one after the other: the peak. Calls a second that were answered
/// with 200.
pub(crate) fn closed_loop(
    address: &str,
    lasts: Duration,
    connections: usize,
    draw: impl Fn(u64) -> (Kind, Call) + Sync,
) -> f64 {
    let (started, next) = (Instant::now(), AtomicU64::new(0));
    let work = || {
        let (mut client, mut good) = (Client::new(address), Vec::new());
        while started.elapsed() < lasts {
            let (_, call) = draw(next.fetch_add(1, Ordering::Relaxed));
            if answered(client.call(&call)).status == 200 {
                good.push(());
            }
        }
        good
    };
    crew(connections, &work).len() as f64 / started.elapsed().as_secs_f64()
}

fn answered(reply: std::io::Result<Reply>) -> Reply {
    reply.unwrap_or(Reply {
        status: 0,
        generation: 0,
    })
}

/// Runs the same work on so many threads and gathers what each gives.
fn crew<T: Send>(threads: usize, work: &(impl Fn() -> Vec<T> + Sync)) -> Vec<T> {
    std::thread::scope(|scope| {
        let crew: Vec<_> = (0..threads.max(1)).map(|_| scope.spawn(work)).collect();
        crew.into_iter()
            .flat_map(|one| one.join().unwrap_or_default())
            .collect()
    })
}
