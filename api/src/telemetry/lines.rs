//! Log lines on their way to standard error, on a thread of their own.
//!
//! Invariant: no request ever waits for whoever reads the log: when the reader is slow, lines are dropped and counted.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use tracing_subscriber::fmt::MakeWriter;

/// How many lines may wait.
const WAITING: usize = 8_192;

/// Where log lines are handed in.
#[derive(Debug, Clone)]
pub(super) struct Lines {
    sender: SyncSender<Vec<u8>>,
    dropped: Arc<AtomicU64>,
}

impl Lines {
    /// Starts the thread that writes.
    pub(super) fn start() -> io::Result<Self> {
        let (sender, receiver) = sync_channel(WAITING);
        let dropped = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&dropped);
        std::thread::Builder::new()
            .name("log".into())
            .spawn(move || pass_on(&receiver, &counted))?;
        Ok(Self { sender, dropped })
    }
}

fn pass_on(receiver: &Receiver<Vec<u8>>, dropped: &AtomicU64) {
    let mut out = io::stderr();
    for line in receiver {
        // Standard error may be closed: then there is nobody to tell.
        let _ = out.write_all(&line);
        let lost = dropped.swap(0, Ordering::Relaxed);
        if lost > 0 {
            let _ = writeln!(out, "{lost} log lines were dropped: standard error is read too slowly");
        }
    }
}

impl Write for Lines {
    /// Takes one whole line; the formatter hands in nothing less.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if self.sender.try_send(line.to_vec()).is_err() {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Lines {
    type Writer = Self;
    fn make_writer(&self) -> Self {
        self.clone()
    }
}
