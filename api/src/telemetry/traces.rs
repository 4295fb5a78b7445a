//! Traces: each call as a span with its stages below it, sent to a collector as OTLP over HTTP, in JSON.
//!
//! A thread of its own sends; a call only hands over. Invariants: no call ever waits for the collector: what it does
//! not take is dropped and counted; a span tells what the log line tells, so no personal datum.

mod wire;

use std::sync::OnceLock;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use metrics::counter;
use uuid::Uuid;

use super::SPANS;
pub(crate) use wire::{Parent, Span};

/// How many calls may wait to be sent.
const WAITING: usize = 4_096;
/// How many are sent at once.
const AT_ONCE: usize = 256;
/// How long the first of a batch waits for others.
const GATHER: Duration = Duration::from_millis(500);
/// How long the collector may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// The pauses before a batch is sent again.
const AGAIN: [Duration; 2] = [Duration::from_millis(200), Duration::from_secs(1)];
/// How long the last spans may take at the stop.
const LAST: Duration = Duration::from_secs(6);

static EXPORTER: OnceLock<Exporter> = OnceLock::new();

enum Message {
    Ended(Box<Span>),
    /// Send what is there, then say so.
    Flush(SyncSender<()>),
}

#[derive(Debug)]
struct Exporter {
    sender: SyncSender<Message>,
    percent: u8,
}

/// Starts sending to a collector; a second call in one process changes nothing.
pub fn start_tracing(to: Option<&str>, percent: u8) -> std::io::Result<()> {
    let Some(to) = to else { return Ok(()) };
    let (sender, receiver) = sync_channel(WAITING);
    let collector = Collector::new(to);
    std::thread::Builder::new()
        .name("traces".into())
        .spawn(move || collector.run(&receiver))?;
    // Already started is as good as started.
    let _ = EXPORTER.set(Exporter { sender, percent });
    Ok(())
}

/// Whether a call is traced: as its caller says, else by chance.
pub(crate) fn is_traced(call: Uuid, parent: Option<&Parent>) -> bool {
    EXPORTER
        .get()
        .is_some_and(|exporter| parent.map_or_else(|| drawn(call, exporter.percent), |parent| parent.sampled))
}

/// The end of an identifier is chance.
fn drawn(call: Uuid, percent: u8) -> bool {
    call.as_u128() % 100 < u128::from(percent)
}

/// Hands over a call that ended.
pub(crate) fn ended(span: Span) {
    let Some(exporter) = EXPORTER.get() else { return };
    if exporter.sender.try_send(Message::Ended(Box::new(span))).is_err() {
        lost(1);
    }
}

/// Waits until what was handed over is sent, or given up.
pub(crate) fn flush() {
    let (done, wait) = sync_channel(1);
    if let Some(exporter) = EXPORTER.get()
        && exporter.sender.try_send(Message::Flush(done)).is_ok()
    {
        // Whether it was sent in time or not, the stop goes on.
        let _ = wait.recv_timeout(LAST);
    }
}

fn lost(spans: usize) {
    counter!(SPANS, "result" => "lost").increment(spans as u64);
}

/// Where spans go.
struct Collector {
    agent: ureq::Agent,
    url: String,
}

impl Collector {
    fn new(to: &str) -> Self {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(PATIENCE));
        Self {
            agent: config.build().into(),
            url: format!("{to}/v1/traces"),
        }
    }

    /// Gathers and sends until nobody hands over any more.
    fn run(&self, receiver: &Receiver<Message>) {
        let mut away = false;
        while let Ok(first) = receiver.recv() {
            let (batch, flush) = gather(first, receiver);
            if !batch.is_empty() {
                let sent = self.send(&batch, flush.is_some() || away);
                let result = if sent.is_ok() { "sent" } else { "lost" };
                counter!(SPANS, "result" => result).increment(batch.len() as u64);
                match sent {
                    Ok(()) => away = false,
                    Err(reason) if !away => {
                        tracing::warn!(%reason, "the collector does not take traces; they are dropped");
                        away = true;
                    }
                    Err(_) => {}
                }
            }
            if let Some(done) = flush {
                // Who waited may have given up.
                let _ = done.send(());
            }
        }
    }

    /// Sends a batch, some times again where that may help; once where it was away before, or where time is short.
    fn send(&self, batch: &[Span], once: bool) -> Result<(), String> {
        let body = wire::request(batch).to_string();
        let mut pauses = AGAIN.iter().take(if once { 0 } else { AGAIN.len() });
        loop {
            let refused = match self.agent.post(&self.url).content_type("application/json").send(&body) {
                Ok(answer) if answer.status().is_success() => return Ok(()),
                Ok(answer) => match answer.status().as_u16() {
                    status @ (429 | 502..=504) => format!("it answers {status}"),
                    status => return Err(format!("it answers {status}")),
                },
                Err(error) => error.to_string(),
            };
            let Some(pause) = pauses.next() else {
                return Err(refused);
            };
            std::thread::sleep(*pause);
        }
    }
}

/// What comes within a moment after the first, up to a batch, or to a flush.
fn gather(first: Message, receiver: &Receiver<Message>) -> (Vec<Span>, Option<SyncSender<()>>) {
    let (until, mut batch, mut next) = (Instant::now() + GATHER, Vec::new(), first);
    loop {
        match next {
            Message::Ended(span) => batch.push(*span),
            Message::Flush(done) => return (batch, Some(done)),
        }
        if batch.len() >= AT_ONCE {
            return (batch, None);
        }
        next = match receiver.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(message) => message,
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return (batch, None),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_that_is_drawn_is_the_share_that_is_asked() {
        let calls: Vec<Uuid> = (0..20_000).map(|_| Uuid::now_v7()).collect();
        for percent in [0, 10, 50, 100] {
            let drawn = calls.iter().filter(|call| drawn(**call, percent)).count();
            let expected = calls.len() * usize::from(percent) / 100;
            assert!(drawn.abs_diff(expected) < 400, "{percent} %: {drawn}");
        }
    }
}
