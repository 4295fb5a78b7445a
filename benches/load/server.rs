//! The server under load: started over a generated catalogue, watched through `/proc`, stopped with the value.
//!
//! Invariant: what is measured is the process that answers.

use std::error::Error;
use std::fs;
use std::path::Path;
use std::time::Instant;

use florilege_benches::served::{Served, sample, stock};

/// A running server of our own.
pub(crate) struct Server {
    served: Served,
    /// `HOST:PORT`.
    pub(crate) address: String,
}

/// What a process has used.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Used {
    /// Seconds of processor time.
    pub(crate) cpu_s: f64,
    /// Resident bytes now.
    pub(crate) bytes: u64,
}

impl Server {
    /// Loads a catalogue of so many offers into a new folder and serves it.
    pub(crate) fn start(program: &Path, offers: usize, flags: &[&str]) -> Result<Self, Box<dyn Error>> {
        let source = sample(offers)?;
        let folder = stock(program, "load", |out| {
            for change in source.changes() {
                writeln!(out, "{}", change.to_line())?;
            }
            Ok(())
        })?;
        let at = Instant::now();
        let served = Served::start(program, folder, flags)?;
        let address = served.address.clone();
        let server = Self { served, address };
        eprintln!(
            "served after {:.1} s, {} MiB",
            at.elapsed().as_secs_f64(),
            server.used().bytes >> 20
        );
        Ok(server)
    }

    /// What it has used so far.
    pub(crate) fn used(&self) -> Used {
        used(self.served.pid())
    }
}

/// What a process has used, as Linux tells it; zeros elsewhere.
pub(crate) fn used(pid: u32) -> Used {
    const TICKS: f64 = 100.0;
    const PAGE: u64 = 4_096;
    let read = |name: &str| fs::read_to_string(format!("/proc/{pid}/{name}")).unwrap_or_default();
    let stat = read("stat");
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or_default().split(' ').collect();
    let ticks = |field: usize| {
        fields
            .get(field)
            .and_then(|text| text.parse::<f64>().ok())
            .unwrap_or(0.0)
    };
    let pages = read("statm");
    let pages = pages.split(' ').nth(1).and_then(|text| text.parse::<u64>().ok());
    Used {
        cpu_s: (ticks(11) + ticks(12)) / TICKS,
        bytes: pages.unwrap_or(0) * PAGE,
    }
}
