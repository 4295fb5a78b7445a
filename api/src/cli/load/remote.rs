//! Loading through a running server: bodies within its limits, one after the other.
//!
//! Invariant: line numbers of the server's reports are turned into those of the file; a server that is busy is asked
//! again for a while.

use std::io::BufRead;
use std::time::Duration;

use anyhow::{Context as _, bail};
use florilege_engine::change::Sequence;
use florilege_engine::invalid::Code;
use serde::Deserialize;

use crate::bulk::{Rejection, Report};

/// The most lines of one body, well within the server's limit.
const LINES: u64 = 50_000;
/// The most bytes of one body, but for its last line.
const BYTES: usize = 32 << 20;
/// How often a busy server is asked.
const TRIES: u64 = 30;

/// A server that takes change lines.
pub(super) struct Server {
    address: String,
    key: Option<String>,
    agent: ureq::Agent,
}

#[derive(Deserialize)]
struct Told {
    accepted: u64,
    rejected: Vec<Refusal>,
    sequence: u64,
}

#[derive(Deserialize)]
struct Refusal {
    line: u64,
    code: Code,
    #[serde(default)]
    pointer: String,
    message: String,
}

impl Server {
    /// The server at an address.
    pub(super) fn new(address: &str, key: Option<&str>) -> Self {
        let config = ureq::Agent::config_builder().http_status_as_error(false).build();
        Self {
            address: format!("{}/v1/changes", address.trim_end_matches('/')),
            key: key.map(str::to_owned),
            agent: config.into(),
        }
    }

    /// Sends every line.
    pub(super) fn send(&self, mut lines: impl BufRead) -> anyhow::Result<Report> {
        let mut report = Report::default();
        let mut before = 0;
        loop {
            let (body, count) = chunk(&mut lines)?;
            if count == 0 {
                return Ok(report);
            }
            let told = self.post(&body)?;
            report.accepted += told.accepted;
            report.sequence = report.sequence.max(Sequence(told.sequence));
            report
                .rejected
                .extend(told.rejected.into_iter().map(|refusal| Rejection {
                    line: before + refusal.line,
                    code: refusal.code,
                    pointer: refusal.pointer,
                    message: refusal.message,
                }));
            before += count;
            eprintln!(
                "{before} lines sent, {} accepted, {} refused",
                report.accepted,
                report.rejected.len()
            );
        }
    }

    fn post(&self, body: &[u8]) -> anyhow::Result<Told> {
        for _ in 0..TRIES {
            let mut request = self
                .agent
                .post(&self.address)
                .header("content-type", "application/x-ndjson");
            if let Some(key) = &self.key {
                request = request.header("authorization", format!("Bearer {key}"));
            }
            let mut answer = request
                .send(body)
                .with_context(|| format!("{} does not answer", self.address))?;
            match answer.status().as_u16() {
                200 => {
                    return Ok(serde_json::from_reader(
                        answer.body_mut().with_config().limit(1 << 30).reader(),
                    )?);
                }
                429 | 503 => std::thread::sleep(Duration::from_secs(1)),
                status => bail!("the server answered {status}: {}", answer.body_mut().read_to_string()?),
            }
        }
        bail!("the server stayed busy for {TRIES} s")
    }
}

/// The next lines as one body, and how many they are.
fn chunk(lines: &mut impl BufRead) -> std::io::Result<(Vec<u8>, u64)> {
    let (mut body, mut count) = (Vec::new(), 0);
    while count < LINES && body.len() < BYTES && lines.read_until(b'\n', &mut body)? > 0 {
        count += 1;
    }
    Ok((body, count))
}
